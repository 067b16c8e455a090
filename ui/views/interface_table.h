// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/views/list_table.h"

namespace gatescope::ui {

class InterfaceTableModel;

/// The list of interfaces: Space checks the current one, Enter or a double click wants to capture on it.
class InterfaceTable : public ListTable {
    Q_OBJECT
public:
    explicit InterfaceTable(InterfaceTableModel& model, QWidget* parent = nullptr);

    /// Other rows are in the model.
    void refreshed();

Q_SIGNALS:
    void startWanted();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;

private:
    void setChecked(const QModelIndex& index, bool checked);

    InterfaceTableModel& m_model;
    bool m_placed = false;
};

} // namespace gatescope::ui

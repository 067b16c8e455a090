// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/header_table_model.h"
#include "ui/views/request_table.h"

#include <QTableView>

namespace gatescope::ui {

/// The header fields of one exchange, each with a menu: as column, as filter, copy.
class HeadersTab : public QTableView {
    Q_OBJECT
public:
    explicit HeadersTab(QWidget* parent = nullptr);

    HeaderTableModel& headers() { return *m_model; }
    void show(const analysis::Snapshot& snapshot, analysis::Row row);
    void clear();
    void setRevealed(bool revealed);
    std::optional<analysis::Field> currentField() const;
    QString currentCondition() const;
    QString currentValue() const;
    void fillMenu(QMenu* menu);

Q_SIGNALS:
    void conditionWanted(const QString& condition, gatescope::ui::Combine how, bool apply);
    void columnWanted(const gatescope::analysis::Field& field);
    /// The certificate that a header tells of is to be judged: a click on its value, or Enter.
    void certificateWanted();

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    HeaderTableModel* m_model = nullptr;
};

} // namespace gatescope::ui

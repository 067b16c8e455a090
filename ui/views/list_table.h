// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTableView>

class QLabel;

namespace gatescope::ui {

/// What all lists of the program have in common: whole rows are chosen, Tab leaves, columns can be moved, and an empty
/// one says why it is empty.
class ListTable : public QTableView {
    Q_OBJECT
public:
    /// Heights of rows follow the font; `air` is added.
    explicit ListTable(const QString& name, int air, QWidget* parent = nullptr);

    void setEmptyText(const QString& text);

protected:
    void resizeEvent(QResizeEvent* event) override;
    /// Call it when there are other rows.
    void placeEmptyLabel();
    /// The chosen rows from above, cells parted by tabs, columns as they stand.
    QString chosenLines() const;

private:
    QLabel* m_empty = nullptr;
};

} // namespace gatescope::ui

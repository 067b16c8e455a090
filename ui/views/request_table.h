// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/exchange_table_model.h"
#include "ui/views/filter_menu.h"
#include "ui/views/list_table.h"

class QMenu;

namespace gatescope::ui {

/// The table of requests: columns that the user chooses, sorting off the GUI thread, a menu on each cell.
class RequestTable : public ListTable {
    Q_OBJECT
public:
    explicit RequestTable(QWidget* parent = nullptr);

    ExchangeTableModel& requests() { return *m_model; }
    void show(const RowOrder& order);
    void clear();
    /// New rows at the end are scrolled to, as long as the end is what is looked at.
    void setFollowTail(bool follow) { m_followTail = follow; }
    std::optional<analysis::Row> currentRow() const;
    void select(analysis::Row row);
    /// Moves the current row by that many places, whoever has the focus.
    void step(int places);
    /// To the next or previous request on the same connection.
    void stepInConversation(int direction);

    void addField(const analysis::Field& field);
    void fitColumns();
    /// Names of the columns as they stand, and their widths.
    QStringList columnNames() const;
    QList<int> columnWidths() const;
    void restoreColumns(const QStringList& names, const QList<int>& widths);
    /// Menu of all fields, checked where they are columns.
    void fillColumnsMenu(QMenu* menu);
    /// Apply, prepare, copy: for the current cell.
    void fillCellMenu(QMenu* menu);
    /// The current cell as a condition; empty when there is none.
    QString currentCondition() const;
    QString currentValue() const;
    std::optional<analysis::Field> currentField() const;

Q_SIGNALS:
    void currentRowChanged();
    void conditionWanted(const QString& condition, gatescope::ui::Combine how, bool apply);
    void headerColumnWanted();

protected:
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void setDefaultWidths();
    int widthFor(const analysis::Field& field) const;
    void showHeaderMenu(const QPoint& place);

    ExchangeTableModel* m_model = nullptr;
    std::optional<analysis::Row> m_row; ///< the current one, also while it is filtered away
    bool m_followTail = false;
};

} // namespace gatescope::ui

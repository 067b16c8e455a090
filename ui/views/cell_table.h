// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/cell_table_model.h"
#include "ui/views/list_table.h"

namespace gatescope::ui {

/// A table of totals: sorts by a click on a title, copies the chosen lines, gives CSV.
class CellTable : public ListTable {
    Q_OBJECT
public:
    explicit CellTable(const QString& name, QWidget* parent = nullptr);

    /// Keeps the order and the widths that the user chose while the columns stay the same.
    void show(std::vector<TableColumn> columns, std::vector<CellTableModel::Row> rows);
    void clear();
    CellTableModel& cells() { return *m_model; }
    /// Rows as they are sorted now.
    QByteArray csv() const;
    /// Index into the rows given to `show`; absent when none is current.
    std::optional<std::size_t> currentRow() const;
    /// Makes it the current one.
    void select(std::size_t row);
    /// Only rows that hold this text in any cell are shown; empty: all.
    void setSearch(const QString& text);

Q_SIGNALS:
    void currentRowChanged();
    /// Enter or double click on a row, with the keys held.
    void rowActivated(std::size_t row, Qt::KeyboardModifiers modifiers);
    void menuWanted(std::size_t row, const QPoint& globalPlace);

protected:
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void copySelection() const;

    CellTableModel* m_model = nullptr;
    CellSorter* m_sorter = nullptr;
    bool m_silent = false;
};

} // namespace gatescope::ui

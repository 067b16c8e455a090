// SPDX-License-Identifier: Apache-2.0
#include "ui/views/cell_table.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>

namespace gatescope::ui {
namespace {

constexpr int kWidest = 320;

bool sameTitles(const std::vector<TableColumn>& a, const std::vector<TableColumn>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& left, const auto& right) { return left.title == right.title; });
}

} // namespace

CellTable::CellTable(const QString& name, QWidget* parent)
    : ListTable(name, 6, parent), m_model(new CellTableModel(this)), m_sorter(new CellSorter(this)) {
    m_sorter->setSourceModel(m_model);
    m_sorter->setFilterKeyColumn(-1);
    m_sorter->setFilterCaseSensitivity(Qt::CaseInsensitive);
    setModel(m_sorter);
    setTextElideMode(Qt::ElideMiddle);
    setSortingEnabled(true);
}

void CellTable::show(std::vector<TableColumn> columns, std::vector<CellTableModel::Row> rows) {
    const bool same = sameTitles(columns, m_model->columns());
    const bool first = m_model->rowCount() == 0;
    QList<int> widths;
    for (int column = 0; column < m_model->columnCount(); ++column) widths << columnWidth(column);
    m_silent = true;
    m_model->show(std::move(columns), std::move(rows));
    m_silent = false;
    placeEmptyLabel();
    if (same && !first) {
        for (int column = 0; column < widths.size(); ++column) setColumnWidth(column, widths[column]);
        return;
    }
    if (!same) sortByColumn(-1, Qt::AscendingOrder);
    resizeColumnsToContents();
    for (int column = 0; column < m_model->columnCount(); ++column) {
        setColumnWidth(column, std::min(columnWidth(column) + 10, kWidest));
    }
}

void CellTable::clear() {
    m_silent = true;
    m_model->clear();
    m_silent = false;
    placeEmptyLabel();
}

QByteArray CellTable::csv() const {
    return csvOf(*m_sorter, m_model->columns());
}

std::optional<std::size_t> CellTable::currentRow() const {
    const QModelIndex source = m_sorter->mapToSource(currentIndex());
    if (!source.isValid()) return std::nullopt;
    return static_cast<std::size_t>(source.row());
}

void CellTable::select(std::size_t row) {
    const QModelIndex index = m_sorter->mapFromSource(m_model->index(static_cast<int>(row), 0));
    if (!index.isValid()) return;
    setCurrentIndex(index);
    scrollTo(index);
}

void CellTable::setSearch(const QString& text) {
    m_sorter->setFilterFixedString(text);
    placeEmptyLabel();
}

void CellTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    ListTable::currentChanged(current, previous);
    if (!m_silent && current.row() != previous.row()) Q_EMIT currentRowChanged();
}

void CellTable::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return copySelection();
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (const auto row = currentRow(); enter && row) {
        Q_EMIT rowActivated(*row, event->modifiers());
        return;
    }
    ListTable::keyPressEvent(event);
}

void CellTable::mouseDoubleClickEvent(QMouseEvent* event) {
    const auto row = indexAt(event->pos()).isValid() ? currentRow() : std::nullopt;
    if (row && event->button() == Qt::LeftButton) Q_EMIT rowActivated(*row, event->modifiers());
}

void CellTable::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = m_sorter->mapToSource(indexAt(event->pos()));
    if (index.isValid()) Q_EMIT menuWanted(static_cast<std::size_t>(index.row()), event->globalPos());
}

void CellTable::copySelection() const {
    if (const QString lines = chosenLines(); !lines.isEmpty()) QGuiApplication::clipboard()->setText(lines);
}

} // namespace gatescope::ui

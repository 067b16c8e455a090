// SPDX-License-Identifier: Apache-2.0
#include "ui/views/cell_table.h"

#include "ui/widgets/elided_label.h"

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
    : QTableView(parent), m_model(new CellTableModel(this)), m_sorter(new CellSorter(this)) {
    setAccessibleName(name);
    m_sorter->setSourceModel(m_model);
    m_sorter->setFilterKeyColumn(-1);
    m_sorter->setFilterCaseSensitivity(Qt::CaseInsensitive);
    setModel(m_sorter);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setAlternatingRowColors(true);
    setShowGrid(false);
    setWordWrap(false);
    setTextElideMode(Qt::ElideMiddle);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsMovable(true);
    horizontalHeader()->setSortIndicatorClearable(true);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    setSortingEnabled(true);
    m_empty = new QLabel(viewport());
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    setMuted(m_empty, true);
    m_empty->hide();
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

void CellTable::setEmptyText(const QString& text) {
    m_empty->setText(text);
    placeEmptyLabel();
}

void CellTable::setSearch(const QString& text) {
    m_sorter->setFilterFixedString(text);
    placeEmptyLabel();
}

void CellTable::placeEmptyLabel() {
    m_empty->setGeometry(viewport()->rect().adjusted(16, 4, -16, -4));
    m_empty->setVisible(m_sorter->rowCount() == 0 && !m_empty->text().isEmpty());
}

void CellTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    placeEmptyLabel();
}

void CellTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTableView::currentChanged(current, previous);
    if (!m_silent && current.row() != previous.row()) Q_EMIT currentRowChanged();
}

void CellTable::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return copySelection();
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (const auto row = currentRow(); enter && row) {
        Q_EMIT rowActivated(*row, event->modifiers());
        return;
    }
    QTableView::keyPressEvent(event);
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
    QStringList lines;
    QList<int> rows;
    for (const auto& index : selectionModel()->selectedRows()) rows << index.row();
    std::sort(rows.begin(), rows.end());
    for (const int row : rows) {
        QStringList cells;
        for (int column = 0; column < m_sorter->columnCount(); ++column) {
            cells << m_sorter->index(row, column).data().toString();
        }
        lines << cells.join(QChar('\t'));
    }
    if (!lines.isEmpty()) QGuiApplication::clipboard()->setText(lines.join(QChar('\n')) + QChar('\n'));
}

} // namespace gatescope::ui

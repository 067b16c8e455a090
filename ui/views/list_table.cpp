// SPDX-License-Identifier: Apache-2.0
#include "ui/views/list_table.h"

#include "ui/widgets/elided_label.h"

#include <QHeaderView>

#include <algorithm>

namespace gatescope::ui {

ListTable::ListTable(const QString& name, int air, QWidget* parent) : QTableView(parent) {
    setAccessibleName(name);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setAlternatingRowColors(true);
    setShowGrid(false);
    setWordWrap(false);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false); // Tab leaves the table
    setCornerButtonEnabled(false);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + air);
    auto* header = horizontalHeader();
    header->setSectionsMovable(true);
    header->setHighlightSections(false);
    header->setSortIndicatorClearable(true);
    header->setSortIndicator(-1, Qt::AscendingOrder);
    m_empty = new QLabel(viewport());
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    setMuted(m_empty, true);
    m_empty->hide();
}

void ListTable::setEmptyText(const QString& text) {
    m_empty->setText(text);
    placeEmptyLabel();
}

void ListTable::placeEmptyLabel() {
    m_empty->setGeometry(viewport()->rect().adjusted(16, 4, -16, -4));
    m_empty->setVisible(model() && model()->rowCount() == 0 && !m_empty->text().isEmpty());
}

void ListTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    placeEmptyLabel();
}

QString ListTable::chosenLines() const {
    QList<int> rows;
    for (const auto& index : selectionModel()->selectedRows()) rows << index.row();
    std::sort(rows.begin(), rows.end());
    QString lines;
    for (const int row : rows) {
        QStringList cells;
        for (int column = 0; column < model()->columnCount(); ++column)
            cells << model()->index(row, horizontalHeader()->logicalIndex(column)).data().toString();
        lines += cells.join(QChar('\t')) + QChar('\n');
    }
    return lines;
}

} // namespace gatescope::ui

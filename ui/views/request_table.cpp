// SPDX-License-Identifier: Apache-2.0
#include "ui/views/request_table.h"

#include "core/analysis/field.h"
#include "ui/bridge/same_row.h"
#include "ui/bridge/text.h"
#include "ui/widgets/icon.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QScrollBar>
#include <QStyle>

#include <algorithm>
#include <array>

namespace gatescope::ui {
using namespace analysis;

RequestTable::RequestTable(QWidget* parent)
    : ListTable(tr("Requests"), 8, parent), m_model(new ExchangeTableModel(this)) {
    setObjectName(QStringLiteral("requestTable"));
    setModel(m_model);
    setTextElideMode(Qt::ElideMiddle); // versions, ports and last path segments stand at the end
    setVerticalScrollMode(ScrollPerItem);
    auto* header = horizontalHeader();
    header->setStretchLastSection(true);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QWidget::customContextMenuRequested, this, &RequestTable::showHeaderMenu);
    setSortingEnabled(true);
    setDefaultWidths();
}

void RequestTable::show(const RowOrder& order) {
    const bool tail = m_followTail && verticalScrollBar()->value() == verticalScrollBar()->maximum();
    if (m_row && m_model->order()) m_row = sameRow(m_model->order()->snapshot, *m_row, order.snapshot);
    m_model->show(order);
    placeEmptyLabel();
    if (tail) scrollToBottom();
    // The current exchange may have been filtered away; when it comes back it is the current one again.
    if (m_row && !currentIndex().isValid()) select(*m_row);
}

void RequestTable::clear() {
    m_row.reset();
    m_model->clear();
    placeEmptyLabel();
}

std::optional<Row> RequestTable::currentRow() const {
    return m_model->rowAt(currentIndex().row());
}

void RequestTable::select(Row row) {
    const auto place = m_model->placeOf(row);
    if (!place) return;
    const int column = std::max(0, currentIndex().column());
    const QModelIndex index = m_model->index(*place, column);
    setCurrentIndex(index);
    scrollTo(index);
}

void RequestTable::step(int places) {
    const int rows = m_model->rowCount();
    if (rows == 0) return;
    const int from = currentIndex().isValid() ? currentIndex().row() + places : 0;
    const QModelIndex index = m_model->index(std::clamp(from, 0, rows - 1), std::max(0, currentIndex().column()));
    setCurrentIndex(index);
    scrollTo(index);
}

void RequestTable::stepInConversation(int direction) {
    const auto row = currentRow();
    if (!row) return;
    const auto& snapshot = m_model->order()->snapshot;
    const auto flow = snapshot.number(FieldId::Flow, *row);
    const int rows = m_model->rowCount();
    for (int place = currentIndex().row() + direction; place >= 0 && place < rows; place += direction) {
        const auto other = m_model->rowAt(place);
        if (other && snapshot.number(FieldId::Flow, *other) == flow) return select(*other);
    }
}

void RequestTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    ListTable::currentChanged(current, previous);
    const auto row = m_model->rowAt(current.row());
    if (!row || row == m_row) return;
    m_row = row;
    Q_EMIT currentRowChanged();
}

void RequestTable::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::NoModifier && (event->key() == Qt::Key_J || event->key() == Qt::Key_K)) {
        step(event->key() == Qt::Key_J ? 1 : -1);
        return;
    }
    // The base class would search the first column for typed letters: over millions of rows, in the GUI thread.
    if (!event->text().isEmpty() && event->text().front().isPrint() && event->key() != Qt::Key_Space) {
        event->ignore();
        return;
    }
    ListTable::keyPressEvent(event);
}

int RequestTable::widthFor(const Field& field) const {
    // A text of usual length for the field; the width follows the font.
    const auto usual = [&]() -> const char* {
        switch (field.id) {
        case FieldId::Path:
            return "/openai/deployments/gpt-4o/chat/completions";
        case FieldId::Agent:
            return "TestAgent-static :5";
        case FieldId::Model:
            return "gpt-4o-mini-2024";
        case FieldId::Project:
            return "sampleproject1";
        case FieldId::FinishReason:
            return "tool_calls";
        default:
            break;
        }
        if (field.type == FieldType::Time) return "00:00:00.000";
        if (field.type == FieldType::Boolean) return "yes";
        return isNumeric(field) ? "1,000,000" : "a text of usual length";
    }();
    const int margins = 2 * style()->pixelMetric(QStyle::PM_FocusFrameHMargin) + 6;
    const int sign = field.id == FieldId::Status ? style()->pixelMetric(QStyle::PM_SmallIconSize) : 0;
    const QString text = field.id == FieldId::Status ? QStringLiteral("0000") : QLatin1String(usual);
    return margins + std::max(fontMetrics().horizontalAdvance(text) + sign,
                              fontMetrics().horizontalAdvance(fieldTitle(field)) + 4);
}

void RequestTable::setDefaultWidths() {
    for (int column = 0; column < m_model->columnCount(); ++column) {
        setColumnWidth(column, widthFor(m_model->columns()[static_cast<std::size_t>(column)]));
    }
}

void RequestTable::fitColumns() {
    resizeColumnsToContents();
}

void RequestTable::addField(const Field& field) {
    const int column = m_model->columnCount();
    m_model->insertField(column, field);
    const auto at = m_model->columnOf(field);
    if (!at) return;
    if (*at == column) {
        // Before the last column, which stretches.
        horizontalHeader()->moveSection(horizontalHeader()->visualIndex(column), std::max(0, column - 1));
        setColumnWidth(column, widthFor(field));
    }
    scrollTo(m_model->index(std::max(0, currentIndex().row()), *at));
}

QStringList RequestTable::columnNames() const {
    QStringList names;
    for (int visual = 0; visual < m_model->columnCount(); ++visual) {
        const int column = horizontalHeader()->logicalIndex(visual);
        names << toText(m_model->columns()[static_cast<std::size_t>(column)].name());
    }
    return names;
}

QList<int> RequestTable::columnWidths() const {
    QList<int> widths;
    for (int visual = 0; visual < m_model->columnCount(); ++visual) {
        widths << columnWidth(horizontalHeader()->logicalIndex(visual));
    }
    return widths;
}

void RequestTable::restoreColumns(const QStringList& names, const QList<int>& widths) {
    std::vector<Field> columns;
    for (const auto& name : names) {
        const auto field = Field::parse(toUtf8(name));
        const bool fresh = field && std::find(columns.begin(), columns.end(), *field) == columns.end();
        if (fresh) columns.push_back(*field);
    }
    m_model->setColumns(columns);
    setDefaultWidths();
    if (widths.size() != m_model->columnCount()) return;
    for (int column = 0; column < widths.size(); ++column) {
        if (widths[column] > 0) setColumnWidth(column, widths[column]);
    }
}

QString RequestTable::currentCondition() const {
    const auto row = currentRow();
    const auto field = currentField();
    if (!row || !field) return {};
    return QString::fromStdString(shownCondition(m_model->order()->snapshot, *field, *row));
}

QString RequestTable::currentValue() const {
    const auto row = currentRow();
    const auto field = currentField();
    return row && field ? exactText(m_model->order()->snapshot, *field, *row) : QString();
}

std::optional<Field> RequestTable::currentField() const {
    if (!currentIndex().isValid()) return std::nullopt;
    return m_model->columns()[static_cast<std::size_t>(currentIndex().column())];
}

} // namespace gatescope::ui

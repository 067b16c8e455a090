// SPDX-License-Identifier: Apache-2.0
#include "ui/models/exchange_table_model.h"

#include "core/analysis/answer.h"
#include "ui/bridge/same_row.h"
#include "ui/bridge/text.h"
#include "ui/models/status_sign.h"
#include "ui/widgets/palette.h"

#include <algorithm>
#include <array>

namespace gatescope::ui {
using namespace analysis;
namespace {

std::optional<std::int64_t> numberOf(const Snapshot& snapshot, FieldId id, Row row) {
    const auto number = snapshot.number(id, row);
    if (number == kNoNumber) return std::nullopt;
    return number;
}

bool isTokens(FieldId id) {
    constexpr std::array kTokens{FieldId::InputTokens,  FieldId::OutputTokens,     FieldId::TotalTokens,
                                 FieldId::CachedTokens, FieldId::CacheWriteTokens, FieldId::ReasoningTokens};
    return std::find(kTokens.begin(), kTokens.end(), id) != kTokens.end();
}

QString none() {
    return QStringLiteral("–");
}

QVariant alignment(const Field& field) {
    const bool right = isNumeric(field) && field.id != FieldId::Status;
    return QVariant::fromValue(Qt::AlignVCenter | (right ? Qt::AlignRight : Qt::AlignLeft));
}

} // namespace

ExchangeTableModel::ExchangeTableModel(QObject* parent) : QAbstractTableModel(parent), m_columns(defaultColumns()) {}

std::vector<Field> ExchangeTableModel::defaultColumns() {
    constexpr std::array kDefault{FieldId::Time,     FieldId::Project,      FieldId::Agent,        FieldId::Model,
                                  FieldId::Status,   FieldId::InputTokens,  FieldId::OutputTokens, FieldId::Ttft,
                                  FieldId::Duration, FieldId::FinishReason, FieldId::Path};
    std::vector<Field> columns;
    for (const auto id : kDefault) columns.push_back(fieldOf(id));
    return columns;
}

void ExchangeTableModel::setColumns(std::vector<Field> columns) {
    if (columns.empty()) columns = defaultColumns();
    if (columns == m_columns) return;
    beginResetModel();
    m_columns = std::move(columns);
    endResetModel();
}

void ExchangeTableModel::insertField(int column, const Field& field) {
    if (columnOf(field)) return;
    column = std::clamp(column, 0, static_cast<int>(m_columns.size()));
    beginInsertColumns({}, column, column);
    m_columns.insert(m_columns.begin() + column, field);
    endInsertColumns();
}

void ExchangeTableModel::removeField(int column) {
    // The last column stays: an empty table cannot be mended with the mouse.
    if (column < 0 || column >= static_cast<int>(m_columns.size()) || m_columns.size() == 1) return;
    beginRemoveColumns({}, column, column);
    m_columns.erase(m_columns.begin() + column);
    endRemoveColumns();
}

std::optional<int> ExchangeTableModel::columnOf(const Field& field) const {
    const auto at = std::find(m_columns.begin(), m_columns.end(), field);
    if (at == m_columns.end()) return std::nullopt;
    return static_cast<int>(at - m_columns.begin());
}

void ExchangeTableModel::show(const RowOrder& order) {
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    std::vector<std::optional<Row>> rows;
    for (const auto& index : before) {
        const auto row = rowAt(index.row());
        rows.push_back(row ? sameRow(m_order->snapshot, *row, order.snapshot) : std::nullopt);
    }
    m_order = order;
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i) {
        const auto& row = rows[static_cast<std::size_t>(i)];
        const auto place = row ? placeOf(*row) : std::nullopt;
        after << (place ? index(*place, before[i].column()) : QModelIndex());
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

void ExchangeTableModel::clear() {
    if (!m_order) return;
    beginResetModel();
    m_order.reset();
    endResetModel();
}

std::optional<Row> ExchangeTableModel::rowAt(int place) const {
    if (!m_order || place < 0 || place >= rowCount()) return std::nullopt;
    return (*m_order->rows)[static_cast<std::size_t>(place)];
}

std::optional<int> ExchangeTableModel::placeOf(Row row) const {
    if (!m_order || row >= m_order->places->size()) return std::nullopt;
    const int place = (*m_order->places)[row];
    if (place < 0) return std::nullopt;
    return place;
}

int ExchangeTableModel::rowCount(const QModelIndex& parent) const {
    if (parent.isValid() || !m_order) return 0;
    constexpr std::size_t kMost = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(m_order->rows->size(), kMost));
}

int ExchangeTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant ExchangeTableModel::data(const QModelIndex& index, int role) const {
    const auto row = rowAt(index.row());
    if (!row || index.column() >= columnCount()) return {};
    const auto& field = m_columns[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole:
        return display(field, *row);
    case Qt::DecorationRole:
        return decoration(field, *row);
    case Qt::ToolTipRole:
        return toolTip(field, *row);
    case Qt::TextAlignmentRole:
        return alignment(field);
    case Qt::ForegroundRole:
        return muted(field, *row) ? QVariant(colour(Tone::Muted)) : QVariant();
    default:
        return {};
    }
}

QString ExchangeTableModel::display(const Field& field, Row row) const {
    const auto& snapshot = m_order->snapshot;
    if (field.id == FieldId::Time) {
        const auto time = numberOf(snapshot, FieldId::Time, row);
        return time ? clockText(*time, m_order->severalDays) : none();
    }
    // Why it finished is not known yet; what it does meanwhile is.
    if (field.id == FieldId::FinishReason && snapshot.isOpen(row)) return openState(row) + QChar(0x2026);
    QString text = valueText(snapshot, field, row);
    if (text.isEmpty()) return none();
    if (isTokens(field.id) && snapshot.isOpen(row)) text += QChar(0x2026); // so far
    if (field.id == FieldId::Agent) {
        const QString version = valueText(snapshot, fieldOf(FieldId::AgentVersion), row);
        if (!version.isEmpty()) text += QStringLiteral(" :") + version;
    }
    return estimated(field, row) ? QChar('~') + text : text;
}

bool ExchangeTableModel::estimated(const Field& field, Row row) const {
    if (!isTokens(field.id)) return false;
    const auto source = m_order->snapshot.code(FieldId::TokenSource, row);
    return m_order->snapshot.text(source) == llm::toString(llm::TokenSource::Estimated);
}

bool ExchangeTableModel::isSilent(Row row) const {
    const analysis::Snapshot& snapshot = m_order->snapshot;
    return snapshot.number(FieldId::Status, row) == analysis::kNoNumber && !analysis::isUnanswered(snapshot, row);
}

QString ExchangeTableModel::openState(Row row) const {
    return valueText(m_order->snapshot, fieldOf(FieldId::State), row);
}

QVariant ExchangeTableModel::decoration(const Field& field, Row row) const {
    if (field.id == FieldId::Status && m_order->snapshot.isOpen(row)) {
        const auto sign = openSign(toUtf8(openState(row)));
        return icon(sign.glyph, sign.tone);
    }
    if (field.id != FieldId::Status || isSilent(row)) return {};
    const auto sign = statusSign(numberOf(m_order->snapshot, FieldId::Status, row));
    return icon(sign.glyph, sign.tone);
}

QString ExchangeTableModel::toolTip(const Field& field, Row row) const {
    QString text = exactText(m_order->snapshot, field, row);
    const bool open = m_order->snapshot.isOpen(row);
    if (open && (field.id == FieldId::Status || field.id == FieldId::FinishReason)) {
        const QString words = openSign(toUtf8(openState(row))).words;
        return text.isEmpty() ? words : text + QStringLiteral(": ") + words;
    }
    if (field.id == FieldId::Status) {
        if (isSilent(row)) return QStringLiteral("the log does not say");
        const QString words = statusSign(numberOf(m_order->snapshot, FieldId::Status, row)).words;
        return text.isEmpty() ? words : text + QStringLiteral(": ") + words;
    }
    if (text.isEmpty()) return QStringLiteral("not known");
    if (field.type == FieldType::Duration) text += QStringLiteral(" ms");
    if (open && isTokens(field.id)) text += QStringLiteral(" so far");
    if (estimated(field, row)) text += QStringLiteral(" (estimated)");
    return text;
}

bool ExchangeTableModel::muted(const Field& field, Row row) const {
    if (field.id == FieldId::FinishReason && m_order->snapshot.isOpen(row)) return false;
    const Value value = m_order->snapshot.value(field, row);
    return std::holds_alternative<std::monostate>(value) || estimated(field, row);
}

QVariant ExchangeTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    const auto& field = m_columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return fieldTitle(field);
    case Qt::ToolTipRole:
        return toText(field.name()) + QStringLiteral(": ") + fieldMeaning(field);
    case Qt::TextAlignmentRole:
        return alignment(field);
    default:
        return {};
    }
}

void ExchangeTableModel::sort(int column, Qt::SortOrder order) {
    if (column < 0 || column >= columnCount()) {
        Q_EMIT sortRequested(std::nullopt);
        return;
    }
    Q_EMIT sortRequested(SortKey{m_columns[static_cast<std::size_t>(column)], order == Qt::DescendingOrder});
}

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#include "ui/models/cell_table_model.h"

#include "core/report/escape.h"
#include "ui/bridge/text.h"

namespace gatescope::ui {
namespace {

QString none() {
    return QStringLiteral("–");
}

} // namespace

TableCell TableCell::count(std::uint64_t count) {
    return {static_cast<qulonglong>(count), countText(count), Tone::Text};
}

TableCell TableCell::warning(std::uint64_t count) {
    return {static_cast<qulonglong>(count), countText(count), count == 0 ? Tone::Muted : Tone::Warning};
}

TableCell TableCell::sum(std::int64_t sum, bool known) {
    if (!known) return missing();
    return {static_cast<qlonglong>(sum), wholeText(sum), Tone::Text};
}

TableCell TableCell::decimal(std::optional<double> value, int digits) {
    if (!value) return missing();
    return {*value, QString::number(*value, 'f', digits), Tone::Text};
}

TableCell TableCell::duration(std::optional<std::int64_t> ns) {
    if (!ns) return missing();
    return {static_cast<double>(*ns) / 1e6, durationText(*ns), Tone::Text};
}

void CellTableModel::show(std::vector<TableColumn> columns, std::vector<Row> rows) {
    beginResetModel();
    m_columns = std::move(columns);
    m_rows = std::move(rows);
    if (m_rows.size() > kMaxRows) m_rows.resize(kMaxRows);
    for (auto& row : m_rows) row.resize(m_columns.size());
    endResetModel();
}

int CellTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CellTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant CellTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const auto& column = m_columns[static_cast<std::size_t>(index.column())];
    const auto& cell = m_rows[static_cast<std::size_t>(index.row())][static_cast<std::size_t>(index.column())];
    const bool known = cell.value.isValid();
    switch (role) {
    case Qt::DisplayRole:
        return known ? cell.text : none();
    case Qt::ToolTipRole:
        return column.title + QStringLiteral(": ") + (known ? cell.text : QStringLiteral("not known")) +
               (cell.more.isEmpty() ? QString() : QChar('\n') + cell.more);
    case Qt::DecorationRole:
        return known && cell.glyph ? QVariant(icon(*cell.glyph, cell.tone)) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | (column.numeric ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        if (!known) return colour(Tone::Muted);
        return cell.tone == Tone::Text ? QVariant() : QVariant(colour(cell.tone));
    case kValueRole:
        return cell.value;
    default:
        return {};
    }
}

QVariant CellTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    const auto& column = m_columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return column.title;
    case Qt::ToolTipRole:
        return column.meaning;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | (column.numeric ? Qt::AlignRight : Qt::AlignLeft));
    default:
        return {};
    }
}

CellSorter::CellSorter(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(CellTableModel::kValueRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
}

bool CellSorter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const bool leftKnown = left.data(sortRole()).isValid();
    const bool rightKnown = right.data(sortRole()).isValid();
    if (leftKnown != rightKnown) return leftKnown == (sortOrder() == Qt::AscendingOrder);
    return leftKnown && QSortFilterProxyModel::lessThan(left, right);
}

QByteArray csvOf(const QAbstractItemModel& sorted, const std::vector<TableColumn>& columns) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out += ',';
        report::appendCsvText(out, toUtf8(columns[i].csvName));
    }
    out += "\r\n";
    for (int row = 0; row < sorted.rowCount(); ++row) {
        for (int column = 0; column < sorted.columnCount(); ++column) {
            if (column > 0) out += ',';
            const QVariant value = sorted.index(row, column).data(CellTableModel::kValueRole);
            if (!value.isValid()) continue;
            if (value.typeId() == QMetaType::QString)
                report::appendCsvText(out, toUtf8(value.toString()));
            else
                out += value.toString().toStdString();
        }
        out += "\r\n";
    }
    return QByteArray::fromStdString(out);
}

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#include "ui/models/event_table_model.h"

#include "ui/bridge/text.h"

#include <array>

namespace gatescope::ui {

EventTableModel::EventTableModel(QObject* parent) : QAbstractTableModel(parent) {}

void EventTableModel::show(std::vector<ShownEvent> events, TimeNs start) {
    beginResetModel();
    m_events = std::move(events);
    m_start = start;
    endResetModel();
}

int EventTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_events.size());
}

int EventTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString EventTableModel::display(int row, int column) const {
    const auto& event = m_events[static_cast<std::size_t>(row)];
    const auto since = [&](TimeNs from) {
        return event.time == kNoTime || from == kNoTime ? QString() : durationText(event.time - from);
    };
    switch (column) {
    case Number:
        return QString::number(row + 1);
    case After:
        return since(m_start);
    case Gap:
        return row == 0 ? QString() : since(m_events[static_cast<std::size_t>(row) - 1].time);
    case Name:
        return event.name;
    case Adds:
        return QString(event.text).replace(QChar('\n'), QChar(0x21B5));
    case Data:
        return QString(event.data).replace(QChar('\n'), QChar(' '));
    default:
        return {};
    }
}

QVariant EventTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    if (role == Qt::DisplayRole) return display(index.row(), index.column());
    if (role == Qt::ToolTipRole && index.column() == Data) {
        return m_events[static_cast<std::size_t>(index.row())].data;
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::AlignVCenter | (index.column() <= Gap ? Qt::AlignRight : Qt::AlignLeft));
    }
    return {};
}

QVariant EventTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static constexpr std::array<const char*, ColumnCount> kTitles{"#", "After", "Gap", "Event", "Adds", "Data"};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::DisplayRole) return QLatin1String(kTitles[static_cast<std::size_t>(section)]);
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::AlignVCenter | (section <= Gap ? Qt::AlignRight : Qt::AlignLeft));
    }
    return {};
}

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#include "ui/models/interface_table_model.h"

#include "ui/bridge/text.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/sparkline.h"

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

QString dash() {
    return QStringLiteral("–");
}

QString joinedAddresses(const live::Interface& facts) {
    QStringList list;
    for (const auto& address : facts.addresses) list << toText(address);
    return list.join(QStringLiteral(", "));
}

} // namespace

QString interfaceState(const live::Interface& facts) {
    if (facts.isAny) return InterfaceTableModel::tr("all interfaces; copies of one packet count once");
    if (!facts.isUp) return InterfaceTableModel::tr("down");
    if (!facts.isRunning) return InterfaceTableModel::tr("up, no carrier");
    return facts.isLoopback ? InterfaceTableModel::tr("up, this machine only") : InterfaceTableModel::tr("up");
}

QString rateText(const std::optional<double>& rate) {
    if (!rate) return dash();
    constexpr double kExact = 10;
    if (*rate > 0 && *rate < kExact) return QString::number(*rate, 'f', 1) + QStringLiteral("/s");
    return countText(static_cast<std::uint64_t>(std::llround(*rate))) + QStringLiteral("/s");
}

QString octetRateText(const std::optional<double>& rate) {
    if (!rate) return dash();
    return bytesText(static_cast<std::uint64_t>(std::llround(*rate))) + QStringLiteral("/s");
}

void InterfaceTableModel::show(const std::vector<WatchedInterface>& interfaces) {
    const auto names = [](const std::vector<WatchedInterface>& list) {
        QStringList all;
        for (const auto& each : list) all << QString::fromStdString(each.facts.name);
        return all;
    };
    if (names(interfaces) == names(m_interfaces)) {
        m_interfaces = interfaces;
        if (!m_interfaces.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, Columns - 1));
        return;
    }
    beginResetModel();
    m_interfaces = interfaces;
    endResetModel();
}

QStringList InterfaceTableModel::chosen() const {
    QStringList list;
    for (const auto& each : m_interfaces) {
        const QString name = QString::fromStdString(each.facts.name);
        if (m_chosen.contains(name)) list << name;
    }
    for (const auto& name : m_chosen) {
        if (!list.contains(name)) list << name;
    }
    return list;
}

void InterfaceTableModel::choose(const QStringList& names) {
    if (m_chosen == names) return;
    m_chosen = names;
    if (rowCount() > 0) Q_EMIT dataChanged(index(0, Name), index(rowCount() - 1, Name), {Qt::CheckStateRole});
    Q_EMIT chosenChanged();
}

void InterfaceTableModel::setLocked(bool locked) {
    m_locked = locked;
    if (rowCount() > 0) Q_EMIT dataChanged(index(0, Name), index(rowCount() - 1, Name));
}

int InterfaceTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_interfaces.size());
}

int InterfaceTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : Columns;
}

QString InterfaceTableModel::display(const WatchedInterface& each, int column) const {
    switch (column) {
    case Name:
        return toText(each.facts.name);
    case Packets:
        return rateText(each.packetsPerSecond);
    case Octets:
        return octetRateText(each.octetsPerSecond);
    case Addresses: {
        const QString list = joinedAddresses(each.facts);
        return list.isEmpty() ? interfaceState(each.facts) : list;
    }
    default:
        return {};
    }
}

QString InterfaceTableModel::words(const WatchedInterface& each, int column) const {
    if (column == Name) {
        const QString more = each.facts.description.empty() ? QString() : QChar('\n') + toText(each.facts.description);
        return toText(each.facts.name) + QStringLiteral(": ") + interfaceState(each.facts) + more;
    }
    if (column != Traffic) return display(each, column);
    if (each.history.isEmpty()) return tr("Not looked at for long enough yet");
    const double most = *std::max_element(each.history.begin(), each.history.end());
    return tr("Packets in the last %1 s: %2 now, %3 at most")
        .arg(each.history.size())
        .arg(rateText(each.packetsPerSecond), rateText(most));
}

QVariant InterfaceTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const auto& each = m_interfaces[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return display(each, column);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return words(each, column);
    case Qt::CheckStateRole:
        if (column != Name) return {};
        return m_chosen.contains(QString::fromStdString(each.facts.name)) ? Qt::Checked : Qt::Unchecked;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter |
                                   (column == Packets || column == Octets ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole: {
        const bool quiet = !each.facts.isAny && !each.facts.isUp;
        return quiet ? QVariant(colour(Tone::Muted)) : QVariant();
    }
    case SparklineDelegate::kValues:
        return column == Traffic ? QVariant::fromValue(each.history) : QVariant();
    default:
        return {};
    }
}

bool InterfaceTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::CheckStateRole || index.column() != Name || m_locked || index.row() >= rowCount()) return false;
    const QString name = QString::fromStdString(m_interfaces[static_cast<std::size_t>(index.row())].facts.name);
    m_chosen.removeAll(name);
    if (value.toInt() == Qt::Checked) m_chosen << name;
    Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
    Q_EMIT chosenChanged();
    return true;
}

Qt::ItemFlags InterfaceTableModel::flags(const QModelIndex& index) const {
    auto flags = QAbstractTableModel::flags(index);
    if (index.column() == Name && !m_locked) flags |= Qt::ItemIsUserCheckable;
    return flags;
}

QVariant InterfaceTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns) return {};
    static const char* const kTitles[] = {QT_TR_NOOP("Interface"), QT_TR_NOOP("Last minute"), QT_TR_NOOP("Packets"),
                                          QT_TR_NOOP("Octets"), QT_TR_NOOP("Addresses")};
    static const char* const kMeanings[] = {
        QT_TR_NOOP("Check those to capture on"), QT_TR_NOOP("Packets a second, received and sent"),
        QT_TR_NOOP("Packets a second, received and sent"), QT_TR_NOOP("Octets a second, received and sent"),
        QT_TR_NOOP("Addresses of the interface, or its state when it has none")};
    if (role == Qt::DisplayRole) return tr(kTitles[section]);
    if (role == Qt::ToolTipRole) return tr(kMeanings[section]);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter |
                                   (section == Packets || section == Octets ? Qt::AlignRight : Qt::AlignLeft));
    return {};
}

} // namespace gatescope::ui

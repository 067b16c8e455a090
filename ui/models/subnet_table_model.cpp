// SPDX-License-Identifier: Apache-2.0
#include "ui/models/subnet_table_model.h"

#include "ui/bridge/text.h"
#include "ui/models/path_shapes.h"

#include <algorithm>
#include <array>

namespace gatescope::ui {

const QStringList& SubnetTableModel::roles() {
    static const QStringList kRoles{QString(),
                                    QStringLiteral("agent-subnet"),
                                    QStringLiteral("private-endpoint"),
                                    QStringLiteral("gateway"),
                                    QStringLiteral("firewall"),
                                    QStringLiteral("backend"),
                                    QStringLiteral("customer")};
    return kRoles;
}

SubnetTableModel::Line SubnetTableModel::checked(path::Subnet subnet) {
    Line line{std::move(subnet), {}};
    if (line.subnet.cidr.empty()) {
        line.error = tr("write a range such as 10.0.9.0/24");
        return line;
    }
    const auto parsed = path::parseTrusted(line.subnet.cidr);
    if (parsed)
        line.subnet.range = parsed->range;
    else
        line.error = toText(parsed.error().message);
    return line;
}

void SubnetTableModel::show(const std::vector<path::Subnet>& subnets) {
    beginResetModel();
    m_lines.clear();
    for (const auto& subnet : subnets) m_lines.push_back(checked(subnet));
    endResetModel();
    Q_EMIT edited();
}

std::vector<path::Subnet> SubnetTableModel::subnets() const {
    std::vector<path::Subnet> subnets;
    for (const auto& line : m_lines) {
        if (line.error.isEmpty()) subnets.push_back(line.subnet);
    }
    return subnets;
}

int SubnetTableModel::badLines() const {
    return static_cast<int>(
        std::count_if(m_lines.begin(), m_lines.end(), [](const Line& line) { return !line.error.isEmpty(); }));
}

int SubnetTableModel::add(const path::Subnet& subnet) {
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_lines.push_back(checked(subnet));
    endInsertRows();
    Q_EMIT edited();
    return row;
}

void SubnetTableModel::remove(int row) {
    if (row < 0 || row >= rowCount()) return;
    beginRemoveRows({}, row, row);
    m_lines.erase(m_lines.begin() + row);
    endRemoveRows();
    Q_EMIT edited();
}

void SubnetTableModel::setFindings(std::vector<Finding> findings) {
    m_findings = std::move(findings);
    if (!m_lines.empty()) Q_EMIT dataChanged(index(0, Check), index(rowCount() - 1, Check));
}

const Finding* SubnetTableModel::findingOf(const Line& line) const {
    const Finding* worst = nullptr;
    for (const auto& finding : m_findings) {
        const bool named = std::any_of(finding.evidence.begin(), finding.evidence.end(), [&](const std::string& text) {
            return text.find(line.subnet.cidr) != std::string::npos;
        });
        if (finding.kind && named && (!worst || finding.kind->severity > worst->kind->severity)) worst = &finding;
    }
    return worst;
}

int SubnetTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int SubnetTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString SubnetTableModel::textOf(const Line& line, int column) const {
    switch (column) {
    case Network:
        return toText(line.subnet.cidr);
    case Name:
        return toText(line.subnet.name);
    case Role:
        return toText(line.subnet.role);
    case Site:
        return toText(line.subnet.where);
    case Check: {
        if (!line.error.isEmpty()) return line.error;
        const Finding* finding = findingOf(line);
        return finding ? toText(finding->kind->title) : tr("ok");
    }
    default:
        return {};
    }
}

QVariant SubnetTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    const Finding* finding = line.error.isEmpty() ? findingOf(line) : nullptr;
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        if (index.column() == Trusted) return line.subnet.trusted ? tr("yes") : tr("no");
        return textOf(line, index.column());
    case Qt::CheckStateRole:
        if (index.column() != Trusted) return {};
        return QVariant::fromValue(line.subnet.trusted ? Qt::Checked : Qt::Unchecked);
    case Qt::DecorationRole:
        if (index.column() != Check) return {};
        if (!line.error.isEmpty()) return icon(Glyph::Cross, Tone::Bad);
        if (finding) return icon(severityGlyph(finding->kind->severity), severityTone(finding->kind->severity));
        return icon(Glyph::Check, Tone::Good);
    case Qt::ForegroundRole:
        if (index.column() == Check && !line.error.isEmpty()) return colour(Tone::Bad);
        if (index.column() == Check && finding) return colour(severityTone(finding->kind->severity));
        return {};
    case Qt::ToolTipRole:
        if (index.column() == Trusted) return tr("Hops in it tell the truth about who called them");
        return textOf(line, index.column());
    default:
        return {};
    }
}

QVariant SubnetTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static constexpr std::array<const char*, ColumnCount> kTitles{"Trusted", "Network", "Name",
                                                                  "Role",    "Site",    "Check"};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::DisplayRole) return QLatin1String(kTitles[static_cast<std::size_t>(section)]);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignVCenter | Qt::AlignLeft);
    return {};
}

Qt::ItemFlags SubnetTableModel::flags(const QModelIndex& index) const {
    auto flags = QAbstractTableModel::flags(index);
    if (!index.isValid() || index.column() == Check) return flags;
    return flags | (index.column() == Trusted ? Qt::ItemIsUserCheckable : Qt::ItemIsEditable);
}

bool SubnetTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!index.isValid() || index.row() >= rowCount()) return false;
    Line& line = m_lines[static_cast<std::size_t>(index.row())];
    if (role == Qt::CheckStateRole && index.column() == Trusted) {
        line.subnet.trusted = value.toInt() == Qt::Checked;
    } else if (role == Qt::EditRole) {
        const std::string text = toUtf8(value.toString().trimmed());
        switch (index.column()) {
        case Network:
            line.subnet.cidr = text;
            line = checked(line.subnet);
            break;
        case Name:
            line.subnet.name = text;
            break;
        case Role:
            line.subnet.role = text;
            break;
        case Site:
            line.subnet.where = text;
            break;
        default:
            return false;
        }
    } else {
        return false;
    }
    Q_EMIT dataChanged(this->index(index.row(), 0), this->index(index.row(), Check));
    Q_EMIT edited();
    return true;
}

} // namespace gatescope::ui

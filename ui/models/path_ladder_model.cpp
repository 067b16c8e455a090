// SPDX-License-Identifier: Apache-2.0
#include "ui/models/path_ladder_model.h"

#include "core/analysis/field.h"
#include "ui/bridge/text.h"
#include "ui/models/path_shapes.h"

#include <QFont>

#include <algorithm>
#include <array>

namespace gatescope::ui {
using path::Hop;
namespace {

QString addressOf(const Hop& hop) {
    if (hop.address && hop.port != 0) return toText(Endpoint{*hop.address, hop.port}.toString());
    return toText(hop.address ? hop.address->toString() : hop.text);
}

QString rangeOf(const Hop& hop) {
    if (!hop.address) return {};
    QString text = rangeBadge(hop.addressClass.kind);
    if (!hop.addressClass.ranges.empty()) text += QStringLiteral(" · ") + toText(hop.addressClass.ranges.front()->name);
    return text;
}

/// A line between two hops is as well known as the one that is known less.
HopLine between(const Hop& a, const Hop& b) {
    return lineOf(std::max(a.standing, b.standing));
}

} // namespace

void PathLadderModel::show(const path::SourcePath& path) {
    beginResetModel();
    m_lines.clear();
    for (std::size_t i = 0; i < path.hops.size(); ++i) addHop(path, i);
    for (const auto& finding : path.findings) addFinding(finding);
    endResetModel();
}

void PathLadderModel::addHop(const path::SourcePath& path, std::size_t index) {
    const Hop& hop = path.hops[index];
    std::optional<HopLine> above, below;
    if (index > 0) above = between(path.hops[index - 1], hop);
    if (index + 1 < path.hops.size()) below = between(hop, path.hops[index + 1]);
    if (hop.gapBefore) {
        Line gap{.kind = Kind::Gap, .cells = {}, .glyph = Glyph::NoAnswer, .tone = Tone::Muted, .rail = {}, .more = {}};
        gap.cells[What] = tr("gap");
        gap.cells[Value] = tr("Something must lie here that nothing shows.");
        gap.rail = {above ? std::optional(HopLine::Dotted) : std::nullopt, HopLine::Dotted, false, true};
        above = HopLine::Dotted;
        m_lines.push_back(std::move(gap));
    }
    Line line{.kind = Kind::Hop, .cells = {}, .glyph = roleGlyph(hop.role), .tone = Tone::Text, .rail = {}, .more = {}};
    line.cells[What] = roleTitle(hop.role);
    if (!hop.name.empty()) line.cells[What] += QStringLiteral(" · ") + toText(hop.name);
    line.cells[Value] = addressOf(hop);
    line.cells[Range] = rangeOf(hop);
    line.cells[Subnet] = toText(hop.subnet);
    line.cells[Standing] = standingText(hop.standing);
    if (hop.trusted) line.cells[Standing] += tr(", trusted");
    if (!hop.addressClass.ranges.empty()) line.more = toText(hop.addressClass.ranges.front()->meaning);
    line.rail = {above, below, true, false};
    m_lines.push_back(std::move(line));
    for (const auto& evidence : hop.evidence) {
        Line said{.kind = evidence.against ? Kind::Against : Kind::For,
                  .cells = {},
                  .glyph = evidence.against ? Glyph::Close : Glyph::Check,
                  .tone = evidence.against ? Tone::Bad : Tone::Good,
                  .rail = {below, below, false, false},
                  .more = {}};
        said.cells[What] = toText(evidence.source);
        said.cells[Value] = toText(evidence.value);
        said.cells[Standing] = evidence.against ? tr("speaks against it") : tr("speaks for it");
        m_lines.push_back(std::move(said));
    }
}

void PathLadderModel::addFinding(const Finding& finding) {
    if (!finding.kind) return;
    QStringList evidence;
    for (const auto& each : finding.evidence) evidence << toText(each);
    Line line{.kind = Kind::Finding,
              .cells = {},
              .glyph = severityGlyph(finding.kind->severity),
              .tone = severityTone(finding.kind->severity),
              .rail = {},
              .more = toText(finding.kind->explain)};
    line.cells[What] = toText(finding.kind->title);
    line.cells[Value] = evidence.join(QStringLiteral("; "));
    line.cells[Standing] = tr("finding, %1").arg(toText(toString(finding.kind->severity)));
    m_lines.push_back(std::move(line));
}

QString PathLadderModel::headerAt(int row) const {
    if (row < 0 || row >= rowCount()) return {};
    const auto& line = m_lines[static_cast<std::size_t>(row)];
    if (line.kind != Kind::For && line.kind != Kind::Against) return {};
    // Evidence may also come from packets, a log or the topology.
    static const QStringList kOthers{QStringLiteral("packets"), QStringLiteral("log"), QStringLiteral("topology")};
    const QString& source = line.cells[What];
    const bool header = !kOthers.contains(source) && analysis::Field::parse("header:" + toUtf8(source)).has_value();
    return header ? source : QString();
}

int PathLadderModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int PathLadderModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PathLadderModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    const bool hop = line.kind == Kind::Hop;
    switch (role) {
    case Qt::DisplayRole: {
        const QString& text = line.cells[index.column()];
        const bool missing = hop && text.isEmpty() && index.column() != Standing;
        return missing ? QStringLiteral("–") : text;
    }
    case Qt::DecorationRole:
        return index.column() == What ? QVariant(icon(line.glyph, line.tone)) : QVariant();
    case Qt::ToolTipRole:
        return line.cells[index.column()] + (line.more.isEmpty() ? QString() : QChar('\n') + line.more);
    case Qt::FontRole: {
        if (!hop || index.column() > Value) return {};
        QFont bold;
        bold.setBold(true);
        return bold;
    }
    case Qt::ForegroundRole:
        if (line.kind == Kind::Gap) return colour(Tone::Muted);
        if (index.column() == Standing && line.tone != Tone::Text) return colour(line.tone);
        if (hop && line.cells[index.column()].isEmpty()) return colour(Tone::Muted);
        return {};
    default:
        return {};
    }
}

QVariant PathLadderModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static constexpr std::array<const char*, ColumnCount> kTitles{"Hop", "Address, value", "Standing", "Range",
                                                                  "Subnet"};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::DisplayRole) return QLatin1String(kTitles[static_cast<std::size_t>(section)]);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignVCenter | Qt::AlignLeft);
    return {};
}

} // namespace gatescope::ui

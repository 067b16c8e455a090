// SPDX-License-Identifier: Apache-2.0
// Words, signs and colours of paths.
#include "ui/bridge/text.h"
#include "ui/models/path_shapes.h"

#include <array>

namespace gatescope::ui {
using namespace path;
namespace {

struct RoleSign {
    const char* title;
    Glyph glyph;
};
/// By Role.
constexpr std::array<RoleSign, 13> kRoles{{{"Agent", Glyph::Agent},
                                           {"Client", Glyph::Person},
                                           {"App ingress", Glyph::Container},
                                           {"Data proxy", Glyph::Container},
                                           {"Proxy", Glyph::Proxy},
                                           {"Private endpoint", Glyph::Node},
                                           {"Front Door", Glyph::Shield},
                                           {"App Gateway", Glyph::Shield},
                                           {"Front end", Glyph::Proxy},
                                           {"Gateway", Glyph::Gate},
                                           {"Backend", Glyph::Server},
                                           {"Model", Glyph::Model},
                                           {"Firewall", Glyph::Shield}}};

struct RangeSign {
    const char* badge;
    Tone tone;
};
/// By AddressKind.
constexpr std::array<RangeSign, 8> kRanges{{{"public", Tone::Category1},
                                            {"CGNAT", Tone::Category2},
                                            {"private", Tone::Category3},
                                            {"link-local", Tone::Category5},
                                            {"Azure platform", Tone::Category6},
                                            {"loopback", Tone::Category5},
                                            {"documentation", Tone::Category4},
                                            {"reserved", Tone::Category4}}};

} // namespace

QString roleTitle(Role role) {
    return QLatin1String(kRoles[static_cast<std::size_t>(role)].title);
}

Glyph roleGlyph(Role role) {
    return kRoles[static_cast<std::size_t>(role)].glyph;
}

QString rangeBadge(AddressKind kind) {
    return QLatin1String(kRanges[static_cast<std::size_t>(kind)].badge);
}

Tone rangeTone(AddressKind kind) {
    return kRanges[static_cast<std::size_t>(kind)].tone;
}

HopLine lineOf(Standing standing) {
    switch (standing) {
    case Standing::Seen:
    case Standing::Proven:
        return HopLine::Solid;
    case Standing::Claimed:
        return HopLine::Dashed;
    case Standing::Inferred:
        return HopLine::Dotted;
    }
    return HopLine::Dotted;
}

QString standingText(Standing standing) {
    switch (standing) {
    case Standing::Seen:
        return QStringLiteral("seen in packets");
    case Standing::Proven:
        return QStringLiteral("proven by the hop that received it");
    case Standing::Claimed:
        return QStringLiteral("claimed by a header");
    case Standing::Inferred:
        return QStringLiteral("inferred");
    }
    return {};
}

Glyph severityGlyph(Severity severity) {
    switch (severity) {
    case Severity::High:
        return Glyph::Cross;
    case Severity::Medium:
        return Glyph::Warning;
    default:
        return Glyph::Info;
    }
}

Tone severityTone(Severity severity) {
    switch (severity) {
    case Severity::High:
        return Tone::Bad;
    case Severity::Medium:
        return Tone::Warning;
    default:
        return Tone::Muted;
    }
}

QString errorText(const analysis::PathTotals& totals) {
    if (totals.errors == 0 || totals.exchanges == 0) return {};
    const double percent = 100.0 * static_cast<double>(totals.errors) / static_cast<double>(totals.exchanges);
    const bool throttledOnly = totals.throttled == totals.errors;
    return QStringLiteral("%1 % %2").arg(percent < 1 ? QStringLiteral("< 1") : QString::number(percent, 'f', 0),
                                         throttledOnly ? QStringLiteral("429") : QStringLiteral("errors"));
}

} // namespace gatescope::ui

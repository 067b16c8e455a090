// SPDX-License-Identifier: Apache-2.0
#include "ui/models/header_shapes.h"

#include "core/analysis/header_class.h"
#include "ui/bridge/text.h"

#include <algorithm>
#include <array>

namespace gatescope::ui {
using namespace analysis;
namespace {

TableColumn words(const char* title, const char* meaning, const char* csv) {
    return {QLatin1String(title), QLatin1String(meaning), QLatin1String(csv), false};
}

TableColumn number(const char* title, const char* meaning, const char* csv) {
    return {QLatin1String(title), QLatin1String(meaning), QLatin1String(csv), true};
}

TableCell text(std::string_view words) {
    if (words.empty()) return TableCell::missing();
    const bool cut = words.size() > kMaxCellOctets;
    QString shown = toText(words.substr(0, kMaxCellOctets));
    return TableCell::of(cut ? shown + QChar(0x2026) : shown);
}

TableCell share(double share) {
    return {share, QStringLiteral("%1 %").arg(100 * share, 0, 'f', share < 0.0995 ? 1 : 0), Tone::Text};
}

TableCell directionCell(Direction direction) {
    auto cell = text(direction == Direction::Request ? "request" : "response");
    cell.glyph = direction == Direction::Request ? Glyph::Request : Glyph::Response;
    cell.tone = Tone::Muted;
    return cell;
}

TableCell nameCell(const HeaderUse& use) {
    auto cell = text(use.name);
    if (use.knowledge)
        cell.more = toText(use.knowledge->meaning) + QStringLiteral("\nSource: ") + toText(use.knowledge->source);
    else
        cell.more = QStringLiteral("Not in the header catalogue.");
    return cell;
}

TableCell classCell(const HeaderUse& use) {
    auto cell = TableCell::of(toText(headerClass(use.name, use.knowledge, use.sensitivity)));
    if (use.sensitivity == Sensitivity::Secret) {
        cell.tone = Tone::Bad;
        cell.glyph = Glyph::Key;
    } else if (use.sensitivity == Sensitivity::Personal) {
        cell.tone = Tone::Warning;
        cell.glyph = Glyph::Person;
        cell.more = QStringLiteral("May say who a person is.");
    }
    return cell;
}

TableCell forgeableCell(const HeaderUse& use) {
    auto cell = TableCell::of(use.forgeable ? QStringLiteral("yes") : QStringLiteral("no"));
    cell.glyph = use.forgeable ? Glyph::Warning : Glyph::Shield;
    cell.tone = use.forgeable ? Tone::Warning : Tone::Good;
    cell.more = use.forgeable ? QStringLiteral("A caller who reaches the gateway can send it.")
                              : QStringLiteral("Written by the front end, the gateway or behind it.");
    return cell;
}

struct ChangeSign {
    const char* word;
    const char* meaning;
    Glyph glyph;
    Tone tone;
};
/// By DriftKind.
constexpr std::array<ChangeSign, 6> kChanges{
    {{"new", "Only in the newer set", Glyph::Plus, Tone::Accent},
     {"gone", "Only in the older set", Glyph::Minus, Tone::Bad},
     {"other pattern", "Values of a shape that the older set did not have", Glyph::Warning, Tone::Warning},
     {"other value", "One constant value before, another now", Glyph::Warning, Tone::Warning},
     {"other share", "Carried by clearly more or fewer of the messages", Glyph::Throttled, Tone::Text},
     {"same", "No change", Glyph::Check, Tone::Muted}}};

TableCell patterns(const std::vector<std::string>& patterns) {
    QStringList list;
    for (const auto& each : patterns) list << toText(each);
    return list.isEmpty() ? TableCell::missing() : TableCell::of(list.join(QStringLiteral(", ")));
}

} // namespace

QString headerCondition(const HeaderUse& use) {
    const char* form = use.direction == Direction::Request ? "header:" : "response-header:";
    const auto field = Field::parse(form + use.name);
    return field ? QStringLiteral("exists(%1)").arg(toText(field->name())) : QString();
}

std::vector<TableColumn> inventoryColumns() {
    return {words("Header", "Name in lower case", "name"),
            words("In", "Request or response", "direction"),
            number("Share", "Of the messages of that direction that were seen", "share"),
            number("Calls", "Exchanges that carry it", "exchanges"),
            number("Values", "Distinct values", "distinct"),
            words("Class", "secret, identity, trace, network, limit, infrastructure, message", "class"),
            words("Forgeable", "Whether a caller who reaches the gateway can send it", "forgeable"),
            words("Set by", "Who writes it, by the header catalogue", "set_by"),
            words("First seen (UTC)", "Begin of the first call that carries it", "first_time"),
            words("Example", "Of the first call; secrets are masked", "example")};
}

std::vector<CellTableModel::Row> inventoryRows(const std::vector<HeaderUse>& inventory, bool severalDays) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& use : inventory) {
        if (rows.size() == CellTableModel::kMaxRows) break;
        auto first = TableCell::missing();
        if (use.firstTime != kNoTime) {
            first = {toText(formatTime(use.firstTime)), clockText(use.firstTime, severalDays), Tone::Text};
        }
        rows.push_back({nameCell(use), directionCell(use.direction), share(use.share), TableCell::count(use.exchanges),
                        TableCell::count(use.distinct), classCell(use), forgeableCell(use),
                        use.knowledge ? text(use.knowledge->setBy) : TableCell::missing(), std::move(first),
                        text(use.example)});
    }
    return rows;
}

std::vector<TableColumn> driftColumns() {
    return {words("Change", "new, gone, other pattern, other value, other share", "change"),
            words("Header", "Name in lower case", "name"),
            words("In", "Request or response", "direction"),
            number("Share before", "Of the messages of that direction", "share_before"),
            number("Share now", "Of the messages of that direction", "share_now"),
            words("Patterns before", "Shapes of its values, most frequent first", "patterns_before"),
            words("Patterns now", "Shapes of its values, most frequent first", "patterns_now"),
            words("Example before", "Secrets are masked", "example_before"),
            words("Example now", "Secrets are masked", "example_now"),
            words("Class", "secret, identity, trace, network, limit, infrastructure, message", "class"),
            words("Forgeable", "Whether a caller who reaches the gateway can send it", "forgeable"),
            words("Set by", "Who writes it, by the header catalogue", "set_by")};
}

std::vector<CellTableModel::Row> driftRows(const std::vector<HeaderChange>& changes) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& change : changes) {
        const auto& use = change.now ? change.now : change.before;
        if (!use || rows.size() == CellTableModel::kMaxRows) continue;
        const auto& sign = kChanges[static_cast<std::size_t>(change.kind)];
        auto kind = text(sign.word);
        kind.tone = sign.tone;
        kind.glyph = sign.glyph;
        kind.more = QLatin1String(sign.meaning);
        auto name = nameCell(*use);
        name.tone = sign.tone;
        const auto& before = change.before;
        const auto& now = change.now;
        rows.push_back({std::move(kind), std::move(name), directionCell(use->direction),
                        before ? share(before->share) : TableCell::missing(),
                        now ? share(now->share) : TableCell::missing(), patterns(change.patternsBefore),
                        patterns(change.patternsNow), before ? text(before->example) : TableCell::missing(),
                        now ? text(now->example) : TableCell::missing(), classCell(*use), forgeableCell(*use),
                        use->knowledge ? text(use->knowledge->setBy) : TableCell::missing()});
    }
    return rows;
}

} // namespace gatescope::ui

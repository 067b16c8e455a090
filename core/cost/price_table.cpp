// SPDX-License-Identifier: Apache-2.0
#include "core/cost/price_table.h"

#include "core/cost/price_table_state.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <limits>

namespace gatescope::cost {

namespace {

/// Steps for finding entries that overlap: some milliseconds for the tables that people keep.
constexpr std::uint64_t kComparingBudget = 50'000'000;

constexpr std::array<std::string_view, 5> kDimensionNames{"model", "provider", "deployment type", "region",
                                                          "service tier"};

std::array<Narrowness, 5> narrownessOf(const PriceEntry& entry) {
    std::array<Narrowness, 5> all;
    std::ranges::transform(patternsOf(entry), all.begin(),
                           [](const Pattern* pattern) { return pattern->narrowness(); });
    return all;
}

std::int32_t firstDay(const PriceEntry& entry) {
    return entry.fromDay.value_or(std::numeric_limits<std::int32_t>::min());
}

bool shareADay(const PriceEntry& a, const PriceEntry& b) {
    const auto lastDay = [](const PriceEntry& entry) {
        return entry.toDay.value_or(std::numeric_limits<std::int32_t>::max());
    };
    return firstDay(a) <= lastDay(b) && firstDay(b) <= lastDay(a);
}

/// Nothing: the budget is spent.
std::optional<bool> couldMatchTheSame(const PriceEntry& a, const PriceEntry& b, std::uint64_t& budget) {
    if (!shareADay(a, b)) return false;
    const auto patternsA = patternsOf(a);
    const auto patternsB = patternsOf(b);
    for (std::size_t i = 0; i < patternsA.size(); ++i) {
        const auto meet = patternsA[i]->meets(*patternsB[i], budget);
        if (!meet || !*meet) return meet;
    }
    return true;
}

/// The values of a call, in the order of `patternsOf`. Region without blanks.
using Values = std::array<std::string, 5>;

Values valuesOf(const CallKind& kind, std::string_view model) {
    return {lowerCase(model), lowerCase(kind.provider), lowerCase(kind.deploymentType), regionId(kind.region),
            lowerCase(kind.serviceTier)};
}

bool matches(const PriceEntry& entry, const Values& values) {
    const auto patterns = patternsOf(entry);
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (!patterns[i]->matches(values[i])) return false;
    return true;
}

/// Each name of the model makes one set of values; a call without a model has one with none.
std::vector<Values> allValues(const CallKind& kind) {
    std::vector<Values> all;
    for (const std::string& model : kind.models) all.push_back(valuesOf(kind, model));
    if (all.empty()) all.push_back(valuesOf(kind, {}));
    return all;
}

} // namespace

std::array<const Pattern*, 5> patternsOf(const PriceEntry& entry) {
    return {&entry.model, &entry.provider, &entry.deploymentType, &entry.region, &entry.serviceTier};
}

std::string sortBySpecificity(std::vector<PriceEntry>& entries) {
    std::ranges::sort(entries, [](const PriceEntry& a, const PriceEntry& b) {
        const auto narrowA = narrownessOf(a);
        const auto narrowB = narrownessOf(b);
        if (narrowA != narrowB) return narrowB < narrowA;
        return firstDay(a) != firstDay(b) ? firstDay(a) > firstDay(b) : a.id < b.id;
    });
    std::uint64_t budget = kComparingBudget;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (std::size_t j = i + 1; j < entries.size(); ++j) {
            if (firstDay(entries[i]) != firstDay(entries[j]) || narrownessOf(entries[i]) != narrownessOf(entries[j]))
                break; // sorted: none of the rest is equally specific
            const auto same = couldMatchTheSame(entries[i], entries[j], budget);
            if (!same) return "too many entries with long patterns that look alike to compare them all";
            if (*same)
                return fmt::format("entries \"{}\" and \"{}\" could both match the same call, and neither is more "
                                   "specific; change a pattern, or the dates",
                                   entries[i].id, entries[j].id);
        }
    }
    return {};
}

std::optional<std::int32_t> parseDay(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    int parts[3] = {0, 0, 0};
    std::size_t part = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 4 || i == 7) {
            ++part;
            continue;
        }
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        parts[part] = parts[part] * 10 + (text[i] - '0');
    }
    const std::chrono::year_month_day date{std::chrono::year{parts[0]},
                                           std::chrono::month{static_cast<unsigned>(parts[1])},
                                           std::chrono::day{static_cast<unsigned>(parts[2])}};
    if (!date.ok()) return std::nullopt;
    return static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

std::string dayText(std::int32_t day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

PriceTable::PriceTable(std::shared_ptr<const State> state) : m_state(std::move(state)) {}

const std::string& PriceTable::name() const {
    return m_state->name;
}
const std::string& PriceTable::asOf() const {
    return m_state->asOf;
}
const std::string& PriceTable::currency() const {
    return m_state->currency;
}
const std::vector<PriceEntry>& PriceTable::entries() const {
    return m_state->entries;
}
const std::vector<PtuPrice>& PriceTable::ptuPrices() const {
    return m_state->ptu;
}
const std::vector<CostCentreRule>& PriceTable::costCentres() const {
    return m_state->costCentres;
}

std::vector<std::string> PriceTable::modelNames(std::string_view model) const {
    return m_state->aliases.namesOf(model);
}

const DeploymentNote* PriceTable::deployment(std::string_view name) const {
    const auto at = m_state->deployments.find(lowerCase(name));
    return at == m_state->deployments.end() ? nullptr : &at->second;
}

const Assumption* PriceTable::assumption(std::string_view api) const {
    const auto at = std::ranges::find_if(
        m_state->assumptions, [&](const Assumption& assumption) { return assumption.api.matches(lowerCase(api)); });
    return at == m_state->assumptions.end() ? nullptr : &*at;
}

std::vector<const PriceEntry*> PriceTable::matching(const CallKind& kind) const {
    const std::vector<Values> values = allValues(kind);
    std::vector<const PriceEntry*> found;
    for (const PriceEntry& entry : m_state->entries)
        if (std::ranges::any_of(values, [&](const Values& one) { return matches(entry, one); }))
            found.push_back(&entry);
    return found;
}

std::string PriceTable::nearMiss(const CallKind& kind) const {
    const PriceEntry* nearest = nullptr;
    Values nearestValues;
    std::size_t fewest = kDimensionNames.size();
    for (const Values& values : allValues(kind)) {
        for (const PriceEntry& entry : m_state->entries) {
            if (!entry.model.matches(values[0])) continue;
            const auto patterns = patternsOf(entry);
            std::size_t different = 0;
            for (std::size_t i = 1; i < patterns.size(); ++i) different += patterns[i]->matches(values[i]) ? 0 : 1;
            if (different >= fewest) continue;
            fewest = different;
            nearest = &entry;
            nearestValues = values;
        }
    }
    if (nearest == nullptr)
        return kind.models.empty() ? "the model is not known, and no entry is for any model"
                                   : fmt::format("no entry matches the model \"{}\"", kind.models.back());
    std::string differences;
    const auto patterns = patternsOf(*nearest);
    for (std::size_t i = 1; i < patterns.size(); ++i) {
        if (patterns[i]->matches(nearestValues[i])) continue;
        differences +=
            fmt::format("{}{} \"{}\", {}", differences.empty() ? "" : "; ", kDimensionNames[i], patterns[i]->text(),
                        nearestValues[i].empty() ? "which is not known of this call"
                                                 : fmt::format("and this is \"{}\"", nearestValues[i]));
    }
    return fmt::format("the nearest entry \"{}\" is for {}", nearest->id, differences);
}

const PtuPrice* PriceTable::ptuPrice(std::string_view model) const {
    for (const PtuPrice& price : m_state->ptu)
        for (const std::string& name : modelNames(model))
            if (price.model.matches(lowerCase(name))) return &price;
    return nullptr;
}

} // namespace gatescope::cost

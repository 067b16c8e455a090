// SPDX-License-Identifier: Apache-2.0
#include "core/base/edit_distance.h"
#include "core/cost/price_table_state.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

namespace gatescope::cost {

namespace {

using Json = nlohmann::json;

/// Ends the reading; never leaves this file.
struct Mistake {
    std::string message;
};

[[noreturn]] void fail(std::string_view place, std::string_view what) {
    throw Mistake{place.empty() ? std::string(what) : fmt::format("{}: {}", place, what)};
}

/// A text of the user's as it may stand in a message.
std::string inQuotes(std::string_view text) {
    constexpr std::size_t kShown = 60;
    return fmt::format("\"{}{}\"", text.substr(0, kShown), text.size() > kShown ? "..." : "");
}

/// An object whose keys are all read or refused. A key that begins with `_` is a remark.
class ObjectReader {
public:
    ObjectReader(const Json& value, std::string place) : m_value(value), m_place(std::move(place)) {
        if (!value.is_object()) fail(m_place, fmt::format("must be an object, and is {}", value.type_name()));
    }

    const std::string& place() const { return m_place; }
    void setPlace(std::string place) { m_place = std::move(place); }
    /// Nullptr: missing or null.
    const Json* find(std::string_view key) {
        m_known.push_back(key);
        const auto at = m_value.find(key);
        return at == m_value.end() || at->is_null() ? nullptr : &*at;
    }
    std::string text(std::string_view key, std::string_view otherwise = {}) {
        const Json* value = find(key);
        if (value == nullptr) return std::string(otherwise);
        if (!value->is_string()) fail(placeOf(key), fmt::format("must be a text, and is {}", value->type_name()));
        return value->get<std::string>();
    }
    std::string requiredText(std::string_view key) {
        std::string value = text(key);
        if (value.empty()) fail(m_place, fmt::format("\"{}\" is missing", key));
        return value;
    }
    Pattern pattern(std::string_view key, std::string (*normalised)(std::string_view) = lowerCase) {
        std::string value = normalised(text(key, "*"));
        if (value.empty()) fail(placeOf(key), "is empty; write \"*\" for any");
        if (value.size() > Pattern::kMaxLength)
            fail(placeOf(key), fmt::format("is longer than {} characters", Pattern::kMaxLength));
        return Pattern(std::move(value));
    }
    std::optional<std::int32_t> day(std::string_view key) {
        const std::string value = text(key);
        if (value.empty()) return std::nullopt;
        const auto parsed = parseDay(value);
        if (!parsed) fail(placeOf(key), fmt::format("{} is no date; write 2026-01-31", inQuotes(value)));
        return parsed;
    }
    /// A decimal that is not negative, times 10^`scale`.
    std::optional<std::int64_t> decimal(std::string_view key, int scale) {
        const Json* value = find(key);
        if (value == nullptr) return std::nullopt;
        if (!value->is_number()) fail(placeOf(key), fmt::format("must be a number, and is {}", value->type_name()));
        // The shortest text that gives this number is what the user wrote.
        const std::string digits = value->is_number_float() ? fmt::format("{}", value->get<double>()) : value->dump();
        if (digits.starts_with('-')) fail(placeOf(key), fmt::format("is {}; a price cannot be negative", digits));
        const auto scaled = scaledDecimal(digits, scale);
        if (!scaled) fail(placeOf(key), fmt::format("is {}, which is too large", digits));
        return scaled;
    }
    std::string placeOf(std::string_view key) const {
        return m_place.empty() ? fmt::format("\"{}\"", key) : fmt::format("{}, \"{}\"", m_place, key);
    }
    /// Refuses every key that nobody asked for.
    void finish() const {
        for (const auto& [key, unused] : m_value.items()) {
            if (key.starts_with('_') || std::ranges::find(m_known, key) != m_known.end()) continue;
            const std::string_view near = nearestWord(key, m_known);
            fail(m_place, fmt::format("unknown key {}{}", inQuotes(key),
                                      near.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", near)));
        }
    }

private:
    const Json& m_value;
    std::string m_place;
    std::vector<std::string_view> m_known;
};

/// Runs `read` on each element of a list that may be missing.
template <typename Read>
void forEachIn(ObjectReader& object, std::string_view key, std::size_t most, Read&& read) {
    const Json* list = object.find(key);
    if (list == nullptr) return;
    if (!list->is_array()) fail(object.placeOf(key), fmt::format("must be a list, and is {}", list->type_name()));
    if (list->size() > most) fail(object.placeOf(key), fmt::format("has more than {} elements", most));
    for (std::size_t i = 0; i < list->size(); ++i) read((*list)[i], fmt::format("{}[{}]", key, i));
}

/// Decimal places of one unit: a price per million tokens has six less than one per token.
int unitPlaces(const std::string& unit) {
    constexpr std::pair<std::string_view, int> kUnits[] = {{"1m tokens", 6},      {"1k tokens", 3},   {"1 token", 0},
                                                           {"1000000 tokens", 6}, {"1000 tokens", 3}, {"token", 0}};
    for (const auto& [name, places] : kUnits)
        if (lowerCase(unit) == name) return places;
    fail("\"unit\"",
         fmt::format("{} is unknown; known are \"1M tokens\", \"1K tokens\" and \"1 token\"", inQuotes(unit)));
}

constexpr int kMoneyPlaces = 15;
constexpr int kFactorPlaces = 9;
/// Prices for things that a capture does not count.
constexpr std::string_view kUncounted[] = {"perImage", "perAudioMinute", "perMillionCharacters"};

int placesOf(Meter meter, int tokenPlaces) {
    if (meter == Meter::WebSearch) return 3; // its key says "per 1000"
    return meter == Meter::Request ? 0 : tokenPlaces;
}

std::int64_t timesFactor(std::int64_t price, std::int64_t factor, std::string_view place) {
    __extension__ using Wide = __int128;
    constexpr Wide kOne = 1'000'000'000;
    const Wide product = (static_cast<Wide>(price) * factor + kOne / 2) / kOne;
    if (product > std::numeric_limits<std::int64_t>::max()) fail(place, "is too large with the batch factor");
    return static_cast<std::int64_t>(product);
}

/// Reads one table.
class TableReader {
public:
    explicit TableReader(const Json& json) : m_table(json, {}) {}

    void readInto(PriceTable::State& state);

private:
    ContextTier readTier(const Json& rates, const std::string& place, PriceEntry& entry);
    void readTiers(ObjectReader& object, PriceEntry& entry);
    PriceEntry readEntry(const Json& value, const std::string& place);
    static PtuPrice readPtu(const Json& value, const std::string& place);
    static Assumption readAssumption(const Json& value, const std::string& place);
    static void readAlias(const Json& value, const std::string& place, ModelAliases& aliases);
    static DeploymentNote readDeployment(const Json& value, const std::string& place);
    static CostCentreRule readCostCentre(const Json& value, const std::string& place);
    void readHead(PriceTable::State& state);
    void readDeployments(PriceTable::State& state);

    ObjectReader m_table;
    int m_tokenPlaces = 6;
    std::optional<std::int64_t> m_batchFactor;
};

ContextTier TableReader::readTier(const Json& rates, const std::string& place, PriceEntry& entry) {
    ObjectReader object(rates, place);
    ContextTier tier;
    bool isEmpty = true;
    for (std::size_t i = 0; i < kMeterCount; ++i) {
        const auto meter = static_cast<Meter>(i);
        tier.rates.of(meter) = object.decimal(rateKey(meter), kMoneyPlaces - placesOf(meter, m_tokenPlaces));
        isEmpty = isEmpty && !tier.rates.of(meter);
    }
    for (const std::string_view key : kUncounted)
        if (object.decimal(key, 0)) entry.uncounted = key;
    object.finish();
    if (isEmpty && entry.uncounted.empty()) fail(place, "holds no price");
    if (!m_batchFactor) return tier;
    tier.batchRates = tier.rates;
    for (auto& price : tier.batchRates->perPiece)
        if (price) price = timesFactor(*price, *m_batchFactor, place);
    return tier;
}

void TableReader::readTiers(ObjectReader& object, PriceEntry& entry) {
    const Json* rates = object.find("rates");
    if (rates != nullptr) entry.tiers.push_back(readTier(*rates, object.placeOf("rates"), entry));
    constexpr std::size_t kMaxTiers = 20;
    forEachIn(object, "contextTiers", kMaxTiers, [&](const Json& value, const std::string& name) {
        if (rates != nullptr) fail(object.place(), "has both \"rates\" and \"contextTiers\"");
        ObjectReader tierObject(value, fmt::format("{}, {}", object.place(), name));
        const auto most = tierObject.decimal("maxInput", 0);
        const Json* tierRates = tierObject.find("rates");
        if (tierRates == nullptr) fail(tierObject.place(), "\"rates\" is missing");
        tierObject.finish();
        if (!entry.tiers.empty() && (!entry.tiers.back().maxInput || (most && *most <= *entry.tiers.back().maxInput)))
            fail(tierObject.place(), "must have a larger \"maxInput\" than the one before it; null is the largest");
        entry.tiers.push_back(readTier(*tierRates, tierObject.placeOf("rates"), entry));
        entry.tiers.back().maxInput = most;
    });
    if (entry.tiers.empty()) fail(object.place(), "has neither \"rates\" nor \"contextTiers\"");
}

PriceEntry TableReader::readEntry(const Json& value, const std::string& place) {
    ObjectReader object(value, place);
    PriceEntry entry;
    entry.id = object.text("id", place);
    if (entry.id != place) object.setPlace(fmt::format("{} (id {})", place, inQuotes(entry.id)));
    if (object.find("match") == nullptr) fail(object.place(), "\"match\" is missing: the model, such as \"gpt-4o*\"");
    entry.model = object.pattern("match");
    entry.provider = object.pattern("provider");
    entry.deploymentType = object.pattern("deploymentType");
    entry.region = object.pattern("region", regionId);
    entry.serviceTier = object.pattern("serviceTier");
    entry.fromDay = object.day("from");
    entry.toDay = object.day("to");
    if (entry.fromDay && entry.toDay && *entry.toDay < *entry.fromDay)
        fail(object.place(), "\"to\" is before \"from\"");
    readTiers(object, entry);
    object.finish();
    return entry;
}

PtuPrice TableReader::readPtu(const Json& value, const std::string& place) {
    ObjectReader object(value, place);
    PtuPrice price;
    price.model = object.pattern("match");
    price.sku = object.text("sku");
    price.perPtuHour = object.decimal("perPtuHour", kMoneyPlaces);
    if (const Json* reservation = object.find("reservation")) {
        ObjectReader inner(*reservation, object.placeOf("reservation"));
        price.reservationTerm = inner.requiredText("term");
        price.reservationPerPtuMonth = inner.decimal("perPtuMonth", kMoneyPlaces);
        inner.finish();
    }
    object.finish();
    return price;
}

Assumption TableReader::readAssumption(const Json& value, const std::string& place) {
    ObjectReader object(value, place);
    Assumption assumption{object.pattern("api"), object.text("provider"), object.text("deploymentType"),
                          object.text("region"), object.text("serviceTier")};
    object.finish();
    return assumption;
}

void TableReader::readAlias(const Json& value, const std::string& place, ModelAliases& aliases) {
    ObjectReader object(value, place);
    const std::string pattern = object.requiredText("pattern");
    const std::string replacement = object.requiredText("replace");
    object.finish();
    if (auto added = aliases.add(pattern, replacement); !added)
        fail(place, fmt::format("the pattern {} {}", inQuotes(pattern), added.error()));
}

DeploymentNote TableReader::readDeployment(const Json& value, const std::string& place) {
    if (value.is_string()) return {value.get<std::string>(), {}, {}};
    ObjectReader object(value, place);
    DeploymentNote note{object.text("model"), object.text("deploymentType"), object.text("region")};
    object.finish();
    return note;
}

/// Condition names of the table beside the names of fields.
std::string fieldName(std::string_view key) {
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"projectId", "project_id"},
                                                                        {"agentVersion", "agent_version"},
                                                                        {"appId", "caller"},
                                                                        {"requestedModel", "requested_model"},
                                                                        {"servedModel", "served_model"}};
    for (const auto& [name, field] : kNames)
        if (key == name) return std::string(field);
    return std::string(key);
}

CostCentreRule TableReader::readCostCentre(const Json& value, const std::string& place) {
    ObjectReader object(value, place);
    CostCentreRule rule;
    rule.centre = object.requiredText("centre");
    const Json* when = object.find("when");
    if (when == nullptr) fail(place, "\"when\" is missing; write {} for all calls");
    object.finish();
    const ObjectReader conditions(*when, object.placeOf("when"));
    for (const auto& [key, wanted] : when->items()) {
        if (key.starts_with('_')) continue;
        const auto field = analysis::Field::parse(fieldName(key));
        if (!field) fail(conditions.place(), field.error().message);
        if (field->type != analysis::FieldType::Text && field->type != analysis::FieldType::TextList)
            fail(conditions.place(), fmt::format("\"{}\" is a number; conditions are on texts", key));
        if (!wanted.is_string() || wanted.get_ref<const std::string&>().empty())
            fail(conditions.placeOf(key), "must be a text, such as \"abc-*\"");
        const std::string pattern = lowerCase(wanted.get_ref<const std::string&>());
        if (pattern.size() > Pattern::kMaxLength)
            fail(conditions.placeOf(key), fmt::format("is longer than {} characters", Pattern::kMaxLength));
        rule.conditions.push_back({*field, Pattern(pattern)});
    }
    return rule;
}

void TableReader::readHead(PriceTable::State& state) {
    const Json* version = m_table.find("version");
    if (version == nullptr || !version->is_number_integer() || *version != 1) fail({}, "\"version\" must be 1");
    state.name = m_table.text("name");
    state.currency = m_table.requiredText("currency");
    if (state.currency.size() != 3 || !std::ranges::all_of(state.currency, [](char c) { return c >= 'A' && c <= 'Z'; }))
        fail("\"currency\"", fmt::format("{} is no currency code of three capital letters", inQuotes(state.currency)));
    m_tokenPlaces = unitPlaces(m_table.text("unit", "1M tokens"));
    if (const auto day = m_table.day("asOf")) state.asOf = dayText(*day);
    m_batchFactor = m_table.decimal("batchFactor", kFactorPlaces);
}

void TableReader::readDeployments(PriceTable::State& state) {
    const Json* deployments = m_table.find("deploymentToModel");
    if (deployments == nullptr) return;
    const ObjectReader names(*deployments, "deploymentToModel");
    for (const auto& [name, value] : deployments->items()) {
        if (name.starts_with('_')) continue;
        if (!state.deployments.try_emplace(lowerCase(name), readDeployment(value, names.placeOf(name))).second)
            fail(names.placeOf(name), "stands there twice; case makes no difference");
    }
}

void TableReader::readInto(PriceTable::State& state) {
    constexpr std::size_t kMost = 2000; // of anything: rules are tried one after the other
    readHead(state);
    if (m_table.find("models") == nullptr) fail({}, "\"models\" is missing: the list of prices");
    forEachIn(m_table, "models", PriceTable::kMaxEntries,
              [&](const Json& value, const std::string& place) { state.entries.push_back(readEntry(value, place)); });
    forEachIn(m_table, "ptu", kMost,
              [&](const Json& value, const std::string& place) { state.ptu.push_back(readPtu(value, place)); });
    forEachIn(m_table, "assume", kMost, [&](const Json& value, const std::string& place) {
        state.assumptions.push_back(readAssumption(value, place));
    });
    constexpr std::size_t kMaxAliases = 100; // each runs on each name of a model
    forEachIn(m_table, "modelAliases", kMaxAliases,
              [&](const Json& value, const std::string& place) { readAlias(value, place, state.aliases); });
    readDeployments(state);
    forEachIn(m_table, "costCentres", kMost, [&](const Json& value, const std::string& place) {
        state.costCentres.push_back(readCostCentre(value, place));
    });
    m_table.finish();
    std::set<std::string_view> ids;
    for (const PriceEntry& entry : state.entries)
        if (!ids.insert(entry.id).second) fail({}, fmt::format("two entries have the id {}", inQuotes(entry.id)));
    if (const std::string overlap = sortBySpecificity(state.entries); !overlap.empty()) fail({}, overlap);
}

/// Line and column of an octet, from 1.
std::string lineAndColumn(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, std::min(at, text.size()));
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t start = before.rfind('\n');
    const std::size_t column = start == std::string_view::npos ? before.size() + 1 : before.size() - start;
    return fmt::format("line {}, column {}", line, column);
}

/// Sees each key as it is read: a key that stands twice in one object would silently lose its first value.
class RepeatedKeys {
public:
    bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
        const auto level = static_cast<std::size_t>(depth);
        if (level > kMaxDepth) fail({}, "brackets are nested too deeply");
        if (event == Json::parse_event_t::object_start) {
            m_keys.resize(level + 1);
            m_keys.emplace_back();
        } else if (event == Json::parse_event_t::key && level < m_keys.size()) {
            const auto& key = parsed.get_ref<const std::string&>();
            if (!m_keys[level].insert(key).second)
                fail({}, fmt::format("the key {} stands twice in one object", inQuotes(key)));
        }
        return true;
    }

private:
    static constexpr std::size_t kMaxDepth = 20; // a table has 5
    std::vector<std::set<std::string>> m_keys;
};

} // namespace

std::expected<PriceTable, Error> PriceTable::parse(std::string_view json) {
    const auto wrong = [](std::string message) { return std::unexpected(Error{ErrorKind::Usage, std::move(message)}); };
    if (json.size() > kMaxBytes) return wrong(fmt::format("larger than {} MiB", kMaxBytes >> 20));
    try {
        RepeatedKeys repeatedKeys;
        const Json parsed = Json::parse(json, std::ref(repeatedKeys), true, true);
        auto state = std::make_shared<State>();
        TableReader(parsed).readInto(*state);
        return PriceTable(std::move(state));
    } catch (const Mistake& mistake) {
        return wrong(mistake.message);
    } catch (const Json::parse_error& error) {
        return wrong(fmt::format("no valid JSON at {}", lineAndColumn(json, error.byte == 0 ? 0 : error.byte - 1)));
    } catch (const Json::exception& error) {
        return wrong(fmt::format("no valid JSON: {}", error.what()));
    }
}

} // namespace gatescope::cost

// SPDX-License-Identifier: Apache-2.0
#include "core/cost/cost.h"

#include "core/analysis/model_calls.h"
#include "core/base/hash.h"
#include "core/cost/call_columns.h"
#include "core/cost/provider.h"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>
#include <limits>
#include <unordered_map>
#include <utility>

namespace gatescope::cost {

using analysis::Row;
using analysis::Snapshot;

namespace {

/// What a call is priced as depends on nothing else.
struct Key {
    std::array<StringPool::Code, 8> codes{};
    Provider provider = Provider::Unknown;
    bool operator==(const Key&) const = default;
};

struct KeyHash {
    std::size_t operator()(const Key& key) const {
        std::uint64_t hash = static_cast<std::uint64_t>(key.provider);
        for (std::size_t i = 0; i < key.codes.size(); i += 2)
            hash = mix64(hash, std::uint64_t{key.codes[i]} << 32 | key.codes[i + 1]);
        return hash;
    }
};

/// Answers about a text, each worked out once.
class TextFacts {
public:
    explicit TextFacts(const Snapshot& snapshot) : m_snapshot(snapshot), m_known(snapshot.codeLimit(), kUnknown) {}

    template <typename Ask>
    std::uint8_t of(StringPool::Code code, Ask&& ask) {
        if (code >= m_known.size()) return static_cast<std::uint8_t>(ask(m_snapshot.text(code)));
        if (m_known[code] == kUnknown) m_known[code] = static_cast<std::uint8_t>(ask(m_snapshot.text(code)));
        return m_known[code];
    }

private:
    static constexpr std::uint8_t kUnknown = 255;
    const Snapshot& m_snapshot;
    std::vector<std::uint8_t> m_known;
};

/// How an API's provider is found.
enum class Family : std::uint8_t { None, OpenAi, Gemini, Other };

Family familyOf(std::string_view api) {
    if (api.empty()) return Family::None;
    if (api.starts_with("openai.")) return Family::OpenAi;
    return api == "gemini" ? Family::Gemini : Family::Other;
}

bool hasOutputTokens(std::string_view api) {
    return !api.ends_with(".embeddings");
}

void fillIn(std::string& value, std::string_view assumed) {
    if (value.empty()) value = assumed;
}

} // namespace

struct Pricer::State {
    State(Snapshot givenSnapshot, PriceTable givenTable)
        : snapshot(std::move(givenSnapshot)), table(std::move(givenTable)), columns(snapshot), modelCalls(snapshot) {}

    Provider providerAt(std::size_t at);
    PricedAs pricedAs(const Key& key) const;
    void chooseEntries(PricedAs& as) const;
    const PricedAs& kindAt(std::size_t at);
    CallCost costAt(std::size_t at);
    void choosePrice(CallCost& cost, std::optional<std::int32_t> day, const std::optional<std::int64_t>& input) const;

    template <typename Visit>
    void forEach(std::span<const Row> rows, Visit&& visit) {
        while (!rows.empty()) {
            const auto block = rows.first(std::min(rows.size(), CallColumns::kBlock));
            columns.fetch(block);
            for (std::size_t i = 0; i < block.size(); ++i) visit(block[i], costAt(i));
            rows = rows.subspan(block.size());
        }
    }

    Snapshot snapshot;
    PriceTable table;
    CallColumns columns;
    analysis::ModelCalls modelCalls;
    TextFacts families{snapshot}, hosts{snapshot}, azurePaths{snapshot}, vertexPaths{snapshot}, queries{snapshot};
    std::deque<PricedAs> kinds; ///< never move: results point to them
    std::unordered_map<Key, const PricedAs*, KeyHash> byKey;
    Key lastKey;
    const PricedAs* last = nullptr;
};

Provider Pricer::State::providerAt(std::size_t at) {
    using enum CallColumns::Text;
    const auto family = static_cast<Family>(families.of(columns.text(Api, at), familyOf));
    if (family == Family::Other) return providerOfApi(snapshot.text(columns.text(Api, at)));
    const auto ofHost = static_cast<Provider>(hosts.of(columns.text(Host, at), providerOfHost));
    if (family == Family::Gemini) {
        const bool isVertex = vertexPaths.of(columns.text(Path, at), isVertexPath) != 0;
        return isVertex || ofHost == Provider::GcpVertexAi ? Provider::GcpVertexAi : Provider::GcpGemini;
    }
    if (ofHost != Provider::Unknown) return ofHost;
    const bool isAzure = columns.text(Deployment, at) != StringPool::kNone ||
                         columns.text(Region, at) != StringPool::kNone ||
                         columns.text(ApimRequestId, at) != StringPool::kNone ||
                         azurePaths.of(columns.text(Path, at), isAzurePath) != 0 ||
                         queries.of(columns.text(Query, at), isAzureQuery) != 0;
    return isAzure ? Provider::AzureOpenAi : Provider::Unknown;
}

/// In the order of Key::codes.
enum KeyPart : std::uint8_t {
    ApiPart,
    DeploymentPart,
    ModelPart,
    RequestedPart,
    ServedPart,
    TierPart,
    RegionPart,
    AnsweredPart
};

const PricedAs& Pricer::State::kindAt(std::size_t at) {
    using enum CallColumns::Text;
    const Key key{{columns.text(Api, at), columns.text(Deployment, at), columns.text(Model, at),
                   columns.text(RequestedModel, at), columns.text(ServedModel, at), columns.text(ServiceTier, at),
                   columns.text(Region, at), columns.text(AnsweredDeployment, at)},
                  providerAt(at)};
    if (last != nullptr && key == lastKey) return *last;
    const auto [found, isNew] = byKey.try_emplace(key, nullptr);
    if (isNew) found->second = &kinds.emplace_back(pricedAs(key));
    lastKey = key;
    last = found->second;
    return *last;
}

PricedAs Pricer::State::pricedAs(const Key& key) const {
    const auto text = [&](KeyPart part) { return snapshot.text(key.codes[part]); };
    PricedAs as;
    as.kind.provider = toString(key.provider);
    as.region = text(RegionPart);
    as.kind.region = as.region;
    as.kind.serviceTier = lowerCase(text(TierPart));
    as.resource = text(AnsweredPart).empty() ? text(DeploymentPart) : text(AnsweredPart);
    std::string_view model = text(ServedPart).empty() ? text(ModelPart) : text(ServedPart);
    for (const KeyPart part : {AnsweredPart, DeploymentPart, ModelPart, RequestedPart}) {
        const DeploymentNote* note = text(part).empty() ? nullptr : table.deployment(text(part));
        if (note == nullptr) continue;
        if (!note->model.empty()) model = note->model;
        as.kind.deploymentType = note->deploymentType;
        fillIn(as.kind.region, note->region);
        break;
    }
    if (const Assumption* assumed = table.assumption(text(ApiPart))) {
        fillIn(as.kind.provider, assumed->provider);
        fillIn(as.kind.deploymentType, assumed->deploymentType);
        fillIn(as.kind.region, assumed->region);
        fillIn(as.kind.serviceTier, lowerCase(assumed->serviceTier));
    }
    if (!model.empty()) as.kind.models = table.modelNames(model);
    if (!model.empty()) as.model = as.kind.models.back();
    chooseEntries(as);
    return as;
}

void Pricer::State::chooseEntries(PricedAs& as) const {
    as.entries = table.matching(as.kind);
    if (as.kind.serviceTier != "batch") return;
    std::erase_if(as.entries, [](const PriceEntry* entry) { return entry->serviceTier.matchesAnything(); });
    CallKind usual = as.kind;
    for (const char* tier : {"standard", "default", ""}) {
        if (!as.entries.empty()) return;
        usual.serviceTier = tier;
        as.entries = table.matching(usual);
        as.isBatchFactored = true;
    }
}

void Pricer::State::choosePrice(CallCost& cost, std::optional<std::int32_t> day,
                                const std::optional<std::int64_t>& input) const {
    cost.reason = cost.as->entries.empty() ? NoPrice::NoEntry : NoPrice::NotThatDay;
    for (const PriceEntry* entry : cost.as->entries) {
        if (day ? !entry->holdsOn(*day) : entry->fromDay || entry->toDay) continue;
        cost.entry = entry;
        break;
    }
    if (cost.entry == nullptr) return;
    cost.reason = NoPrice::NotCounted;
    if (!cost.entry->uncounted.empty()) return;
    const auto tier = std::ranges::find_if(
        cost.entry->tiers, [&](const ContextTier& one) { return !one.maxInput || (input && *input <= *one.maxInput); });
    cost.reason = NoPrice::TooLong;
    if (tier == cost.entry->tiers.end()) return;
    cost.tier = &*tier;
    cost.reason = NoPrice::NoBatchFactor;
    if (cost.as->isBatchFactored && !tier->batchRates) return;
    cost.rates = cost.as->isBatchFactored ? &*tier->batchRates : &tier->rates;
    cost.reason = NoPrice::None;
}

CallCost Pricer::State::costAt(std::size_t at) {
    CallCost cost;
    const StringPool::Code api = columns.text(CallColumns::Api, at);
    if (!modelCalls.isCall(api)) return cost;
    cost.as = &kindAt(at);
    const auto counts = columns.counts(at);
    choosePrice(cost, columns.day(at), counts.tokens.input);
    if (cost.reason == NoPrice::NotCounted) {
        cost.state = CostState::Unpriced;
        return cost;
    }
    const bool hasOutput = hasOutputTokens(snapshot.text(api));
    auto quantities = split(counts.tokens, cost.rates, hasOutput);
    if (!quantities) {
        const bool isKnown = counts.tokens.input && (counts.tokens.output || counts.tokens.total || !hasOutput);
        cost.state = CostState::Unknown;
        cost.reason = isKnown ? NoPrice::Contradiction : NoPrice::NoUsage;
        return cost;
    }
    cost.quantities = *quantities;
    if (counts.areEstimates) cost.quantities.coverage = Coverage::Estimated;
    cost.state = CostState::Unpriced;
    if (cost.rates == nullptr) return cost;
    const auto amount = priceOf(cost.quantities, *cost.rates, &cost.missing);
    cost.reason = amount ? NoPrice::None : NoPrice::MissingRate;
    if (!amount) return cost;
    cost.state = CostState::Priced;
    cost.amount = *amount;
    return cost;
}

std::string_view toString(CostState state) {
    switch (state) {
    case CostState::Priced:
        return "priced";
    case CostState::Unpriced:
        return "unpriced";
    case CostState::Unknown:
        return "unknown";
    case CostState::NotACall:
        break;
    }
    return {};
}

void CostTotals::add(const CallCost& cost) {
    unpriced += cost.state == CostState::Unpriced ? 1 : 0;
    unknown += cost.state == CostState::Unknown ? 1 : 0;
    if (cost.state != CostState::Priced) return;
    amount += cost.amount;
    ++priced;
    estimated += cost.quantities.coverage == Coverage::Estimated ? 1 : 0;
    withoutCacheWrites += cost.quantities.coverage == Coverage::WithoutCacheWrites ? 1 : 0;
}

Pricer::Pricer(Snapshot snapshot, PriceTable table)
    : m_state(std::make_unique<State>(std::move(snapshot), std::move(table))) {}
Pricer::~Pricer() = default;

const Snapshot& Pricer::snapshot() const {
    return m_state->snapshot;
}

const PriceTable& Pricer::table() const {
    return m_state->table;
}

CallCost Pricer::cost(Row row) {
    CallCost result;
    m_state->forEach(std::span(&row, 1), [&](Row, const CallCost& cost) { result = cost; });
    return result;
}

void Pricer::forEach(std::span<const Row> rows, const std::function<void(Row, const CallCost&)>& visit) {
    m_state->forEach(rows, visit);
}

CostTotals Pricer::totals(std::span<const Row> rows) {
    CostTotals totals;
    m_state->forEach(rows, [&](Row, const CallCost& cost) { totals.add(cost); });
    return totals;
}

std::vector<double> Pricer::weights(std::span<const Row> rows) {
    std::vector<double> weights(m_state->snapshot.size(), std::numeric_limits<double>::quiet_NaN());
    m_state->forEach(rows, [&](Row row, const CallCost& cost) {
        if (cost.state == CostState::Priced) weights[row] = cost.amount.toDouble();
    });
    return weights;
}

std::string Pricer::explain(const CallCost& cost) const {
    const auto entry = [&] { return fmt::format("entry \"{}\"", cost.entry != nullptr ? cost.entry->id : ""); };
    switch (cost.reason) {
    case NoPrice::None:
        return {};
    case NoPrice::NoUsage:
        return "the number of tokens is not known";
    case NoPrice::Contradiction:
        return "the token counts contradict each other";
    case NoPrice::NoEntry:
        return m_state->table.nearMiss(cost.as->kind);
    case NoPrice::NotThatDay:
        return fmt::format("entry \"{}\" does not hold on the day of the call", cost.as->entries.front()->id);
    case NoPrice::TooLong:
        return fmt::format("{} has no price for so much input", entry());
    case NoPrice::MissingRate:
        return fmt::format("{} has no price \"{}\"", entry(), rateKey(cost.missing));
    case NoPrice::NoBatchFactor:
        return fmt::format(
            "a batch call, and the price table has neither an entry for the service tier \"batch\" nor a "
            "\"batchFactor\"");
    case NoPrice::NotCounted:
        return fmt::format("{} has a price \"{}\", which captures do not count", entry(), cost.entry->uncounted);
    }
    return {};
}

CostTotals costOf(const Snapshot& snapshot, std::span<const Row> rows, const PriceTable& table) {
    return Pricer(snapshot, table).totals(rows);
}

} // namespace gatescope::cost

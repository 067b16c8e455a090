// SPDX-License-Identifier: Apache-2.0
#include "core/cost/attribution.h"

#include "core/base/hash.h"

#include <array>
#include <unordered_map>
#include <utility>

namespace gatescope::cost {

using analysis::Direction;
using analysis::FieldId;
using analysis::Row;
using analysis::Snapshot;

std::string_view toString(AttributionLevel level) {
    constexpr std::array<std::string_view, 6> kLetters{"A", "B", "C", "D", "E", "F"};
    return kLetters[static_cast<std::size_t>(level)];
}

std::string_view meaning(AttributionLevel level) {
    switch (level) {
    case AttributionLevel::A:
        return "token that the gateway validated";
    case AttributionLevel::B:
        return "subscription, product or user of the gateway";
    case AttributionLevel::C:
        return "Foundry headers with evidence of the path";
    case AttributionLevel::D:
        return "key or consumer known to a gateway";
    case AttributionLevel::E:
        return "headers written by a gateway's policy";
    case AttributionLevel::F:
        break;
    }
    return "claimed by the caller";
}

namespace {

constexpr std::array<std::string_view, 3> kFoundryHeaders{"x-ms-foundry-project-id", "x-ms-foundry-agent-id",
                                                          "openai-project"};
constexpr std::array<std::string_view, 3> kConsumerHeaders{"x-consumer-username", "x-consumer-custom-id",
                                                           "x-consumer-id"};
constexpr std::array<std::string_view, 6> kGatewayHeaders{"x-entra-app-id",         "x-foundry-project-id",
                                                          "x-foundry-project-name", "x-foundry-agent-id",
                                                          "x-user-id-hash",         "x-caller-"};
constexpr std::array<std::string_view, 2> kAppNames{"x-k8se-app-name", "x-ms-containerapp-name"};

bool isCgnat(std::string_view hop) {
    static const Cidr kShared = Cidr::parse("100.64.0.0/10").value(); // RFC 6598
    const auto endpoint = Endpoint::parse(hop);
    return endpoint && kShared.contains(endpoint->address);
}

bool namesDataProxy(std::string_view appName) {
    return appName.contains("-dataproxy");
}

bool isDataProxyPath(std::string_view path) {
    return path.starts_with("/v1/http");
}

/// The words of an evidence, joined with `; `.
class Words {
public:
    void add(std::string_view word, std::string_view rest = {}) {
        if (!m_text.empty()) m_text += "; ";
        m_text += word;
        m_text += rest;
    }
    std::string take() { return std::move(m_text); }

private:
    std::string m_text;
};

} // namespace

struct Attributor::State {
    explicit State(Snapshot given) : snapshot(std::move(given)) {}

    std::string_view header(Row row, std::string_view name) {
        const auto [at, isNew] = names.try_emplace(name, StringPool::kNone);
        if (isNew) at->second = snapshot.headerCode(name);
        return snapshot.text(snapshot.headerValue(Direction::Request, at->second, row));
    }
    /// A name that ends with `-` stands for all names that begin so.
    bool has(Row row, std::string_view name) {
        if (!name.ends_with('-')) return !header(row, name).empty();
        for (const auto& field : snapshot.headers(Direction::Request, row))
            if (field.value != StringPool::kNone && snapshot.text(field.lowerName).starts_with(name)) return true;
        return false;
    }
    bool hasAny(Row row, std::span<const std::string_view> some) {
        for (const std::string_view name : some)
            if (has(row, name)) return true;
        return false;
    }
    bool isProxied(Row row) {
        for (const std::string_view name : kAppNames)
            if (namesDataProxy(header(row, name))) return true;
        return isDataProxyPath(header(row, "x-forwarded-path"));
    }
    bool isValidated(Row row) {
        const std::int64_t status = snapshot.number(FieldId::Status, row);
        const std::string_view application = header(row, "x-entra-app-id");
        return !application.empty() && status >= 200 && status < 300 &&
               application == snapshot.text(snapshot.code(FieldId::Caller, row));
    }

    AttributionLevel level(Row row) {
        using enum AttributionLevel;
        if (isValidated(row)) return A;
        if (hasAny(row, kFoundryHeaders) && isProxied(row)) return C;
        if (hasAny(row, kConsumerHeaders)) return D;
        if (hasAny(row, kGatewayHeaders)) return E;
        return F;
    }

    void addAll(Words& words, Row row, std::span<const std::string_view> some) {
        for (const std::string_view name : some)
            if (has(row, name)) words.add(name, name.ends_with('-') ? "*" : "");
    }
    void addPath(Words& words, Row row) {
        for (const std::string_view name : kAppNames)
            if (namesDataProxy(header(row, name))) words.add(name, " names a data proxy");
        if (isDataProxyPath(header(row, "x-forwarded-path"))) words.add("x-forwarded-path is that of the data proxy");
        const auto hops = snapshot.list(FieldId::ForwardedFor, row);
        if (!hops.empty() && isCgnat(hops.front())) words.add("x-forwarded-for begins in 100.64.0.0/10");
    }
    void addClaims(Words& words, Row row) {
        addAll(words, row, kFoundryHeaders);
        if (!isProxied(row) && hasAny(row, std::span(kFoundryHeaders).first(2)))
            words.add("no evidence of the data proxy");
        if (snapshot.code(FieldId::Caller, row) != StringPool::kNone) words.add("bearer token, not verified");
    }

    Snapshot snapshot;
    std::unordered_map<std::string_view, StringPool::Code> names; ///< of constants only
};

Attributor::Attributor(Snapshot snapshot) : m_state(std::make_unique<State>(std::move(snapshot))) {}
Attributor::~Attributor() = default;

AttributionLevel Attributor::level(Row row) {
    return m_state->level(row);
}

Attribution Attributor::of(Row row) {
    Words words;
    const AttributionLevel level = m_state->level(row);
    switch (level) {
    case AttributionLevel::A:
        words.add("x-entra-app-id names the application of the bearer token, and the call was answered");
        break;
    case AttributionLevel::C:
        m_state->addAll(words, row, kFoundryHeaders);
        m_state->addPath(words, row);
        break;
    case AttributionLevel::D:
        m_state->addAll(words, row, kConsumerHeaders);
        break;
    case AttributionLevel::E:
        m_state->addAll(words, row, kGatewayHeaders);
        break;
    default:
        m_state->addClaims(words, row);
    }
    std::string evidence = words.take();
    return {level, evidence.empty() ? "nothing but the address of the client" : std::move(evidence)};
}

struct CostCentres::State {
    State(Snapshot givenSnapshot, PriceTable givenTable)
        : snapshot(std::move(givenSnapshot)), table(std::move(givenTable)) {
        for (const CostCentreRule& rule : table.costCentres()) {
            auto& columns = columnsOfRule.emplace_back();
            for (const auto& condition : rule.conditions) columns.push_back(columnOf(condition.field));
        }
    }

    std::size_t columnOf(const analysis::Field& field) {
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i] == field) return i;
        fields.push_back(field);
        headerNames.push_back(field.header.empty() ? StringPool::kNone : snapshot.headerCode(field.header));
        return fields.size() - 1;
    }

    StringPool::Code codeAt(std::size_t column, Row row) const {
        const auto id = fields[column].id;
        if (id == FieldId::RequestHeader) return snapshot.headerValue(Direction::Request, headerNames[column], row);
        if (id == FieldId::ResponseHeader) return snapshot.headerValue(Direction::Response, headerNames[column], row);
        return snapshot.code(id, row);
    }

    bool holds(const CostCentreRule& rule, std::span<const std::size_t> columns) const {
        for (std::size_t i = 0; i < rule.conditions.size(); ++i)
            if (key[columns[i]] == StringPool::kNone ||
                !rule.conditions[i].pattern.matches(lowerCase(snapshot.text(key[columns[i]]))))
                return false;
        return true;
    }

    const CostCentreRule* firstThatHolds() const {
        for (std::size_t i = 0; i < columnsOfRule.size(); ++i)
            if (holds(table.costCentres()[i], columnsOfRule[i])) return &table.costCentres()[i];
        return nullptr;
    }

    struct Hash {
        std::size_t operator()(const std::vector<StringPool::Code>& codes) const {
            std::uint64_t hash = codes.size();
            for (const StringPool::Code code : codes) hash = mix64(hash, code);
            return hash;
        }
    };

    Snapshot snapshot;
    PriceTable table;
    std::vector<analysis::Field> fields; ///< that rules ask for
    std::vector<StringPool::Code> headerNames;
    std::vector<std::vector<std::size_t>> columnsOfRule; ///< per rule and condition, the index into `fields`
    std::vector<StringPool::Code> key;                   ///< of the row under way
    std::unordered_map<std::vector<StringPool::Code>, const CostCentreRule*, Hash> known;
};

CostCentres::CostCentres(Snapshot snapshot, PriceTable table)
    : m_state(std::make_unique<State>(std::move(snapshot), std::move(table))) {}
CostCentres::~CostCentres() = default;

bool CostCentres::empty() const {
    return m_state->columnsOfRule.empty();
}

std::optional<std::string_view> CostCentres::of(Row row) {
    State& state = *m_state;
    state.key.clear();
    for (std::size_t i = 0; i < state.fields.size(); ++i) state.key.push_back(state.codeAt(i, row));
    const auto [at, isNew] = state.known.try_emplace(state.key, nullptr);
    if (isNew) at->second = state.firstThatHolds();
    return at->second == nullptr ? std::nullopt : std::optional<std::string_view>(at->second->centre);
}

} // namespace gatescope::cost

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/hash.h"
#include "core/report/focus_export.h"

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// Calls summed up into the charges of a bill. Internal to the room.
namespace gatescope::report {

/// Who is to pay: the texts of the tags, masked.
struct Payer {
    std::string projectId, project, agent, agentVersion, appId;
    std::optional<std::string> centre;
    cost::AttributionLevel level = cost::AttributionLevel::F;
    auto operator<=>(const Payer&) const = default;
};

/// What was used.
struct Service {
    std::string provider, model, resource, host, region, regionId, deploymentType, tier;
    auto operator<=>(const Service&) const = default;
};

/// Everything that tells two rows of a bill apart.
struct ChargeKey {
    std::int64_t period = 0; ///< hours since 1970-01-01; kNoPeriod: not known
    std::size_t payer = 0, service = 0;
    const cost::PriceEntry* entry = nullptr;
    const cost::Rates* rates = nullptr;
    std::optional<cost::Meter> meter; ///< none: no usage to show
    cost::CostState state = cost::CostState::NotACall;
    cost::Coverage coverage = cost::Coverage::Complete;
    std::size_t reason = 0;
    bool operator==(const ChargeKey&) const = default;
};
inline constexpr std::int64_t kNoPeriod = std::numeric_limits<std::int64_t>::min();

struct ChargeKeyHash {
    std::size_t operator()(const ChargeKey& key) const {
        std::uint64_t hash = mix64(static_cast<std::uint64_t>(key.period), key.payer << 32 ^ key.service);
        hash = mix64(hash, reinterpret_cast<std::uintptr_t>(key.rates));
        const auto meter = key.meter ? static_cast<std::uint64_t>(*key.meter) : cost::kMeterCount;
        const std::uint64_t rest =
            static_cast<std::uint64_t>(key.coverage) << 8 | static_cast<std::uint64_t>(key.state);
        return mix64(hash, mix64(meter << 32 | rest, key.reason));
    }
};

struct Sums {
    std::int64_t pieces = 0;
    std::uint64_t calls = 0;
    cost::Money amount;
};

/// Numbers for equal values.
template <typename Value>
class Numbered {
public:
    std::size_t numberOf(Value value) {
        const auto [at, isNew] = m_numbers.try_emplace(std::move(value), m_numbers.size());
        if (isNew) m_values.push_back(&at->first);
        return at->second;
    }
    const Value& operator[](std::size_t number) const { return *m_values[number]; }
    std::size_t size() const { return m_values.size(); }

private:
    std::map<Value, std::size_t> m_numbers;
    std::vector<const Value*> m_values;
};

/// Sums calls up into charges.
class ChargeCollector {
public:
    ChargeCollector(cost::Pricer& pricer, const FocusOptions& options)
        : m_snapshot(pricer.snapshot()), m_pricer(pricer), m_options(options), m_attributor(m_snapshot),
          m_centres(m_snapshot, pricer.table()) {
        m_reasons.numberOf({});
    }

    void add(analysis::Row row, const cost::CallCost& cost);
    using Charges = std::unordered_map<ChargeKey, Sums, ChargeKeyHash>;
    const Charges& charges() const { return m_charges; }
    const Payer& payer(std::size_t number) const { return m_payers[number]; }
    const Service& service(std::size_t number) const { return m_services[number]; }
    const std::string& reason(std::size_t number) const { return m_reasons[number]; }
    bool hasCentres() const { return !m_centres.empty(); }
    FocusSummary summary() const;

private:
    static constexpr std::array kPayerFields{analysis::FieldId::ProjectId, analysis::FieldId::Project,
                                             analysis::FieldId::Agent, analysis::FieldId::AgentVersion,
                                             analysis::FieldId::Caller};

    std::string shown(analysis::FieldId field, analysis::Row row) const;
    std::size_t payerOf(analysis::Row row);
    std::size_t serviceOf(analysis::Row row, const cost::PricedAs& as);
    std::size_t reasonOf(const cost::CallCost& cost);
    std::int64_t periodOf(analysis::Row row) const;
    void addPieces(const ChargeKey& key, std::int64_t pieces, bool countsCall, cost::Money amount);

    const analysis::Snapshot& m_snapshot;
    cost::Pricer& m_pricer;
    const FocusOptions& m_options;
    cost::Attributor m_attributor;
    cost::CostCentres m_centres;
    Numbered<Payer> m_payers;
    Numbered<Service> m_services;
    Numbered<std::string> m_reasons; ///< number 0: none
    struct CodesHash {
        std::size_t operator()(const std::array<std::uint64_t, 4>& codes) const {
            return mix64(mix64(codes[0], codes[1]), mix64(codes[2], codes[3]));
        }
    };
    /// Numbers by codes, so that texts are compared once for each combination only.
    std::unordered_map<std::array<std::uint64_t, 4>, std::size_t, CodesHash> m_knownPayers, m_knownServices;
    std::unordered_map<const void*, std::map<std::pair<cost::NoPrice, cost::Meter>, std::size_t>> m_knownReasons;
    Charges m_charges;
    FocusSummary m_summary;
};

} // namespace gatescope::report

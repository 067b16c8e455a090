// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/cost/price_table.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::cost {

/// How well it is known who caused a call, strongest first. Levels are never mixed: whoever sums costs keeps them apart
/// or shows the weakest.
enum class AttributionLevel : std::uint8_t {
    A, ///< a token that the gateway validated
    B, ///< a subscription, product or user of the gateway. Only its logs say so: never seen in packets
    C, ///< Foundry's headers, on a request that came through Foundry's data proxy
    D, ///< a key or consumer known to another gateway (Kong)
    E, ///< headers that a gateway's policy writes: as strong as that policy
    F  ///< what the caller says of itself, or nothing: claimed
};
/// `A` ... `F`.
std::string_view toString(AttributionLevel level);
/// One line for a person: `Foundry headers with evidence of the path`.
std::string_view meaning(AttributionLevel level);

struct Attribution {
    AttributionLevel level = AttributionLevel::F;
    std::string evidence; ///< in words, names of headers only, never a value: `x-ms-foundry-project-id; x-k8se-app-name
                          ///< names a data proxy`
};

/// Levels of the exchanges of one snapshot. Not for several threads at once.
///
/// A: x-entra-app-id names the application of the bearer token in the same request, and the answer is 2xx. It proves no
/// more than that the gateway's policy writes this header itself, as policies that validate tokens do.
/// C: x-ms-foundry-project-id, x-ms-foundry-agent-id or openai-project, and x-k8se-app-name or x-ms-containerapp-name
/// with
/// `-dataproxy`, or x-forwarded-path that begins with `/v1/http`. An address in 100.64.0.0/10 at the left of
/// x-forwarded-for is named as evidence but is not enough alone: any host can write it.
/// D: x-consumer-username, x-consumer-custom-id or x-consumer-id.
/// E: x-entra-app-id, x-foundry-project-id, x-foundry-project-name, x-foundry-agent-id, x-user-id-hash or x-caller-*.
class Attributor {
public:
    explicit Attributor(analysis::Snapshot snapshot);
    ~Attributor();
    Attributor(const Attributor&) = delete;
    Attributor& operator=(const Attributor&) = delete;

    AttributionLevel level(analysis::Row row);
    Attribution of(analysis::Row row);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// The table's cost centres applied to one snapshot: the first rule that matches wins. Not for several threads at once.
class CostCentres {
public:
    CostCentres(analysis::Snapshot snapshot, PriceTable table);
    ~CostCentres();
    CostCentres(const CostCentres&) = delete;
    CostCentres& operator=(const CostCentres&) = delete;

    bool empty() const; ///< the table has no rules
    /// Nothing: no rule matches, which belongs on screen.
    std::optional<std::string_view> of(analysis::Row row);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::cost

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/cost/price_table.h"
#include "core/cost/rates.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::cost {

enum class CostState : std::uint8_t {
    NotACall, ///< no call of a model: nothing to pay for
    Priced,
    Unpriced, ///< the usage is known, a price is missing. Never 0
    Unknown   ///< the usage is not known (or contradicts itself). Never 0
};
/// `priced`, `unpriced`, `unknown`; NotACall gives an empty text.
std::string_view toString(CostState state);

/// What a call is priced as: the same for all calls that look the same to the table.
struct PricedAs {
    CallKind kind;
    std::string model;                      ///< after all aliases; empty: unknown
    std::string resource;                   ///< deployment that answered, else the one that was asked; empty: none
    std::string region;                     ///< as the answer writes it: `West Europe`
    std::vector<const PriceEntry*> entries; ///< best first, without regard to dates
    bool isBatchFactored = false;           ///< prices are those of `entries` times the batch factor
};

/// Why a call has no price.
enum class NoPrice : std::uint8_t {
    None,          ///< it has one, or is no call
    NoUsage,       ///< input or output tokens are not known
    Contradiction, ///< parts that exceed their whole, or negative counts
    NoEntry,
    NotThatDay,    ///< entries match, but none on the day of the call
    TooLong,       ///< the entry has no price for so much input
    MissingRate,   ///< `CallCost::missing`
    NoBatchFactor, ///< a batch call, and the table does not say what that means
    NotCounted     ///< the entry is by the image, minute or character, which captures do not count
};

struct CallCost {
    CostState state = CostState::NotACall;
    Money amount;                      ///< only when Priced
    Quantities quantities;             ///< when Priced or Unpriced, unless NoPrice::NotCounted
    const PricedAs* as = nullptr;      ///< not for NotACall
    const PriceEntry* entry = nullptr; ///< of the table; absent: no entry fits
    const ContextTier* tier = nullptr;
    const Rates* rates = nullptr; ///< of the tier, batch factor applied
    NoPrice reason = NoPrice::None;
    Meter missing = Meter::Input; ///< only for NoPrice::MissingRate
};

/// Sums over a set of exchanges. The amount is the sum over `priced` calls only.
struct CostTotals {
    Money amount;
    std::uint64_t priced = 0;
    std::uint64_t unpriced = 0;
    std::uint64_t unknown = 0;
    std::uint64_t estimated = 0;          ///< of the priced: with Coverage::Estimated
    std::uint64_t withoutCacheWrites = 0; ///< of the priced

    /// False: there is nothing to show as an amount, not even 0.
    bool hasAmount() const { return priced != 0; }
    void add(const CallCost& cost);
};

/// Prices calls of one snapshot with one table. Looks up the table once for each kind of call, then only multiplies:
/// make one and keep it for as long as the snapshot. Not for several threads at once.
///
/// Provider: from the field `api`. `anthropic.*` is `anthropic`, `bedrock.*` `aws.bedrock`, `gemini` `gcp.vertex_ai` on
/// a Vertex path and `gcp.gemini` elsewhere; `openai.*` is `openai` for the host api.openai.com, and `azure.ai.openai`
/// with any sign of Azure: a deployment or `/openai/` in the path, `api-version` in the query, a host of Azure, or the
/// response header x-ms-region or apim-request-id. Else it is unknown. Model: a deployment that the table knows
/// (x-ms-deployment-name of the answer, then the fields deployment, model and requested_model), else served_model, else
/// model; then the table's aliases. Region: response header x-ms-region, else the table's note on the deployment, else
/// its assumption. Deployment type: the note, else the assumption; no header says it. Service tier: the field
/// service_tier, else the assumption. What is still unknown is matched by `*` only. Batch: service tier `batch`. An
/// entry for exactly that tier is the price; else the entry of any tier (`standard`, `default`, `*`) times the table's
/// batch factor.
class Pricer {
public:
    Pricer(analysis::Snapshot snapshot, PriceTable table);
    ~Pricer();
    Pricer(const Pricer&) = delete;
    Pricer& operator=(const Pricer&) = delete;

    const analysis::Snapshot& snapshot() const;
    const PriceTable& table() const;

    /// Pointers in the result live as long as the pricer.
    CallCost cost(analysis::Row row);
    /// In the order given; much faster than one by one.
    void forEach(std::span<const analysis::Row> rows, const std::function<void(analysis::Row, const CallCost&)>& visit);
    CostTotals totals(std::span<const analysis::Row> rows);
    /// By row (not by place in `rows`), as large as the snapshot: the amount, NaN for everything that has none and for
    /// rows that were not asked for. For analysis::FlowOptions::weights.
    std::vector<double> weights(std::span<const analysis::Row> rows);

    /// Why a call is unpriced or unknown, for a person. Empty for the others.
    std::string explain(const CallCost& cost) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// For one question; several about the same snapshot are cheaper with a Pricer.
CostTotals costOf(const analysis::Snapshot& snapshot, std::span<const analysis::Row> rows, const PriceTable& table);

} // namespace gatescope::cost

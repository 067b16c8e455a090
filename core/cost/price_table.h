// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/field.h"
#include "core/base/error.h"
#include "core/cost/pattern.h"
#include "core/cost/rates.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::cost {

/// Prices up to a length of the input.
struct ContextTier {
    std::optional<std::int64_t> maxInput; ///< tokens, inclusive; absent: no upper end
    Rates rates;
    std::optional<Rates> batchRates; ///< `rates` times `batchFactor`; absent: the table states none
};

struct PriceEntry {
    std::string id; ///< as in the table; else `#3` by its place
    Pattern provider, model, deploymentType, region, serviceTier;
    std::optional<std::int32_t> fromDay, toDay; ///< days since 1970-01-01 in UTC, both inclusive
    std::vector<ContextTier> tiers;             ///< by `maxInput`, the open one last; never empty
    /// Something it has a price for that captures do not count (`perImage`, `perAudioMinute`, `perMillionCharacters`);
    /// empty: nothing. Calls under such an entry stay unpriced.
    std::string uncounted;

    bool holdsOn(std::int32_t day) const { return (!fromDay || day >= *fromDay) && (!toDay || day <= *toDay); }
};

/// Price of prepaid capacity. Costs of single calls do not use it.
struct PtuPrice {
    Pattern model;
    std::string sku;
    std::optional<std::int64_t> perPtuHour; ///< 10^-15 of a unit
    std::string reservationTerm;            ///< `P1M`, `P1Y`; empty: no reservation price
    std::optional<std::int64_t> reservationPerPtuMonth;
};

/// Calls that match all conditions belong to `centre`.
struct CostCentreRule {
    struct Condition {
        analysis::Field field;
        Pattern pattern; ///< `*`: any value, but there must be one
    };
    std::vector<Condition> conditions; ///< none: every call
    std::string centre;
};

/// What the user knows of a deployment; empty: not stated.
struct DeploymentNote {
    std::string model, deploymentType, region;
};

/// What to take where a capture does not show it: the first one whose `api` matches. Empty: not stated.
struct Assumption {
    Pattern api;
    std::string provider, deploymentType, region, serviceTier;
};

/// Days since 1970-01-01 of `2026-01-31`.
std::optional<std::int32_t> parseDay(std::string_view text);
/// `2026-01-31`.
std::string dayText(std::int32_t day);

/// What an entry is chosen by. Empty: unknown.
struct CallKind {
    std::string provider; ///< `azure.ai.openai`, `anthropic`, ... (OpenTelemetry's names)
    /// The model as it was named, then what each alias made of it; any of them may match.
    std::vector<std::string> models;
    std::string deploymentType, region, serviceTier;
};

/// The user's prices, read from JSON; the form is described in docs/prices.md. No price is built in. Immutable and
/// cheap to copy; safe to read from any thread.
///
/// The most specific entry wins. More specific is, in this order: the model pattern (no wildcard before wildcard, then
/// the one with more letters), likewise provider, deployment type, region and service tier, and last the later first
/// day. Two entries that could match the same call and of which neither is more specific are an error, because then the
/// order of lines would decide about money.
class PriceTable {
public:
    static constexpr std::size_t kMaxBytes = 4 * 1024 * 1024; ///< of JSON; more is no table that people keep
    static constexpr std::size_t kMaxEntries = 2000;          ///< entries are compared with each other

    /// Errors are ErrorKind::Usage with words for a person: the place (`models[2] (id "c")`), what is wrong, what is
    /// near.
    static std::expected<PriceTable, Error> parse(std::string_view json);

    const std::string& name() const;
    const std::string& asOf() const;     ///< `2026-01-01`; empty: not stated
    const std::string& currency() const; ///< `EUR`
    const std::vector<PriceEntry>& entries() const;
    const std::vector<PtuPrice>& ptuPrices() const;
    const std::vector<CostCentreRule>& costCentres() const;

    /// The model's name and what the aliases make of it, step by step, without repeats: never empty.
    std::vector<std::string> modelNames(std::string_view model) const;
    const DeploymentNote* deployment(std::string_view name) const;
    const Assumption* assumption(std::string_view api) const;
    /// Entries for such a call, best first; each has its own dates, of which the first that fits is the price.
    std::vector<const PriceEntry*> matching(const CallKind& kind) const;
    /// Why `matching` gave nothing: the entry that comes nearest, and what is different. For a person.
    std::string nearMiss(const CallKind& kind) const;
    /// The first that matches the model's names.
    const PtuPrice* ptuPrice(std::string_view model) const;

    /// Internal to the room.
    struct State;

private:
    explicit PriceTable(std::shared_ptr<const State> state);
    std::shared_ptr<const State> m_state;
};

} // namespace gatescope::cost

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cost/model_aliases.h"
#include "core/cost/price_table.h"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace gatescope::cost {

/// Internal to the room.
struct PriceTable::State {
    std::string name, asOf, currency;
    std::vector<PriceEntry> entries; ///< most specific first
    std::vector<PtuPrice> ptu;
    std::vector<CostCentreRule> costCentres;
    std::vector<Assumption> assumptions;
    std::map<std::string, DeploymentNote, std::less<>> deployments; ///< by name in lower case
    ModelAliases aliases;
};

/// The dimensions of an entry, in the order in which they decide.
std::array<const Pattern*, 5> patternsOf(const PriceEntry& entry);
/// Sorts by specificity. Returns a message for a person when two entries could match the same call and neither is more
/// specific, or when they cannot be compared within a sensible time.
std::string sortBySpecificity(std::vector<PriceEntry>& entries);

} // namespace gatescope::cost

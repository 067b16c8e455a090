// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"

#include <vector>

namespace gatescope::analysis {

/// One private CA that issued for names which have nothing to do with each other reads TLS on its way: that shows only
/// over several chains. Adds what it found to the problems of each of them.
void addSharedIssuers(std::vector<TrustChain>& chains);

} // namespace gatescope::analysis

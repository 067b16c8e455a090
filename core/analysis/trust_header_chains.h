// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_chains.h"

#include <stop_token>

namespace gatescope::analysis {

/// Certificates that header fields of requests tell of (x-arr-ssl and its kin): one chain for each different value and
/// host, with the exchanges that named it.
void addHeaderChains(const Snapshot& snapshot, TrustChains& chains, const std::stop_token& stop);

} // namespace gatescope::analysis

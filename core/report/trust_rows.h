// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"
#include "core/report/result_rows.h"

#include <string>
#include <vector>

namespace gatescope::report {

/// One row a session: `session`, `flow`, `packet`, `time`, `client`, `server`, `sni`, `outcome`, `signature`, `reason`,
/// `confidence`, `because`, `alternatives`, `chain`.
std::vector<Column> trustSessionColumns();
void writeTrustSessions(const analysis::Snapshot& snapshot, const analysis::TrustAnswer& answer,
                        const Selection& selection, RowWriter& writer);

/// One row a distinct chain: `chain`, `subjects`, `profiles`, `problems`.
std::vector<Column> trustChainColumns();
void writeTrustChains(const std::vector<analysis::TrustChain>& chains, const Selection& selection, RowWriter& writer);

/// One row a client and name.
std::vector<Column> trustGroupColumns();
void writeTrustGroups(const analysis::TrustAnswer& answer, const Selection& selection, RowWriter& writer);

/// One chain as text for people: the answer first, the matrix of profiles, the chain as a tree, every problem with what
/// to do. `copy as text` of the desktop, and `gscope trust --pem`.
std::string chainReport(const analysis::TrustChain& chain);

} // namespace gatescope::report

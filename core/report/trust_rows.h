// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"
#include "core/report/result_rows.h"

#include <string>
#include <vector>

namespace gatescope::report {

/// One row a session, then one row a distinct chain: a row has the columns of its kind, and of the other kind `chain`
/// alone, which ties them.
std::vector<Column> trustColumns();
void writeTrust(const analysis::Snapshot& snapshot, const analysis::TrustAnswer& answer, const Selection& selection,
                RowWriter& writer, Numbering* numbering = nullptr);
/// Chains alone: of files, of headers, or as a simulation has them.
void writeTrustChains(const std::vector<analysis::TrustChain>& chains, const Selection& selection, RowWriter& writer);

/// One row a client and name.
std::vector<Column> trustGroupColumns();
void writeTrustGroups(const analysis::TrustAnswer& answer, const Selection& selection, RowWriter& writer);

/// One chain as text for people: the answer first, the matrix of profiles, the chain as a tree, every problem with what
/// to do. `copy as text` of the desktop, and `gscope trust --pem`.
std::string chainReport(const analysis::TrustChain& chain);

/// What was seen of each client and name, one paragraph each; then the chains.
std::string trustReport(const analysis::TrustAnswer& answer);

} // namespace gatescope::report

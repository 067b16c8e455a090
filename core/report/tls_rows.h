// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/result_rows.h"

#include <vector>

namespace gatescope::report {

/// One row a TLS session, the fields of the contract first.
std::vector<Column> tlsColumns();
void writeTls(const analysis::Snapshot& snapshot, const std::vector<const analysis::TlsSession*>& sessions,
              const Selection& selection, RowWriter& writer, Numbering* numbering = nullptr);

} // namespace gatescope::report

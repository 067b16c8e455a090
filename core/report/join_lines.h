// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/joining.h"

#include <string>
#include <vector>

namespace gatescope::report {

/// How the records of one input went together with those of the others.
struct JoinLine {
    std::string input; ///< as given
    analysis::JoinCount count;
};

/// One for each input with records or unreadable connections; none when nothing could be tied, because there is no log
/// or nothing beside it.
std::vector<JoinLine> joinLines(const analysis::Snapshot& snapshot);

/// `12 of 13 calls tied to other records; 1 stands alone`.
std::string describe(const JoinLine& line);

/// A measured sum of a log, over all its rows.
struct MetricSum {
    std::string name;
    double sum = 0;
    std::uint64_t rows = 0;
};
std::vector<MetricSum> metricSums(const analysis::Snapshot& snapshot);

} // namespace gatescope::report

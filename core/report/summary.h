// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/analysis/grouping.h"
#include "core/report/input_clock.h"
#include "core/report/join_lines.h"
#include "core/report/row_writer.h"
#include "core/report/tls_counts.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::report {

/// What became of one input, in words.
struct InputStatus {
    std::string input;  ///< as given
    std::string format; ///< empty: not opened
    std::string status; ///< `read`, `in part`, `not read`
    std::string message;
    bool isLog = false;
    std::uint64_t packets = 0; ///< of a log: records
    std::uint64_t bytes = 0;
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
    std::optional<InputClock> clock; ///< of a capture whose times were corrected
};

/// The first look at a capture.
struct Summary {
    struct Named {
        std::string name; ///< empty: exchanges without a value
        analysis::Totals totals;
    };
    std::vector<InputStatus> inputs;
    analysis::Totals totals;
    std::uint64_t flows = 0;                                        ///< with a filter: those of its exchanges
    std::vector<Named> protocols, projects, agents, models;         ///< most exchanges or tokens first, cut to `kTop`
    std::uint64_t projectCount = 0, agentCount = 0, modelCount = 0; ///< distinct values, not cut
    TlsCounts tls;                                                  ///< of all sessions, whatever the filter
    std::vector<JoinLine> joins;                                    ///< of all rows, whatever the filter
    std::vector<MetricSum> metrics;                                 ///< likewise
    std::array<std::uint64_t, 4> findings{};                        ///< by Severity

    static constexpr std::size_t kTop = 10;
};

Summary summarise(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                  const std::vector<analysis::PlacedFinding>& findings, std::vector<InputStatus> inputs, bool reveal);

/// Text for people, one object for json and jsonl, `section,name,value` rows for csv and tsv. False: the sink refused.
bool writeSummary(const Summary& summary, const WriterOptions& options, ByteSink& sink);

} // namespace gatescope::report

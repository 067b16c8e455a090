// SPDX-License-Identifier: Apache-2.0
#include "core/report/join_lines.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace gatescope::report {

std::vector<JoinLine> joinLines(const analysis::Snapshot& snapshot) {
    const auto& counts = snapshot.joins().counts;
    const auto isTied = [](const analysis::JoinCount& count) { return count.joined != 0 || count.flowsJoined != 0; };
    const bool hasOthers = counts.size() > 1 || std::ranges::any_of(counts, isTied);
    std::vector<JoinLine> lines;
    for (const analysis::JoinCount& count : counts)
        if (hasOthers && count.input < snapshot.inputs().size())
            lines.push_back({snapshot.inputs()[count.input], count});
    return lines;
}

std::string describe(const JoinLine& line) {
    const analysis::JoinCount& count = line.count;
    std::string text;
    if (count.records != 0)
        text = fmt::format("{} of {} {} tied to other records", count.joined, count.records,
                           count.isLog ? "records" : "exchanges");
    if (count.unjoined != 0) text += fmt::format("; {} without", count.unjoined);
    if (count.flows != 0)
        text += fmt::format("{}{} of {} unreadable connections explained by a log", text.empty() ? "" : "; ",
                            count.flowsJoined, count.flows);
    return text;
}

std::vector<MetricSum> metricSums(const analysis::Snapshot& snapshot) {
    std::map<std::string, MetricSum> sums;
    for (const gatewaylog::LogMetric& metric : snapshot.metrics()) {
        MetricSum& sum = sums[metric.name];
        sum.name = metric.name;
        sum.sum += metric.sum;
        ++sum.rows;
    }
    std::vector<MetricSum> list;
    for (auto& [name, sum] : sums) list.push_back(std::move(sum));
    return list;
}

} // namespace gatescope::report

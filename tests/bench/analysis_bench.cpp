// SPDX-License-Identifier: Apache-2.0
// Times what the desktop and the command line ask of a large dataset.
//
//   analysis_bench [CALLS [WORD]]     only what has WORD in its name
#include "core/analysis/attempts.h"
#include "core/analysis/path_graph.h"
#include "core/analysis/reconciliation.h"
#include "core/analysis/time_series.h"
#include "core/analysis/token_flow.h"
#include "tests/bench/call_dataset.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <functional>
#include <string_view>
#include <vector>

using namespace gatescope;

namespace {

/// Median wall time of a few runs, in milliseconds.
void measure(std::string_view only, std::string_view what, const std::function<std::size_t()>& work) {
    if (what.find(only) == what.npos) return;
    constexpr int kRuns = 5;
    std::vector<double> times;
    const std::clock_t cpuBegin = std::clock();
    std::size_t results = 0;
    for (int i = 0; i < kRuns; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        results = work();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(times.begin(), times.end());
    const double cpu = 1000.0 * static_cast<double>(std::clock() - cpuBegin) / CLOCKS_PER_SEC / kRuns;
    fmt::print("{:<40} {:>8.1f} ms wall {:>8.1f} ms CPU   ({} results)\n", what, times[kRuns / 2], cpu, results);
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t calls = argc > 1 ? static_cast<std::size_t>(std::atoll(argv[1])) : 1'000'000;
    const std::string_view only = argc > 2 ? argv[2] : "";
    const analysis::Snapshot snapshot = bench::callDataset(calls);
    const std::vector<analysis::Row> rows = snapshot.order();
    const auto fields = analysis::parseFields("project,agent,model").value();
    const auto server = analysis::parseFields("project,agent,model,server").value();
    fmt::print("{} calls\n", rows.size());
    measure(only, "link retries (once per snapshot)",
            [&] { return analysis::Attempts(snapshot, rows).repeats().size(); });
    measure(only, "group by project, agent, model", [&] { return groupBy(snapshot, rows, fields).size(); });
    measure(only, "time series, 1 minute, one group, sums", [&] {
        return timeSeries(snapshot, rows, {}, 60'000'000'000, false, analysis::TotalsKind::SumsOnly).points.size();
    });
    measure(only, "time series, 1 minute, one group",
            [&] { return timeSeries(snapshot, rows, {}, 60'000'000'000).points.size(); });
    measure(only, "time series, 1 minute, by project",
            [&] { return timeSeries(snapshot, rows, {fields[0]}, 60'000'000'000).points.size(); });
    measure(only, "token flow, 4 layers, top 12", [&] {
        analysis::FlowOptions options;
        options.fields = server;
        options.top = 12;
        return tokenFlow(snapshot, rows, options).links.size();
    });
    measure(only, "source paths", [&] { return pathGraph(snapshot, rows, {}).nodes.size(); });
    measure(only, "findings of source paths", [&] { return pathFindings(snapshot, rows, {}).size(); });
    measure(only, "reconcile", [&] { return analysis::reconcile(snapshot, rows).reportedCalls; });
}

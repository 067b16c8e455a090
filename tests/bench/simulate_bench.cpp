// SPDX-License-Identifier: Apache-2.0
// Times the replay of a day of calls through limits and prepaid capacity.
//
//   simulate_bench [CALLS]
#include "core/simulate/dimension_preview.h"
#include "core/simulate/limit_simulation.h"
#include "core/simulate/ptu_simulation.h"
#include "tests/bench/call_dataset.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <vector>

using namespace gatescope;

namespace {

/// Median wall time of a few runs, in milliseconds.
void measure(const char* what, const std::function<std::uint64_t()>& work) {
    constexpr int kRuns = 5;
    std::vector<double> times;
    std::uint64_t result = 0;
    for (int i = 0; i < kRuns; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        result = work();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(times.begin(), times.end());
    fmt::print("{:<48} {:>8.1f} ms   ({})\n", what, times[kRuns / 2], result);
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t calls = argc > 1 ? static_cast<std::size_t>(std::atoll(argv[1])) : 1'000'000;
    const analysis::Snapshot snapshot = bench::callDataset(calls);
    const std::vector<analysis::Row> rows = snapshot.order();
    simulate::LimitPolicy policy;
    policy.key = analysis::parseFields("project,agent").value();
    policy.tokensPerMinute = 10'000;
    policy.tokenQuota = 1'000'000;
    fmt::print("{} calls; in brackets what came out\n", rows.size());
    const auto keyed = simulate::keyedCalls(snapshot, rows, policy.key);
    for (const auto algorithm : {simulate::LimitAlgorithm::SlidingWindow, simulate::LimitAlgorithm::TokenBucket}) {
        policy.algorithm = algorithm;
        const bool isBucket = algorithm == simulate::LimitAlgorithm::TokenBucket;
        measure(isBucket ? "simulate one policy, token bucket" : "simulate one policy, sliding window",
                [&] { return simulateLimits(snapshot, rows, policy).totals.admitted; });
        measure("  of that the replay alone, calls keyed before",
                [&] { return replayLimits(keyed, policy).totals.admitted; });
    }
    policy.key.clear();
    policy.tokensPerMinute = 5'000'000;
    const auto together = simulate::keyedCalls(snapshot, rows, policy.key);
    measure("replay, one counter for all", [&] { return replayLimits(together, policy).totals.admitted; });
    measure("take the calls out of the dataset", [&] { return simulate::callsOf(snapshot, rows).list.size(); });
    simulate::PtuPolicy prepaid;
    prepaid.model = *simulate::shippedParameters().find("gpt-4o");
    prepaid.ptu = 500;
    const simulate::Calls list = simulate::callsOf(snapshot, rows);
    measure("prepaid capacity, and the smallest number that fits",
            [&] { return static_cast<std::uint64_t>(simulatePtu(list, prepaid).ptuWithoutSpill.value_or(0)); });
    const auto dimensions = analysis::parseFields("project,agent,agent_version,model,client").value();
    measure("metric dimensions, five",
            [&] { return simulate::previewDimensions(snapshot, rows, dimensions).seriesSeen; });
}

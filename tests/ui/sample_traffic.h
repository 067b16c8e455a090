// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/pipeline/analysis_run.h"
#include "core/pipeline/content.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatescope::ui::test {

/// One call of a model as the tests describe it.
struct Call {
    std::string project, agent, version, model;
    int status = 200;                   ///< 0: no response seen
    std::int64_t input = 0, output = 0; ///< 0: no usage
    bool estimated = false;
    bool stream = false;
    int second = 0; ///< after the first
};

/// Two projects, three agents, three models and some requests without a name; twelve calls in all, known by heart:
/// sampleproject1: 7 calls (TestAgent :5 gpt-4o 5, of which one 429; TestAgent :4 gpt-4o-mini 2, one of it estimated);
/// team-b: 3 calls (chat-ui, claude-3-5-sonnet; one 500, one without usage); no project: 2 (one without an answer).
std::vector<Call> twelveCalls();
analysis::ExchangeRecord record(const Call& call, std::uint64_t flowStart);
/// Batch of exchanges with one connection for each.
analysis::Batch batchOf(const std::vector<Call>& calls, std::uint64_t firstFlow = 1);
/// The twelve calls as a finished dataset.
analysis::Snapshot twelveCallSnapshot();

/// Stands for the pipeline. What it does depends on the file's name:
/// `slow*`: a hundred calls every 10 ms until stopped; `cut*`: the twelve calls, then damage; `notes*`: of no known
/// kind; `many*`: 20,000 calls; `hops*`: the calls of hop_traffic.h; `tls*`: the
/// twelve calls and the sessions of tls_traffic.h; anything else: the twelve calls.
pipeline::RunResult analyseStandIn(const std::vector<std::string>& paths, analysis::Dataset& dataset,
                                   const pipeline::RunOptions& options, std::stop_token stop,
                                   const std::function<void(const pipeline::Progress&)>& progress);
/// Answers with a chat request that holds a secret, and a streamed answer "The gateway counts tokens."
std::expected<pipeline::ExchangeContent, Error>
readStandIn(const pipeline::ContentPlace& place, const pipeline::ContentLimits& limits, std::stop_token stop);

/// Appears in the header `api-key`, in the token of `authorization` and in the body; nowhere unless revealed.
inline constexpr std::string_view kSecret = "sk-proj-8f2Qv71LmZx0aTgYw3";

} // namespace gatescope::ui::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/base/error.h"
#include "core/pipeline/clocks.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::llm {
struct EstimateOptions;
}
namespace gatescope::path {
struct Trust;
}

namespace gatescope::pipeline {

class Secrets;

/// Columns that were renamed on export: gatewaylog::ColumnNames.
using ColumnNames = std::vector<std::pair<std::string, std::string>>;

struct RunOptions {
    unsigned threads = 0; ///< workers; 0: one less than the cores, at least 1. The result is the same for any number.
    std::uint64_t memoryLimit = 0; ///< bytes for reassembly buffers over all connections; 0: the rooms' own limits
    std::shared_ptr<const llm::EstimateOptions> estimate{}; ///< none: tokens are not estimated
    std::shared_ptr<const ColumnNames> columns{};           ///< of logs; none: as their formats name them
    std::shared_ptr<const path::Trust> trust{};             ///< whom to believe about clients; none: nobody
    std::vector<std::uint16_t> vxlanPorts{};                ///< UDP ports of VXLAN beside the usual ones
    std::shared_ptr<Secrets> secrets{};                     ///< to decrypt with; none: those inside the captures only
    bool alignClocks = true; ///< captures of several places: take off the times what their clocks differ by
};

struct Progress {
    std::size_t input = 0; ///< index of the one being read
    std::size_t inputs = 0;
    std::uint64_t bytesRead = 0;  ///< over all inputs
    std::uint64_t totalBytes = 0; ///< 0 when not known
    std::uint64_t packets = 0;    ///< and records of logs
};

/// What became of one input.
struct InputResult {
    std::string path;
    std::string format;         ///< `pcapng (zstd)`; empty when it was not opened
    std::optional<Error> error; ///< CannotOpen, UnknownFormat: nothing was read; Damaged: read in part; Stopped
    bool isLog = false;
    std::uint64_t packets = 0; ///< of a log: records
    std::uint64_t bytes = 0;   ///< captured packet bytes; of a log: its text
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
};

struct RunResult {
    std::vector<InputResult> inputs;
    std::vector<ClockEstimate> clocks; ///< of inputs whose times were corrected
    /// TLS sessions that could be decrypted by now, because their secrets came behind their packets, or from the
    /// session that they resume: another run with the same `RunOptions::secrets` does.
    std::size_t sessionsWithLateSecrets = 0;
    bool stopped = false;
};

/// Reads captures and logs into `dataset`, whose inputs must be `paths` in the same order. All captures are read as
/// one, in the order of time, so that a connection may reach over the files of a ring buffer, and one that was captured
/// in two places is one. Blocks until done or stopped (within 100 ms of the request); whatever was decoded is in the
/// dataset then, and the dataset is finished. `progress` is called from the reading thread, at most every 100 ms of
/// work and once at the end.
RunResult analyse(const std::vector<std::string>& paths, analysis::Dataset& dataset, const RunOptions& options,
                  std::stop_token stop = {}, const std::function<void(const Progress&)>& progress = {});

/// False for a file that is neither a capture nor a log that we know; a file that cannot be opened is for `analyse` to
/// complain about.
bool isReadable(const std::string& path);

} // namespace gatescope::pipeline

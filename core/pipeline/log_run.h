// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/capture/input_file.h"
#include "core/gatewaylog/llm_assembly.h"
#include "core/gatewaylog/log_reader.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace gatescope::pipeline {

/// What was read of one log.
struct LogCounts {
    std::uint64_t lost = 0;    ///< records that are damaged, cut or too long
    std::uint64_t records = 0; ///< calls, rows of a call, connections and measured sums
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
    std::optional<Error> error; ///< Damaged, Stopped
};

/// Reads logs into a dataset, pieces of a log on several threads. Calls that a log tells in several rows are put
/// together over all logs of a run, so `finish` comes after the last one.
class LogRun {
public:
    /// `threads`: readers of pieces; 1: all on the calling thread.
    LogRun(analysis::Dataset& dataset, unsigned threads, std::shared_ptr<const gatewaylog::ColumnNames> columns);
    ~LogRun();

    /// `tell` is called after each piece of the input that was read.
    LogCounts read(std::uint32_t input, capture::InputFile& file, const gatewaylog::LogShape& shape,
                   const std::stop_token& stop, const std::function<void(const LogCounts&)>& tell);
    /// Calls put together from rows go to the dataset.
    void finish();

private:
    class Reader;
    struct Gathering;

    analysis::Dataset& m_dataset;
    unsigned m_threads;
    std::shared_ptr<const gatewaylog::ColumnNames> m_columns;
    gatewaylog::LlmAssembly m_assembly;
    bool m_hasParts = false;
};

} // namespace gatescope::pipeline

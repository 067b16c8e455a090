// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/exchange_record.h"
#include "core/gatewaylog/log_record.h"

#include <cstdint>
#include <vector>

namespace gatescope::pipeline {

/// A record of a log as the dataset takes it.
analysis::ExchangeRecord exchangeOf(gatewaylog::LogRecord&& record, std::uint32_t input);
analysis::FlowRecord flowOf(gatewaylog::LogFlow&& flow, std::uint32_t input);

/// Collects what a reader tells, for the dataset. One thread.
class LogCollector final : public gatewaylog::LogSink {
public:
    explicit LogCollector(std::uint32_t input) : m_input(input) { batch.exchanges.reserve(kUsualRecords); }

    void onRecord(gatewaylog::LogRecord&& record) override;
    void onLlmPart(gatewaylog::LlmPart&& part) override;
    void onFlow(gatewaylog::LogFlow&& flow) override;
    void onMetric(gatewaylog::LogMetric&& metric) override;
    void onFinding(Finding&& finding) override;

    analysis::Batch batch;
    std::vector<gatewaylog::LlmPart> parts;
    std::uint64_t records = 0;
    std::uint64_t lost = 0; ///< records that are damaged, cut or too long
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;

private:
    /// A piece of 1 MiB holds some 500 records; each is large to move.
    static constexpr std::size_t kUsualRecords = 640;

    void note(TimeNs first, TimeNs last);

    std::uint32_t m_input;
};

} // namespace gatescope::pipeline

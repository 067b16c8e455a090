// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/http/http1_connection.h"
#include "core/llm/call_observer.h"
#include "core/packet/tcp_segment.h"
#include "core/tcp/connection_table.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace gatescope::pipeline {

/// Decodes the connections of one worker, from segments to records, and hands them to the dataset in batches.
/// Used by one thread at a time.
class Worker final : private tcp::ConnectionHandler {
public:
    Worker(analysis::Dataset& dataset, tcp::Limits limits, std::shared_ptr<const llm::EstimateOptions> estimate);
    ~Worker() override;

    /// Connections do not reach over inputs.
    void beginInput(std::uint32_t input);
    void add(const packet::TcpSegment& segment) { m_table->add(segment); }
    /// Segments that follow each other. What they need is far apart in memory, so it is fetched ahead of use.
    void add(std::span<const packet::TcpSegment> segments);
    /// After each block of packets: housekeeping up to that packet time, and what is ready goes to the dataset.
    void endOfBlock(TimeNs now);
    void finishInput();

private:
    class HttpStream;
    struct CallExchange;

    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override;
    void forgotten(const tcp::ConnectionInfo& info, std::unique_ptr<tcp::StreamConsumer> consumer) override;
    void found(Finding&& finding) override;

    std::unique_ptr<llm::CallObserver> borrowObserver();
    void giveBack(std::unique_ptr<llm::CallObserver> observer);
    void record(HttpStream& stream, CallExchange& exchange);
    void flush();

    analysis::Dataset& m_dataset;
    tcp::Limits m_limits;
    std::shared_ptr<const llm::EstimateOptions> m_estimate;
    std::uint32_t m_input = 0;
    std::unique_ptr<tcp::ConnectionTable> m_table;
    std::shared_ptr<llm::CallWorkspace> m_workspace; ///< one for all observers of this worker
    std::vector<std::unique_ptr<llm::CallObserver>> m_idleObservers;
    analysis::Batch m_batch;
};

} // namespace gatescope::pipeline

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/packet.h"
#include "core/packet/packet_decoder.h"
#include "core/pipeline/analysis_run.h"
#include "core/pipeline/block_queue.h"
#include "core/pipeline/worker.h"

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace gatescope::pipeline {

/// Workers that decode connections when the options do not say how many.
unsigned workersFor(const RunOptions& options);

/// What a live run wants of its workers beside decoding.
struct LiveWork {
    TimeNs stallAfter = kStallAfter;
};

/// Gives every segment to the worker of its connection: directly when there is one worker, else through queues. Used by
/// the reading thread.
class Distributor {
public:
    /// With `live`, calls under way are told to the dataset too.
    Distributor(analysis::Dataset& dataset, const RunOptions& options, std::shared_ptr<tls::SecretStore> secrets,
                std::optional<LiveWork> live = {});
    ~Distributor();

    /// Decodes the packets of `block`; its buffer comes back in `block` for the next read, or a fresh one does.
    /// `latest` grows to the latest time of its packets.
    void take(capture::PacketBlock& block, packet::PacketDecoder& decoder, TimeNs& latest);
    /// No packets came, and it is `now`: what waits for time to pass goes on.
    void pass(TimeNs now);
    /// Whether calls under way are told from now on, in a live run.
    void setTellsOpen(bool tells) { m_tellsOpen.store(tells, std::memory_order_relaxed); }
    /// The captures are over; returns when all is in the dataset.
    void finish();
    /// Once finished.
    tcp::CopyCount copies() const;

private:
    struct SharedBlock {
        capture::PacketBlock block;
        packet::KeptBytes kept;
        std::vector<std::vector<packet::TcpSegment>> segments;  ///< by worker
        std::vector<std::vector<packet::TcpSegment>> datagrams; ///< of QUIC, by worker
    };
    struct WorkItem {
        TimeNs latest = kNoTime;
        std::uint64_t secretsGeneration = 0;
        std::shared_ptr<SharedBlock> block; ///< null: time passed
    };

    void decodeInline(const capture::PacketBlock& block, packet::PacketDecoder& decoder);
    void endBlock(Worker& worker, TimeNs latest) const;
    void work(unsigned index);

    std::shared_ptr<tls::SecretStore> m_secrets;
    std::atomic<bool> m_tellsOpen{true};
    std::array<packet::TcpSegment, 64> m_segments; ///< decoded and not yet added
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<std::unique_ptr<BlockQueue<WorkItem>>> m_queues;
    std::vector<std::jthread> m_threads; ///< last member: joined before the queues and workers go
};

} // namespace gatescope::pipeline

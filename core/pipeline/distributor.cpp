// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/distributor.h"

#include <algorithm>
#include <utility>

namespace gatescope::pipeline {

namespace {

/// Blocks that wait for one worker. More would only cost memory: a worker that is behind stays behind.
constexpr std::size_t kQueuedBlocks = 4;
/// Room for a worker that gets more of a block than its part.
constexpr std::size_t kSegmentRoom = 64;

/// Of one share of the connections.
tcp::Limits limitsFor(const RunOptions& options) {
    constexpr std::size_t kLeastHeld = 64 * 1024; // below that, ordinary reordering would be taken for a loss
    tcp::Limits limits;
    if (options.memoryLimit != 0) {
        limits.maxHeldTotal = std::max<std::size_t>(options.memoryLimit, kShares * kLeastHeld);
        limits.maxHeldPerStream = std::min(limits.maxHeldPerStream, limits.maxHeldTotal / kShares);
    }
    limits.maxHeldTotal /= kShares;
    limits.maxConnections /= kShares;
    return limits;
}

} // namespace

unsigned workersFor(const RunOptions& options) {
    if (options.threads != 0) return std::min(options.threads, kShares);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min(kShares, std::max(1U, cores - 1));
}

Distributor::Distributor(analysis::Dataset& dataset, const RunOptions& options,
                         std::shared_ptr<tls::SecretStore> secrets, std::optional<LiveWork> live)
    : m_secrets(std::move(secrets)) {
    WorkerOptions its{limitsFor(options), options.estimate, m_secrets, m_secrets->hasLearned()};
    if (live) its.stallAfter = live->stallAfter;
    // With a private key a session that is resumed needs what the one before it found out.
    const unsigned count = m_secrets->hasPrivateKeys() ? 1 : workersFor(options);
    for (unsigned i = 0; i < count; ++i) {
        if (live) its.live = i;
        m_workers.push_back(std::make_unique<Worker>(dataset, its));
    }
    for (unsigned share = 0; share < kShares; ++share) m_workers[share % count]->take(share);
    if (count == 1) return;
    // A thread looks for its queue at once, so all of them must stand before the first one starts.
    for (unsigned i = 0; i < count; ++i) m_queues.push_back(std::make_unique<BlockQueue<WorkItem>>(kQueuedBlocks));
    for (unsigned i = 0; i < count; ++i) m_threads.emplace_back([this, i] { work(i); });
}

Distributor::~Distributor() {
    for (auto& queue : m_queues) queue->close();
}

void Distributor::finish() {
    if (m_queues.empty()) m_workers.front()->finish();
    for (auto& queue : m_queues) queue->close();
    m_threads.clear();
}

tcp::CopyCount Distributor::copies() const {
    tcp::CopyCount all;
    for (const auto& worker : m_workers) all.add(worker->copies());
    return all;
}

void Distributor::take(capture::PacketBlock& block, packet::PacketDecoder& decoder, TimeNs& latest) {
    for (const capture::Packet& packet : block.packets) latest = std::max(latest, packet.time);
    if (m_queues.empty()) {
        decodeInline(block, decoder);
        endBlock(*m_workers.front(), latest);
        return;
    }
    auto shared = std::make_shared<SharedBlock>();
    shared->segments.resize(m_workers.size());
    shared->datagrams.resize(m_workers.size());
    for (auto& list : shared->segments) list.reserve(block.packets.size() / m_workers.size() + kSegmentRoom);
    packet::TcpSegment segment;
    using Outcome = packet::PacketDecoder::Outcome;
    for (const capture::Packet& packet : block.packets) {
        const Outcome outcome = decoder.decode(packet, segment, shared->kept);
        if (outcome != Outcome::Tcp && outcome != Outcome::Quic) continue;
        const std::size_t worker = shareOf(segment) % m_workers.size();
        (outcome == Outcome::Tcp ? shared->segments : shared->datagrams)[worker].push_back(segment);
    }
    shared->block = std::exchange(block, {});
    for (auto& queue : m_queues) queue->push({latest, m_secrets->generation(), shared});
}

void Distributor::pass(TimeNs now) {
    if (m_queues.empty()) endBlock(*m_workers.front(), now);
    for (auto& queue : m_queues) queue->push({now, m_secrets->generation(), nullptr});
}

void Distributor::decodeInline(const capture::PacketBlock& block, packet::PacketDecoder& decoder) {
    Worker& worker = *m_workers.front();
    worker.setSecretsGeneration(m_secrets->generation());
    packet::KeptBytes kept;
    std::size_t count = 0;
    for (const capture::Packet& packet : block.packets) {
        const auto outcome = decoder.decode(packet, m_segments[count], kept);
        if (outcome == packet::PacketDecoder::Outcome::Quic) worker.addQuic(m_segments[count]);
        if (outcome != packet::PacketDecoder::Outcome::Tcp) continue;
        if (++count < m_segments.size()) continue;
        worker.add(m_segments);
        count = 0;
    }
    worker.add(std::span(m_segments).first(count));
}

void Distributor::endBlock(Worker& worker, TimeNs latest) const {
    worker.setTellsOpen(m_tellsOpen.load(std::memory_order_relaxed));
    worker.endOfBlock(latest);
}

void Distributor::work(unsigned index) {
    Worker& worker = *m_workers[index];
    while (auto item = m_queues[index]->pop()) {
        worker.setSecretsGeneration(item->secretsGeneration);
        if (item->block) {
            worker.add(item->block->segments[index]);
            for (const packet::TcpSegment& datagram : item->block->datagrams[index]) worker.addQuic(datagram);
        }
        endBlock(worker, item->latest);
    }
    worker.finish();
}

} // namespace gatescope::pipeline

// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/analysis_run.h"

#include "core/capture/input_file.h"
#include "core/packet/packet_decoder.h"
#include "core/pipeline/block_queue.h"
#include "core/pipeline/log_run.h"
#include "core/pipeline/secrets.h"
#include "core/pipeline/worker.h"
#include "core/tcp/tcp_findings.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace gatescope::pipeline {

namespace {

constexpr FindingKind kLateSecrets{
    "tls.secrets-came-late", Severity::Medium, "Secrets stand behind the packets that they open",
    "The capture holds secrets of sessions whose packets came before them, so that these sessions were not decrypted.",
    "Save the capture as a file and open that: it is read a second time then, with all of its secrets."};

/// Blocks that wait for one worker. More would only cost memory: a worker that is behind stays behind.
constexpr std::size_t kQueuedBlocks = 4;
/// Room for a worker that gets more of a block than its part.
constexpr std::size_t kSegmentRoom = 64;
constexpr auto kProgressEvery = std::chrono::milliseconds(100);

unsigned workersFor(const RunOptions& options) {
    if (options.threads != 0) return std::min(options.threads, kShares);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min(kShares, std::max(1U, cores - 1));
}

/// Cutting a log into pieces is little work, so the reading thread leaves its core to the readers of pieces.
unsigned logReadersFor(const RunOptions& options) {
    return options.threads != 0 ? workersFor(options) : std::max(1U, std::thread::hardware_concurrency());
}

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

/// Gives every segment to the worker of its connection: directly when there is one worker, else through queues.
class Distributor {
public:
    Distributor(analysis::Dataset& dataset, const RunOptions& options, std::shared_ptr<tls::SecretStore> secrets)
        : m_secrets(std::move(secrets)) {
        const bool usesLearned = m_secrets->hasLearned();
        // With a private key a session that is resumed needs what the one before it found out.
        const unsigned count = m_secrets->hasPrivateKeys() ? 1 : workersFor(options);
        for (unsigned i = 0; i < count; ++i)
            m_workers.push_back(std::make_unique<Worker>(
                dataset, WorkerOptions{limitsFor(options), options.estimate, m_secrets, usesLearned}));
        for (unsigned share = 0; share < kShares; ++share) m_workers[share % count]->take(share);
        if (count == 1) return;
        // A thread looks for its queue at once, so all of them must stand before the first one starts.
        for (unsigned i = 0; i < count; ++i) m_queues.push_back(std::make_unique<BlockQueue<WorkItem>>(kQueuedBlocks));
        for (unsigned i = 0; i < count; ++i) m_threads.emplace_back([this, i] { work(i); });
    }
    ~Distributor() {
        for (auto& queue : m_queues) queue->close();
    }

    /// The captures are over; returns when all is in the dataset.
    void finish() {
        if (m_queues.empty()) m_workers.front()->finish();
        for (auto& queue : m_queues) queue->close();
        m_threads.clear();
    }
    /// Once finished.
    tcp::CopyCount copies() const {
        tcp::CopyCount all;
        for (const auto& worker : m_workers) all.add(worker->copies());
        return all;
    }

    /// Decodes the packets of `block`; its buffer comes back in `block` for the next read, or a fresh one does.
    void take(capture::PacketBlock& block, packet::PacketDecoder& decoder, TimeNs& latest) {
        for (const capture::Packet& packet : block.packets) latest = std::max(latest, packet.time);
        if (m_queues.empty()) {
            decodeInline(block, decoder);
            m_workers.front()->endOfBlock(latest);
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
        std::shared_ptr<SharedBlock> block;
    };

    void decodeInline(const capture::PacketBlock& block, packet::PacketDecoder& decoder) {
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

    void work(unsigned index) {
        Worker& worker = *m_workers[index];
        while (auto item = m_queues[index]->pop()) {
            worker.setSecretsGeneration(item->secretsGeneration);
            worker.add(item->block->segments[index]);
            for (const packet::TcpSegment& datagram : item->block->datagrams[index]) worker.addQuic(datagram);
            worker.endOfBlock(item->latest);
        }
        worker.finish();
    }

    std::shared_ptr<tls::SecretStore> m_secrets;
    std::array<packet::TcpSegment, 64> m_segments; ///< decoded and not yet added
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<std::unique_ptr<BlockQueue<WorkItem>>> m_queues;
    std::vector<std::jthread> m_threads; ///< last member: joined before the queues and workers go
};

/// Reads logs one after the other, then all captures as one.
class Run {
public:
    Run(analysis::Dataset& dataset, const RunOptions& options, std::stop_token stop,
        const std::function<void(const Progress&)>& progress)
        : m_dataset(dataset), m_options(options), m_logs(dataset, logReadersFor(options), options.columns),
          m_stop(std::move(stop)), m_tell(progress),
          m_secrets(options.secrets ? options.secrets : std::make_shared<Secrets>()) {}

    RunResult operator()(const std::vector<std::string>& paths) {
        m_progress.inputs = paths.size();
        m_spans.resize(paths.size());
        for (std::uint32_t i = 0; i < paths.size(); ++i) {
            m_progress.input = i;
            m_result.inputs.push_back(readInput(i, paths[i]));
        }
        m_logs.finish();
        if (!m_captures.empty()) readCaptures();
        m_result.stopped = m_stop.stop_requested();
        return std::move(m_result);
    }
    void tell() const {
        if (m_tell) m_tell(m_progress);
    }

private:
    std::optional<gatewaylog::LogShape> shapeOf(const capture::InputFile& opened) const {
        return gatewaylog::recognise(opened.head, opened.whole, m_options.columns ? *m_options.columns : ColumnNames());
    }

    /// Reads a log; puts a capture with the others.
    InputResult readInput(std::uint32_t index, const std::string& path) {
        InputResult result;
        result.path = path;
        if (m_stop.stop_requested()) {
            result.error = Error{ErrorKind::Stopped, path + ": not read, stopped before"};
            return result;
        }
        auto opened = capture::openInput(path, gatewaylog::kRecogniseBytes, {}, m_stop);
        if (!opened)
            result.error = opened.error();
        else if (opened->capture)
            keepCapture(index, path, std::move(opened->capture));
        else if (const auto shape = shapeOf(*opened))
            readLog(index, *opened, *shape, result);
        else
            result.error = opened->notCapture;
        return result;
    }

    void keepCapture(std::uint32_t index, const std::string& path, std::unique_ptr<capture::PacketSource> source) {
        m_spans[index].isCapture = true;
        // Standard input, and what is like it, cannot be opened again.
        const bool reopens = source->totalBytes() != 0;
        if (reopens && m_captures.size() >= capture::CaptureSet::kMaxOpen) source.reset();
        m_allReopen = m_allReopen && reopens;
        m_captures.push_back({{index, path, 0}, std::move(source)});
    }

    void readLog(std::uint32_t index, capture::InputFile& file, const gatewaylog::LogShape& shape,
                 InputResult& result) {
        result.isLog = true;
        result.format = shape.title;
        if (!file.wrapper.empty()) result.format += " (" + file.wrapper + ")";
        const std::uint64_t recordsBefore = m_progress.packets;
        const auto counts = m_logs.read(index, file, shape, m_stop, [&](const LogCounts& sofar) {
            m_progress.packets = recordsBefore + sofar.records;
            noteProgress(file.bytes->bytesTaken(), file.bytes->totalBytes());
        });
        m_progress.packets = recordsBefore + counts.records;
        result.packets = counts.records;
        result.bytes = file.bytes->bytesTaken();
        result.firstTime = counts.firstTime;
        result.lastTime = counts.lastTime;
        result.error = counts.error;
        m_bytesBefore += file.bytes->bytesTaken();
        m_totalBefore += file.bytes->totalBytes();
    }

    void readCaptures() {
        alignClocks();
        m_dataset.setCaptures(m_spans);
        std::vector<std::uint32_t> inputs;
        for (const auto& opened : m_captures) inputs.push_back(opened.member.input);
        capture::CaptureSet set(std::move(m_captures), {}, m_stop);
        packet::PacketDecoder decoder({.fragments = {}, .vxlanPorts = m_options.vxlanPorts});
        Distributor distributor(m_dataset, m_options, m_secrets->store());
        readPackets(set, decoder, distributor);
        distributor.finish();
        for (std::size_t i = 0; i < inputs.size(); ++i) noteResult(inputs[i], set.results()[i]);
        m_dataset.setCaptures(m_spans);
        report(set, decoder, distributor.copies());
    }

    void alignClocks() {
        if (!m_options.alignClocks || m_captures.size() < 2 || !m_allReopen) return;
        std::vector<capture::SetMember> members;
        for (const auto& opened : m_captures) members.push_back(opened.member);
        ClockLimits limits;
        limits.vxlanPorts = m_options.vxlanPorts;
        m_result.clocks = estimateClocks(members, limits, m_stop);
        for (const ClockEstimate& clock : m_result.clocks) {
            m_spans[clock.input].clockOffset = clock.offset;
            for (auto& opened : m_captures)
                if (opened.member.input == clock.input) opened.member.clockOffset = clock.offset;
        }
    }

    void noteResult(std::uint32_t input, const capture::SetMemberResult& read) {
        InputResult& result = m_result.inputs[input];
        result.format = read.format;
        result.error = read.error;
        result.packets = read.packets;
        result.bytes = read.bytes;
        result.firstTime = m_spans[input].firstTime = read.firstTime;
        result.lastTime = m_spans[input].lastTime = read.lastTime;
    }

    /// What is odd in the captures as such.
    void report(capture::CaptureSet& set, const packet::PacketDecoder& decoder, const tcp::CopyCount& copies) {
        analysis::Batch batch;
        batch.findings = set.takeFindings();
        noteLateSecrets(batch);
        for (Finding& finding : decoder.findings()) batch.findings.push_back(std::move(finding));
        if (copies.packets != 0) {
            Finding finding{&tcp::kCopies, {std::to_string(copies.packets) + " packets"}, {}, {}, {}};
            finding.input = inputOf(copies.first);
            finding.packet = numberOf(copies.first);
            batch.findings.push_back(std::move(finding));
        }
        if (!batch.empty()) m_dataset.append(std::move(batch));
    }

    /// Sessions whose secrets came only after their packets.
    void noteLateSecrets(analysis::Batch& batch) {
        const tls::SecretStore& secrets = *m_secrets->store();
        const auto& sessions = m_dataset.snapshot().tlsSessions();
        for (const analysis::TlsSession& session : sessions) {
            const tls::SessionFacts& facts = session.record->facts;
            if (facts.decrypted || facts.notDecryptedBecause.empty()) continue;
            const bool isKnown = secrets.knows(facts.clientRandom, secrets.generation()) ||
                                 std::ranges::any_of(facts.resumedFrom, [&](const auto& id) {
                                     return secrets.findSession(id).has_value();
                                 });
            if (!isKnown) continue;
            if (m_result.sessionsWithLateSecrets++ != 0) continue;
            Finding finding{&kLateSecrets, {"session " + std::to_string(session.number)}, {}, {}, {}};
            finding.input = session.record->input;
            finding.packet = session.record->packet;
            batch.findings.push_back(std::move(finding));
        }
    }

    void noteProgress(std::uint64_t bytesRead, std::uint64_t totalBytes) {
        m_progress.bytesRead = m_bytesBefore + bytesRead;
        m_progress.totalBytes = totalBytes == 0 ? 0 : m_totalBefore + totalBytes;
        const auto now = std::chrono::steady_clock::now();
        if (now - m_lastTold < kProgressEvery) return;
        m_lastTold = now;
        tell();
    }

    /// Those that stand in the captures, as far as they were read; and, where packets come as they pass, what the
    /// programs under way have written into their key logs by now.
    void takeSecrets(const capture::CaptureSet& set) {
        const auto& inCaptures = set.info().tlsSecrets;
        for (; m_secretsTaken < inCaptures.size(); ++m_secretsTaken)
            m_secrets->store()->addKeyLog(asText(inCaptures[m_secretsTaken]));
        if (!m_allReopen) m_secrets->refresh();
    }

    void readPackets(capture::CaptureSet& set, packet::PacketDecoder& decoder, Distributor& distributor) {
        TimeNs latest = kNoTime;
        while (true) {
            const auto more = set.read(m_block); // ends soon after a stop
            if (!more || !*more) break;
            m_progress.packets += m_block.packets.size();
            m_progress.input = inputOf(m_block.packets.back().number);
            takeSecrets(set);
            distributor.take(m_block, decoder, latest);
            noteProgress(set.bytesRead(), set.totalBytes());
        }
        takeSecrets(set); // those behind the last packet
        noteProgress(set.bytesRead(), set.totalBytes());
    }

    analysis::Dataset& m_dataset;
    const RunOptions& m_options;
    LogRun m_logs;
    std::stop_token m_stop;
    const std::function<void(const Progress&)>& m_tell;
    std::shared_ptr<Secrets> m_secrets;
    std::size_t m_secretsTaken = 0; ///< blocks of the captures
    RunResult m_result;
    std::vector<analysis::CaptureSpan> m_spans; ///< by input
    std::vector<capture::CaptureSet::Opened> m_captures;
    bool m_allReopen = true;
    Progress m_progress;
    capture::PacketBlock m_block;
    std::uint64_t m_bytesBefore = 0;
    std::uint64_t m_totalBefore = 0;
    std::chrono::steady_clock::time_point m_lastTold;
};

} // namespace

RunResult analyse(const std::vector<std::string>& paths, analysis::Dataset& dataset, const RunOptions& options,
                  std::stop_token stop, const std::function<void(const Progress&)>& progress) {
    RunResult result;
    if (options.trust) dataset.setTrust(options.trust);
    {
        Run run(dataset, options, std::move(stop), progress);
        result = run(paths);
        run.tell();
    } // the workers have ended here
    dataset.finish();
    return result;
}

bool isReadable(const std::string& path) {
    const auto opened = capture::openInput(path, gatewaylog::kRecogniseBytes);
    if (!opened) return opened.error().kind != ErrorKind::UnknownFormat;
    return opened->capture || gatewaylog::recognise(opened->head, opened->whole);
}

} // namespace gatescope::pipeline

// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/analysis_run.h"

#include "core/capture/input_file.h"
#include "core/packet/packet_decoder.h"
#include "core/pipeline/block_queue.h"
#include "core/pipeline/log_run.h"
#include "core/pipeline/worker.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace gatescope::pipeline {

namespace {

/// Blocks that wait for one worker. More would only cost memory: a worker that is behind stays behind.
constexpr std::size_t kQueuedBlocks = 4;
constexpr auto kProgressEvery = std::chrono::milliseconds(100);

unsigned workersFor(const RunOptions& options) {
    constexpr unsigned kMaxWorkers = 64;
    if (options.threads != 0) return std::min(options.threads, kMaxWorkers);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min(kMaxWorkers, std::max(1U, cores - 1));
}

/// Cutting a log into pieces is little work, so the reading thread leaves its core to the readers of pieces.
unsigned logReadersFor(const RunOptions& options) {
    return options.threads != 0 ? workersFor(options) : std::max(1U, std::thread::hardware_concurrency());
}

tcp::Limits limitsFor(const RunOptions& options, unsigned workers) {
    tcp::Limits limits;
    if (options.memoryLimit != 0) {
        limits.maxHeldTotal = std::max<std::size_t>(options.memoryLimit / workers, 64 * 1024);
        limits.maxHeldPerStream = std::min(limits.maxHeldPerStream, limits.maxHeldTotal);
    }
    return limits;
}

/// Gives every segment to the worker of its connection: directly when there is one worker, else through queues.
class Distributor {
public:
    Distributor(analysis::Dataset& dataset, const RunOptions& options) {
        const unsigned count = workersFor(options);
        for (unsigned i = 0; i < count; ++i)
            m_workers.push_back(std::make_unique<Worker>(dataset, limitsFor(options, count), options.estimate));
        if (count == 1) return;
        // A thread looks for its queue at once, so all of them must stand before the first one starts.
        for (unsigned i = 0; i < count; ++i) m_queues.push_back(std::make_unique<BlockQueue<WorkItem>>(kQueuedBlocks));
        for (unsigned i = 0; i < count; ++i) m_threads.emplace_back([this, i] { work(i); });
    }
    ~Distributor() {
        for (auto& queue : m_queues) queue->close();
    }

    void beginInput(std::uint32_t input) { broadcast({WorkItem::Kind::Begin, input, kNoTime, nullptr}); }
    void finishInput() { broadcast({WorkItem::Kind::Finish, 0, kNoTime, nullptr}); }

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
        packet::TcpSegment segment;
        for (const capture::Packet& packet : block.packets) {
            if (decoder.decode(packet, segment, shared->kept) != packet::PacketDecoder::Outcome::Tcp) continue;
            // The upper bits choose the worker; the lower ones choose the slot in its table.
            shared->segments[(segment.flowHash >> 40) % m_workers.size()].push_back(segment);
        }
        shared->block = std::exchange(block, {});
        broadcast({WorkItem::Kind::Block, 0, latest, std::move(shared)});
    }

private:
    struct SharedBlock {
        capture::PacketBlock block;
        packet::KeptBytes kept;
        std::vector<std::vector<packet::TcpSegment>> segments; ///< by worker
    };
    struct WorkItem {
        enum class Kind : std::uint8_t { Begin, Block, Finish };
        Kind kind = Kind::Block;
        std::uint32_t input = 0;
        TimeNs latest = kNoTime;
        std::shared_ptr<SharedBlock> block;
    };

    void decodeInline(const capture::PacketBlock& block, packet::PacketDecoder& decoder) {
        Worker& worker = *m_workers.front();
        packet::KeptBytes kept;
        packet::TcpSegment segment;
        for (const capture::Packet& packet : block.packets)
            if (decoder.decode(packet, segment, kept) == packet::PacketDecoder::Outcome::Tcp) worker.add(segment);
    }

    static void perform(Worker& worker, unsigned index, const WorkItem& item) {
        switch (item.kind) {
        case WorkItem::Kind::Begin:
            worker.beginInput(item.input);
            break;
        case WorkItem::Kind::Finish:
            worker.finishInput();
            break;
        case WorkItem::Kind::Block:
            for (const packet::TcpSegment& segment : item.block->segments[index]) worker.add(segment);
            worker.endOfBlock(item.latest);
            break;
        }
    }
    void work(unsigned index) {
        while (auto item = m_queues[index]->pop()) perform(*m_workers[index], index, *item);
    }
    void broadcast(const WorkItem& item) {
        if (m_queues.empty()) perform(*m_workers.front(), 0, item);
        for (auto& queue : m_queues) queue->push(item);
    }

    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<std::unique_ptr<BlockQueue<WorkItem>>> m_queues;
    std::vector<std::jthread> m_threads; ///< last member: joined before the queues and workers go
};

/// Reads one input after the other.
class Run {
public:
    Run(analysis::Dataset& dataset, const RunOptions& options, std::stop_token stop,
        const std::function<void(const Progress&)>& progress)
        : m_dataset(dataset), m_distributor(dataset, options), m_logs(dataset, logReadersFor(options), options.columns),
          m_columns(options.columns), m_stop(std::move(stop)), m_tell(progress) {}

    RunResult operator()(const std::vector<std::string>& paths) {
        m_progress.inputs = paths.size();
        RunResult result;
        for (std::uint32_t i = 0; i < paths.size(); ++i) {
            m_progress.input = i;
            result.inputs.push_back(readInput(i, paths[i]));
        }
        m_logs.finish();
        result.stopped = m_stop.stop_requested();
        return result;
    }
    void tell() const {
        if (m_tell) m_tell(m_progress);
    }

private:
    std::optional<gatewaylog::LogShape> shapeOf(const capture::InputFile& opened) const {
        return gatewaylog::recognise(opened.head, opened.whole, m_columns ? *m_columns : ColumnNames());
    }

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
            readCapture(index, *opened->capture, result);
        else if (const auto shape = shapeOf(*opened))
            readLog(index, *opened, *shape, result);
        else
            result.error = opened->notCapture;
        return result;
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

    void readCapture(std::uint32_t index, capture::PacketSource& source, InputResult& result) {
        packet::PacketDecoder decoder;
        m_distributor.beginInput(index);
        readPackets(source, decoder, result);
        m_distributor.finishInput();
        m_bytesBefore += source.bytesRead();
        m_totalBefore += source.totalBytes();
        result.format = source.info().format;

        analysis::Batch batch;
        batch.findings = source.takeFindings();
        for (Finding& finding : batch.findings) finding.input = index;
        for (Finding& finding : decoder.findings()) {
            finding.input = index; // packets carry no input yet
            batch.findings.push_back(std::move(finding));
        }
        if (!batch.empty()) m_dataset.append(std::move(batch));
    }

    void noteProgress(std::uint64_t bytesRead, std::uint64_t totalBytes) {
        m_progress.bytesRead = m_bytesBefore + bytesRead;
        m_progress.totalBytes = totalBytes == 0 ? 0 : m_totalBefore + totalBytes;
        const auto now = std::chrono::steady_clock::now();
        if (now - m_lastTold < kProgressEvery) return;
        m_lastTold = now;
        tell();
    }

    void readPackets(capture::PacketSource& source, packet::PacketDecoder& decoder, InputResult& result) {
        TimeNs latest = kNoTime;
        while (true) {
            if (m_stop.stop_requested()) {
                result.error = Error{ErrorKind::Stopped, result.path + ": stopped; everything before is kept"};
                return;
            }
            const auto more = source.read(m_block);
            if (!more) {
                result.error = more.error();
                return;
            }
            if (!*more) return;
            for (const capture::Packet& packet : m_block.packets) {
                result.bytes += packet.data.size();
                if (result.firstTime == kNoTime || packet.time < result.firstTime) result.firstTime = packet.time;
            }
            result.packets += m_block.packets.size();
            m_progress.packets += m_block.packets.size();
            m_distributor.take(m_block, decoder, latest);
            result.lastTime = latest;
            noteProgress(source.bytesRead(), source.totalBytes());
        }
    }

    analysis::Dataset& m_dataset;
    Distributor m_distributor;
    LogRun m_logs;
    std::shared_ptr<const ColumnNames> m_columns;
    std::stop_token m_stop;
    const std::function<void(const Progress&)>& m_tell;
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

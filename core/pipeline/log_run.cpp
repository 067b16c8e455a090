// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/log_run.h"

#include "core/pipeline/block_queue.h"
#include "core/pipeline/log_records.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace gatescope::pipeline {

namespace {
/// Pieces that wait for a reader: each is about 1 MiB, and more would only cost memory.
constexpr std::size_t kWaitingPieces = 4;
constexpr std::size_t kReadBytes = 1U << 20;

struct NumberedPiece {
    std::uint64_t number = 0;
    gatewaylog::LogPiece piece;
};
} // namespace

/// Takes what the readers found. Rows of calls are put together in the order of the log, whoever read them first.
struct LogRun::Gathering {
    analysis::Dataset& dataset;
    gatewaylog::LlmAssembly& assembly;
    std::uint32_t input;
    bool& hasParts;

    std::mutex mutex{};
    LogCounts counts{};
    std::uint64_t nextNumber = 0;
    std::map<std::uint64_t, std::vector<gatewaylog::LlmPart>> waiting{}; ///< by number of the piece

    void take(std::uint64_t number, LogCollector&& found) {
        if (!found.batch.empty()) dataset.append(std::move(found.batch));
        const std::lock_guard lock(mutex);
        counts.records += found.records;
        counts.lost += found.lost;
        if (found.firstTime != kNoTime && (counts.firstTime == kNoTime || found.firstTime < counts.firstTime))
            counts.firstTime = found.firstTime;
        counts.lastTime = std::max(counts.lastTime, found.lastTime);
        waiting.emplace(number, std::move(found.parts));
        for (auto at = waiting.find(nextNumber); at != waiting.end(); at = waiting.find(++nextNumber)) {
            for (gatewaylog::LlmPart& part : at->second) {
                assembly.add(input, std::move(part));
                hasParts = true;
            }
            waiting.erase(at);
        }
    }
    LogCounts sofar() {
        const std::lock_guard lock(mutex);
        return counts;
    }
};

/// Reads pieces, on the calling thread or on several of its own.
class LogRun::Reader {
public:
    Reader(Gathering& gathering, const gatewaylog::LogShape& shape, unsigned threads,
           const std::shared_ptr<const gatewaylog::ColumnNames>& columns)
        : m_gathering(gathering), m_queue(kWaitingPieces) {
        if (threads <= 1) m_own.emplace(shape, columns);
        for (unsigned i = 0; threads > 1 && i < threads; ++i)
            m_threads.emplace_back([this, shape, columns] {
                gatewaylog::PieceReader reader(shape, columns);
                while (auto next = m_queue.pop()) read(reader, *next);
            });
    }
    ~Reader() { m_queue.close(); }

    void take(gatewaylog::LogPiece&& piece) {
        NumberedPiece numbered{m_next++, std::move(piece)};
        if (m_own)
            read(*m_own, numbered);
        else
            m_queue.push(std::move(numbered));
    }

private:
    void read(gatewaylog::PieceReader& reader, const NumberedPiece& numbered) {
        LogCollector found(m_gathering.input);
        reader.read(numbered.piece, found);
        m_gathering.take(numbered.number, std::move(found));
    }

    Gathering& m_gathering;
    std::optional<gatewaylog::PieceReader> m_own;
    BlockQueue<NumberedPiece> m_queue;
    std::uint64_t m_next = 0;
    std::vector<std::jthread> m_threads; ///< last member: joined before the queue goes
};

LogRun::LogRun(analysis::Dataset& dataset, unsigned threads, std::shared_ptr<const gatewaylog::ColumnNames> columns)
    : m_dataset(dataset), m_threads(threads), m_columns(std::move(columns)) {}

LogRun::~LogRun() = default;

LogCounts LogRun::read(std::uint32_t input, capture::InputFile& file, const gatewaylog::LogShape& shape,
                       const std::stop_token& stop, const std::function<void(const LogCounts&)>& tell) {
    Gathering gathering{m_dataset, m_assembly, input, m_hasParts};
    gatewaylog::LogSplitter splitter(shape);
    std::optional<Error> error;
    {
        Reader reader(gathering, shape, m_threads, m_columns);
        std::vector<gatewaylog::LogPiece> pieces;
        std::vector<std::uint8_t> buffer(std::move(file.head));
        for (std::size_t size = buffer.size(); size != 0;) {
            splitter.feed(Bytes(buffer.data(), size), pieces);
            for (gatewaylog::LogPiece& piece : pieces) reader.take(std::move(piece));
            pieces.clear();
            tell(gathering.sofar());
            if (stop.stop_requested()) break;
            buffer.resize(kReadBytes);
            size = file.bytes->read(buffer.data(), buffer.size());
        }
        error = file.bytes->error();
        if (stop.stop_requested()) {
            error = Error{ErrorKind::Stopped, "stopped; everything before is kept"};
        } else {
            splitter.finish(pieces);
            for (gatewaylog::LogPiece& piece : pieces) reader.take(std::move(piece));
        }
    } // the readers have ended here
    LogCollector rest(input);
    for (Finding& finding : splitter.takeFindings()) rest.onFinding(std::move(finding));
    if (!rest.batch.empty()) m_dataset.append(std::move(rest.batch));
    LogCounts counts = gathering.sofar();
    counts.lost += rest.lost;
    counts.error = std::move(error);
    if (!counts.error && counts.lost != 0)
        counts.error = Error{
            ErrorKind::Damaged,
            fmt::format("at least {} of its records could not be read; the others are in the result", counts.lost)};
    return counts;
}

void LogRun::finish() {
    if (!m_hasParts) return;
    analysis::Batch batch;
    for (auto& whole : m_assembly.finish()) batch.exchanges.push_back(exchangeOf(std::move(whole.record), whole.input));
    if (!batch.empty()) m_dataset.append(std::move(batch));
}

} // namespace gatescope::pipeline

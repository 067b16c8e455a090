// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/analysis_run.h"

#include "core/capture/input_file.h"
#include "core/packet/packet_decoder.h"
#include "core/pipeline/distributor.h"
#include "core/pipeline/log_run.h"
#include "core/pipeline/reading_report.h"
#include "core/pipeline/secrets.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace gatescope::pipeline {

namespace {

constexpr auto kProgressEvery = std::chrono::milliseconds(100);

/// Cutting a log into pieces is little work, so the reading thread leaves its core to the readers of pieces.
unsigned logReadersFor(const RunOptions& options) {
    return options.threads != 0 ? workersFor(options) : std::max(1U, std::thread::hardware_concurrency());
}

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
        reportReading(m_dataset, set.takeFindings(), decoder, distributor.copies(), *m_secrets->store(), m_result);
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

// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/live_run.h"

#include "core/capture/feed_reader.h"
#include "core/pipeline/distributor.h"
#include "core/pipeline/reading_report.h"
#include "core/pipeline/secrets.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace gatescope::pipeline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr FindingKind kFellBehind{
    "live.fell-behind", Severity::Low, "The analysis could not keep up with the capture for a while",
    "Calls under way were not shown until it had caught up. No packet was left out for it: they are on disk.",
    "Narrow the capture filter, or capture with 'gscope capture' and open the file afterwards."};

constexpr auto kTellEvery = std::chrono::milliseconds(100);
constexpr auto kForgetEvery = std::chrono::seconds(1);
/// Programs write the secrets of a session while its handshake passes: packets wait so long for them.
constexpr auto kWaitForSecrets = std::chrono::milliseconds(50);
/// More is not held back, however young: 32 blocks of 256 KiB.
constexpr std::size_t kMaxWaiting = 32;
/// Packets come to us some time after they were captured; time that passes without packets is short by as much.
constexpr TimeNs kDeliveryNs = 100'000'000;

/// Forgets old exchanges beside the reading thread, because it takes a while.
class Forgetting {
public:
    Forgetting(analysis::Dataset& dataset, analysis::Retention keep)
        : m_thread([this, &dataset, keep](const std::stop_token& stop) {
              std::unique_lock lock(m_mutex);
              while (!m_wake.wait_for(lock, stop, kForgetEvery, [] { return false; }) && !stop.stop_requested())
                  dataset.retain(keep, m_latest.load(std::memory_order_relaxed));
          }) {}

    void note(TimeNs latest) { m_latest.store(latest, std::memory_order_relaxed); }

private:
    std::atomic<TimeNs> m_latest{kNoTime};
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::jthread m_thread; ///< last: stopped and joined first
};

/// Reads a feed.
class LiveRun {
public:
    LiveRun(capture::CaptureFeed& feed, analysis::Dataset& dataset, const LiveOptions& options, std::stop_token stop,
            const std::function<void(const LiveProgress&)>& tell)
        : m_feed(feed), m_dataset(dataset), m_options(options), m_tell(tell),
          m_secrets(options.run.secrets ? options.run.secrets : std::make_shared<Secrets>()),
          m_waits(options.run.secrets && options.run.secrets->followsFiles()),
          m_decoder({.fragments = {}, .vxlanPorts = options.run.vxlanPorts}),
          m_distributor(dataset, options.run, m_secrets->store(), LiveWork{options.stallAfter}),
          m_reader(
              feed, [this](const capture::FedCapture& begun) { return begin(begun); },
              [this](std::uint32_t input, const capture::SetMemberResult& read) { end(input, read); }, stop),
          m_stop(std::move(stop)) {}

    RunResult operator()() {
        {
            Forgetting forgetting(m_dataset, m_options.retention);
            for (;;) {
                const auto step = m_reader.read(m_block);
                if (step == capture::FeedReader::Step::End) break;
                if (step == capture::FeedReader::Step::Packets) m_waiting.push_back({std::move(m_block), Clock::now()});
                m_block = {};
                decodeDue(m_waits ? kWaitForSecrets : Clock::duration::zero());
                passTime();
                forgetting.note(m_latest);
                progress();
            }
        }
        decodeDue(Clock::duration::zero());
        takeSecrets();
        m_distributor.finish();
        reportReading(m_dataset, m_reader.takeFindings(), m_decoder, m_distributor.copies(), *m_secrets->store(),
                      m_result);
        m_dataset.setCaptures(m_spans);
        progress(true);
        m_result.stopped = m_stop.stop_requested();
        return std::move(m_result);
    }

private:
    struct Waiting {
        capture::PacketBlock block;
        Clock::time_point since;
    };

    std::uint32_t begin(const capture::FedCapture& begun) {
        const std::uint32_t input = m_dataset.addInput(begun.path.empty() ? begun.name : begun.path);
        m_spans.resize(input + 1);
        m_spans[input].isCapture = true;
        m_dataset.setCaptures(m_spans);
        m_result.inputs.resize(input + 1);
        m_result.inputs[input].path = begun.name;
        ++m_progress.captures;
        return input;
    }

    void end(std::uint32_t input, const capture::SetMemberResult& read) {
        InputResult& result = m_result.inputs[input];
        result.format = read.format;
        result.error = read.error;
        result.packets = read.packets;
        result.bytes = read.bytes;
        result.firstTime = m_spans[input].firstTime = read.firstTime;
        result.lastTime = m_spans[input].lastTime = read.lastTime;
        m_dataset.setCaptures(m_spans);
    }

    /// Secrets that stand in the captures, and what was written into key logs by now.
    void takeSecrets() {
        const auto& inCaptures = m_reader.info().tlsSecrets;
        for (; m_secretsTaken < inCaptures.size(); ++m_secretsTaken)
            m_secrets->store()->addKeyLog(asText(inCaptures[m_secretsTaken]));
        m_secrets->refresh();
    }

    /// Decodes the blocks that have waited for so long.
    void decodeDue(Clock::duration wait) {
        while (!m_waiting.empty()) {
            if (Clock::now() - m_waiting.front().since < wait && m_waiting.size() <= kMaxWaiting) return;
            takeSecrets();
            m_progress.packets += m_waiting.front().block.packets.size();
            m_distributor.take(m_waiting.front().block, m_decoder, m_latest);
            m_waiting.pop_front();
            m_latestAt = Clock::now();
            m_passed = m_latest;
        }
    }

    /// By the clock of the packets, which may differ from ours.
    void passTime() {
        if (m_latest == kNoTime || !m_waiting.empty()) return;
        const auto since = std::chrono::nanoseconds(Clock::now() - m_latestAt).count() - kDeliveryNs;
        TimeNs now = 0;
        if (__builtin_add_overflow(m_latest, since, &now) || elapsed(m_passed, now) < kDeliveryNs) return;
        m_passed = now;
        m_distributor.pass(now);
    }

    void noteBehind() {
        m_progress.behindBytes = m_feed.behindBytes();
        const bool isFull = m_progress.detail == Detail::Full;
        if (isFull && m_progress.behindBytes > m_options.behindBytes) {
            m_progress.detail = Detail::EndsOnly;
            m_distributor.setTellsOpen(false);
            if (std::exchange(m_toldBehind, true)) return;
            Finding finding{&kFellBehind, {std::to_string(m_progress.behindBytes >> 20) + " MiB behind"}, {}, {}, {}};
            m_odd.push_back(std::move(finding));
        } else if (!isFull && m_progress.behindBytes < m_options.behindBytes / 4) {
            m_progress.detail = Detail::Full;
            m_distributor.setTellsOpen(true);
        }
    }

    void progress(bool atEnd = false) {
        const auto now = Clock::now();
        if (!atEnd && now - m_lastTold < kTellEvery) return;
        m_lastTold = now;
        noteBehind();
        analysis::Batch batch;
        batch.findings = m_reader.takeFindings();
        std::ranges::move(std::exchange(m_odd, {}), std::back_inserter(batch.findings));
        m_dataset.append(std::move(batch));
        m_progress.bytes = m_reader.bytesRead();
        m_progress.latest = m_latest;
        if (m_tell) m_tell(m_progress);
    }

    capture::CaptureFeed& m_feed;
    analysis::Dataset& m_dataset;
    const LiveOptions& m_options;
    const std::function<void(const LiveProgress&)>& m_tell;
    std::shared_ptr<Secrets> m_secrets;
    const bool m_waits; ///< key logs may still grow
    packet::PacketDecoder m_decoder;
    Distributor m_distributor;
    capture::FeedReader m_reader;
    std::stop_token m_stop;
    std::size_t m_secretsTaken = 0; ///< blocks of the captures
    RunResult m_result;
    std::vector<analysis::CaptureSpan> m_spans; ///< by input
    capture::PacketBlock m_block;
    std::deque<Waiting> m_waiting; ///< read, and not yet decoded
    TimeNs m_latest = kNoTime;     ///< of the packets
    TimeNs m_passed = kNoTime;     ///< what the workers know of time
    Clock::time_point m_latestAt;
    LiveProgress m_progress;
    Clock::time_point m_lastTold;
    std::vector<Finding> m_odd;
    bool m_toldBehind = false;
};

} // namespace

RunResult follow(capture::CaptureFeed& feed, analysis::Dataset& dataset, const LiveOptions& options,
                 std::stop_token stop, const std::function<void(const LiveProgress&)>& progress) {
    if (options.run.trust) dataset.setTrust(options.run.trust);
    dataset.followClients();
    RunResult result;
    {
        LiveRun run(feed, dataset, options, std::move(stop), progress);
        result = run();
    } // the workers have ended here
    dataset.finish();
    return result;
}

} // namespace gatescope::pipeline

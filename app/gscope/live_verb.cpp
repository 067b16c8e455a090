// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/capture_text.h"
#include "app/gscope/live_numbers.h"
#include "app/gscope/progress_line.h"
#include "app/gscope/verb.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <functional>
#include <utility>

/// The part of a verb that shows captures while they grow.
namespace gatescope::cli {

namespace {

using Clock = std::chrono::steady_clock;
using Write = std::function<std::expected<void, Failure>(const LiveView&, const Destination&)>;

/// How often we look for something new. Rows shall come within 200 ms of their packets.
constexpr std::chrono::milliseconds kLook{50};
/// A terminal need not be drawn more often than people see.
constexpr std::chrono::milliseconds kDraw{100};
constexpr std::chrono::seconds kStatus{1};
/// Writing everything again may take this part of the time.
constexpr int kShare = 4;
constexpr std::chrono::seconds kLongestRest{5};

/// All rows each time, of which those go on that changed.
class LiveRows final : public LiveWriter {
public:
    LiveRows(Write write, const report::WriterOptions& options, report::ByteSink& sink)
        : m_write(std::move(write)), m_changes(options, sink), m_destination{sink, options, &m_changes, &m_numbers} {}

    std::expected<void, Failure> show(const LiveView& view) override {
        m_numbers.note(view.snapshot);
        auto written = m_write(view, m_destination);
        if (written && view.isLast) m_changes.finish();
        return written;
    }
    bool refused() const override { return m_changes.refused(); }

private:
    Write m_write;
    LiveNumbers m_numbers;
    report::ChangedRows m_changes;
    Destination m_destination;
};

/// The whole text each time, if it is another one; or once, at the end.
class LivePage final : public LiveWriter {
public:
    LivePage(Write write, const report::WriterOptions& options, report::ByteSink& sink, bool atEndOnly)
        : m_write(std::move(write)), m_options(options), m_sink(sink), m_atEndOnly(atEndOnly) {}

    std::expected<void, Failure> show(const LiveView& view) override {
        if (m_atEndOnly && !view.isLast) return {};
        TextSink page;
        auto written = m_write(view, {page, m_options});
        if (!written || page.text == m_last) return written;
        const bool isApart = m_options.format == report::Format::Table && !m_last.empty();
        m_refused = !m_sink.write(isApart ? "\n" + page.text : page.text);
        m_last = std::move(page.text);
        return {};
    }
    bool refused() const override { return m_refused; }

private:
    Write m_write;
    report::WriterOptions m_options;
    report::ByteSink& m_sink;
    bool m_atEndOnly;
    bool m_refused = false;
    std::string m_last;
};

/// A table on a terminal, drawn over and over.
class LiveTable final : public LiveWriter {
public:
    LiveTable(Write write, FileOutput& file) : m_write(std::move(write)), m_screen(file) {}

    std::expected<void, Failure> show(const LiveView& view) override {
        m_numbers.note(view.snapshot);
        TextSink table;
        auto written = m_write(view, {table, {report::Format::Table, m_screen.width()}, nullptr, &m_numbers});
        if (written) m_refused = !m_screen.draw(statusLine(view).substr(0, m_screen.width()) + '\n' + table.text);
        return written;
    }
    bool refused() const override { return m_refused; }

private:
    Write m_write;
    Screen m_screen;
    LiveNumbers m_numbers;
    bool m_refused = false;
};

bool hasScreen(report::Format format, LiveKind kind, const FileOutput& file) {
    return format == report::Format::Table && kind != LiveKind::Rows && file.terminalWidth() != 0;
}

/// Why the run ended, if not as asked; and the last word on what was captured.
ExitStatus endStatus(const LiveRun& run, const Options& options) {
    ExitStatus status = ExitStatus::Done;
    const auto captured = run.captured();
    for (const pipeline::InputResult& input : run.result().inputs)
        // A capture that ended early says so once, below.
        if (input.error && input.error->kind != ErrorKind::Stopped && !(captured && captured->error))
            status = worse(status, tellError(input.path, *input.error, options.quiet));
    if (!captured) return status;
    if (captured->error) {
        // It had begun: what came before is there.
        status = ExitStatus::ReadInPart;
        if (!options.quiet) say(captured->error->message);
    }
    if (!options.quiet) say(endText(*captured, options.live.capture.path));
    return status;
}

} // namespace

Results CaptureVerb::liveResults(const LiveView& view, const Asked& asked) const {
    pipeline::RunResult run;
    std::vector<std::string> names;
    if (view.isLast) {
        run = view.run.result();
        for (const pipeline::InputResult& input : run.inputs) names.push_back(input.path);
    }
    Results results{Inputs::named(std::move(names)), view.snapshot,  {},
                    view.snapshot.findings(),        std::move(run), asked.options.secrets};
    // A call under way would count as one without an answer.
    std::vector<analysis::Row> rows = view.snapshot.order();
    if (liveKind() != LiveKind::Calls)
        std::erase_if(rows, [&](analysis::Row row) { return view.snapshot.isOpen(row); });
    choose(results, rows, asked.filter);
    return results;
}

std::unique_ptr<LiveWriter> CaptureVerb::liveWriter(const Asked& asked, FileOutput& file, const std::stop_token& stop) {
    const LiveKind kind = liveKind();
    const bool onScreen = hasScreen(asked.format, kind, file);
    Write write = [this, &asked, &file, &stop, kind, onScreen](const LiveView& view, const Destination& destination) {
        Results results = liveResults(view, asked);
        if (onScreen && kind == LiveKind::Calls) {
            // The newest, under the line of status and the heading.
            const std::size_t height = std::max<std::size_t>(file.terminalHeight(), 4) - 3;
            if (results.rows.size() > height)
                results.rows.erase(results.rows.begin(), results.rows.end() - static_cast<std::ptrdiff_t>(height));
        }
        return this->write(results, destination, stop);
    };
    const report::WriterOptions options{asked.format, file.terminalWidth()};
    if (onScreen) return std::make_unique<LiveTable>(std::move(write), file);
    if (kind == LiveKind::Calls) return liveCalls({file, options}, asked.filter);
    if (kind != LiveKind::Page) return std::make_unique<LiveRows>(std::move(write), options, file);
    const bool isStream = asked.format == report::Format::Table || asked.format == report::Format::Jsonl;
    return std::make_unique<LivePage>(std::move(write), options, file, !isStream);
}

std::expected<void, Failure> CaptureVerb::showUntilOver(LiveRun& run, LiveWriter& writer, const LivePlan& plan,
                                                        bool hasScreen, const std::stop_token& stop) {
    StatusLine line(showsProgress(m_options) && !hasScreen);
    const bool isSlow = liveKind() == LiveKind::Totals || liveKind() == LiveKind::Page;
    const Clock::duration period = isSlow ? plan.every : hasScreen ? kDraw : kLook;
    Clock::time_point nextRows = Clock::now(), nextStatus = nextRows;
    std::uint64_t changes = 0;
    bool isStopping = false;
    while (!run.isOverWithin(kLook)) {
        if (!isStopping && (stop.stop_requested() || writer.refused())) {
            run.stop();
            isStopping = true;
        }
        const auto begin = Clock::now();
        if (begin < nextRows && begin < nextStatus) continue;
        const std::uint64_t changesNow = run.changes();
        const analysis::Snapshot snapshot = run.snapshot();
        const LiveView view{snapshot, run};
        if (begin >= nextRows && (hasScreen || changesNow != changes)) {
            changes = changesNow;
            line.clear();
            if (auto shown = writer.show(view); !shown) return shown;
            // Of calls only what is new is written, and a reader who is slow must not make us slower still.
            const Clock::duration rest = liveKind() == LiveKind::Calls
                                             ? Clock::duration::zero()
                                             : std::min<Clock::duration>(kShare * (Clock::now() - begin), kLongestRest);
            nextRows = Clock::now() + std::max(period - kLook, rest);
        }
        if (begin >= nextStatus) {
            line.show(statusLine(view));
            nextStatus = begin + kStatus;
        }
    }
    line.clear();
    const analysis::Snapshot snapshot = run.snapshot();
    return writer.refused() ? std::expected<void, Failure>{} : writer.show({snapshot, run, true});
}

std::expected<ExitStatus, Failure> CaptureVerb::runLive(const Asked& asked, const std::stop_token& stop) {
    const auto plan = livePlanOf(m_options.live);
    if (!plan) return std::unexpected(plan.error());
    auto file = FileOutput::open(m_options.output, m_options.inputs);
    if (!file) return std::unexpected(file.error());
    const auto run = m_options.live.captures() ? LiveRun::ofCapture(*plan, asked.options)
                                               : LiveRun::ofInput(m_options.inputs.front(), *plan, asked.options);
    if (!run) return std::unexpected(run.error());
    const auto writer = liveWriter(asked, **file, stop);
    const bool onScreen = hasScreen(asked.format, liveKind(), **file);
    if (auto shown = showUntilOver(**run, *writer, *plan, onScreen, stop); !shown)
        return std::unexpected(shown.error());
    const ExitStatus status = endStatus(**run, m_options);
    if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
    const analysis::Snapshot snapshot = (*run)->snapshot();
    return worseByFindings(status, liveResults({snapshot, **run, true}, asked).findings, asked);
}

} // namespace gatescope::cli

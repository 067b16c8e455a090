// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include "core/report/summary.h"

#include <CLI/CLI.hpp>

namespace gatescope::cli {

namespace {

std::vector<report::InputStatus> statuses(const Results& results) {
    std::vector<report::InputStatus> all;
    for (std::size_t i = 0; i < results.run.inputs.size(); ++i) {
        const pipeline::InputResult& input = results.run.inputs[i];
        report::InputStatus status{
            results.inputs.names()[i], input.format,   "read", {}, input.isLog, input.packets, input.bytes,
            input.firstTime,           input.lastTime, {}};
        if (input.format.empty())
            status.status = "not read";
        else if (input.error)
            status.status = "in part";
        if (input.error) status.message = input.error->message;
        all.push_back(std::move(status));
    }
    for (const pipeline::ClockEstimate& clock : results.run.clocks)
        all[clock.input].clock =
            report::InputClock{clock.offset, results.inputs.names()[clock.reference], clock.packets, clock.delay};
    for (const auto& [name, reason] : results.inputs.unusable()) {
        report::InputStatus status;
        status.input = name;
        status.status = "not read";
        status.message = reason;
        all.push_back(std::move(status));
    }
    return all;
}

class SummaryVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "summary"; }
    std::string_view purpose() const override {
        return "The first look: counts, times, who called which model, findings";
    }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addLiveOptions(command, m_options.live);
        addResultOptions(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("json and jsonl write one object.\n\n"
                       "  gscope summary capture.pcapng\n"
                       "  tcpdump -w - port 80 | gscope summary -");
    }

protected:
    LiveKind liveKind() const override { return LiveKind::Page; }

    std::expected<void, Failure> prepare() override { return {}; }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        const report::Summary summary =
            report::summarise(results.snapshot, results.rows, results.findings, statuses(results), m_options.reveal);
        report::writeSummary(summary, destination.writer, destination.file);
        return {};
    }
};

} // namespace

std::unique_ptr<Verb> makeSummaryVerb() {
    return std::make_unique<SummaryVerb>();
}

} // namespace gatescope::cli

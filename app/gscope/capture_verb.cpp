// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/estimate_options.h"
#include "app/gscope/log_columns.h"
#include "app/gscope/progress_line.h"
#include "app/gscope/verb.h"
#include "core/capture/followed_input.h"
#include "core/pipeline/reading_again.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <utility>

namespace gatescope::cli {

namespace {

/// Says what went wrong with each input, and gives the status that follows from it.
ExitStatus inputStatus(const Results& results, bool isQuiet) {
    ExitStatus status = ExitStatus::Done;
    for (const auto& [name, remark] : results.inputs.remarks())
        if (!isQuiet) say(fmt::format("{}: {}", name, remark));
    for (const auto& [name, reason] : results.inputs.unusable())
        status = worse(status, tellError(name, {ErrorKind::CannotOpen, reason}, isQuiet));
    for (std::size_t i = 0; i < results.run.inputs.size(); ++i) {
        const auto& error = results.run.inputs[i].error;
        if (!error || error->kind == ErrorKind::Stopped) continue;
        status = worse(status, tellError(results.inputs.names()[i], *error, isQuiet));
    }
    if (results.run.stopped) {
        status = worse(status, ExitStatus::ReadInPart);
        if (!isQuiet) say("stopped; the results are those of what was read so far");
    }
    return status;
}

bool wasAnyRead(const Results& results) {
    return std::ranges::any_of(results.run.inputs,
                               [](const pipeline::InputResult& input) { return !input.format.empty(); });
}

/// What --keylog and --key name; says what a key log held when nothing of it is of use.
std::expected<std::shared_ptr<pipeline::Secrets>, Failure> secretsOf(const Options& options) {
    auto secrets = std::make_shared<pipeline::Secrets>();
    for (const std::string& path : options.keyLogs) {
        const auto count = secrets->addKeyLogFile(path);
        if (!count) return std::unexpected(failureOf(count.error()));
        if (count->damaged != 0 && !options.quiet)
            say(fmt::format("{}: {} lines are damaged and were left out", path, count->damaged));
        if (count->leftOut != 0 && !options.quiet)
            say(fmt::format("{}: {} lines are beyond the limit of {} secrets", path, count->leftOut,
                            tls::SecretStore::kMaxSecrets));
    }
    for (const std::string& path : options.privateKeys)
        if (const auto added = secrets->addPrivateKeyFile(path); !added)
            return std::unexpected(failureOf(added.error()));
    return secrets;
}

} // namespace

ExitStatus tellError(const std::string& input, const Error& error, bool isQuiet) {
    // Messages of the engine name the file themselves where they can.
    const bool isNamed = error.message.find(input) != error.message.npos;
    if (!isQuiet) say(isNamed ? error.message : fmt::format("{}: {}", input, error.message));
    if (error.kind == ErrorKind::CannotOpen || error.kind == ErrorKind::UnknownFormat) return ExitStatus::NotOpened;
    return error.kind == ErrorKind::Internal ? ExitStatus::OwnError : ExitStatus::ReadInPart;
}

void choose(Results& results, const std::vector<analysis::Row>& rows, const analysis::Filter& filter) {
    if (filter.matchesEverything()) {
        results.rows = rows;
        return;
    }
    results.rows = filter.apply(results.snapshot, rows);
    std::vector<bool> isChosen(results.snapshot.size(), false);
    for (const analysis::Row row : results.rows) isChosen[row] = true;
    std::erase_if(results.findings, [&](const auto& placed) { return !placed.row || !isChosen[*placed.row]; });
}

pipeline::RunResult CaptureVerb::analyse(const Inputs& inputs, analysis::Dataset& dataset,
                                         const pipeline::RunOptions& options, const std::stop_token& stop) const {
    ProgressLine line(showsProgress(m_options), inputs.names());
    return pipeline::analyse(inputs.paths(), dataset, options, stop,
                             [&](const pipeline::Progress& progress) { line.show(progress); });
}

Results CaptureVerb::read(Inputs inputs, const analysis::Filter& filter, const pipeline::RunOptions& options,
                          const std::stop_token& stop) const {
    auto dataset = std::make_unique<analysis::Dataset>(inputs.names());
    pipeline::RunResult run = analyse(inputs, *dataset, options, stop);
    for (int readings = 1; pipeline::isWorthReadingAgain(run, inputs.paths(), readings); ++readings) {
        dataset = std::make_unique<analysis::Dataset>(inputs.names());
        run = analyse(inputs, *dataset, options, stop);
    }
    const analysis::Snapshot snapshot = dataset->snapshot();
    Results results{std::move(inputs), snapshot, {}, snapshot.findings(), std::move(run), options.secrets};
    choose(results, snapshot.order(), filter);
    return results;
}

std::expected<CaptureVerb::Asked, Failure> CaptureVerb::understand() {
    const auto format = formatOf(m_options);
    if (!format) return std::unexpected(format.error());
    const auto failOn = failOnOf(m_options);
    if (!failOn) return std::unexpected(failOn.error());
    const auto memoryLimit = memoryLimitOf(m_options);
    if (!memoryLimit) return std::unexpected(memoryLimit.error());
    const auto filter = filterOf(m_options);
    if (!filter) return std::unexpected(filter.error());
    if (auto ready = prepare(); !ready) return std::unexpected(ready.error());
    const auto estimate = estimateOptionsOf(m_options);
    if (!estimate) return std::unexpected(estimate.error());
    const auto columns = logColumnsOf(m_options);
    if (!columns) return std::unexpected(columns.error());
    const auto trust = trustOf(m_options.trust);
    if (!trust) return std::unexpected(trust.error());
    const auto secrets = secretsOf(m_options);
    if (!secrets) return std::unexpected(secrets.error());
    return Asked{*format, *failOn, *filter,
                 pipeline::RunOptions{.threads = m_options.threads,
                                      .memoryLimit = *memoryLimit,
                                      .estimate = *estimate,
                                      .columns = *columns,
                                      .trust = *trust,
                                      .vxlanPorts = m_options.vxlanPorts,
                                      .secrets = *secrets,
                                      .alignClocks = !m_options.keepClocks}};
}

/// One kind of source: inputs, one input that grows, or interfaces.
std::expected<void, Failure> CaptureVerb::checkSources() {
    const auto wrongUse = [](const char* message) { return std::unexpected(Failure{ExitStatus::WrongUse, message}); };
    LiveOptions& live = m_options.live;
    live.follows |= std::ranges::any_of(m_options.inputs, capture::isStreamAddress);
    if (live.follows && liveKind() == LiveKind::None)
        return wrongUse("tcp:// can only be followed, and this verb needs captures that are complete");
    if (live.captures() && live.follows) return wrongUse("--live and --follow exclude each other");
    if (live.captures() && !m_options.inputs.empty()) return wrongUse("--live takes the place of INPUT");
    if (!live.captures() && m_options.inputs.empty()) return wrongUse("INPUT is required, or --live INTERFACE");
    if (live.follows && m_options.inputs.size() > 1) return wrongUse("--follow takes one INPUT");
    return {};
}

ExitStatus CaptureVerb::worseByFindings(ExitStatus status, const std::vector<analysis::PlacedFinding>& findings,
                                        const Asked& asked) const {
    if (!asked.failOn) return status;
    const bool isFound = std::ranges::any_of(
        findings, [&](const auto& placed) { return placed.finding.kind->severity >= *asked.failOn; });
    // No severity is less than any other.
    return isFound || worstOwnFinding() >= *asked.failOn ? worse(status, ExitStatus::Found) : status;
}

std::expected<ExitStatus, Failure> CaptureVerb::run(std::stop_token stop) {
    if (auto checked = checkSources(); !checked) return std::unexpected(checked.error());
    const auto asked = understand();
    if (!asked) return std::unexpected(asked.error());
    return isLive() ? runLive(*asked, stop) : runInputs(*asked, stop);
}

std::expected<ExitStatus, Failure> CaptureVerb::runInputs(const Asked& asked, const std::stop_token& stop) {
    auto inputs = Inputs::expand(m_options.inputs, readsAgain(), stop);
    if (!inputs) return std::unexpected(inputs.error());
    auto file = FileOutput::open(m_options.output, inputs->paths());
    if (!file) return std::unexpected(file.error());
    const Results results = read(*std::move(inputs), asked.filter, asked.options, stop);
    const ExitStatus status = inputStatus(results, m_options.quiet);
    if (!wasAnyRead(results)) return status;
    if (auto written = write(results, {**file, {asked.format, (*file)->terminalWidth()}}, stop); !written)
        return std::unexpected(written.error());
    if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
    return worseByFindings(status, results.findings, asked);
}

} // namespace gatescope::cli

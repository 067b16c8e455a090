// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/estimate_options.h"
#include "app/gscope/log_columns.h"
#include "app/gscope/progress_line.h"
#include "app/gscope/verb.h"
#include "core/pipeline/reading_again.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>
#include <utility>

namespace gatescope::cli {

namespace {

/// Says what went wrong with each input, and gives the status that follows from it.
ExitStatus inputStatus(const Results& results, bool isQuiet) {
    ExitStatus status = ExitStatus::Done;
    const auto tell = [&](ExitStatus found, const std::string& name, const std::string& message) {
        status = worse(status, found);
        // Messages of the engine name the file themselves where they can.
        const bool isNamed = message.find(name) != message.npos;
        if (!isQuiet) say(isNamed ? message : fmt::format("{}: {}", name, message));
    };
    for (const auto& [name, remark] : results.inputs.remarks())
        if (!isQuiet) say(fmt::format("{}: {}", name, remark));
    for (const auto& [name, reason] : results.inputs.unusable()) tell(ExitStatus::NotOpened, name, reason);
    for (std::size_t i = 0; i < results.run.inputs.size(); ++i) {
        const auto& error = results.run.inputs[i].error;
        if (!error || error->kind == ErrorKind::Stopped) continue;
        const bool isUnread = error->kind == ErrorKind::CannotOpen || error->kind == ErrorKind::UnknownFormat;
        const ExitStatus found = isUnread                             ? ExitStatus::NotOpened
                                 : error->kind == ErrorKind::Internal ? ExitStatus::OwnError
                                                                      : ExitStatus::ReadInPart;
        tell(found, results.inputs.names()[i], error->message);
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

bool hasFinding(const Results& results, Severity severity) {
    return std::ranges::any_of(results.findings, [&](const analysis::PlacedFinding& placed) {
        return placed.finding.kind->severity >= severity;
    });
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

bool CaptureVerb::showsProgress() const {
    if (m_options.progress != "auto") return m_options.progress == "always";
    return !m_options.quiet && isatty(STDERR_FILENO) != 0;
}

pipeline::RunResult CaptureVerb::analyse(const Inputs& inputs, analysis::Dataset& dataset,
                                         const pipeline::RunOptions& options, const std::stop_token& stop) const {
    ProgressLine line(showsProgress(), inputs.names());
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
    if (filter.matchesEverything()) {
        results.rows = snapshot.order();
    } else {
        results.rows = filter.apply(snapshot, snapshot.order());
        std::vector<bool> isChosen(snapshot.size(), false);
        for (const analysis::Row row : results.rows) isChosen[row] = true;
        std::erase_if(results.findings, [&](const auto& placed) { return !placed.row || !isChosen[*placed.row]; });
    }
    return results;
}

std::expected<ExitStatus, Failure> CaptureVerb::run(std::stop_token stop) {
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
    const pipeline::RunOptions options{.threads = m_options.threads,
                                       .memoryLimit = *memoryLimit,
                                       .estimate = *estimate,
                                       .columns = *columns,
                                       .trust = *trust,
                                       .vxlanPorts = m_options.vxlanPorts,
                                       .secrets = *secrets,
                                       .alignClocks = !m_options.keepClocks};

    auto inputs = Inputs::expand(m_options.inputs, readsAgain(), stop);
    if (!inputs) return std::unexpected(inputs.error());
    auto file = FileOutput::open(m_options.output, inputs->paths());
    if (!file) return std::unexpected(file.error());
    const Results results = read(*std::move(inputs), *filter, options, stop);
    ExitStatus status = inputStatus(results, m_options.quiet);
    if (!wasAnyRead(results)) return status;
    if (auto written = write(results, {**file, {*format, (*file)->terminalWidth()}}, stop); !written)
        return std::unexpected(written.error());
    if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
    // No severity is less than any other.
    if (*failOn && (hasFinding(results, **failOn) || worstOwnFinding() >= *failOn))
        status = worse(status, ExitStatus::Found);
    return status;
}

} // namespace gatescope::cli

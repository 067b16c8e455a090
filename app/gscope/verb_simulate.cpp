// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb_simulate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <utility>

namespace gatescope::cli {

namespace {

class SimulateVerb final : public Verb {
public:
    std::string_view name() const override { return "simulate"; }
    std::string_view purpose() const override {
        return "Replay what passed through a token limit (limits), prepaid capacity (ptu) or a metric (metrics)";
    }

    void declare(CLI::App& command) override {
        command.require_subcommand(1);
        for (Part& part : m_parts) {
            part.verb = part.make();
            part.command = command.add_subcommand(std::string(part.verb->name()), std::string(part.verb->purpose()));
            part.verb->declare(*part.command);
        }
    }

    std::expected<ExitStatus, Failure> run(std::stop_token stop) override {
        const auto chosen = std::ranges::find_if(m_parts, [](const Part& part) { return part.command->parsed(); });
        if (chosen == m_parts.end()) return std::unexpected(wrongUse("'simulate' needs limits, ptu or metrics"));
        return chosen->verb->run(std::move(stop));
    }

private:
    struct Part {
        std::unique_ptr<Verb> (*make)();
        std::unique_ptr<Verb> verb;
        CLI::App* command = nullptr;
    };
    std::array<Part, 3> m_parts{Part{makeSimulateLimitsVerb, {}, nullptr}, Part{makeSimulatePtuVerb, {}, nullptr},
                                Part{makeSimulateMetricsVerb, {}, nullptr}};
};

} // namespace

std::expected<std::vector<analysis::Field>, Failure> fieldsOf(const std::string& list) {
    auto fields = analysis::parseFields(list);
    if (!fields) return std::unexpected(wrongUse(fields.error().message));
    return *std::move(fields);
}

std::expected<void, Failure> writeText(const std::expected<std::string, Error>& text, const Destination& destination) {
    if (!text) return std::unexpected(wrongUse(text.error().message));
    destination.file.write(*text); // trouble comes out when the file is put in its place
    return {};
}

void SimulationVerb::declareCommon(CLI::App& command) {
    addInputOptions(command, m_options);
    command.add_flag("--findings", m_findings, "Write what is odd about the result instead of its rows");
    addResultOptions(command, m_options);
    addFieldsOption(command, m_options);
    addOutputOptions(command, m_options);
}

void SimulationVerb::declareParameters(CLI::App& command) {
    command
        .add_option("--parameters", m_parameters,
                    "Numbers of the platform from FILE, in the form of ptu-and-quota.json, over those built in")
        ->type_name("FILE");
}

std::expected<simulate::Parameters, Failure> SimulationVerb::parameters() const {
    if (m_parameters.empty()) return simulate::shippedParameters();
    constexpr std::size_t kMostBytes = (std::size_t{1} << 20) + 1; // one more than the reader takes
    std::ifstream file(m_parameters, std::ios::binary);
    std::string text(kMostBytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file && !file.eof()) return std::unexpected(wrongUse(fmt::format("cannot read '{}'", m_parameters)));
    text.resize(static_cast<std::size_t>(file.gcount()));
    auto read = simulate::parseParameters(text);
    if (!read) return std::unexpected(wrongUse(fmt::format("{}: {}", m_parameters, read.error().message)));
    return *std::move(read);
}

std::expected<void, Failure> SimulationVerb::chooseColumns(std::vector<report::Column> columns,
                                                           const std::vector<std::string_view>& forPeople) {
    static constexpr std::array<std::string_view, 4> kFindings{"id", "severity", "title", "evidence"};
    m_columns = m_findings ? report::findingColumns() : std::move(columns);
    auto selection =
        selectionOf(m_options, m_columns,
                    m_findings ? std::vector<std::string_view>(kFindings.begin(), kFindings.end()) : forPeople);
    if (!selection) return std::unexpected(selection.error());
    m_selection = *std::move(selection);
    return {};
}

bool SimulationVerb::reportFindings(const Results& results, const Destination& destination,
                                    std::vector<Finding> findings) {
    std::ranges::stable_sort(findings, std::ranges::greater(),
                             [](const Finding& finding) { return finding.kind->severity; });
    for (const Finding& finding : findings) m_worst = std::max(m_worst, std::optional(finding.kind->severity));
    if (!m_findings) {
        for (const Finding& finding : findings)
            note(fmt::format("{} ({}): {}", finding.kind->title, finding.kind->id, fmt::join(finding.evidence, "; ")));
        return true;
    }
    std::vector<analysis::PlacedFinding> placed;
    for (Finding& finding : findings) placed.push_back({std::move(finding), std::nullopt});
    report::RowWriter writer(destination.writer, report::chosen(m_columns, m_selection), destination.file);
    report::writeFindings(results.snapshot, placed, m_selection, writer);
    writer.finish();
    return false;
}

void SimulationVerb::note(const std::string& message) const {
    if (!m_options.quiet) say(message);
}

std::unique_ptr<Verb> makeSimulateVerb() {
    return std::make_unique<SimulateVerb>();
}

} // namespace gatescope::cli

// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"
#include "core/report/header_rows.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gatescope::cli {

namespace {

class HeadersVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "headers"; }
    std::string_view purpose() const override {
        return "Every header name: how often, how many values, how sensitive, what changed";
    }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        command
            .add_option("--against", m_against,
                        "What is new, gone or of another shape since FILE, an older capture, log or folder")
            ->type_name("FILE");
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer(
            "Examples are masked unless --reveal. With --against a table shows only what changed: new, gone,\n"
            "pattern (values of another shape), value (another constant), share (over 10 points).\n\n"
            "  gscope headers capture.pcapng\n"
            "  gscope headers today.pcapng --against last-week.pcapng\n"
            "  gscope headers --filter 'status == 429' --format csv capture.pcapng");
    }

protected:
    std::expected<void, Failure> prepare() override {
        const auto filter = filterOf(m_options);
        const auto memoryLimit = memoryLimitOf(m_options);
        if (!filter || !memoryLimit) return {}; // said by the run itself
        m_filter = *filter;
        m_memoryLimit = *memoryLimit;
        m_columns = m_against.empty() ? report::headerColumns() : report::driftColumns();
        const std::vector<std::string_view> forPeople =
            m_against.empty() ? std::vector<std::string_view>{"name",  "direction",   "exchanges", "share",  "distinct",
                                                              "class", "sensitivity", "forgeable", "example"}
                              : std::vector<std::string_view>{"change",          "name",         "direction",
                                                              "class",           "share_before", "share",
                                                              "patterns_before", "patterns",     "example"};
        auto selection = selectionOf(m_options, m_columns, forPeople);
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        report::RowWriter writer(destination.writer, report::chosen(m_columns, m_selection), destination.file);
        if (m_against.empty()) {
            report::writeHeaders(analysis::headerInventory(results.snapshot, results.rows, m_options.reveal),
                                 m_selection, writer);
        } else {
            const auto older = readOlder(stop);
            if (!older) return std::unexpected(older.error());
            auto changes = analysis::headerDrift(*older, m_filter.apply(*older, older->order()), results.snapshot,
                                                 results.rows, m_options.reveal);
            if (m_options.format == "table")
                std::erase_if(changes, [](const auto& change) { return change.kind == analysis::DriftKind::Same; });
            report::writeDrift(changes, m_selection, writer);
        }
        writer.finish();
        return {};
    }

private:
    std::expected<analysis::Snapshot, Failure> readOlder(const std::stop_token& stop) const {
        if (m_against == "-")
            return std::unexpected(Failure{ExitStatus::WrongUse, "--against needs a file, not standard input"});
        auto inputs = Inputs::expand({m_against}, false, stop);
        if (!inputs) return std::unexpected(inputs.error());
        analysis::Dataset dataset(inputs->names());
        const auto run = pipeline::analyse(
            inputs->paths(), dataset,
            {.threads = m_options.threads, .memoryLimit = m_memoryLimit, .vxlanPorts = m_options.vxlanPorts}, stop);
        const bool wasRead = std::ranges::any_of(run.inputs, [](const auto& input) { return !input.format.empty(); });
        if (!wasRead) {
            const bool hasReason = !run.inputs.empty() && run.inputs.front().error;
            return std::unexpected(
                Failure{ExitStatus::NotOpened,
                        fmt::format("--against {}: {}", m_against,
                                    hasReason ? run.inputs.front().error->message : std::string("nothing to read"))});
        }
        return dataset.snapshot();
    }

    std::string m_against;
    analysis::Filter m_filter;
    std::uint64_t m_memoryLimit = 0;
    std::vector<report::Column> m_columns;
    report::Selection m_selection;
};

} // namespace

std::unique_ptr<Verb> makeHeadersVerb() {
    return std::make_unique<HeadersVerb>();
}

} // namespace gatescope::cli

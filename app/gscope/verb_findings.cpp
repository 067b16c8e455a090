// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace gatescope::cli {

namespace {

class FindingsVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "findings"; }
    std::string_view purpose() const override { return "Everything odd, worst first"; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("With --filter only the findings of the exchanges that match.\n\n"
                       "  gscope findings capture.pcapng\n"
                       "  gscope findings --fail-on medium --quiet capture.pcapng || echo look at it");
    }

protected:
    std::expected<void, Failure> prepare() override {
        auto selection =
            selectionOf(m_options, m_columns, {"severity", "id", "packet", "flow", "exchange", "title", "evidence"});
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        report::RowWriter writer(destination.writer, report::chosen(m_columns, m_selection), destination.file);
        report::writeFindings(results.snapshot, results.findings, m_selection, writer);
        writer.finish();
        return {};
    }

private:
    const std::vector<report::Column> m_columns = report::findingColumns();
    report::Selection m_selection;
};

} // namespace

std::unique_ptr<Verb> makeFindingsVerb() {
    return std::make_unique<FindingsVerb>();
}

} // namespace gatescope::cli

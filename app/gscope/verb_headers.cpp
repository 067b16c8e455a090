// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace gatescope::cli {

namespace {

class HeadersVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "headers"; }
    std::string_view purpose() const override { return "Every header name: how often, how many values, how sensitive"; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("Examples are masked unless --reveal.\n\n"
                       "  gscope headers capture.pcapng\n"
                       "  gscope headers --filter 'status == 429' --format csv capture.pcapng");
    }

protected:
    std::expected<void, Failure> prepare() override {
        auto selection =
            selectionOf(m_options, m_columns,
                        {"name", "direction", "exchanges", "share", "distinct", "sensitivity", "forgeable", "example"});
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        report::RowWriter writer(destination.writer, report::chosen(m_columns, m_selection), destination.file);
        report::writeHeaders(analysis::headerInventory(results.snapshot, results.rows, m_options.reveal), m_selection,
                             writer);
        writer.finish();
        return {};
    }

private:
    const std::vector<report::Column> m_columns = report::headerColumns();
    report::Selection m_selection;
};

} // namespace

std::unique_ptr<Verb> makeHeadersVerb() {
    return std::make_unique<HeadersVerb>();
}

} // namespace gatescope::cli

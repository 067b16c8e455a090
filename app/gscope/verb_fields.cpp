// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include <CLI/CLI.hpp>

namespace gatescope::cli {

namespace {

class FieldsVerb final : public Verb {
public:
    std::string_view name() const override { return "fields"; }
    std::string_view purpose() const override { return "The fields of an exchange, and how to filter by them"; }

    void declare(CLI::App& command) override {
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("Filters compare these fields:\n"
                       "  project == \"sampleproject1\" && status >= 400      also: || ! and or not ( )\n"
                       "  total_tokens > 1000 or not stream                 < <= > >= == !=\n"
                       "  path contains \"/chat/\"    agent ~ \"^Test.*\"       text; regular expression (RE2)\n"
                       "  model in {\"gpt-4o\", \"gpt-4.1\"}    effective_client in 100.64.0.0/10\n"
                       "  exists(served_model)    header:x-user-id-hash == \"...\"\n"
                       "A comparison with a missing field is false.");
    }

    std::expected<ExitStatus, Failure> run(std::stop_token) override {
        const auto format = formatOf(m_options);
        if (!format) return std::unexpected(format.error());
        const std::vector<report::Column> columns = report::fieldColumns();
        const auto selection = selectionOf(m_options, columns, {});
        if (!selection) return std::unexpected(selection.error());
        auto file = FileOutput::open(m_options.output, {});
        if (!file) return std::unexpected(file.error());
        report::RowWriter writer({*format, (*file)->terminalWidth()}, report::chosen(columns, *selection), **file);
        report::writeFields(*selection, writer);
        writer.finish();
        if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
        return ExitStatus::Done;
    }

private:
    Options m_options;
};

} // namespace

std::unique_ptr<Verb> makeFieldsVerb() {
    return std::make_unique<FieldsVerb>();
}

} // namespace gatescope::cli

// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"
#include "core/live/interface_list.h"
#include "core/report/selected_row.h"

#include <CLI/CLI.hpp>

namespace gatescope::cli {

namespace {

std::vector<report::Column> columns() {
    using report::ColumnType;
    return {{"name", ColumnType::Text},
            {"description", ColumnType::Text},
            {"addresses", ColumnType::TextList},
            {"up", ColumnType::Boolean},
            {"running", ColumnType::Boolean},
            {"loopback", ColumnType::Boolean},
            {"received_packets", ColumnType::Integer},
            {"sent_packets", ColumnType::Integer},
            {"received_bytes", ColumnType::Integer},
            {"sent_bytes", ColumnType::Integer}};
}

class InterfacesVerb final : public Verb {
public:
    std::string_view name() const override { return "interfaces"; }
    std::string_view purpose() const override { return "The network interfaces that can be captured on"; }

    void declare(CLI::App& command) override {
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("Those with traffic first. 'any' stands for all of them. Needs no rights.\n\n"
                       "  gscope interfaces\n"
                       "  gscope exchanges --live lo -f 'tcp port 8080'");
    }

    std::expected<ExitStatus, Failure> run(std::stop_token) override {
        const auto format = formatOf(m_options);
        if (!format) return std::unexpected(format.error());
        const auto selection = selectionOf(
            m_options, columns(),
            {"name", "up", "running", "loopback", "received_packets", "sent_packets", "addresses", "description"});
        if (!selection) return std::unexpected(selection.error());
        const auto interfaces = live::interfaces();
        if (!interfaces) return std::unexpected(failureOf(interfaces.error()));
        auto file = FileOutput::open(m_options.output, {});
        if (!file) return std::unexpected(file.error());
        report::RowWriter writer({*format, (*file)->terminalWidth()}, report::chosen(columns(), *selection), **file);
        report::SelectedRow row(*selection, writer);
        for (const live::Interface& each : *interfaces) {
            row.addText(each.name).addText(each.description);
            if (each.addresses.empty())
                row.add({});
            else
                row.add(std::vector<std::string_view>(each.addresses.begin(), each.addresses.end()));
            row.add(std::int64_t{each.isUp}).add(std::int64_t{each.isRunning}).add(std::int64_t{each.isLoopback});
            // Nobody counts for all of them together.
            row.addIf(!each.isAny, static_cast<std::int64_t>(each.receivedPackets));
            row.addIf(!each.isAny, static_cast<std::int64_t>(each.sentPackets));
            row.addIf(!each.isAny, static_cast<std::int64_t>(each.receivedBytes));
            row.addIf(!each.isAny, static_cast<std::int64_t>(each.sentBytes)).end();
        }
        writer.finish();
        if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
        return ExitStatus::Done;
    }

private:
    Options m_options;
};

} // namespace

std::unique_ptr<Verb> makeInterfacesVerb() {
    return std::make_unique<InterfacesVerb>();
}

} // namespace gatescope::cli

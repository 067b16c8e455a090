// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include "app/gscope/exchange_page.h"
#include "app/gscope/nearest.h"
#include "core/pipeline/content.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace gatescope::cli {

namespace {

class BodyVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "body"; }
    std::string_view purpose() const override { return "One exchange with its headers and bodies"; }

    void declare(CLI::App& command) override {
        command.add_option("ID", m_idText, "Number of the exchange, as 'gscope exchanges' shows it")
            ->required()
            ->type_name("");
        addInputOptions(command, m_options);
        command.add_flag("--events", m_withEvents, "List the events of a streamed answer with their times");
        addOutputOptions(command, m_options);
        command.footer(
            "A table format shows JSON laid out and the text of a stream put together; json and jsonl write one\n"
            "object with the bodies as they were, content coding undone.\n\n"
            "  gscope body 17 capture.pcapng\n"
            "  gscope body 17 --events --format json capture.pcapng | jq .response.body");
    }

protected:
    bool readsAgain() const override { return true; }

    std::expected<void, Failure> prepare() override {
        const auto [end, error] = std::from_chars(m_idText.data(), m_idText.data() + m_idText.size(), m_id);
        if (error != std::errc() || end != m_idText.data() + m_idText.size() || m_id < 1)
            return std::unexpected(Failure{ExitStatus::WrongUse,
                                           fmt::format("'{}' is no exchange; expected its number, from 1", m_idText)});
        return checkObjectFormat(m_options.format);
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        const analysis::Snapshot& snapshot = results.snapshot;
        const auto row = snapshot.rowOfId(m_id);
        if (!row)
            return std::unexpected(Failure{ExitStatus::WrongUse, fmt::format("there is no exchange {}; the last is {}",
                                                                             m_id, snapshot.exchanges())});
        const std::size_t input = snapshot.inputIndex(*row);
        auto place = pipeline::placeOf(snapshot, *row, results.inputs.paths());
        place.vxlanPorts = m_options.vxlanPorts;
        place.secrets = results.secrets->store();
        const auto content = pipeline::readExchange(place, {}, stop);
        if (!content) return std::unexpected(failureOf(content.error()));
        const PageOptions page{m_id, results.inputs.names()[input], m_options.reveal, m_withEvents};
        destination.file.write(destination.writer.format == report::Format::Table
                                   ? exchangePage(*content, page)
                                   : exchangeObject(*content, page, destination.writer.format));
        return {};
    }

private:
    std::string m_idText;
    std::int64_t m_id = 0;
    bool m_withEvents = false;
};

} // namespace

std::unique_ptr<Verb> makeBodyVerb() {
    return std::make_unique<BodyVerb>();
}

} // namespace gatescope::cli

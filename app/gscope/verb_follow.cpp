// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include "app/gscope/exchange_page.h"
#include "core/pipeline/content.h"
#include "core/report/base64.h"
#include "core/report/escape.h"
#include "core/report/utf8.h"
#include "core/report/wire_text.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace gatescope::cli {

namespace {

/// Neighbouring pieces of one direction, put together: a secret that segments cut in two is masked only as a whole.
struct Run {
    bool fromClient = true;
    bool afterGap = false; ///< begins in the middle of something
    std::uint32_t input = 0;
    std::uint64_t packet = 0;
    TimeNs time = kNoTime;
    std::uint64_t lostBytes = 0; ///< a gap; then there is no data
    std::string data;
};

/// True when a secret may go on after this text: its last line has no end, and masking changes it.
bool endsInSecret(std::string_view text) {
    const std::size_t feed = text.rfind('\n');
    const std::string_view last = feed == text.npos ? text : text.substr(feed + 1);
    return !last.empty() && report::maskWireText(last, false) != last;
}

std::vector<Run> runsOf(const std::vector<pipeline::FollowPiece>& pieces) {
    std::vector<Run> runs;
    for (const pipeline::FollowPiece& piece : pieces) {
        const bool joins = !runs.empty() && runs.back().fromClient == piece.fromClient && piece.lostBytes == 0 &&
                           runs.back().lostBytes == 0;
        if (joins)
            runs.back().data += piece.data;
        else
            runs.push_back(
                {piece.fromClient, false, piece.input, piece.packet, piece.time, piece.lostBytes, piece.data});
    }
    const Run* before[2] = {nullptr, nullptr}; // of each direction
    for (Run& run : runs) {
        const Run* previous = std::exchange(before[run.fromClient], &run);
        run.afterGap = previous != nullptr && (previous->lostBytes != 0 || endsInSecret(previous->data));
    }
    return runs;
}

class FollowVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "follow"; }
    std::string_view purpose() const override { return "Both directions of one connection, as they were sent"; }

    void declare(CLI::App& command) override {
        command.add_option("FLOW", m_flowText, "Number of the connection: the field 'flow' of an exchange")
            ->required()
            ->type_name("");
        addInputOptions(command, m_options);
        addOutputOptions(command, m_options);
        command.footer(
            "Secrets are masked in text; with --reveal the octets are written as they were, and json and jsonl\n"
            "give data that is no text as data_base64.\n\n"
            "  gscope follow 3 capture.pcapng");
    }

protected:
    bool readsAgain() const override { return true; }

    std::expected<void, Failure> prepare() override {
        const auto [end, error] = std::from_chars(m_flowText.data(), m_flowText.data() + m_flowText.size(), m_flow);
        if (error == std::errc() && end == m_flowText.data() + m_flowText.size() && m_flow != 0) return {};
        return std::unexpected(Failure{ExitStatus::WrongUse,
                                       fmt::format("'{}' is no connection; expected its number, from 1", m_flowText)});
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        const analysis::Flow* flow = results.snapshot.flowByNumber(m_flow);
        if (flow == nullptr)
            return std::unexpected(
                Failure{ExitStatus::WrongUse, fmt::format("there is no connection {}; the last is {}", m_flow,
                                                          results.snapshot.flows().size())});
        auto place = pipeline::placeOf(results.snapshot, *flow, results.inputs.paths());
        place.vxlanPorts = m_options.vxlanPorts;
        place.secrets = results.secrets->store();
        const auto pieces = pipeline::readFlow(place, {}, stop);
        if (!pieces) return std::unexpected(failureOf(pieces.error()));
        m_isHttp2 = flow->record.protocol == "h2c" || flow->record.protocol == "h2";
        const std::vector<Run> runs = runsOf(*pieces);
        for (const Run& run : runs) m_severalInputs |= run.input != runs.front().input;
        m_inputs = &results.inputs.names();
        if (destination.writer.format == report::Format::Table)
            writePage(*flow, runs, destination.file);
        else
            writeRows(runs, destination);
        return {};
    }

private:
    std::string shown(const Run& run) const {
        if (m_options.reveal) return run.data;
        // Header fields are packed there in a way that no masking of text sees through.
        if (m_isHttp2) return fmt::format("({} octets of HTTP/2; --reveal shows them)\n", run.data.size());
        return report::maskWireText(run.data, run.afterGap);
    }
    std::string packetOf(const Run& run) const {
        return m_severalInputs ? fmt::format("{} of {}", run.packet, (*m_inputs)[run.input])
                               : std::to_string(run.packet);
    }

    void writePage(const analysis::Flow& flow, const std::vector<Run>& runs, report::ByteSink& sink) const {
        std::string page = fmt::format("connection {}  client {}  server {}\n", flow.number,
                                       flow.record.client.toString(), flow.record.server.toString());
        for (const Run& run : runs) {
            page += fmt::format("\n{}  packet {}  {}\n", run.fromClient ? ">>> client" : "<<< server", packetOf(run),
                                formatTime(run.time));
            if (run.lostBytes != 0) page += fmt::format("({} octets were not captured)\n", run.lostBytes);
            // CRLF ends lines on the wire; a person wants to see the lines.
            std::string text = shown(run);
            std::erase(text, '\r');
            report::appendTerminalLines(page, text);
            if (!page.ends_with('\n')) page += '\n';
            if (!sink.write(std::exchange(page, {}))) return;
        }
    }

    void writeRows(const std::vector<Run>& runs, const Destination& destination) const {
        using report::ColumnType;
        report::RowWriter writer(destination.writer,
                                 {{"from", ColumnType::Text},
                                  {"input", ColumnType::Text},
                                  {"packet", ColumnType::Integer},
                                  {"time", ColumnType::Time},
                                  {"lost_bytes", ColumnType::Integer},
                                  {"data", ColumnType::Text},
                                  {"data_base64", ColumnType::Text}},
                                 destination.file);
        for (const Run& run : runs) {
            writer.text(run.fromClient ? "client" : "server");
            m_severalInputs ? writer.text((*m_inputs)[run.input]) : writer.missing();
            writer.cell(static_cast<std::int64_t>(run.packet));
            run.time != kNoTime ? writer.cell(std::int64_t{run.time}) : writer.missing();
            run.lostBytes != 0 ? writer.cell(static_cast<std::int64_t>(run.lostBytes)) : writer.missing();
            const bool isBinary = m_options.reveal && !report::isValidUtf8(run.data);
            run.data.empty() || isBinary ? writer.missing() : writer.text(shown(run));
            isBinary ? writer.text(report::toBase64(run.data)) : writer.missing();
            writer.endRow();
        }
        writer.finish();
    }

    std::string m_flowText;
    std::uint64_t m_flow = 0;
    bool m_isHttp2 = false;
    bool m_severalInputs = false;
    const std::vector<std::string>* m_inputs = nullptr; ///< names, while writing
};

} // namespace

std::unique_ptr<Verb> makeFollowVerb() {
    return std::make_unique<FollowVerb>();
}

} // namespace gatescope::cli

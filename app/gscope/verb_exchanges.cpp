// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/live_exchanges.h"
#include "app/gscope/verb.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace gatescope::cli {

namespace {

/// What a table shows unless --fields says otherwise: who, what, how it went, what it cost.
constexpr std::string_view kForPeople =
    "id,time,client,method,host,path,status,project,agent,model,total_tokens,duration_ms";

constexpr std::string_view kForPeopleLive =
    "id,time,client,method,host,path,status,state,project,agent,model,total_tokens,duration_ms";

class ExchangesVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "exchanges"; }
    std::string_view purpose() const override { return "One row for each HTTP exchange"; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addLiveOptions(command, m_options.live, true);
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer(
            "'gscope fields' lists the fields; header:NAME and response-header:NAME are fields too.\n"
            "Without --fields a table shows a selection, and every other format all fields.\n\n"
            "  gscope exchanges --filter 'stream && total_tokens > 0' capture.pcapng\n"
            "  gscope exchanges --fields time,agent,model,header:x-request-id --format csv -o calls.csv *.pcap");
    }

protected:
    LiveKind liveKind() const override { return LiveKind::Calls; }

    std::expected<void, Failure> prepare() override {
        if (m_options.fields.empty() && m_options.format != "table") {
            for (const analysis::FieldInfo& info : analysis::fields()) m_fields.push_back({info.id, info.type, {}});
            return {};
        }
        const std::string_view forPeople = isLive() ? kForPeopleLive : kForPeople;
        auto fields = analysis::parseFields(m_options.fields.empty() ? forPeople : m_options.fields);
        if (!fields) return std::unexpected(Failure{ExitStatus::WrongUse, fields.error().message});
        m_fields = *std::move(fields);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        report::RowWriter writer = destination.rows(report::exchangeColumns(m_fields));
        report::writeExchanges(results.snapshot, results.rows, m_fields, m_options.reveal, writer, {},
                               destination.numbering);
        writer.finish();
        return {};
    }

    std::unique_ptr<LiveWriter> liveCalls(const Destination& destination, const analysis::Filter& filter) override {
        // A line of a table cannot be taken back, so there a call is written when it is over.
        const bool endedOnly = m_options.live.endedOnly || destination.writer.format == report::Format::Table;
        return std::make_unique<LiveExchanges>(LiveCalls{filter, m_fields, m_options.reveal, endedOnly},
                                               destination.writer, destination.file);
    }

private:
    std::vector<analysis::Field> m_fields;
};

} // namespace

std::unique_ptr<Verb> makeExchangesVerb() {
    return std::make_unique<ExchangesVerb>();
}

} // namespace gatescope::cli

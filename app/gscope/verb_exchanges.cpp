// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace gatescope::cli {

namespace {

/// What a table shows unless --fields says otherwise: who, what, how it went, what it cost.
constexpr std::string_view kForPeople =
    "id,time,client,method,host,path,status,project,agent,model,total_tokens,duration_ms";

class ExchangesVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "exchanges"; }
    std::string_view purpose() const override { return "One row for each HTTP exchange"; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
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
    std::expected<void, Failure> prepare() override {
        if (m_options.fields.empty() && m_options.format != "table") {
            for (const analysis::FieldInfo& info : analysis::fields()) m_fields.push_back({info.id, info.type, {}});
            return {};
        }
        auto fields = analysis::parseFields(m_options.fields.empty() ? kForPeople : m_options.fields);
        if (!fields) return std::unexpected(Failure{ExitStatus::WrongUse, fields.error().message});
        m_fields = *std::move(fields);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        report::RowWriter writer(destination.writer, report::exchangeColumns(m_fields), destination.file);
        report::writeExchanges(results.snapshot, results.rows, m_fields, m_options.reveal, writer);
        writer.finish();
        return {};
    }

private:
    std::vector<analysis::Field> m_fields;
};

} // namespace

std::unique_ptr<Verb> makeExchangesVerb() {
    return std::make_unique<ExchangesVerb>();
}

} // namespace gatescope::cli

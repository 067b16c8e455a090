// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"
#include "core/report/tls_rows.h"

#include <CLI/CLI.hpp>
#include <unordered_set>

namespace gatescope::cli {

namespace {

constexpr const char* kTlsFooter =
    "Each session says what was agreed, how it ended, and why it could not be read if it could not. Secrets inside a\n"
    "pcapng are used by themselves; a key log (SSLKEYLOGFILE) or an RSA private key is given with --keylog or --key.\n"
    "--filter chooses the sessions that carry exchanges which match.\n\n"
    "  gscope tls capture.pcapng\n"
    "  gscope tls --keylog keys.log capture.pcapng\n"
    "  gscope tls --failed --format jsonl capture.pcapng | jq -r '[.client, .sni, .ended] | @tsv'";

class TlsVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "tls"; }
    std::string_view purpose() const override {
        return "TLS sessions: what was agreed, how they ended, why (not) read";
    }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addLiveOptions(command, m_options.live);
        command.add_flag("--failed", m_failedOnly, "Only sessions whose handshake failed");
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer(kTlsFooter);
    }

protected:
    LiveKind liveKind() const override { return LiveKind::Rows; }

    std::expected<void, Failure> prepare() override {
        m_columns = report::tlsColumns();
        auto selection = selectionOf(m_options, m_columns,
                                     {"session", "time", "client", "server", "sni", "version", "cipher", "alpn",
                                      "ended", "exchanges", "not_decrypted_because"});
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        report::RowWriter writer = destination.rows(report::chosen(m_columns, m_selection));
        report::writeTls(results.snapshot, chosenSessions(results), m_selection, writer, destination.numbering);
        writer.finish();
        return {};
    }

private:
    std::vector<const analysis::TlsSession*> chosenSessions(const Results& results) const {
        std::unordered_set<PacketRef> flows;
        if (!m_options.filter.empty())
            for (const analysis::Row row : results.rows) flows.insert(results.snapshot.flowStart(row));
        std::vector<const analysis::TlsSession*> chosen;
        for (const analysis::TlsSession& session : results.snapshot.tlsSessions()) {
            if (m_failedOnly && session.record->facts.outcome != tls::Outcome::Failed) continue;
            if (!m_options.filter.empty() && !flows.contains(session.record->flowStart)) continue;
            chosen.push_back(&session);
        }
        return chosen;
    }

    bool m_failedOnly = false;
    std::vector<report::Column> m_columns;
    report::Selection m_selection;
};

} // namespace

std::unique_ptr<Verb> makeTlsVerb() {
    return std::make_unique<TlsVerb>();
}

} // namespace gatescope::cli

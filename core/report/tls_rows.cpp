// SPDX-License-Identifier: Apache-2.0
#include "core/report/tls_rows.h"

#include "core/report/selected_row.h"
#include "core/tls/names.h"
#include "core/tls/record_line.h"

#include <string>
#include <string_view>

namespace gatescope::report {

namespace {

using tls::SessionFacts;

std::string_view textOf(tls::ClientCertificate certificate) {
    switch (certificate) {
    case tls::ClientCertificate::Unknown:
        return {};
    case tls::ClientCertificate::NotAsked:
        return "not-asked";
    case tls::ClientCertificate::Asked:
        return "asked";
    case tls::ClientCertificate::Sent:
        return "sent";
    case tls::ClientCertificate::Refused:
        return "refused";
    }
    return {};
}

std::string_view textOf(tls::EarlyData earlyData) {
    switch (earlyData) {
    case tls::EarlyData::NotOffered:
        return {};
    case tls::EarlyData::Offered:
        return "offered";
    case tls::EarlyData::Accepted:
        return "accepted";
    case tls::EarlyData::Rejected:
        return "rejected";
    }
    return {};
}

std::vector<std::string> alertTexts(const SessionFacts& facts) {
    std::vector<std::string> texts;
    for (const tls::AlertSeen& alert : facts.alerts)
        texts.push_back((alert.from == tls::Peer::Client ? "client:" : "server:") + tls::alertName(alert.description));
    return texts;
}

/// The cells of one session, in the order of `tlsColumns`. Texts that are made here live as long as it does.
class SessionCells {
public:
    SessionCells(const analysis::Snapshot& snapshot, const analysis::TlsSession& session, Numbering& numbering)
        : m_snapshot(snapshot), m_numbering(numbering), m_session(session), m_record(*session.record),
          m_facts(m_record.facts) {}

    void writeTo(SelectedRow& row) {
        addPlace(row);
        addAgreed(row);
        addEnding(row);
        addMore(row);
        row.end();
    }

private:
    void addPlace(SelectedRow& row) {
        row.addCount(m_numbering.session(m_session)).addText(m_snapshot.inputs()[m_record.input]);
        row.addOptional(m_numbering.flow(m_snapshot, m_record.flowStart));
        row.addIf(m_record.packet != 0, static_cast<std::int64_t>(m_record.packet)).addTime(m_facts.firstTime);
        row.addText(m_client).addText(m_server).addText(m_facts.serverName);
    }
    void addAgreed(SelectedRow& row) {
        if (!m_facts.alpnOffered.empty())
            row.add(std::vector<std::string_view>(m_facts.alpnOffered.begin(), m_facts.alpnOffered.end()));
        else
            row.add({});
        row.addText(m_facts.alpn).addText(m_version).addText(m_cipher).addText(m_facts.ja3).addText(m_facts.ja4);
        const auto& certificates = m_facts.serverCertificates;
        row.addIf(certificates != nullptr, certificates ? static_cast<std::int64_t>(certificates->der.size()) : 0);
        row.addText(certificates ? std::string_view(certificates->leafSubject) : std::string_view());
        row.addText(certificates ? std::string_view(certificates->leafIssuer) : std::string_view());
    }
    void addEnding(SelectedRow& row) {
        row.addIf(m_facts.version != 0, std::int64_t{m_facts.resumed}).addText(textOf(m_facts.clientCertificate));
        if (m_alerts.empty())
            row.add({});
        else
            row.add(std::vector<std::string_view>(m_alerts.begin(), m_alerts.end()));
        row.addText(m_facts.ended).add(std::int64_t{m_facts.decrypted}).addText(m_facts.notDecryptedBecause);
        row.addCount(m_record.exchanges);
    }
    void addMore(SelectedRow& row) {
        row.addText(m_facts.overQuic ? "quic" : "tcp").addText(m_facts.ja3s).addText(m_group).addText(m_scheme);
        row.addIf(m_facts.version != 0, std::int64_t{m_facts.helloRetried}).addText(textOf(m_facts.earlyData));
        row.addIf(m_facts.clientHelloSeen, std::int64_t{m_facts.encryptedClientHello});
        const auto& certificates = m_facts.serverCertificates;
        row.addIf(certificates != nullptr, std::int64_t{certificates && !certificates->ocspResponse.empty()});
        row.addCount(m_facts.recordsDecrypted).addCount(m_facts.recordsNotDecrypted).addCount(m_facts.recordsDamaged);
        row.addCount(m_facts.lostOctets).addText(m_records);
    }

    const analysis::Snapshot& m_snapshot;
    Numbering& m_numbering;
    const analysis::TlsSession& m_session;
    const analysis::TlsRecord& m_record;
    const SessionFacts& m_facts;
    std::string m_client = m_record.client.toString();
    std::string m_server = m_record.server.toString();
    std::string m_version = m_facts.version == 0 ? std::string() : tls::versionName(m_facts.version);
    std::string m_cipher = m_facts.version == 0 ? std::string() : tls::cipherSuiteName(m_facts.cipherSuite);
    std::string m_group = m_facts.group == 0 ? std::string() : tls::groupName(m_facts.group);
    std::string m_scheme =
        m_facts.signatureScheme == 0 ? std::string() : tls::signatureSchemeName(m_facts.signatureScheme);
    std::vector<std::string> m_alerts = alertTexts(m_facts);
    std::string m_records = tls::recordLine(m_facts.steps, m_facts.helloRetried);
};

} // namespace

std::vector<Column> tlsColumns() {
    return {{"session", ColumnType::Integer},
            {"input", ColumnType::Text},
            {"flow", ColumnType::Integer},
            {"packet", ColumnType::Integer},
            {"time", ColumnType::Time},
            {"client", ColumnType::Text},
            {"server", ColumnType::Text},
            {"sni", ColumnType::Text},
            {"alpn_offered", ColumnType::TextList},
            {"alpn", ColumnType::Text},
            {"version", ColumnType::Text},
            {"cipher", ColumnType::Text},
            {"ja3", ColumnType::Text},
            {"ja4", ColumnType::Text},
            {"certificates", ColumnType::Integer},
            {"leaf_subject", ColumnType::Text},
            {"leaf_issuer", ColumnType::Text},
            {"resumed", ColumnType::Boolean},
            {"client_certificate", ColumnType::Text},
            {"alerts", ColumnType::TextList},
            {"ended", ColumnType::Text},
            {"decrypted", ColumnType::Boolean},
            {"not_decrypted_because", ColumnType::Text},
            {"exchanges", ColumnType::Integer},
            {"transport", ColumnType::Text},
            {"ja3s", ColumnType::Text},
            {"group", ColumnType::Text},
            {"signature", ColumnType::Text},
            {"hello_retried", ColumnType::Boolean},
            {"early_data", ColumnType::Text},
            {"encrypted_client_hello", ColumnType::Boolean},
            {"stapled_ocsp", ColumnType::Boolean},
            {"records_decrypted", ColumnType::Integer},
            {"records_not_decrypted", ColumnType::Integer},
            {"records_damaged", ColumnType::Integer},
            {"lost_octets", ColumnType::Integer},
            {"records", ColumnType::Text}};
}

void writeTls(const analysis::Snapshot& snapshot, const std::vector<const analysis::TlsSession*>& sessions,
              const Selection& selection, RowWriter& writer, Numbering* numbering) {
    Numbering ofSnapshot;
    SelectedRow row(selection, writer);
    for (const analysis::TlsSession* session : sessions) {
        if (writer.refused()) return;
        SessionCells(snapshot, *session, numbering ? *numbering : ofSnapshot).writeTo(row);
    }
}

} // namespace gatescope::report

// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/tls_columns.h"

#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"

namespace gatescope::ui {
namespace {

struct ColumnInfo {
    const char* title;
    const char* meaning;
    const char* field;
};
/// By TlsColumn.
constexpr std::array<ColumnInfo, kTlsColumns.size()> kInfos{
    {{"#", "Number of the session, in the order in which they began", "number"},
     {"Time (UTC)", "When its first record was seen", "time"},
     {"Client", "Who sent the Client Hello", "client"},
     {"Server", "Whom it went to", "server"},
     {"Server name", "The name that the client asked for (SNI)", "sni"},
     {"Version", "The version of TLS that both agreed on", "version"},
     {"Cipher", "The cipher suite that both agreed on", "cipher"},
     {"ALPN", "The application protocol that both agreed on; of a session that failed, nothing", "alpn"},
     {"Ended", "How the session ended, and who ended it", "ended"},
     {"Readable", "Whether its content could be read, and if not why", "readable"},
     {"Exchanges", "HTTP exchanges that were read inside", "exchanges"},
     {"JA4", "Fingerprint of the client's Client Hello", "ja4"}}};

const ColumnInfo& infoOf(TlsColumn column) {
    return kInfos[static_cast<std::size_t>(column)];
}

} // namespace

QString tlsColumnTitle(TlsColumn column) {
    return QLatin1String(infoOf(column).title);
}

QString tlsColumnMeaning(TlsColumn column) {
    return QLatin1String(infoOf(column).meaning);
}

QString tlsColumnField(TlsColumn column) {
    return QLatin1String(infoOf(column).field);
}

bool tlsColumnIsNumber(TlsColumn column) {
    return column == TlsColumn::Number || column == TlsColumn::Exchanges;
}

QString tlsCell(const analysis::TlsSession& session, TlsColumn column, bool withDate) {
    const auto& record = *session.record;
    const auto& facts = record.facts;
    switch (column) {
    case TlsColumn::Number:
        return QString::number(session.number);
    case TlsColumn::Time:
        return clockText(facts.firstTime, withDate);
    case TlsColumn::Client:
        return toText(record.client.toString());
    case TlsColumn::Server:
        return toText(record.server.toString());
    case TlsColumn::ServerName:
        return toText(facts.serverName);
    case TlsColumn::Version:
        return tlsVersionText(facts);
    case TlsColumn::Cipher:
        return tlsCipherText(facts);
    case TlsColumn::Alpn:
        return toText(facts.alpn);
    case TlsColumn::Ended:
        return toText(facts.ended);
    case TlsColumn::Readable:
        return readableText(facts);
    case TlsColumn::Exchanges:
        return countText(record.exchanges);
    case TlsColumn::Ja4:
        return toText(facts.ja4);
    }
    return {};
}

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
// JA4 of every ClientHello in FoxIO's captures, held against the values that its own program gives for them. The
// captures are not part of the project; the case of the project's own is in tls_fingerprint_test.
#include <QTest>

#include "core/tls/fingerprints.h"
#include "core/tls/handshake_reader.h"
#include "core/tls/record_reader.h"
#include "tests/support/corpus.h"
#include "tests/support/stream_replay.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <array>

using namespace gatescope;

namespace {

/// One ClientHello: ends of its connection, server name, JA4.
using Rows = QStringList;

QString rowOf(const QString& source, const QString& sourcePort, const QString& target, const QString& targetPort,
              const QString& name, const QString& ja4) {
    return QStringList{source, sourcePort, target, targetPort, name, ja4}.join(u' ');
}

/// Records, handshake messages and hellos of one direction.
class Direction final : public tls::RecordSink, public tls::HandshakeSink {
public:
    Direction(Rows& rows, QStringList ends) : m_rows(rows), m_ends(std::move(ends)) {}

    void feed(Bytes data) { m_records.feed(data, {}); }
    void gap(std::uint64_t length) { m_records.gap(length, {}); }

private:
    void onRecord(const tls::Record& record) override {
        if (record.type == static_cast<std::uint8_t>(tls::RecordType::Handshake))
            m_messages.feed(record.fragment, record.last, *this);
        else
            m_messages.reset(); // a second ClientHello may come behind ChangeCipherSpec
    }
    void onLost(const tls::LostRecords&) override { m_messages.reset(); }
    void onNotTls(Bytes, const tls::Place&) override {}
    void onMessage(const tls::HandshakeMessage& message) override {
        if (message.type != tls::HandshakeType::ClientHello) return;
        const auto hello = tls::parseClientHello(message.body);
        if (!hello) return;
        m_rows.append(rowOf(m_ends[0], m_ends[1], m_ends[2], m_ends[3],
                            QString::fromStdString(hello->serverName.value_or("")),
                            QString::fromStdString(tls::ja4(*hello))));
    }
    void onTooLong(const tls::LongHandshakeMessage&) override {}

    Rows& m_rows;
    QStringList m_ends;
    tls::RecordReader m_records{*this, true}; // in one capture the octets of SOCKS come first
    tls::HandshakeReader m_messages;
};

class Connection final : public tcp::StreamConsumer {
public:
    Connection(Rows& rows, const tcp::ConnectionInfo& info) {
        for (std::size_t from = 0; from < 2; ++from)
            m_directions[from] =
                std::make_unique<Direction>(rows, endText(info.ends[from]) + endText(info.ends[1 - from]));
    }
    void onData(tcp::Side from, Bytes data, const tcp::Place&) override { of(from).feed(data); }
    void onGap(tcp::Side from, std::uint64_t length, const tcp::Place&) override { of(from).gap(length); }
    void onFin(tcp::Side, const tcp::Place&) override {}
    void onClosed(tcp::CloseReason) override {}

private:
    static QStringList endText(const Endpoint& end) {
        return {QString::fromStdString(end.address.toString()), QString::number(end.port)};
    }
    Direction& of(tcp::Side side) { return *m_directions[static_cast<std::size_t>(side)]; }

    std::array<std::unique_ptr<Direction>, 2> m_directions;
};

Rows seenIn(const QString& capture) {
    Rows rows;
    if (!test::StreamReplay::play(capture.toStdString(), [&](const tcp::ConnectionInfo& info) {
            return std::make_unique<Connection>(rows, info);
        }))
        return {QStringLiteral("cannot be opened")};
    rows.sort();
    return rows;
}

/// Streams of the published values. Those of QUIC (`q`) are another test's.
Rows publishedIn(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return {QStringLiteral("cannot be opened")};
    Rows rows;
    const QJsonArray streams = QJsonDocument::fromJson(file.readAll()).array();
    for (const auto& value : streams) {
        const QJsonObject stream = value.toObject();
        for (const QString& key : stream.keys()) {
            const QString ja4 = stream[key].toString();
            if (!key.startsWith(QLatin1String("JA4.")) || ja4.startsWith(u'q')) continue;
            rows.append(rowOf(stream["src"].toString(), stream["srcport"].toString(), stream["dst"].toString(),
                              stream["dstport"].toString(), stream["domain"].toString(), ja4));
        }
    }
    rows.sort();
    return rows;
}

/// Rows where the published value is not what JA4.md describes; with ours.
struct Difference {
    const char* published;
    const char* ours;
    const char* reason;
};
constexpr std::array kDifferences = {
    Difference{
        "t13d151699_8daaf6152771_e5627efa2ab1", "t13d1516bd_8daaf6152771_e5627efa2ab1",
        "a protocol name that is not ASCII is 99 for the program that made the values; JA4.md asks for the first "
        "and last digit of ba ad"},
};

/// What FoxIO publishes in another place: its program in Rust reads TLS behind CONNECT, that in Python does not.
Rows publishedElsewhere(const QString& capture) {
    if (capture.endsWith(QLatin1String("/https-connect.pcap")))
        return {rowOf("10.11.12.13", "54723", "10.9.8.7", "8080", "", "t12i860500_e18388e7f3a3_a1e935682795")};
    return {};
}

} // namespace

class TlsJa4CorpusTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void publishedValues_data();
    void publishedValues();
};

void TlsJa4CorpusTest::publishedValues_data() {
    QTest::addColumn<QString>("capture");
    QTest::addColumn<QString>("published");
    const QString folder = test::corpusFolder();
    if (folder.isEmpty()) QSKIP("no corpus");
    const QDir values(folder + QStringLiteral("/ja4/expected-python"));
    for (const QString& name : values.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name)) {
        const QString capture = name.chopped(5);
        QTest::newRow(qPrintable(capture)) << folder + QStringLiteral("/ja4/pcap/") + capture << values.filePath(name);
    }
}

void TlsJa4CorpusTest::publishedValues() {
    QFETCH(QString, capture);
    QFETCH(QString, published);
    Rows expected = publishedIn(published) + publishedElsewhere(capture);
    for (QString& row : expected)
        for (const Difference& difference : kDifferences)
            row.replace(QLatin1String(difference.published), QLatin1String(difference.ours));
    const Rows seen = seenIn(capture);
    qInfo("%lld hellos, %lld published", static_cast<long long>(seen.size()), static_cast<long long>(expected.size()));
    for (const QString& row : expected)
        if (!seen.contains(row)) qWarning("missing: %s", qPrintable(row));
    for (const QString& row : seen)
        if (!expected.contains(row)) qWarning("more: %s", qPrintable(row));
    QCOMPARE(seen, expected);
}

QTEST_APPLESS_MAIN(TlsJa4CorpusTest)
#include "tls_ja4_corpus_test.moc"

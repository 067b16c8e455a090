// SPDX-License-Identifier: Apache-2.0
// TLS from packets to exchanges. Sessions are made by libssl while the test runs, or are those of the lab's capture.
#include <QTest>

#include "captures.h"
#include "core/pipeline/content.h"
#include "core/pipeline/reading_again.h"
#include "core/pipeline/secrets.h"
#include "tests/support/openssl_pair.h"

#include <algorithm>
#include <set>

using namespace gatescope;
using namespace gatescope::pipeline;
using namespace gatescope::test;

namespace {

const std::string kSamples = GATESCOPE_SOURCE_DIR "/resources/samples/";

struct Analysis {
    std::vector<std::string> paths;
    std::shared_ptr<Secrets> secrets = std::make_shared<Secrets>();
    std::unique_ptr<analysis::Dataset> dataset;
    RunResult result;

    explicit Analysis(const std::string& path, unsigned threads = 1) : paths{path} { run(threads); }
    Analysis(const std::string& path, const std::string& keyLog, unsigned threads = 1) : paths{path} {
        secrets->store()->addKeyLog(keyLog);
        run(threads);
    }
    void run(unsigned threads) {
        dataset = std::make_unique<analysis::Dataset>(paths);
        RunOptions options;
        options.threads = threads;
        options.secrets = secrets;
        result = analyse(paths, *dataset, options);
    }
    analysis::Snapshot snapshot() const { return dataset->snapshot(); }
    const tls::SessionFacts& facts(std::size_t index) const { return snapshot().tlsSessions().at(index).record->facts; }
};

std::string textOf(const analysis::Snapshot& snapshot, const char* field, analysis::Row row) {
    const auto value = snapshot.value(*analysis::Field::parse(field), row);
    const auto* text = std::get_if<std::string_view>(&value);
    return text ? std::string(*text) : std::string();
}

void play(TcpFlow& flow, const OpensslPair& pair) {
    for (const auto& flight : pair.flights()) {
        std::string_view octets = flight.octets;
        while (!octets.empty()) {
            const std::string_view part = octets.substr(0, 1400);
            flight.from == tls::Peer::Client ? flow.client(part) : flow.server(part);
            octets.remove_prefix(part.size());
        }
    }
}

} // namespace

class PipelineTlsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_identity = std::make_unique<OpensslIdentity>(OpensslIdentity::ec()); }

    void aKeyLogBesideIsAsGoodAsOneInside() {
        const Analysis inside(kSamples + "foundry-gateway-tls13.pcapng");
        Analysis sealed(kSamples + "foundry-gateway-tls13-sealed.pcapng");
        QCOMPARE(sealed.snapshot().exchanges(), std::size_t{0});
        QCOMPARE(sealed.snapshot().tlsSessions().size(), inside.snapshot().tlsSessions().size());
        QCOMPARE(sealed.facts(0).notDecryptedBecause, std::string("no secrets for this client random"));
        QCOMPARE(sealed.facts(0).ended, std::string("complete"));

        QVERIFY(sealed.secrets->addKeyLogFile(kSamples + "foundry-gateway-tls13.keys.log"));
        for (const unsigned threads : {1U, 8U}) {
            sealed.run(threads);
            const auto a = inside.snapshot();
            const auto b = sealed.snapshot();
            QCOMPARE(b.exchanges(), std::size_t{20}); // as many as the lab's truth file has
            for (std::size_t i = 0; i < a.order().size(); ++i)
                for (const char* field : {"path", "agent", "model", "tls", "ja4", "scheme", "client", "protocol"})
                    QCOMPARE(textOf(b, field, b.order()[i]), textOf(a, field, a.order()[i]));
            QCOMPARE(textOf(b, "tls", b.order()[0]), std::string("1.3"));
            QCOMPARE(textOf(b, "scheme", b.order()[0]), std::string("https"));
            QCOMPARE(b.tlsSessions()[0].record->exchanges, a.tlsSessions()[0].record->exchanges);
        }
    }

    void exchangesAndConnectionsAreReadAgain() {
        const Analysis analysis(kSamples + "foundry-gateway-tls13.pcapng");
        const auto snapshot = analysis.snapshot();
        auto place = placeOf(snapshot, snapshot.order()[1], analysis.paths);
        place.secrets = analysis.secrets->store();
        const auto content = readExchange(place);
        QVERIFY(content);
        QVERIFY(content->request.text.find("\"messages\"") != std::string::npos);
        QCOMPARE(content->exchange.response.status, 200);

        const analysis::Flow* flow = snapshot.flowOf(snapshot.flowStart(snapshot.order()[1]));
        auto whole = placeOf(snapshot, *flow, analysis.paths);
        whole.secrets = analysis.secrets->store();
        auto pieces = readFlow(whole);
        QVERIFY(pieces && pieces->front().fromClient);
        std::string asked; // the first octet may be a piece of its own: it has a time of its own
        for (const FollowPiece& piece : *pieces) {
            if (!piece.fromClient) break;
            asked += piece.data;
        }
        QVERIFY(asked.starts_with("POST /"));
        whole.secrets = nullptr; // then as it was sent
        pieces = readFlow(whole);
        QVERIFY(pieces);
        QCOMPARE(static_cast<int>(pieces->front().data.front()), 22);
    }

    void secretsBehindTheirPacketsAreToldAndUsedNextTime() {
        QFile sealed(QString::fromStdString(kSamples + "foundry-gateway-tls13-sealed.pcapng"));
        QFile keys(QString::fromStdString(kSamples + "foundry-gateway-tls13.keys.log"));
        QVERIFY(sealed.open(QIODevice::ReadOnly) && keys.open(QIODevice::ReadOnly));
        std::string bytes = sealed.readAll().toStdString();
        std::string body = keys.readAll().toStdString();
        const auto size = static_cast<std::uint32_t>(body.size());
        body.resize((body.size() + 3) / 4 * 4);
        const auto length = static_cast<std::uint32_t>(body.size() + 20);
        // A block of a private kind as large as what is read at a time (256 KiB), so that the packets are decoded
        // before.
        const std::string filler(300'000, 'f');
        const auto fillerLength = static_cast<std::uint32_t>(filler.size() + 12);
        bytes += Octets().little32(0x80000001).little32(fillerLength).text(filler).little32(fillerLength).str();
        // pcapng, 4.7: a decryption secrets block with a key log of TLS.
        bytes += Octets()
                     .little32(10)
                     .little32(length)
                     .little32(0x544c534b)
                     .little32(size)
                     .text(body)
                     .little32(length)
                     .str();
        Analysis late(m_folder.write("late.pcapng", bytes));
        QCOMPARE(late.snapshot().exchanges(), std::size_t{0});
        QCOMPARE(late.result.sessionsWithLateSecrets, std::size_t{4});
        QVERIFY(std::ranges::any_of(late.snapshot().findings(), [](const auto& placed) {
            return placed.finding.kind->id == "tls.secrets-came-late";
        }));
        QVERIFY(isWorthReadingAgain(late.result, late.paths, 1));
        QVERIFY(!isWorthReadingAgain(late.result, late.paths, kMaxReadings));
        QVERIFY(!isWorthReadingAgain(late.result, {"/dev/null"}, 1)); // neither a file nor a folder
        late.run(1);
        QVERIFY(!isWorthReadingAgain(late.result, late.paths, 2));
        QCOMPARE(late.snapshot().exchanges(), std::size_t{20});
        QCOMPARE(late.result.sessionsWithLateSecrets, std::size_t{0});
    }

    void theFingerprintInAHeaderIsHeldAgainstTheHello() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        OpensslPair probe(*m_identity, options);
        QVERIFY(probe.connect() && probe.send(tls::Peer::Client, "x"));
        const auto ja4 = analysisOf(probe).facts(0).ja4;
        QVERIFY(ja4.starts_with("t13d"));
        for (const bool equal : {true, false}) {
            OpensslPair pair(*m_identity, options);
            QVERIFY(pair.connect());
            const std::string claimed = equal ? ja4 : "t13d1113h2_d3731e0d3936_000000000000";
            QVERIFY(pair.send(tls::Peer::Client,
                              "GET /a HTTP/1.1\r\nHost: gw\r\nX-Azure-JA4-Fingerprint: " + claimed + "\r\n\r\n"));
            QVERIFY(pair.send(tls::Peer::Server, "HTTP/1.1 204 No Content\r\n\r\n"));
            const Analysis analysis = analysisOf(pair);
            QCOMPARE(analysis.snapshot().exchanges(), std::size_t{1});
            const auto& findings = analysis.snapshot().findings();
            const auto found = std::ranges::any_of(findings, [](const auto& placed) {
                return placed.finding.kind->id == "tls.ja4-differs" && placed.row;
            });
            QCOMPARE(found, !equal);
        }
    }

    void tlsIsFoundBehindOtherProtocols_data() {
        QTest::addColumn<QByteArray>("client");
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<int>("exchanges");
        const QByteArray connect("CONNECT gw.example:443 HTTP/1.1\r\nHost: gw.example:443\r\n\r\n");
        QTest::newRow("CONNECT") << connect << QByteArray("HTTP/1.1 200 OK\r\n\r\n") << 2;
        QTest::newRow("STARTTLS") << QByteArray("EHLO a\r\nSTARTTLS\r\n") << QByteArray("220 go ahead\r\n") << 1;
        QTest::newRow("PROXY v1") << QByteArray("PROXY TCP4 203.0.113.7 10.0.9.213 40000 443\r\n") << QByteArray() << 1;
    }
    void tlsIsFoundBehindOtherProtocols() {
        QFETCH(QByteArray, client);
        QFETCH(QByteArray, server);
        QFETCH(int, exchanges);
        OpensslPairOptions options;
        OpensslPair pair(*m_identity, options);
        QVERIFY(pair.connect() && pair.send(tls::Peer::Client, kAskA) && pair.send(tls::Peer::Server, kAnswerA));
        CaptureBuilder capture;
        auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:443");
        flow.client(client.toStdString());
        if (!server.isEmpty()) flow.server(server.toStdString());
        play(flow, pair);
        flow.close();
        const Analysis analysis(m_folder.write("behind.pcap", capture.pcap()), pair.keyLog());
        const auto snapshot = analysis.snapshot();
        QCOMPARE(snapshot.tlsSessions().size(), std::size_t{1});
        QCOMPARE(analysis.facts(0).serverName, std::string("gw.example"));
        QCOMPARE(static_cast<int>(snapshot.exchanges()), exchanges);
        const analysis::Row last = snapshot.order().back();
        QCOMPARE(textOf(snapshot, "tls", last), std::string("1.2"));
        QCOMPARE(textOf(snapshot, "model", last), std::string("gpt-4o"));
        QCOMPARE(snapshot.tlsSessions()[0].record->exchanges, 1U);
    }

    void alpnMakesHttp2() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        options.clientAlpn = {"h2"};
        options.serverAlpn = "h2";
        OpensslPair pair(*m_identity, options);
        QVERIFY(pair.connect());
        const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
        // RFC 7541, C.4.1 without Huffman is C.3.1: GET http www.example.com /
        const std::string block("\x82\x86\x84\x41\x0fwww.example.com", 20);
        const std::string headers = std::string("\0\0\x14\1\5\0\0\0\1", 9) + block;
        QVERIFY(pair.send(tls::Peer::Client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + headers));
        // :status 200 of the static table, END_STREAM.
        QVERIFY(pair.send(tls::Peer::Server, settings + std::string("\0\0\1\1\5\0\0\0\1\x88", 10)));
        const Analysis analysis = analysisOf(pair);
        const auto snapshot = analysis.snapshot();
        QCOMPARE(snapshot.exchanges(), std::size_t{1});
        QCOMPARE(textOf(snapshot, "protocol", snapshot.order()[0]), std::string("h2"));
        QCOMPARE(textOf(snapshot, "host", snapshot.order()[0]), std::string("www.example.com"));
        QCOMPARE(analysis.facts(0).alpn, std::string("h2"));
    }

private:
    Analysis analysisOf(const OpensslPair& pair) const {
        CaptureBuilder capture;
        auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:443");
        play(flow, pair);
        flow.close();
        return Analysis(m_folder.write("session.pcap", capture.pcap()), pair.keyLog());
    }

    CaptureFolder m_folder;
    std::unique_ptr<OpensslIdentity> m_identity;
};

QTEST_APPLESS_MAIN(PipelineTlsTest)
#include "pipeline_tls_test.moc"

// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/support/session_recorder.h"

#include <ctime>

using namespace gatescope;
using namespace gatescope::tls;
using test::OpensslIdentity;
using test::OpensslPair;
using test::OpensslPairOptions;
using test::SessionRecorder;

namespace {

const std::string kRequest = "GET /openai/deployments HTTP/1.1\r\nHost: gw.example\r\n\r\n";
const std::string kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What libssl itself sent and received is what must come out.
bool talk(OpensslPair& pair) {
    return pair.send(Peer::Client, kRequest) && pair.send(Peer::Server, kAnswer) &&
           pair.send(Peer::Server, std::string(40'000, 'x'));
}

} // namespace

/// Whole sessions of libssl, read with its own key log.
class TlsSessionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        m_rsa = std::make_unique<OpensslIdentity>(OpensslIdentity::rsa());
        m_ec = std::make_unique<OpensslIdentity>(OpensslIdentity::ec());
    }

    void everySuiteIsRead_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<QString>("cipher");
        QTest::addColumn<bool>("encryptThenMac");
        for (const char* cipher : {"AES128-SHA", "AES256-SHA", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA"})
            for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION})
                for (const bool etm : {true, false})
                    QTest::addRow("%x %s etm %d", static_cast<unsigned>(version), cipher, etm)
                        << version << QString(cipher) << etm;
        for (const char* cipher :
             {"AES128-SHA256", "ECDHE-RSA-AES256-SHA384", "AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
              "ECDHE-RSA-CHACHA20-POLY1305", "AES128-CCM", "AES256-CCM8", "CAMELLIA128-SHA", "ARIA256-GCM-SHA384",
              "ECDHE-RSA-CAMELLIA256-SHA384", "NULL-SHA256"})
            QTest::addRow("1.2 %s", cipher) << TLS1_2_VERSION << QString(cipher) << true;
        for (const char* suite : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
                                  "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"})
            QTest::addRow("1.3 %s", suite) << TLS1_3_VERSION << QString(suite) << true;
    }
    void everySuiteIsRead() {
        QFETCH(int, version);
        QFETCH(QString, cipher);
        QFETCH(bool, encryptThenMac);
        OpensslPairOptions options;
        options.version = version;
        options.encryptThenMac = encryptThenMac;
        (version == TLS1_3_VERSION ? options.suites : options.ciphers) = cipher.toStdString();
        OpensslPair pair(*m_rsa, options);
        QVERIFY2(pair.connect() && talk(pair), OpensslPair::lastError().c_str());
        for (const bool swapped : {false, true}) {
            SessionRecorder recorder(pair.keyLog(), false, swapped);
            recorder.feed(pair.flights());
            const SessionFacts& facts = recorder.close();
            QCOMPARE(recorder.content(Peer::Client), kRequest);
            QCOMPARE(recorder.content(Peer::Server), kAnswer + std::string(40'000, 'x'));
            QCOMPARE(facts.version, pair.version());
            QCOMPARE(facts.cipherSuite, pair.cipherSuite());
            QVERIFY(facts.clientRandom == pair.clientRandom());
            QCOMPARE(facts.serverName, std::string("gw.example"));
            QCOMPARE(facts.ended, std::string("complete"));
            QCOMPARE(facts.notDecryptedBecause, std::string());
            QCOMPARE(facts.recordsDamaged, std::uint64_t{0});
            QVERIFY(facts.serverCertificates);
            QCOMPARE(facts.serverCertificates->leafSubject, std::string("CN=gw.example"));
            QCOMPARE(facts.serverCertificates->der.front(), m_rsa->certificateDer());
            QCOMPARE(static_cast<int>(facts.clientCertificate), static_cast<int>(ClientCertificate::NotAsked));
        }
    }

    void anySplitGivesTheSame_data() {
        QTest::addColumn<int>("version");
        QTest::newRow("1.2") << TLS1_2_VERSION;
        QTest::newRow("1.3") << TLS1_3_VERSION;
    }
    void anySplitGivesTheSame() {
        QFETCH(int, version);
        OpensslPairOptions options;
        options.version = version;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && talk(pair));
        for (const std::size_t size : {1U, 2U, 3U, 5U, 7U, 64U, 1000U, 20'000U}) {
            SessionRecorder recorder(pair.keyLog());
            recorder.feedSplit(pair.flights(), size);
            recorder.close();
            QCOMPARE(recorder.content(Peer::Client), kRequest);
            QCOMPARE(recorder.content(Peer::Server), kAnswer + std::string(40'000, 'x'));
            QCOMPARE(recorder.facts().ended, std::string("complete"));
        }
    }

    /// The capture ends anywhere: what came before is right, and nothing is made up.
    void everyPrefixIsRead() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, kRequest) && pair.send(Peer::Server, kAnswer));
        std::size_t total = 0;
        for (const auto& flight : pair.flights()) total += flight.octets.size();
        for (std::size_t length = 0; length <= total; ++length) {
            SessionRecorder recorder(pair.keyLog());
            std::size_t left = length;
            for (const auto& flight : pair.flights()) {
                const std::size_t part = std::min(left, flight.octets.size());
                if (part != 0) recorder.feed(flight.from, std::string_view(flight.octets).substr(0, part));
                left -= part;
            }
            const SessionFacts& facts = recorder.close();
            QVERIFY(kRequest.starts_with(recorder.content(Peer::Client)));
            QVERIFY(kAnswer.starts_with(recorder.content(Peer::Server)));
            QCOMPARE(facts.recordsDamaged, std::uint64_t{0});
            QVERIFY2(length == total || facts.ended != "complete" || facts.finished[0], facts.ended.c_str());
        }
    }

    void lossesAreSkipped_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<QString>("cipher");
        QTest::newRow("1.2 GCM") << TLS1_2_VERSION << "ECDHE-RSA-AES128-GCM-SHA256";
        QTest::newRow("1.2 ChaCha") << TLS1_2_VERSION << "ECDHE-RSA-CHACHA20-POLY1305";
        QTest::newRow("1.2 CBC") << TLS1_2_VERSION << "ECDHE-RSA-AES128-SHA256";
        QTest::newRow("1.3") << TLS1_3_VERSION << "TLS_AES_128_GCM_SHA256";
    }
    /// A segment is lost in the middle of many records: all others are read, and what is missing is counted.
    void lossesAreSkipped() {
        QFETCH(int, version);
        QFETCH(QString, cipher);
        OpensslPairOptions options;
        options.version = version;
        (version == TLS1_3_VERSION ? options.suites : options.ciphers) = cipher.toStdString();
        OpensslPair pair(*m_rsa, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, kRequest));
        const std::size_t before = pair.flights().size();
        std::string sent;
        for (int i = 0; i < 60; ++i) {
            const std::string event = "data: {\"n\":" + std::to_string(1000 + i) + "}\n\n";
            QVERIFY(pair.send(Peer::Server, event));
            sent += event;
        }
        std::string stream;
        for (std::size_t i = before; i < pair.flights().size(); ++i) stream += pair.flights()[i].octets;
        for (std::size_t from = 1; from < 1500; from += 37) {
            for (const std::size_t length : {1U, 5U, 60U, 333U, 1460U}) {
                if (from + length + 200 > stream.size()) continue; // something must follow
                SessionRecorder recorder(pair.keyLog());
                for (std::size_t i = 0; i < before; ++i)
                    recorder.feed(pair.flights()[i].from, pair.flights()[i].octets);
                recorder.feed(Peer::Server, std::string_view(stream).substr(0, from));
                recorder.gap(Peer::Server, length);
                recorder.feed(Peer::Server, std::string_view(stream).substr(from + length));
                const SessionFacts& facts = recorder.close();
                const std::string& got = recorder.content(Peer::Server);
                // The end is the end of what was sent, and the beginning its beginning.
                const std::size_t kept = got.size();
                QVERIFY2(kept < sent.size() && kept + length + 250 > sent.size(), std::to_string(kept).c_str());
                std::size_t common = 0;
                while (common < kept && got[common] == sent[common]) ++common;
                QVERIFY(sent.ends_with(got.substr(common)));
                if (!cipher.endsWith("SHA256") || version == TLS1_3_VERSION || cipher.contains("GCM"))
                    QCOMPARE(recorder.lost(Peer::Server), sent.size() - kept);
                QCOMPARE(facts.recordsDamaged, std::uint64_t{0});
            }
        }
    }

    void resumptionsAreRead_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<bool>("tickets");
        QTest::newRow("1.2 ticket") << TLS1_2_VERSION << true;
        QTest::newRow("1.2 id") << TLS1_2_VERSION << false;
        QTest::newRow("1.3 psk") << TLS1_3_VERSION << true;
    }
    void resumptionsAreRead() {
        QFETCH(int, version);
        QFETCH(bool, tickets);
        OpensslPairOptions options;
        options.version = version;
        options.tickets = tickets;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && talk(pair));
        QVERIFY(pair.connect() && talk(pair));
        QVERIFY(pair.resumed());
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        const SessionFacts& facts = recorder.close();
        QCOMPARE(facts.ended, std::string("resumed"));
        QVERIFY(facts.resumed);
        QVERIFY(!facts.serverCertificates);
        QCOMPARE(recorder.content(Peer::Client), kRequest);
    }

    void renegotiationIsRead() {
        OpensslPairOptions options;
        options.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
        OpensslPair pair(*m_rsa, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, "one "));
        const Random first = pair.clientRandom();
        QVERIFY(pair.renegotiate());
        QVERIFY(pair.send(Peer::Client, "two"));
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        const SessionFacts& facts = recorder.close();
        QCOMPARE(recorder.content(Peer::Client), std::string("one two"));
        QVERIFY(facts.clientRandom == first);
        QCOMPARE(facts.laterRandoms.size(), std::size_t{1});
        QVERIFY(facts.laterRandoms.front() == pair.clientRandom());
        QCOMPARE(facts.ended, std::string("complete"));
    }

    void keyUpdatesAreFollowed() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, "a"));
        QVERIFY(pair.updateKey(Peer::Client, true) && pair.send(Peer::Client, "b") && pair.send(Peer::Server, "c"));
        QVERIFY(pair.updateKey(Peer::Server, false) && pair.send(Peer::Server, "d"));
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        QCOMPARE(recorder.close().keyUpdates, 3U);
        QCOMPARE(recorder.content(Peer::Client), std::string("ab"));
        QCOMPARE(recorder.content(Peer::Server), std::string("cd"));
    }

    void earlyDataIsRead() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        options.maxEarlyData = 4096;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && pair.send(Peer::Server, "first"));
        QVERIFY(pair.connect("early ") && pair.send(Peer::Client, "late"));
        QVERIFY(pair.earlyDataAccepted());
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        QCOMPARE(static_cast<int>(recorder.close().earlyData), static_cast<int>(EarlyData::Accepted));
        QCOMPARE(recorder.content(Peer::Client), std::string("early late"));
        QCOMPARE(recorder.facts().notDecryptedBecause, std::string());

        // Without its secret the rest is read all the same.
        std::string without;
        for (std::size_t at = 0; at < pair.keyLog().size();) {
            const std::size_t end = pair.keyLog().find('\n', at) + 1;
            const std::string line = pair.keyLog().substr(at, end - at);
            if (!line.starts_with("CLIENT_EARLY")) without += line;
            at = end;
        }
        SessionRecorder partly(without);
        partly.feed(pair.flights());
        QCOMPARE(partly.close().notDecryptedBecause, std::string("no secrets for this client random"));
        QCOMPARE(partly.content(Peer::Client), std::string("late"));
        QCOMPARE(partly.facts().recordsDamaged, std::uint64_t{0});
    }

    /// The server forgot the session and refuses early data: the client sends it again, and it counts once.
    void refusedEarlyDataIsNotContent() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        options.maxEarlyData = 4096;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && pair.send(Peer::Server, "first"));
        constexpr long kLater = 1'000'000'000; // when every session has expired
        SSL_CTX_flush_sessions(SSL_get_SSL_CTX(pair.end(Peer::Server)), std::time(nullptr) + kLater);
        QVERIFY(pair.connect("early "));
        QVERIFY(!pair.earlyDataAccepted());
        QVERIFY(pair.send(Peer::Client, "again"));
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        QCOMPARE(static_cast<int>(recorder.close().earlyData), static_cast<int>(EarlyData::Rejected));
        QCOMPARE(recorder.content(Peer::Client), std::string("again"));
        QCOMPARE(recorder.facts().notDecryptedBecause, std::string());
        QCOMPARE(recorder.facts().ended, std::string("complete"));
    }

    /// The server's flight was lost before the capture and sent again: it comes after what answers it.
    void aHelloThatComesLateIsWaitedFor_data() {
        QTest::addColumn<int>("version");
        QTest::newRow("1.2") << TLS1_2_VERSION;
        QTest::newRow("1.3") << TLS1_3_VERSION;
    }
    void aHelloThatComesLateIsWaitedFor() {
        QFETCH(int, version);
        OpensslPairOptions options;
        options.version = version;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && talk(pair));
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(Peer::Client, pair.flights()[0].octets);
        for (std::size_t i = 1; i < pair.flights().size(); ++i)
            if (pair.flights()[i].from == Peer::Client) recorder.feed(Peer::Client, pair.flights()[i].octets);
        QVERIFY(!recorder.started);
        recorder.feed(Peer::Server, pair.sent(Peer::Server));
        QCOMPARE(recorder.close().ended, std::string("complete"));
        QCOMPARE(recorder.content(Peer::Client), kRequest);
        QCOMPARE(recorder.content(Peer::Server), kAnswer + std::string(40'000, 'x'));
    }

    void helloRetryIsFollowed() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        options.clientGroups = "X25519:P-256";
        options.serverGroups = "P-256";
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, "hello"));
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        QVERIFY(recorder.close().helloRetried);
        QCOMPARE(recorder.content(Peer::Client), std::string("hello"));
        QCOMPARE(recorder.facts().group, std::uint16_t{23}); // secp256r1
        QCOMPARE(recorder.facts().laterRandoms.size(), std::size_t{0});
    }

    void clientCertificatesAreTold_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<bool>("has");
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
            for (const bool has : {true, false})
                QTest::addRow("%x %d", static_cast<unsigned>(version), has) << version << has;
    }
    void clientCertificatesAreTold() {
        QFETCH(int, version);
        QFETCH(bool, has);
        OpensslPairOptions options;
        options.version = version;
        options.clientCertificate = true;
        options.clientHasCertificate = has;
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect());
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        QCOMPARE(static_cast<int>(recorder.close().clientCertificate),
                 static_cast<int>(has ? ClientCertificate::Sent : ClientCertificate::Refused));
        QCOMPARE(recorder.facts().clientCertificates != nullptr, has);
    }

    void alpnIsPassedOn_data() {
        QTest::addColumn<int>("version");
        QTest::newRow("1.2") << TLS1_2_VERSION;
        QTest::newRow("1.3") << TLS1_3_VERSION;
    }
    void alpnIsPassedOn() {
        QFETCH(int, version);
        OpensslPairOptions options;
        options.version = version;
        options.clientAlpn = {"h2", "http/1.1"};
        options.serverAlpn = "http/1.1";
        OpensslPair pair(*m_ec, options);
        QVERIFY(pair.connect() && talk(pair));
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(pair.flights());
        QCOMPARE(recorder.alpn, std::string("http/1.1"));
        QCOMPARE(recorder.close().alpnOffered, (std::vector<std::string>{"h2", "http/1.1"}));
    }

private:
    std::unique_ptr<OpensslIdentity> m_rsa;
    std::unique_ptr<OpensslIdentity> m_ec;
};

QTEST_APPLESS_MAIN(TlsSessionTest)
#include "tls_session_test.moc"

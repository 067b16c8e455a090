// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/support/session_recorder.h"

using namespace gatescope;
using namespace gatescope::tls;
using test::OpensslIdentity;
using test::OpensslPair;
using test::OpensslPairOptions;
using test::SessionRecorder;

namespace {

/// Lines of a key log that begin with one of these words.
std::string linesWith(const std::string& keyLog, const std::vector<std::string_view>& words) {
    std::string kept;
    for (std::size_t at = 0; at < keyLog.size();) {
        const std::size_t end = keyLog.find('\n', at) + 1;
        const std::string_view line = std::string_view(keyLog).substr(at, end - at);
        for (const std::string_view word : words)
            if (line.starts_with(word)) kept += line;
        at = end;
    }
    return kept;
}

} // namespace

/// Why a session stays closed, and private keys that open it.
class TlsSessionClosedTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_rsa = std::make_unique<OpensslIdentity>(OpensslIdentity::rsa()); }

    void reasonsAreTold() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        OpensslPair pair(*m_rsa, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, "secret"));

        SessionRecorder none("");
        none.feed(pair.flights());
        QCOMPARE(none.close().notDecryptedBecause, std::string("no secrets for this client random"));
        QCOMPARE(none.facts().ended, std::string("complete")); // by the sizes of records alone
        QVERIFY(!none.started && !none.facts().decrypted);

        SessionRecorder half(
            linesWith(pair.keyLog(), {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"}));
        half.feed(pair.flights());
        QCOMPARE(half.close().notDecryptedBecause, std::string("secrets for handshake only"));
        QVERIFY(half.facts().decrypted && half.facts().serverCertificates && !half.started);

        // Only those of the application: the handshake stays closed, the rest does not.
        SessionRecorder rest(linesWith(pair.keyLog(), {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}));
        rest.feed(pair.flights());
        QCOMPARE(rest.close().ended, std::string("complete"));
        QCOMPARE(rest.content(Peer::Client), std::string("secret"));

        SessionRecorder late(pair.keyLog(), true);
        for (const auto& flight : pair.flights())
            if (&flight != &pair.flights().front() && flight.octets.front() == 23)
                late.feed(flight.from, flight.octets);
        QCOMPARE(late.close().notDecryptedBecause, std::string("handshake missing"));
        QCOMPARE(late.facts().ended, std::string("began-before-capture"));
        QCOMPARE(late.facts().version, std::uint16_t{0});
    }

    void aLostHelloIsTheReason() {
        OpensslPairOptions options;
        OpensslPair pair(*m_rsa, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, "secret"));
        SessionRecorder recorder(pair.keyLog());
        recorder.gap(Peer::Client, pair.flights().front().octets.size());
        for (std::size_t i = 1; i < pair.flights().size(); ++i)
            recorder.feed(pair.flights()[i].from, pair.flights()[i].octets);
        const std::string& because = recorder.close().notDecryptedBecause;
        QVERIFY2(because == "packets lost at packet 1", because.c_str());
    }

    void wrongSecretsAreAFinding() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        OpensslPair pair(*m_rsa, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, "secret"));
        std::string wrong = pair.keyLog();
        for (std::size_t at = 0; (at = wrong.find('\n', at)) != std::string::npos; ++at)
            wrong[at - 1] = wrong[at - 1] == '0' ? '1' : '0';
        SessionRecorder recorder(wrong);
        recorder.feed(pair.flights());
        QCOMPARE(recorder.close().notDecryptedBecause, std::string("records do not verify with these secrets"));
        QVERIFY(recorder.facts().recordsDamaged != 0);
        QVERIFY(std::ranges::find(recorder.findings, "tls.does-not-verify") != recorder.findings.end());
    }

    void aFlippedBitDamagesOneRecord() {
        OpensslPairOptions options;
        options.version = TLS1_3_VERSION;
        OpensslPair pair(*m_rsa, options);
        QVERIFY(pair.connect() && pair.send(Peer::Client, "one ") && pair.send(Peer::Client, "two ") &&
                pair.send(Peer::Client, "three"));
        auto flights = pair.flights();
        flights[flights.size() - 2].octets.back() ^= 1;
        SessionRecorder recorder(pair.keyLog());
        recorder.feed(flights);
        QCOMPARE(recorder.close().recordsDamaged, std::uint64_t{1});
        QCOMPARE(recorder.content(Peer::Client), std::string("one three"));
    }

    void aPrivateKeyOpensRsaKeyExchange_data() {
        QTest::addColumn<int>("version");
        QTest::addColumn<bool>("extended");
        for (const int version : {TLS1_VERSION, TLS1_2_VERSION})
            for (const bool extended : {true, false})
                QTest::addRow("%x %d", static_cast<unsigned>(version), extended) << version << extended;
    }
    void aPrivateKeyOpensRsaKeyExchange() {
        QFETCH(int, version);
        QFETCH(bool, extended);
        for (const bool tickets : {true, false}) {
            OpensslPairOptions options;
            options.version = version;
            options.ciphers = "AES128-SHA";
            options.extendedMasterSecret = extended;
            options.tickets = tickets;
            OpensslPair pair(*m_rsa, options);
            auto secrets = std::make_shared<SecretStore>();
            QVERIFY(secrets->addPrivateKey(m_rsa->privateKeyPem()));
            QVERIFY(pair.connect() && pair.send(Peer::Client, "first"));
            SessionRecorder first(secrets, false, false);
            first.feed(pair.flights());
            QCOMPARE(first.close().notDecryptedBecause, std::string());
            QCOMPARE(first.content(Peer::Client), std::string("first"));

            QVERIFY(pair.connect() && pair.send(Peer::Client, "again"));
            QVERIFY(pair.resumed());
            SessionRecorder again(secrets, false, false);
            again.feed(pair.flights());
            QCOMPARE(again.close().ended, std::string("resumed"));
            QCOMPARE(again.content(Peer::Client), std::string("again"));

            auto fresh = std::make_shared<SecretStore>(); // the session before was not captured
            QVERIFY(fresh->addPrivateKey(m_rsa->privateKeyPem()));
            SessionRecorder alone(fresh, false, false);
            alone.feed(pair.flights());
            QCOMPARE(alone.close().notDecryptedBecause, std::string("ticket from before the capture"));
        }
    }

    /// Some stacks (GnuTLS) write no line for a session that is resumed: its secret is that of the session before.
    void aSessionIsOpenedByTheOneItResumes() {
        for (const bool tickets : {true, false}) {
            OpensslPairOptions options;
            options.tickets = tickets;
            OpensslPair pair(*m_rsa, options);
            QVERIFY(pair.connect() && pair.send(Peer::Client, "first"));
            auto secrets = std::make_shared<SecretStore>();
            secrets->addKeyLog(pair.keyLog());
            SessionRecorder first(secrets, false, false);
            first.feed(pair.flights());
            first.close();
            QVERIFY(pair.connect() && pair.send(Peer::Client, "again"));
            QVERIFY(pair.resumed());
            SessionRecorder again(secrets, false, false);
            again.feed(pair.flights());
            QCOMPARE(again.close().ended, std::string("resumed"));
            QCOMPARE(again.content(Peer::Client), std::string("again"));

            // In the same reading it must not depend on which of the two was read first.
            SessionRecorder unlearned(secrets, false, false, false);
            unlearned.feed(pair.flights());
            QCOMPARE(unlearned.close().notDecryptedBecause, std::string("no secrets for this client random"));
            QVERIFY(!unlearned.facts().resumedFrom.empty());
            QVERIFY(secrets->findSession(unlearned.facts().resumedFrom.back()));
        }
    }

    void aPrivateKeyDoesNotOpenEphemeralKeys() {
        OpensslPairOptions options;
        options.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
        OpensslPair pair(*m_rsa, options);
        auto secrets = std::make_shared<SecretStore>();
        QVERIFY(secrets->addPrivateKey(m_rsa->privateKeyPem()));
        QVERIFY(pair.connect() && pair.send(Peer::Client, "first"));
        SessionRecorder recorder(secrets, false, false);
        recorder.feed(pair.flights());
        QVERIFY(recorder.close().notDecryptedBecause.starts_with("no secrets for this client random"));
    }

private:
    std::unique_ptr<OpensslIdentity> m_rsa;
};

QTEST_APPLESS_MAIN(TlsSessionClosedTest)
#include "tls_session_closed_test.moc"

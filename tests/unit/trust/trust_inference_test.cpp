// SPDX-License-Identifier: Apache-2.0
// Each rule of the table against sessions written by hand from what stacks are documented or were measured to do, and
// against handshakes that libssl plays while the test runs.
#include <QTest>

#include "core/trust/inference.h"
#include "step_lines.h"
#include "tests/support/session_recorder.h"

#include <algorithm>

using namespace gatescope;
using namespace gatescope::trust;
using gatescope::test::factsOf;

namespace {

// The server's flight: one record a message (OpenSSL, Go), and all in one (BoringSSL, rustls).
const std::string kFlight = "C:CH | S:SH,CCS,app23,app955,app96,app69 | ";
const std::string kOneRecord = "C:CH | S:SH,CCS,app1143 | ";
const std::string kAsking = "C:CH | S:SH,CCS,app23,app94,app955,app96,app69 | ";
const std::string kFlight12 = "C:CH | S:SH,Cert,SKE,SHD | ";
const std::string kDone12 = kFlight12 + "C:CKE,CCS,hs40 | S:NST,CCS,hs40 | ";

constexpr const char* kDotnet = "t13d1113h2_a538d02d76d5_000000000000";
constexpr const char* kNode = "t13d521100_a33745022dd6_000000000000";
constexpr const char* kGo = "t13d1312h2_9dc949149365_000000000000";

QByteArray told(const SessionVerdict& verdict) {
    return QByteArray(toString(verdict.signature).data()) + ' ' + toString(verdict.outcome).data() + ' ' +
           QByteArray::number(verdict.confidence) + ' ' + verdict.reason.c_str();
}

SessionVerdict weighed(SessionVerdict verdict, const SessionContext& context) {
    weigh(verdict, context);
    return verdict;
}

} // namespace

class TrustInferenceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rules_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<bool>("is13");
        QTest::addColumn<QByteArray>("expected"); // signature, outcome, confidence, reason
        const auto add = [](const char* name, const std::string& line, const char* expected, bool is13 = true) {
            QTest::newRow(name) << QByteArray::fromStdString(line) << is13 << QByteArray(expected);
        };
        add("OpenSSL says it in clear", kFlight + "C:alert48 | S:FIN | C:RST", "S1 rejected 0.99 unknown_ca");
        add("and with RST", kFlight + "C:alert45,RST", "S1 rejected 0.99 certificate_expired");
        add("1.2 says it in clear", kFlight12 + "C:alert42,FIN | S:FIN", "S1 rejected 0.99 bad_certificate", false);
        add("behind a retry", "C:CH | S:HRR,CCS | C:CCS,CH | S:SH,app23,app955,app96,app69 | C:alert48,RST",
            "S1 rejected 0.99 unknown_ca");
        add("also where packets are missing", "C:CH | S:SH,gap900 | C:alert48,FIN", "S1 rejected 0.99 unknown_ca");
        add("weak key in rustls", kFlight + "C:alert51,FIN", "S1b rejected 0.8 decrypt_error");
        add("another alert of the client", kFlight + "C:alert47,FIN", " negotiation-failed 0.9 illegal_parameter");
        add("a goodbye in clear is no verdict", kFlight12 + "C:alert0,FIN", " undecided 0 ", false);

        add("encrypted alert", kFlight + "C:CCS,app19,FIN | S:FIN", "S2 rejected 0.9 ");
        add("without CCS, as NSS", kFlight + "C:app19 | S:FIN | C:FIN", "S2 rejected 0.9 ");
        add("padded, as JSSE", kFlight + "C:CCS,app35 | S:FIN | C:FIN", "S2 rejected 0.9 ");
        add("a flight in one record", kOneRecord + "C:CCS,app19,RST", "S2 rejected 0.9 ");
        add("tickets before the answer", "C:CH | S:SH,CCS,app49,app955,app96,app69,app250 | C:CCS,app19,FIN",
            "S2 rejected 0.9 ");
        add("no close seen", kFlight + "C:CCS,app19", "S2 rejected 0.75 ");
        // user_canceled and close_notify
        add("two alerts are a cancel", kFlight + "C:CCS,app35,app35,FIN", " undecided 0 ");

        add("silent", kFlight + "C:FIN | S:app19 | C:RST", "S3 rejected 0.8 ");
        add("silent behind CCS, as Java", kFlight + "C:CCS,FIN", "S3 rejected 0.8 ");
        add("silent after a second", kFlight + "wait1000 | C:FIN", "S3 rejected 0.6 ");
        add("silent much later", kFlight + "wait5000 | C:RST", "S3 rejected 0.3 ");
        add("silent in 1.2", kFlight12 + "C:FIN | S:alert50 | C:RST", "S3 rejected 0.8 ", false);
        add("before the flight is there", "C:CH | S:SH,CCS,app23 | C:FIN", " undecided 0 ");
        add("the server ends first", kFlight + "S:app19,FIN | C:FIN", " undecided 0 ");
        add("the server resets", kFlight + "S:RST", " undecided 0 ");

        add("unused", kFlight + "C:CCS,app69 | S:app250,app250 | C:FIN | S:app19 | C:RST", "S4 rejected 0.6 ");
        add("unused, other hash", "C:CH | S:SH,CCS,app23,app955,app96,app53 | C:CCS,app53 | C:FIN", "S4 rejected 0.6 ");
        add("unused, first use", kFlight + "C:CCS,app69 | wait1500 | C:FIN", "S4 rejected 0.5 ");
        add("unused in 1.2", kDone12 + "C:FIN | S:a26 | C:RST", "S4 rejected 0.6 ", false);
        add("unused and polite", kFlight + "C:CCS,app69 | S:app250 | C:app19 | S:FIN | C:FIN", "S5 rejected 0.55 ");
        add("polite and padded", kFlight + "C:CCS,app85 | S:app250 | C:app35,FIN", "S5 rejected 0.55 ");
        add("polite in 1.2 with CBC", kDone12 + "C:a32,FIN | S:a32,FIN", "S5 rejected 0.55 ", false);
        add("idle", kFlight + "C:CCS,app69 | S:app250 | wait2000 | C:FIN", "S11 undecided 0 ");
        add("after fifteen seconds", kFlight + "C:CCS,app69 | S:app250 | wait15100 | C:FIN",
            "S6 rejected 0.5 missing intermediate and blocked egress");

        add("no certificate to show", kAsking + "C:CCS,app25,app69 | S:app19,FIN | C:FIN",
            "S7 client-certificate-required 0.85 ");
        add("in one record", kAsking + "C:CCS,app77 | S:app19,FIN | C:app141,app19,FIN",
            "S7 client-certificate-required 0.85 ");
        add("padded", kAsking + "C:CCS,app41 | S:app19,FIN | C:app85,app180,FIN",
            "S7 client-certificate-required 0.85 ");
        add("with a request already", kAsking + "C:CCS,app25,app69,app136,app19,FIN | S:app19,FIN",
            "S7 client-certificate-required 0.85 ");
        add("an HTTP 400 instead", kAsking + "C:CCS,app25,app69,app136 | S:app250,app400,app19,FIN | C:FIN",
            "S9 accepted 0.95 ");
        add("in 1.2", "C:CH | S:SH,Cert,SKE,CertReq,SHD | C:Cert,CKE,CCS,hs40 | S:alert40,FIN | C:FIN",
            "S7 client-certificate-required 0.95 handshake_failure", false);

        add("version refused", "C:CH | S:alert70,FIN | C:FIN", "S8 negotiation-failed 0.99 protocol_version");
        add("name refused behind a retry", "C:CH | S:HRR | C:CH | S:alert112,FIN",
            "S8 negotiation-failed 0.99 unrecognized_name");
        add("a warning is no refusal", "C:CH | S:warn112,SH,Cert,SKE,SHD | C:alert48,FIN",
            "S1 rejected 0.99 unknown_ca", false);
        add("a reaction to FIN is no refusal", "C:CH,FIN | S:alert50,FIN", " undecided 0 ");

        add("used", kFlight + "C:CCS,app69,app82 | S:app250,app250,app4735,app19 | C:FIN", "S9 accepted 0.95 ");
        add("used, no answer", kFlight + "C:CCS,app69 | S:app250 | C:app189 | S:FIN | C:FIN", "S9 accepted 0.9 ");
        add("used in 1.2", kDone12 + "C:app103 | S:app5239,a26 | C:FIN", "S9 accepted 0.95 ", false);
        add("a server that speaks early", "C:CH | S:SH,CCS,app23,app955,app96,app69,app250,app60 | C:CCS,app69,FIN",
            "S4 rejected 0.6 ");
        add("half closed, and answered", kFlight + "C:CCS,app69,app82,FIN | S:app4735,app19,FIN | C:RST",
            "S9 accepted 0.95 ");
        add("with a client certificate", kAsking + "C:CCS,app900,app96,app69,app136 | S:app250,app400,app19",
            "S9 accepted 0.95 ");
        add("all of it in one record", kAsking + "C:CCS,app1030 | S:app250 | C:app136 | S:app400,app19 | C:FIN",
            "S9 accepted 0.95 ");

        add("lost before the close", kFlight + "C:gap74,FIN | S:app250", " undecided 0 ");
        add("what waited for a loss", kFlight + "C:RST,FIN", " undecided 0 ");
        add("server's flight lost", "C:CH | S:SH,gap900 | C:FIN", " undecided 0 ");
        add("begun before the capture", "S:app955,app96,app69 | C:CCS,app19,FIN", " undecided 0 ");
        add("no close, no data", kFlight + "C:CCS,app69", " undecided 0 ");
        add("not TLS", "C:CH | S:other | C:FIN", " not-evaluated 0 ");
        add("a padding that nobody knows", kFlight + "C:CCS,app512,FIN", " undecided 0 ");
    }
    void rules() {
        QFETCH(QByteArray, line);
        QFETCH(bool, is13);
        QFETCH(QByteArray, expected);
        auto facts = factsOf(line.toStdString(), is13 ? tls::kTls13 : tls::kTls12, is13 ? 0x1302 : 0xc02f);
        if (line.contains("S:HRR | C:CH | S:alert")) facts.version = 0;
        if (line.contains("app53")) facts.cipherSuite = 0x1301;
        if (line.contains("CertReq")) facts.clientCertificate = tls::ClientCertificate::Refused;
        QCOMPARE(told(judgeSession(facts)), expected);
    }

    void everyPrefixIsTheSameOrOpen() {
        // A capture that ends too soon must not turn a session that was used into a rejection, nor the other way.
        for (const std::string& line : {kFlight + "C:CCS,app69,app82 | S:app250,app250,app4735,app19 | C:FIN",
                                        kAsking + "C:CCS,app25,app69,app136 | S:app19,FIN | C:FIN"}) {
            auto facts = factsOf(line);
            while (!facts.steps.empty()) {
                facts.steps.pop_back();
                const auto verdict = judgeSession(facts);
                QVERIFY2(verdict.outcome != TrustOutcome::Rejected, told(verdict));
            }
        }
    }

    void quicResumptionAndEarlyDataAreNoVerdict() {
        auto facts = factsOf(kFlight + "C:CCS,app69,FIN");
        facts.overQuic = true;
        QVERIFY(judgeSession(facts).outcome == TrustOutcome::Undecided);
        facts.overQuic = false;
        facts.earlyData = tls::EarlyData::Offered;
        QVERIFY(judgeSession(facts).outcome == TrustOutcome::Undecided);
        facts.resumed = true;
        QCOMPARE(told(judgeSession(facts)), QByteArray("S10 not-evaluated 0.99 "));
    }

    void theWaitForAnIssuerNeedsAStackThatFetches() {
        const std::string wait = kFlight + "C:CCS,app69 | S:app250 | wait15100 | C:FIN";
        auto facts = factsOf(wait);
        facts.ja4 = kDotnet;
        auto verdict = judgeSession(facts);
        QCOMPARE(told(verdict), QByteArray("S6 rejected 0.85 missing intermediate and blocked egress"));
        QCOMPARE(verdict.stack, std::string(".NET on Linux"));
        facts.ja4 = kGo; // never fetches
        QVERIFY(judgeSession(facts).signature == Signature::S11);

        SessionContext context;
        context.chainTrusted = true;
        context.chainSendsIntermediates = false;
        context.caIssuers = "http://ca.example/i.crt";
        const double without = weighed(verdict, context).confidence;
        context.issuerLookup = true;
        QVERIFY(weighed(verdict, context).confidence > without);
        context.chainSendsIntermediates = true;
        context.issuerLookup = false;
        QVERIFY(weighed(verdict, context).confidence < verdict.confidence);
    }

    void hintsMoveTheOddsAndSayWhy() {
        auto facts = factsOf(kFlight + "C:CCS,app69 | S:app250 | C:FIN");
        const SessionVerdict plain = judgeSession(facts);
        SessionContext context;
        context.siblings = 1;
        QCOMPARE(weighed(plain, context).confidence, plain.confidence);

        // 0.6 is odds of 1.5; a failing chain alone is worth 2.5 since it fails for probes too: 3.75 of 4.75.
        context.chainTrusted = false;
        context.chainReason = "private-ca";
        auto verdict = weighed(plain, context);
        QVERIFY(qAbs(verdict.confidence - 3.75 / 4.75) < 1e-9);
        QCOMPARE(verdict.reason, std::string("private-ca"));
        QVERIFY(verdict.signature == Signature::S4);
        QCOMPARE(verdict.because.size(), std::size_t{1});
        // With repeats (4) it counts in full (8): odds of 48.
        context.siblings = 37;
        QVERIFY(qAbs(weighed(plain, context).confidence - 48.0 / 49) < 1e-9);
        // A probe repeats by nature: 1.5 * 2.5 / 3.
        context.fixedPeriod = true;
        QVERIFY(qAbs(weighed(plain, context).confidence - 1.25 / 2.25) < 1e-9);
        // The same client takes the same chain elsewhere: odds of 0.5, whatever a profile says.
        context.fixedPeriod = false;
        context.siblingsAccepted = 1;
        QVERIFY(qAbs(weighed(plain, context).confidence - 0.5 / 1.5) < 1e-9);
        context.knownProbe = true;
        QVERIFY(weighed(plain, context).outcome == TrustOutcome::Undecided);
        QVERIFY(weighed(plain, context).signature == Signature::S4);

        facts.ja4 = kDotnet; // 1.5 * 4
        QVERIFY(qAbs(weighed(judgeSession(facts), {}).confidence - 6.0 / 7) < 1e-9);
    }

    void slowSilenceIsNeverSureBecauseOfTheStack() {
        for (const int wait : {10, 1000}) {
            auto facts = factsOf(kFlight + "wait" + std::to_string(wait) + " | C:FIN");
            facts.ja4 = kNode;
            const auto verdict = weighed(judgeSession(facts), {});
            QCOMPARE(verdict.confidence >= 0.8, wait == 10);
        }
    }

    void certainVerdictsAreNotTouched() {
        SessionContext against;
        against.siblingsAccepted = 5;
        against.siblings = 6;
        against.knownProbe = against.fixedPeriod = against.closedTogether = true;
        against.chainTrusted = true;
        for (const std::string& line :
             {kFlight + "C:alert48,FIN", std::string("C:CH | S:alert70,FIN"),
              kFlight + "C:CCS,app69,app82 | S:app250,app4735 | C:FIN", kFlight + "C:CCS,app19,FIN"}) {
            const SessionVerdict verdict = judgeSession(factsOf(line));
            QCOMPARE(told(weighed(verdict, against)), told(verdict));
        }
    }

    void verdictsPointToPacketsAndOtherReadings() {
        const auto verdict = judgeSession(factsOf(kFlight + "C:CCS,app69 | S:app250 | wait20 | C:FIN"));
        // CH is packet 1, SH 2, then 3 to 7; CCS 8, Finished 9, a ticket 10, FIN 11.
        QCOMPARE(verdict.packets, (std::vector<PacketRef>{2, 9, 11}));
        QCOMPARE(verdict.gap, TimeNs{22 * test::kStepMs});
        QVERIFY(verdict.alternatives.size() >= 2 && verdict.wouldSettle.size() >= 2);
        for (int i = 1; i <= static_cast<int>(Signature::S11); ++i) {
            QVERIFY(!toString(static_cast<Signature>(i)).empty());
            QVERIFY(!meaningOf(static_cast<Signature>(i)).empty());
        }
    }

    void stacksAreKnownByTheMiddleOfTheirJa4() {
        QCOMPARE(stackOf("t13d1113h2_d3731e0d3936_7af1ed941c26")->name, std::string_view(".NET on Linux"));
        QCOMPARE(stackOf("d3731e0d3936"), nullptr);
        QCOMPARE(stackOf(""), nullptr);
        QVERIFY(stackOf(kNode)->signatures == "S3" && !stackOf(kGo)->fetchesIssuers);
    }

    /// Real records: libssl plays both ends, the client aborts in each way.
    void realHandshakes_data() {
        QTest::addColumn<int>("version");
        QTest::newRow("1.2") << TLS1_2_VERSION;
        QTest::newRow("1.3") << TLS1_3_VERSION;
    }
    void realHandshakes() {
        QFETCH(int, version);
        const auto identity = test::OpensslIdentity::ec();
        test::OpensslPairOptions options;
        options.version = version;
        const auto judged = [](const std::vector<test::OpensslPair::Flight>& flights, bool close = true) {
            test::SessionRecorder recorder("");
            recorder.feed(flights);
            if (close) recorder.fin(tls::Peer::Client);
            return judgeSession(recorder.close());
        };
        {
            test::OpensslPair pair(identity, options);
            QVERIFY(pair.connect());
            QVERIFY(judged(pair.flights()).signature == Signature::S4);
            QVERIFY(pair.send(tls::Peer::Client, "GET / HTTP/1.1\r\n\r\n"));
            QVERIFY(pair.send(tls::Peer::Server, "HTTP/1.1 200 OK\r\n\r\n"));
            QVERIFY(judged(pair.flights()).signature == Signature::S9);
            // Without the client's answer: what it saw, and then nothing.
            QVERIFY(judged({pair.flights()[0], pair.flights()[1]}).signature == Signature::S3);
        }
        {
            test::OpensslPair pair(identity, options);
            QVERIFY(pair.connect());
            pair.closeNotify(tls::Peer::Client);
            QVERIFY(judged(pair.flights()).signature == Signature::S5);
        }
        { // self-signed: the client looks at it in the handshake, and says so
            options.clientVerifies = true;
            test::OpensslPair pair(identity, options);
            QVERIFY(!pair.connect());
            const auto verdict = judged(pair.flights());
            QVERIFY(verdict.signature == Signature::S1);
            QCOMPARE(verdict.reason, std::string("unknown_ca"));
        }
    }
};

QTEST_APPLESS_MAIN(TrustInferenceTest)
#include "trust_inference_test.moc"

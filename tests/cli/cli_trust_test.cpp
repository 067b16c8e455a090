// SPDX-License-Identifier: Apache-2.0
// `gscope trust` from the command line. What sessions have to be called was written by the clients of the lab
// (silent-failures.trust.jsonl); what chains have to be called is what `openssl verify` says of the same files:
//   openssl verify -CAfile contoso-root-ca.pem contoso-chain.pem                                     error 20 at depth
//   0 openssl verify -CAfile contoso-root-ca.pem -untrusted contoso-policy-ca.pem -untrusted contoso-chain.pem
//                  -verify_hostname gw.contoso.example contoso-chain.pem                             OK
//                  -verify_hostname gw.fabrikam.example                                              error 62 at depth
//                  0
#include <QTest>

#include "tests/cli/gscope_run.h"

#include <QJsonArray>
#include <QMap>
#include <QTemporaryDir>

using namespace gatescope::test;

namespace {

const QString kSamples = GATESCOPE_SOURCE_DIR "/resources/samples/";
const QString kCapture = kSamples + "silent-failures.pcapng";
const QString kChain = kSamples + "contoso-chain.pem";
const QString kPolicy = kSamples + "contoso-policy-ca.pem";
const QString kRoot = kSamples + "contoso-root-ca.pem";
const QString kDay = "2026-12-01T00:00:00Z"; // leaf: 2026-11-12 to 2027-12-12

GscopeResult trust(const QStringList& words, const QString& folder = QDir::tempPath()) {
    return runGscope(QStringList{"trust", "--quiet"} + words, folder);
}

QStringList judging(const QString& host) {
    return {"--format", "jsonl", "--pem", kChain, "--host", host, "--at", kDay, "--now", kDay};
}

/// The verdict of one profile in a row of a chain; empty: not asked.
QString verdictOf(const QJsonObject& chain, const QString& profile) {
    for (const QJsonValue& one : chain["profiles"].toArray())
        if (one["profile"].toString() == profile) return one["verdict"].toString();
    return {};
}

QStringList problemsOf(const QJsonObject& chain) {
    QStringList ids;
    for (const QJsonValue& one : chain["problems"].toArray()) ids << one["id"].toString();
    return ids;
}

} // namespace

class CliTrustTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// Each session as its client reported it; nothing that was accepted is called rejected with certainty.
    void sessionsAreJudgedAsTheClientsSay() {
        QMap<QString, QString> truth;
        for (const QJsonObject& one : jsonLines(readFile(kSamples + "silent-failures.trust.jsonl")))
            truth[one["client"].toString() + ' ' + one["server"].toString()] = one["truth"].toString();
        QCOMPARE(truth.size(), 8);
        const auto run = trust({"--format", "jsonl", kCapture});
        QCOMPARE(run.status, 0);
        int judged = 0, chains = 0;
        for (const QJsonObject& row : jsonLines(run.out)) {
            if (!row.contains("session")) {
                ++chains;
                QVERIFY(row["chain"].toInt() >= 1);
                QVERIFY(!row["subjects"].toArray().isEmpty());
                QVERIFY(!row["profiles"].toArray().isEmpty());
                continue;
            }
            QVERIFY2(chains == 0, "sessions come first");
            const auto pair =
                row["client"].toString().section(':', 0, 0) + ' ' + row["server"].toString().section(':', 0, 0);
            QVERIFY2(truth.contains(pair), qPrintable(pair));
            QVERIFY2(row["outcome"].toString() == truth[pair], qPrintable(pair + ": " + row["outcome"].toString()));
            QVERIFY(row["signature"].toString().startsWith('S'));
            QVERIFY(row["confidence"].toDouble() > 0 && row["confidence"].toDouble() <= 1);
            ++judged;
        }
        QCOMPARE(judged, 8);
        QVERIFY(chains >= 2); // the two of TLS 1.2 are in clear
    }

    /// curl and urllib say why, in an alert that everybody can read (RFC 8446, 6.2: 48 and 45).
    void alertsInClearAreTheReason() {
        const auto run = trust({"--format", "jsonl", kCapture});
        QMap<QString, QString> reasons;
        for (const QJsonObject& row : jsonLines(run.out))
            if (row["signature"].toString() == "S1") reasons[row["sni"].toString()] = row["reason"].toString();
        QCOMPARE(reasons["private-ca-tls13.contoso.example"], QString("unknown_ca"));
        QCOMPARE(reasons["missing-intermediate-tls12.contoso.example"], QString("unknown_ca"));
        QCOMPARE(reasons["expired-tls12.contoso.example"], QString("certificate_expired"));
    }

    void aSummaryHasARowForEachClientAndName() {
        const auto run = trust({"--summary", "--format", "jsonl", kCapture});
        QCOMPARE(run.status, 0);
        const auto rows = jsonLines(run.out);
        QCOMPARE(rows.size(), 8); // eight pairs in silent-failures.trust.jsonl
        for (const QJsonObject& row : rows) {
            QVERIFY(row["client"].toString().startsWith("100.64.9."));
            QVERIFY(row["name"].toString().endsWith(".contoso.example"));
            QCOMPARE(row["sessions"].toInt(), 1);
        }
    }

    void aPrivateChainIsTrustedInNoPublicProfile() {
        const auto run =
            trust(judging("gw.contoso.example") + QStringList{"--profile", "strict-common", "--profile", "mozilla"});
        QCOMPARE(run.status, 0);
        const auto rows = jsonLines(run.out);
        QCOMPARE(rows.size(), 1);
        QCOMPARE(rows[0]["profiles"].toArray().size(), 2);
        QCOMPARE(verdictOf(rows[0], "strict-common"), QString("untrusted"));
        QCOMPARE(verdictOf(rows[0], "mozilla"), QString("untrusted"));
        QVERIFY(rows[0]["subjects"].toArray()[0].toString().contains("gw.contoso.example"));
        QVERIFY(!problemsOf(rows[0]).contains("trust.certificate.host-mismatch"));
    }

    void theWrongHostIsNamed() {
        const auto run = trust(judging("gw.fabrikam.example"));
        QCOMPARE(run.status, 0);
        QVERIFY(problemsOf(jsonLines(run.out).value(0)).contains("trust.certificate.host-mismatch"));
    }

    void theTimeIsTheCallers() {
        auto words = judging("gw.contoso.example");
        words[words.indexOf("--at") + 1] = "2028-01-01T00:00:00Z"; // after the leaf
        QVERIFY(problemsOf(jsonLines(trust(words).out).value(0)).contains("trust.certificate.expired"));
    }

    /// With the missing intermediate and its root at hand, and only then, somebody trusts it, as openssl verify says.
    void simulationShowsBeforeAndAfter() {
        const QStringList only = judging("gw.contoso.example") + QStringList{"--only-root", kRoot};
        const auto before = jsonLines(trust(only).out);
        QCOMPARE(before.size(), 1);
        QVERIFY(problemsOf(before[0]).contains("trust.chain.missing-intermediate") ||
                problemsOf(before[0]).contains("trust.chain.unknown-issuer") ||
                problemsOf(before[0]).contains("trust.chain.private-ca"));
        for (const QJsonValue& one : before[0]["profiles"].toArray()) QVERIFY(one["verdict"].toString() != "trusted");

        const auto both = jsonLines(trust(only + QStringList{"--add-intermediate", kPolicy}).out);
        QCOMPARE(both.size(), 2);
        QVERIFY(!both[1]["profiles"].toArray().isEmpty());
        bool isTrusted = false;
        for (const QJsonValue& one : both[1]["profiles"].toArray())
            isTrusted = isTrusted || one["verdict"].toString() == "trusted";
        QVERIFY(isTrusted);

        const auto rooted =
            jsonLines(trust(judging("gw.contoso.example") + QStringList{"--add-intermediate", kPolicy, "--add-root",
                                                                        kRoot, "--profile", "strict-common"})
                          .out);
        QCOMPARE(rooted.size(), 2);
        QCOMPARE(verdictOf(rooted[0], "strict-common"), QString("untrusted"));
        QCOMPARE(verdictOf(rooted[1], "strict-common"), QString("trusted"));

        QCOMPARE(jsonLines(trust(judging("gw.contoso.example") + QStringList{"--replace-chain", kPolicy}).out).size(),
                 2);
    }

    /// The bundle is the file's two certificates and the intermediate that was given, in this order, without the root.
    void theFixedBundleIsWhatTheServerShouldSend() {
        QTemporaryDir folder;
        const QString out = folder.filePath("fixed.pem");
        const auto refused = trust(judging("gw.contoso.example") + QStringList{"--fixed-bundle", out});
        QVERIFY(refused.status != 0);
        QVERIFY(!QFile::exists(out));
        QVERIFY(refused.err.contains("http://pki.contoso.example/policy-ca.crt"));

        const auto written = trust(judging("gw.contoso.example") +
                                   QStringList{"--intermediates", kPolicy, "--root", kRoot, "--fixed-bundle", out});
        QCOMPARE(written.status, 0);
        // Without line ends, and without the line above each certificate that names its subject.
        const auto plain = [](const QByteArray& pem) {
            QByteArray text;
            for (const QByteArray& line : pem.split('\n'))
                if (!line.startsWith('#')) text += line.trimmed();
            return text;
        };
        QCOMPARE(plain(readFile(out)), plain(readFile(kChain) + readFile(kPolicy)));
    }

    void aHeaderIsJudgedByItsNames() {
        const auto run = trust({"--format", "jsonl", "--header", kSamples + "HEADERS.json"});
        QCOMPARE(run.status, 0);
        for (const QJsonObject& row : jsonLines(run.out)) QVERIFY(!row.contains("session"));
    }

    void wrongUseAndUnreadableFilesHaveTheirStatus() {
        QCOMPARE(trust({}).status, 2);
        QCOMPARE(trust({"--pem", kChain, "--host", "a.example", "--profile", "mozila"}).status, 2);
        QVERIFY(trust({"--pem", kChain, "--profile", "mozila"}).err.contains("mozilla"));
        QCOMPARE(trust({"--pem", kChain, "--host", "a.example", "--at", "yesterday"}).status, 2);
        QCOMPARE(trust({"--host", "a.example", kCapture}).status, 2);
        QCOMPARE(trust({"--pem", "/nonexistent/chain.pem", "--host", "a.example"}).status, 3);
        QCOMPARE(trust({"--pem", kSamples + "README.md", "--host", "a.example"}).status, 3);
        QCOMPARE(trust({"/nonexistent/capture.pcapng"}).status, 3);
        QCOMPARE(trust({"--pem", kChain, "--host", "gw.contoso.example", "--at", kDay, "--fail-on", "high"}).status, 1);
    }
};

QTEST_APPLESS_MAIN(CliTrustTest)
#include "cli_trust_test.moc"

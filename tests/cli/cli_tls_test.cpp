// SPDX-License-Identifier: Apache-2.0
// `gscope tls` and decryption from the command line, on the lab's captures. What is expected was written by the
// programs of the lab: the names of the failed handshakes say what was done, and the truth file which calls were made.
#include <QTest>

#include "tests/cli/gscope_run.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QTemporaryDir>

using namespace gatescope::test;

namespace {

const QString kSamples = GATESCOPE_SOURCE_DIR "/resources/samples/";
const QString kSealed = kSamples + "foundry-gateway-tls13-sealed.pcapng";
const QString kKeys = kSamples + "foundry-gateway-tls13.keys.log";
const QString kInside = kSamples + "foundry-gateway-tls13.pcapng";

QList<QJsonObject> objects(const QByteArray& lines) {
    QList<QJsonObject> rows;
    for (const QByteArray& line : lines.split('\n'))
        if (!line.isEmpty()) rows << QJsonDocument::fromJson(line).object();
    return rows;
}

} // namespace

class CliTlsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void failedHandshakesSayWhereTheyStopped() {
        // By the beginning of the server name, which is what the lab's program did.
        const QMap<QString, QString> expected{{"unknown-ca-tls12", "client-alert:unknown_ca"},
                                              {"unknown-ca-tls13", "client-alert:unknown_ca"},
                                              {"unknown-ca-node", "client-closed-after-server-flight"},
                                              {"closed-after-server-flight", "client-closed-after-server-flight"},
                                              {"closed-after-finished", "client-closed-after-finished"},
                                              {"no-common-version", "server-alert:protocol_version"},
                                              {"no-common-cipher", "server-alert:handshake_failure"},
                                              {"server-reset", "server-reset-after-client-hello"},
                                              {"client-certificate-wanted-tls12", "server-alert:handshake_failure"},
                                              {"client-certificate-sent", "complete"}};
        const auto run = gscope({"tls", "--format", "jsonl", kSamples + "failed-handshakes.pcapng"});
        QCOMPARE(run.status, 0);
        int found = 0;
        for (const QJsonObject& row : objects(run.out)) {
            const QString name = row["sni"].toString();
            for (auto at = expected.begin(); at != expected.end(); ++at) {
                if (!name.startsWith(at.key())) continue;
                ++found;
                QVERIFY2(row["ended"].toString() == at.value(), qPrintable(name + ": " + row["ended"].toString()));
            }
            QVERIFY(row["ja4"].toString().startsWith("t1"));
            QVERIFY(row.contains("records"));
        }
        QVERIFY(found >= expected.size());

        const auto failed = gscope({"tls", "--failed", "--format", "jsonl", kSamples + "failed-handshakes.pcapng"});
        for (const QJsonObject& row : objects(failed.out)) QVERIFY(row["ended"].toString() != "complete");
        QVERIFY(objects(failed.out).size() >= 7);
    }

    /// With the key log the encrypted file says what the one with secrets inside says.
    void aKeyLogOpensWhatIsSealed() {
        const auto sealed = gscope({"groups", "--format", "jsonl", kSealed});
        QCOMPARE(sealed.out, QByteArray());
        const auto opened = gscope({"groups", "--format", "jsonl", "--keylog", kKeys, kSealed});
        const auto inside = gscope({"groups", "--format", "jsonl", kInside});
        QCOMPARE(opened.out, inside.out);

        QFile truth(kSamples + "foundry-gateway-tls13.truth.jsonl");
        QVERIFY(truth.open(QIODevice::ReadOnly));
        qint64 made = objects(truth.readAll()).size();
        qint64 counted = 0;
        for (const QJsonObject& row : objects(opened.out)) counted += row["exchanges"].toInteger();
        QCOMPARE(counted, made);
    }

    void theSummaryCountsSessions() {
        const auto run = gscope({"summary", "--format", "json", kSealed});
        const QJsonObject tls = QJsonDocument::fromJson(run.out).object()["tls"].toObject();
        QCOMPARE(tls["sessions"].toInt(), 4); // tshark -Y 'tls.handshake.type == 1' shows four
        QCOMPARE(tls["decrypted"].toInt(), 0);
        QCOMPARE(tls["not_decrypted"].toObject()["no secrets for this client random"].toInt(), 4);
        const auto opened = gscope({"summary", "--format", "json", "--keylog", kKeys, kSealed});
        QCOMPARE(QJsonDocument::fromJson(opened.out).object()["tls"].toObject()["decrypted"].toInt(), 4);
    }

    void chosenSessionsAreExportedWithTheirSecretsOnly() {
        QTemporaryDir folder;
        const QString slice = folder.filePath("slice.pcapng");
        const auto run =
            gscope({"export", "--to", "pcapng", "--include-secrets", "--filter", "id == 2", "-o", slice, kInside});
        QCOMPARE(run.status, 0);
        QVERIFY2(run.err.contains("1 TLS session"), run.err);
        const auto rows = objects(gscope({"tls", "--format", "jsonl", slice}).out);
        QCOMPARE(rows.size(), 1);
        QVERIFY(rows[0]["decrypted"].toBool());
        QFile file(slice);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count("CLIENT_TRAFFIC_SECRET_0"), 1);
        const auto without = gscope({"export", "--to", "pcapng", "--filter", "id == 2", "-o", slice, kInside});
        QCOMPARE(without.status, 0);
        QCOMPARE(objects(gscope({"exchanges", "--format", "jsonl", slice}).out).size(), 0);
    }

    void noSecretIsEverShown() {
        QFile keys(kKeys);
        QVERIFY(keys.open(QIODevice::ReadOnly));
        QList<QByteArray> secrets;
        for (const QByteArray& line : keys.readAll().split('\n'))
            if (const auto words = line.split(' '); words.size() == 3) secrets << words[2];
        QVERIFY(secrets.size() >= 16);
        for (const QString verb : {"tls", "findings", "summary", "exchanges"})
            for (const QString format : {"jsonl", "table"}) {
                const auto run = gscope({verb, "--format", format, "--keylog", kKeys, "--reveal", kSealed});
                for (const QByteArray& secret : secrets)
                    QVERIFY(!run.out.toLower().contains(secret.toLower()) && !run.err.contains(secret));
            }
    }

private:
    static GscopeResult gscope(const QStringList& arguments) { return runGscope(arguments, QDir::tempPath()); }
};

QTEST_GUILESS_MAIN(CliTlsTest)
#include "cli_tls_test.moc"

// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"

#include <QtTest>

using namespace gatescope::test;

/// Compares what gscope writes with the files in golden/. `tests/cli/renew` writes them anew; look at the difference
/// before you commit it.
class CliGoldenTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;
    const QString m_golden = QStringLiteral(GATESCOPE_SOURCE_DIR "/tests/cli/golden/");

    static QString differences(const QString& expected, const QString& actual) {
        QProcess diff;
        diff.start("diff", {"-u", expected, actual});
        diff.waitForFinished();
        return QString::fromUtf8(diff.readAllStandardOutput());
    }

private Q_SLOTS:
    void outputMatches_data() {
        QTest::addColumn<QStringList>("arguments");
        const auto add = [](const char* name, const QStringList& arguments) { QTest::newRow(name) << arguments; };
        add("gateway.exchanges.jsonl", {"exchanges", "--format", "jsonl", "gateway.pcapng"});
        add("gateway.exchanges.json",
            {"exchanges", "--format", "json", "--fields", "id,path,status", "gateway.pcapng"});
        add("gateway.exchanges.txt", {"exchanges", "gateway.pcapng"});
        add("gateway.exchanges.csv", {"exchanges", "--format", "csv", "--fields",
                                      "id,time,agent,model,total_tokens,forwarded_for", "gateway.pcapng"});
        add("gateway.groups.jsonl", {"groups", "--format", "jsonl", "gateway.pcapng"});
        add("gateway.groups-by-status.tsv",
            {"groups", "--by", "status,header:openai-project", "--format", "tsv", "--fields",
             "status,header:openai-project,exchanges,errors", "gateway.pcapng"});
        add("gateway.tokens.jsonl", {"tokens", "--by", "project,agent,model", "--format", "jsonl", "gateway.pcapng"});
        add("gateway.tokens-top.txt", {"tokens", "--by", "agent,model", "--top", "1", "gateway.pcapng"});
        add("gateway.tokens-per-second.csv",
            {"tokens", "--by", "project", "--per", "1s", "--format", "csv", "gateway.pcapng"});
        add("gateway.reconcile.tsv", {"tokens", "--by", "project", "--reconcile", "--format", "tsv", "gateway.pcapng"});
        add("gateway.headers.jsonl", {"headers", "--format", "jsonl", "gateway.pcapng"});
        add("gateway.findings.jsonl", {"findings", "--format", "jsonl", "gateway.pcapng"});
        const QString samples = QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/");
        const QString plain = samples + "foundry-gateway-plain.pcapng";
        add("gateway.paths.jsonl", {"paths", "--format", "jsonl", "gateway.pcapng"});
        add("plain.paths.txt", {"paths", plain});
        add("plain.paths-topology.txt", {"paths", "--topology", samples + "topology-lab.json", plain});
        add("plain.paths-trusted.csv",
            {"paths", "--trusted", "10.0.9.0/24", "--trusted", "10.0.20.10", "--format", "csv", "--fields",
             "path,hop,role,address,standing,trusted,effective_client,verified_by", plain});
        add("plain.paths.dot", {"paths", "--dot", plain});
        add("plain.headers-against.tsv",
            {"headers", "--against", samples + "foundry-gateway-proxy.pcapng", "--format", "tsv", "--fields",
             "change,name,direction,class,share_before,share,patterns_before,patterns", plain});
        add("topology.paths.jsonl", {"paths", "--topology", samples + "topology.json", "--format", "jsonl"});
        add("gateway.summary.json", {"summary", "--format", "json", "gateway.pcapng"});
        add("gateway.summary.txt", {"summary", "gateway.pcapng"});
        add("gateway.body-1.txt", {"body", "1", "gateway.pcapng"});
        add("gateway.body-2.json", {"body", "2", "--events", "--format", "json", "gateway.pcapng"});
        add("gateway.body-2.txt", {"body", "2", "--events", "gateway.pcapng"});
        add("gateway.follow-2.txt", {"follow", "2", "gateway.pcapng"});
        add("gap.exchanges.jsonl", {"exchanges", "--format", "jsonl", "gap.pcap"});
        add("gap.findings.jsonl", {"findings", "--format", "jsonl", "gap.pcap"});
        add("gap.follow-1.jsonl", {"follow", "1", "--format", "jsonl", "gap.pcap"});
        add("proxy.exchanges.csv",
            {"exchanges", "--format", "csv", "--fields", "id,client,server,method,path,status", "proxy.pcap"});
        add("proxy.findings.jsonl", {"findings", "--format", "jsonl", "proxy.pcap"});
        // What is at hand depends on the system that the test runs on; who is in a list does not. The file was made from
        // the list of its origin.
        add("profiles.openjdk-old.csv", {"profiles", "jdk13", "--fields", "subject,sha256", "--format", "csv"});
        add("fields.tsv", {"fields", "--format", "tsv"});
    }

    void outputMatches() {
        QFETCH(QStringList, arguments);
        const QString golden = m_golden + QTest::currentDataTag();
        const QString actual = golden + ".actual";
        const GscopeResult result = m_captures.run(arguments);
        QVERIFY2(result.status == 0, result.err.constData());
        if (qEnvironmentVariableIsSet("GATESCOPE_RENEW")) {
            writeFile(golden, result.out);
            return;
        }
        if (QFile::exists(golden) && readFile(golden) == result.out) {
            QFile::remove(actual);
            return;
        }
        writeFile(actual, result.out);
        QFAIL(qPrintable("differs from " + golden + "\n" + differences(golden, actual)));
    }
};

QTEST_APPLESS_MAIN(CliGoldenTest)
#include "cli_golden_test.moc"

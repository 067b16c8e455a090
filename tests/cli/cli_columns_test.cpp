// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"

#include <QJsonArray>
#include <QtTest>

using namespace gatescope::test;

namespace {

const QByteArray kRenamed = "{\"Zeit\":\"2026-01-15T10:00:02Z\",\"wer\":\"10.0.9.213\",\"status\":200,\"request\":"
                            "\"POST /v1/chat/completions HTTP/1.1\",\"dauer\":1.5}\n";
const QString kColumns = "Zeit=time_iso8601,wer=remote_addr,dauer=request_time";

} // namespace

class CliColumnsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void namesColumns();
    void keepsAMapping();
    void refusesWrongMappings_data();
    void refusesWrongMappings();
    void writesAnArchiveThatItReads();
};

void CliColumnsTest::namesColumns() {
    QTemporaryDir folder;
    writeFile(folder.filePath("a.log"), kRenamed);
    const auto alone = runGscope({"exchanges", "a.log", "--format", "jsonl"}, folder.path());
    QCOMPARE(alone.status, 3); // nobody can know what its columns are
    const auto named = runGscope({"exchanges", "a.log", "--format", "jsonl", "--columns", kColumns}, folder.path());
    QCOMPARE(named.status, 0);
    const QJsonObject row = QJsonDocument::fromJson(named.out).object();
    QCOMPARE(row["client"].toString(), "10.0.9.213");
    QCOMPARE(row["time"].toString(), "2026-01-15T10:00:00.500000000Z");
    QCOMPARE(row["duration_ms"].toDouble(), 1500.0);
    QCOMPARE(row["source"].toString(), "nginx-json");
}

void CliColumnsTest::keepsAMapping() {
    QTemporaryDir folder;
    writeFile(folder.filePath("a.log"), kRenamed);
    const QStringList command{"exchanges", "a.log", "--format", "jsonl"};
    const auto first =
        runGscope(command + QStringList{"--columns", kColumns, "--save-columns", "our-proxy"}, folder.path());
    QCOMPARE(first.status, 0);
    const QString saved = folder.filePath("gatescope/columns/our-proxy.json");
    QCOMPARE(QJsonDocument::fromJson(readFile(saved)).object()["columns"].toObject()["wer"].toString(), "remote_addr");
    for (const QString& given : {QString("our-proxy"), saved}) {
        const auto again = runGscope(command + QStringList{"--columns", given}, folder.path());
        QCOMPARE(again.status, 0);
        QCOMPARE(again.out, first.out);
    }
}

void CliColumnsTest::refusesWrongMappings_data() {
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QByteArray>("words");
    QTest::newRow("unknown") << QStringList{"--columns", "nobody"} << QByteArray("no column mapping 'nobody'");
    QTest::newRow("no pair") << QStringList{"--columns", "a=b,c"} << QByteArray("'c' is not NEW=OLD");
    QTest::newRow("no file") << QStringList{"--columns", "./none.json"} << QByteArray("none.json");
    QTest::newRow("a folder's name") << QStringList{"--columns", "a=b", "--save-columns", "../x"}
                                     << QByteArray("is no name");
    QTest::newRow("nothing to save") << QStringList{"--save-columns", "x"} << QByteArray("needs --columns");
}

void CliColumnsTest::refusesWrongMappings() {
    QFETCH(QStringList, options);
    QFETCH(QByteArray, words);
    QTemporaryDir folder;
    writeFile(folder.filePath("a.log"), kRenamed);
    const auto run = runGscope(QStringList{"exchanges", "a.log"} + options, folder.path());
    QCOMPARE(run.status, 2);
    QVERIFY2(run.err.contains(words), run.err.constData());
    QVERIFY(run.out.isEmpty());
}

/// The same calls, tokens and times as in the capture; what an archive cannot hold is not in it.
void CliColumnsTest::writesAnArchiveThatItReads() {
    QTemporaryDir folder;
    const QString capture = GATESCOPE_SOURCE_DIR "/resources/samples/foundry-gateway-plain.pcapng";
    QCOMPARE(runGscope({"export", "--to", "har", "-o", "a.har", capture}, folder.path()).status, 0);
    const QJsonObject log = QJsonDocument::fromJson(readFile(folder.filePath("a.har"))).object()["log"].toObject();
    QCOMPARE(log["entries"].toArray().size(), 33);
    const QStringList options{"--format", "jsonl", "--fields",
                              "time,duration_ms,ttfb_ms,ttft_ms,client,server,method,host,path,query,status,"
                              "request_bytes,response_bytes,project,agent,model,api,input_tokens,output_tokens,"
                              "cached_tokens,response_id,finish_reason,error_code"};
    const auto wanted = runGscope(QStringList{"exchanges", capture} + options, folder.path());
    const auto found = runGscope(QStringList{"exchanges", "a.har"} + options, folder.path());
    QCOMPARE(found.status, 0);
    QVERIFY(!found.out.isEmpty());
    QCOMPARE(found.out, wanted.out);
}

QTEST_APPLESS_MAIN(CliColumnsTest)
#include "cli_columns_test.moc"

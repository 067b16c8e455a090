// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"

#include <QJsonArray>
#include <QtTest>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace gatescope::test;

/// Exit statuses, messages and inputs, by the contract.
class CliStatusTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;

private Q_SLOTS:
    void initTestCase() {
        const QByteArray whole = readFile(m_captures.folder.filePath("gateway.pcapng"));
        writeFile(m_captures.folder.filePath("cut.pcapng"), whole.left(whole.size() - 50));
        writeFile(m_captures.folder.filePath("notes.txt"), "not a capture at all, only some words\n");
        QProcess gzip;
        gzip.setWorkingDirectory(m_captures.path());
        gzip.start("gzip", {"-k", "-n", "gateway.pcapng"});
        QVERIFY(gzip.waitForFinished() && gzip.exitCode() == 0);
    }

    void status_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("said"); // part of standard error
        const auto add = [](const char* name, int status, const char* said, const QStringList& arguments) {
            QTest::newRow(name) << arguments << status << QByteArray(said);
        };
        add("done", 0, "", {"summary", "gateway.pcapng"});
        add("help", 0, "", {"--help"});
        add("help of a verb", 0, "", {"groups", "--help"});
        add("version option", 0, "", {"--version"});
        add("nothing given", 2, "", {});
        add("unknown verb", 2, "unknown verb 'exchangs'; did you mean 'exchanges'?", {"exchangs", "gateway.pcapng"});
        add("unknown option", 2, "unknown option '--filtr'; did you mean '--filter'",
            {"exchanges", "--filtr", "x", "y"});
        add("key log that is missing", 3, "nowhere.log", {"exchanges", "--keylog", "nowhere.log", "gateway.pcapng"});
        add("key log that is none", 3, "gateway.pcapng", {"tls", "--keylog", "gateway.pcapng", "gateway.pcapng"});
        add("private key that is none", 2, "gateway.pcapng", {"tls", "--key", "gateway.pcapng", "gateway.pcapng"});
        add("no input", 2, "INPUT", {"exchanges"});
        add("unknown field", 2, "stauts", {"exchanges", "--fields", "id,stauts", "gateway.pcapng"});
        add("unknown column", 2, "unknown field 'exchange'; did you mean 'exchanges'",
            {"groups", "--fields", "exchange", "gateway.pcapng"});
        add("unknown --by", 2, "projct", {"groups", "--by", "projct", "gateway.pcapng"});
        add("unknown format", 2, "unknown format 'jsonn'; did you mean 'json'",
            {"exchanges", "--format", "jsonn", "x"});
        add("unknown severity", 2, "unknown severity 'hihg'", {"findings", "--fail-on", "hihg", "gateway.pcapng"});
        add("bad size", 2, "'12X' is no size", {"summary", "--limit-memory", "12X", "gateway.pcapng"});
        add("bad filter", 2, "\n  status >>= 400\n          ^\n", {"exchanges", "--filter", "status >>= 400", "x"});
        add("bad id", 2, "'one' is no exchange", {"body", "one", "gateway.pcapng"});
        add("no such id", 2, "there is no exchange 6; the last is 5", {"body", "6", "gateway.pcapng"});
        add("no such flow", 2, "there is no connection 9; the last is 3", {"follow", "9", "gateway.pcapng"});
        add("body as csv", 2, "cannot be written as csv", {"body", "1", "--format", "csv", "gateway.pcapng"});
        add("standard input twice", 2, "once only", {"summary", "-", "-"});
        add("missing file", 3, "nowhere.pcap", {"summary", "nowhere.pcap"});
        add("no capture", 3, "notes.txt", {"summary", "notes.txt"});
        add("cut", 4, "cut.pcapng", {"summary", "cut.pcapng"});
        add("cut and missing", 3, "nowhere.pcap", {"summary", "cut.pcapng", "nowhere.pcap"});
        add("found", 1, "", {"findings", "--fail-on", "info", "gap.pcap"});
        add("cut and found", 4, "", {"findings", "--fail-on", "info", "cut.pcapng"});
        add("output over an input", 2, "is an input", {"summary", "-o", "gateway.pcapng", "gateway.pcapng"});
        add("output nowhere", 2, "cannot write", {"summary", "-o", "no/such/folder/x", "gateway.pcapng"});
    }

    void status() {
        QFETCH(QStringList, arguments);
        QFETCH(int, status);
        QFETCH(QByteArray, said);
        const QByteArray before = readFile(m_captures.folder.filePath("gateway.pcapng"));
        const GscopeResult result = m_captures.run(arguments);
        QVERIFY2(result.err.contains(said), result.err.constData());
        QCOMPARE(result.status, status);
        if (status == 2) QVERIFY(result.out.isEmpty());
        QCOMPARE(readFile(m_captures.folder.filePath("gateway.pcapng")), before);
    }

    void theOtherInputsAreStillRead() {
        const GscopeResult result =
            m_captures.run({"exchanges", "--format", "jsonl", "nowhere.pcap", "gateway.pcapng", "notes.txt"});
        QCOMPARE(result.status, 3);
        QCOMPARE(jsonLines(result.out).size(), 5);
    }

    void aCutFileGivesAllBeforeTheCut() {
        // The cut takes the last ACK only.
        const GscopeResult result = m_captures.run({"exchanges", "--format", "jsonl", "cut.pcapng"});
        QCOMPARE(result.status, 4);
        QCOMPARE(jsonLines(result.out).size(), 5);
    }

    void quietIsQuiet() {
        const GscopeResult result = m_captures.run({"summary", "--quiet", "cut.pcapng", "nowhere.pcap"});
        QCOMPARE(result.status, 3);
        QVERIFY2(result.err.isEmpty(), result.err.constData());
    }

    void everyWayInGivesTheSame() {
        const QStringList verb{"exchanges", "--format", "csv", "--fields", "id,time,flow,packet,path,total_tokens"};
        const QByteArray expected = m_captures.run(verb + QStringList{"gateway.pcapng"}).out;
        const QByteArray plain = readFile(m_captures.folder.filePath("gateway.pcapng"));
        const QByteArray gzip = readFile(m_captures.folder.filePath("gateway.pcapng.gz"));
        QVERIFY(expected.count('\n') == 6);
        QCOMPARE(m_captures.run(verb + QStringList{"gateway.pcapng.gz"}).out, expected);
        QCOMPARE(m_captures.run(verb + QStringList{"-"}, plain).out, expected);
        QCOMPARE(m_captures.run(verb + QStringList{"-"}, gzip).out, expected);
        QTemporaryDir folder;
        writeFile(folder.filePath("a.bin"), gzip);
        writeFile(folder.filePath("b.txt"), "words\n");
        QCOMPARE(m_captures.run(verb + QStringList{folder.path()}).out, expected);
    }

    void foldersStandForTheirFiles() {
        QTemporaryDir folder;
        const QDir inside(folder.path());
        QVERIFY(inside.mkdir("set") && inside.mkdir("set/below") && inside.mkdir("none"));
        const QByteArray capture = readFile(m_captures.folder.filePath("gateway.pcapng"));
        // tcpdump -C counts without zeros in front, so the tenth file would come second in the order of octets.
        writeFile(folder.filePath("set/ring.pcap10"), capture);
        writeFile(folder.filePath("set/ring.pcap2"), capture);
        writeFile(folder.filePath("set/.hidden"), capture);
        writeFile(folder.filePath("set/below/deep.pcap"), capture);
        writeFile(folder.filePath("set/notes.txt"), "words\n");
        writeFile(folder.filePath("set/empty"), "");
        writeFile(folder.filePath("none/notes.txt"), "words\n");
        QVERIFY(QFile::link(folder.filePath("set/ring.pcap2"), folder.filePath("set/to-ring")));

        const auto whole = runGscope({"summary", "--format", "json", "set"}, folder.path());
        QCOMPARE(whole.status, 0);
        QCOMPARE(whole.err, QByteArray("gscope: set: 2 files left out, neither captures nor logs\n"));
        QStringList inputs;
        const QJsonArray told = QJsonDocument::fromJson(whole.out).object()["inputs"].toArray();
        for (const QJsonValue& input : told) inputs << input.toObject()["input"].toString();
        QCOMPARE(inputs, (QStringList{"set/ring.pcap2", "set/ring.pcap10", "set/to-ring"}));

        const auto nothing = runGscope({"summary", "none"}, folder.path());
        QCOMPARE(nothing.status, 3);
        QCOMPARE(nothing.err,
                 QByteArray("gscope: none: neither captures nor logs in this folder (1 file of other kinds)\n"));
        const auto quiet = runGscope({"summary", "--quiet", "set"}, folder.path());
        QVERIFY2(quiet.err.isEmpty(), quiet.err.constData());
        const auto both = runGscope({"exchanges", "--format", "jsonl", "none", "set/ring.pcap2"}, folder.path());
        QCOMPARE(both.status, 3);
        QCOMPARE(jsonLines(both.out).size(), 5);
    }

    void bodyFromStandardInput() {
        const QByteArray plain = readFile(m_captures.folder.filePath("gateway.pcapng"));
        for (const QStringList& verb : {QStringList{"body", "2"}, QStringList{"follow", "2"}}) {
            const QByteArray expected = m_captures.run(verb + QStringList{"gateway.pcapng"}).out;
            QVERIFY(!expected.isEmpty());
            QCOMPARE(m_captures.run(verb + QStringList{"-"}, plain).out, expected);
        }
    }

    void threadsNeverChangeTheResult() {
        for (const char* verb : {"summary", "exchanges", "groups", "headers", "findings"}) {
            const QStringList arguments{verb, "--format", "json", "gateway.pcapng", "gap.pcap", "--threads"};
            const QByteArray one = m_captures.run(arguments + QStringList{"1"}).out;
            QVERIFY(!one.isEmpty());
            QCOMPARE(m_captures.run(arguments + QStringList{"2"}).out, one);
            QCOMPARE(m_captures.run(arguments + QStringList{"8"}).out, one);
        }
    }

    void outputToAFileIsWholeOrNotThere() {
        QTemporaryDir folder;
        const QString path = folder.filePath("out.json");
        writeFile(path, "before");
        QVERIFY(QFile::link(path, folder.filePath("link.json")));
        const QStringList verb{"exchanges", "--format", "json", "-o"};
        const GscopeResult failed = m_captures.run(verb + QStringList{path, "nowhere.pcap"});
        QCOMPARE(failed.status, 3);
        QCOMPARE(readFile(path), QByteArray("before"));
        const GscopeResult done = m_captures.run(verb + QStringList{folder.filePath("link.json"), "gateway.pcapng"});
        QCOMPARE(done.status, 0);
        QVERIFY(done.out.isEmpty());
        QCOMPARE(readFile(path), m_captures.run({"exchanges", "--format", "json", "gateway.pcapng"}).out);
        QVERIFY(QFileInfo(folder.filePath("link.json")).isSymLink());
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 2);
    }

    void aClosedPipeIsNoError() {
        QProcess shell;
        shell.setWorkingDirectory(m_captures.path());
        shell.start("bash", {"-c", "'" GSCOPE "' exchanges gateway.pcapng | true; echo ${PIPESTATUS[0]}"});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.readAllStandardOutput(), QByteArray("0\n"));
        QCOMPARE(shell.readAllStandardError(), QByteArray());
    }

    void interruptKeepsWhatWasRead() {
        const QString pipe = m_captures.folder.filePath("pipe");
        QVERIFY(mkfifo(qPrintable(pipe), 0600) == 0);
        QProcess gscope;
        gscope.start(GSCOPE, {"exchanges", "--format", "jsonl", pipe});
        QVERIFY(gscope.waitForStarted());
        const int writer = ::open(qPrintable(pipe), O_WRONLY);
        const QByteArray capture = readFile(m_captures.folder.filePath("gateway.pcapng"));
        QVERIFY(::write(writer, capture.constData(), static_cast<std::size_t>(capture.size())) == capture.size());
        QTest::qWait(300);
        ::kill(static_cast<pid_t>(gscope.processId()), SIGINT);
        // The pipe stays open and silent: the program must not wait for it. 100 ms are promised; the rest is for a busy
        // machine.
        QVERIFY(gscope.waitForFinished(1000) || gscope.state() == QProcess::NotRunning);
        ::close(writer);
        QCOMPARE(gscope.exitStatus(), QProcess::NormalExit);
        QCOMPARE(gscope.exitCode(), 4);
        QVERIFY(gscope.readAllStandardError().contains("stopped"));
    }
};

QTEST_GUILESS_MAIN(CliStatusTest)
#include "cli_status_test.moc"

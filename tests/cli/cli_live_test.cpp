// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/live_support.h"

#include <QJsonArray>
#include <QMap>
#include <QSet>
#include <QtTest>
#include <algorithm>

using namespace gatescope::test;

/// --live and `gscope capture` with a capture that is played through the helper, which needs no rights.
class CliLiveTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;
    const QString m_samples = QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/");

    static QList<QByteArray> sorted(const QList<QJsonObject>& rows, const QStringList& without) {
        QList<QByteArray> texts;
        for (const QJsonObject& row : rows) texts.append(comparable(row, without));
        std::ranges::sort(texts);
        return texts;
    }
    GscopeResult live(const char* verb, const QString& file, const QStringList& more = {}) const {
        return m_captures.run(QStringList{verb, "--play", file, "--format", "jsonl"} + more);
    }
    GscopeResult whole(const char* verb, const QString& file, const QStringList& more = {}) const {
        return m_captures.run(QStringList{verb, file, "--format", "jsonl"} + more);
    }

private Q_SLOTS:
    void sameAsTheFile_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QStringList>("keys");
        QTest::newRow("gateway") << "gateway.pcapng" << QStringList();
        QTest::newRow("gap") << "gap.pcap" << QStringList();
        QTest::newRow("plain") << m_samples + "foundry-gateway-plain.pcapng" << QStringList();
        // A device gives no secrets, which the file has inside.
        QTest::newRow("tls") << m_samples + "foundry-gateway-tls13.pcapng"
                             << QStringList{"--keylog", m_samples + "foundry-gateway-tls13.keys.log"};
        QTest::newRow("failed handshakes") << m_samples + "failed-handshakes.pcapng" << QStringList();
        QTest::newRow("silent failures") << m_samples + "silent-failures.pcapng" << QStringList();
    }

    void sameAsTheFile() {
        QFETCH(QString, file);
        QFETCH(QStringList, keys);
        const GscopeResult calls = live("exchanges", file, QStringList{"--ended"} + keys);
        QVERIFY2(calls.status == 0, calls.err.constData());
        const QStringList moving{"id", "input", "packet", "flow", "logical_call"};
        const auto rows = jsonLines(calls.out);
        QCOMPARE(sorted(rows, moving), sorted(jsonLines(whole("exchanges", file, keys).out), moving));
        QSet<int> ids;
        for (const QJsonObject& row : rows) {
            ids.insert(row["id"].toInt());
            QVERIFY(!row.contains("state"));
        }
        QCOMPARE(ids.size(), rows.size());

        QCOMPARE(sorted(jsonLines(live("tls", file, keys).out), {"session", "input", "packet", "flow"}),
                 sorted(jsonLines(whole("tls", file, keys).out), {"session", "input", "packet", "flow"}));

        // What changes is written again: the last row of each is the one that counts.
        const auto lastOf = [](const QList<QJsonObject>& all, const QStringList& keys) {
            QMap<QByteArray, QByteArray> last;
            for (const QJsonObject& row : all) {
                QJsonObject key;
                for (const QString& name : keys) key[name] = row[name];
                last[QJsonDocument(key).toJson()] = QJsonDocument(row).toJson();
            }
            return last;
        };
        const QStringList group{"project", "agent", "model"};
        QCOMPARE(lastOf(jsonLines(live("groups", file, keys).out), group),
                 lastOf(jsonLines(whole("groups", file, keys).out), group));
        const QStringList link{"from_field", "from", "to_field", "to"};
        QCOMPARE(lastOf(jsonLines(live("tokens", file, keys).out), link),
                 lastOf(jsonLines(whole("tokens", file, keys).out), link));

        const QStringList places{"session", "input", "packet", "packets", "flow", "exchange", "chain"};
        for (const char* verb : {"trust", "findings"}) {
            const auto expected = sorted(jsonLines(whole(verb, file, keys).out), places);
            const auto told = sorted(jsonLines(live(verb, file, keys).out), places);
            for (const QByteArray& row : expected) QVERIFY2(told.contains(row), verb + QByteArray(": ") + row);
        }

        const auto summaries = jsonLines(live("summary", file, keys).out);
        QVERIFY(!summaries.isEmpty());
        QCOMPARE(comparable(summaries.last(), {"inputs"}),
                 comparable(jsonLines(whole("summary", file, keys).out).first(), {"inputs"}));
    }

    void everyFormatIsWhole() {
        const QStringList verb{"exchanges", "--play", "gateway.pcapng", "--ended", "--fields", "id,path,status"};
        const auto csv = m_captures.run(verb + QStringList{"--format", "csv"}).out.split('\n');
        QCOMPARE(csv.first(), QByteArray("id,path,status\r"));
        QCOMPARE(csv.size(), 7); // heading, five calls, and what is behind the last line feed
        const auto json = m_captures.run(verb + QStringList{"--format", "json"}).out;
        QCOMPARE(QJsonDocument::fromJson(json).array().size(), 5);
        const auto table = m_captures.run(verb).out.split('\n');
        QCOMPARE(table.size(), 7);
        QVERIFY(table.first().trimmed().startsWith("id"));
        // The columns stay where they are.
        for (qsizetype i = 1; i < 6; ++i) QCOMPARE(table[i].indexOf('/'), table[0].indexOf("path"));
    }

    void filterHoldsForRowsAsTheyCome() {
        const auto rows = jsonLines(live("exchanges", "gateway.pcapng", {"--ended", "--filter", "status == 429"}).out);
        QCOMPARE(rows.size(), 1);
        QCOMPARE(rows.first()["status"].toInt(), 429);
    }

    void statesAreWrittenInTheirOrder() {
        // With the pauses of the capture, in which the stream of its second call has 200 ms and more between events.
        const auto rows = jsonLines(live("exchanges", "gateway.pcapng", {"--play-in-time"}).out);
        QMap<int, QStringList> states;
        for (const QJsonObject& row : rows) states[row["id"].toInt()] << row["state"].toString("ended");
        QCOMPARE(states.size(), 5);
        for (const QStringList& each : states) {
            QCOMPARE(each.last(), "ended");
            QCOMPARE(each.count("ended"), 1);
            QStringList order{"waiting", "answering", "streaming", "ended"};
            for (const QString& state : each) {
                QVERIFY2(order.contains(state), qPrintable(each.join(' ')));
                while (order.first() != state) order.removeFirst();
            }
        }
        QVERIFY(states[2].contains("waiting"));
        QVERIFY(states[2].contains("streaming"));
    }

    void captureKeepsEveryPacket() {
        QTemporaryDir folder;
        const QString file = folder.filePath("kept.pcapng");
        const GscopeResult result = m_captures.run({"capture", "--play", "gateway.pcapng", "-w", file});
        QVERIFY2(result.status == 0, result.err.constData());
        QVERIFY(result.out.isEmpty());
        const auto packetsIn = [](const QByteArray& capture) {
            return std::ranges::count(blocksOf(capture), true, &CaptureBlock::isPacket);
        };
        const auto sent = packetsIn(readFile(m_captures.folder.filePath("gateway.pcapng")));
        QVERIFY(sent > 20);
        QCOMPARE(packetsIn(readFile(file)), sent);
        QVERIFY2(result.err.contains(QByteArray("captured ") + QByteArray::number(qint64{sent}) + " packets"),
                 result.err.constData());
        QVERIFY2(result.err.contains("none dropped"), result.err.constData());
        const QStringList same{"exchanges", "--format", "csv", "--fields", "id,time,path,status,total_tokens"};
        QCOMPARE(m_captures.run(same + QStringList{file}).out,
                 m_captures.run(same + QStringList{"gateway.pcapng"}).out);
        const auto quiet = m_captures.run({"capture", "--quiet", "--play", "gateway.pcapng", "-w", file});
        QVERIFY2(quiet.status == 0 && quiet.err.isEmpty(), quiet.err.constData());
    }

    void captureRotates() {
        QTemporaryDir folder;
        const auto result = m_captures.run({"capture", "--play", "gateway.pcapng", "-w", folder.filePath("r.pcapng"),
                                            "-b", "packets:10", "-b", "files:2"});
        QVERIFY2(result.status == 0, result.err.constData());
        QCOMPARE(QDir(folder.path()).entryList({"r_*.pcapng"}, QDir::Files).size(), 2);
        const auto stopped = m_captures.run(
            {"capture", "--play", "gateway.pcapng", "-w", folder.filePath("s.pcapng"), "-a", "packets:7"});
        QVERIFY2(stopped.status == 0, stopped.err.constData());
        QCOMPARE(std::ranges::count(blocksOf(readFile(folder.filePath("s.pcapng"))), true, &CaptureBlock::isPacket), 7);
    }

    void wrongUse_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("said");
        const auto add = [](const char* name, const char* said, const QStringList& arguments) {
            QTest::newRow(name) << arguments << QByteArray(said);
        };
        add("filter", "column 5", {"exchanges", "--live", "lo", "-f", "tcp prot 80"});
        add("mark under the filter", "\n  tcp prot 80\n      ^", {"capture", "-i", "lo", "-f", "tcp prot 80"});
        add("filter that ends", "column", {"capture", "-i", "lo", "-f", "tcp port"});
        add("no interface", "-i INTERFACE is required", {"capture"});
        add("live and input", "takes the place of INPUT", {"exchanges", "--live", "lo", "gateway.pcapng"});
        add("live and follow", "exclude each other", {"exchanges", "--live", "lo", "--follow"});
        add("follow nothing", "INPUT is required", {"exchanges", "--follow"});
        add("follow two", "takes one INPUT", {"exchanges", "--follow", "gateway.pcapng", "gap.pcap"});
        add("paths live", "'paths' needs captures that are complete", {"paths", "--live", "lo"});
        add("body live", "'body' needs captures that are complete", {"body", "1", "--live", "lo"});
        add("headers follow", "'headers' needs captures that are complete", {"headers", "--follow", "gateway.pcapng"});
        add("headers of a stream", "tcp:// can only be followed", {"headers", "tcp://127.0.0.1:1"});
        add("condition", "did you mean 'size'", {"capture", "-i", "lo", "-b", "siz:100M"});
        add("size", "'100X' is no size", {"capture", "-i", "lo", "-b", "size:100X"});
        add("time", "-a: ", {"capture", "-i", "lo", "-a", "time:soon"});
        add("count", "'0' is no number", {"capture", "-i", "lo", "-a", "packets:0"});
        add("ring without a size", "-b files:N needs", {"capture", "-i", "lo", "-w", "x.pcapng", "-b", "files:8"});
        add("to a pipe", "-w needs a file", {"capture", "-i", "lo", "-w", "-"});
    }

    void wrongUse() {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, said);
        const GscopeResult result = m_captures.run(arguments);
        QVERIFY2(result.err.contains(said), result.err.constData());
        QCOMPARE(result.status, 2);
        QVERIFY(result.out.isEmpty());
    }

    void interfacesAreListed() {
        const auto rows = jsonLines(m_captures.run({"interfaces", "--format", "jsonl"}).out);
        QSet<QString> names;
        for (const QJsonObject& row : rows) names.insert(row["name"].toString());
        for (const QString& name : QDir("/sys/class/net").entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            QVERIFY2(names.contains(name), qPrintable(name));
    }

    void aClosedPipeEndsIt() {
        QProcess shell;
        shell.setWorkingDirectory(m_captures.path());
        shell.start("bash",
                    {"-c", "'" GSCOPE "' exchanges --quiet --play gateway.pcapng | true; echo ${PIPESTATUS[0]}"});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.readAllStandardOutput(), QByteArray("0\n"));
        QCOMPARE(shell.readAllStandardError(), QByteArray());
    }
};

QTEST_GUILESS_MAIN(CliLiveTest)
#include "cli_live_test.moc"

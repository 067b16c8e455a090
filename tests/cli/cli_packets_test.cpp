// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"
#include "tests/support/capture_builder.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QtTest>

using namespace gatescope::test;

/// Captures that come in several files, and captures that are written.
class CliPacketsTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;

    static QList<QJsonObject> exchangesOf(const GscopeResult& result) {
        auto rows = jsonLines(result.out);
        for (QJsonObject& row : rows) {
            row.remove("input");
            row.remove("packet");
        }
        return rows;
    }
    /// The blocks of a little-endian pcapng.
    static QByteArrayList blocksOf(const QByteArray& capture) {
        QByteArrayList blocks;
        for (qsizetype at = 0; at + 12 <= capture.size();) {
            const auto length = qFromLittleEndian<quint32>(capture.constData() + at + 4);
            blocks << capture.mid(at, length);
            at += length;
        }
        return blocks;
    }

private Q_SLOTS:
    void aRingBufferIsOneCapture_data() {
        QTest::addColumn<int>("packetsOfAFile");
        for (const int packets : {1, 2, 7, 30}) QTest::addRow("%d", packets) << packets;
    }

    void aRingBufferIsOneCapture() {
        QFETCH(int, packetsOfAFile);
        const QByteArrayList blocks = blocksOf(readFile(m_captures.folder.filePath("gateway.pcapng")));
        const QByteArray head = blocks[0] + blocks[1]; // section and interface
        QTemporaryDir folder;
        int file = 0;
        for (qsizetype i = 2; i < blocks.size(); i += packetsOfAFile) {
            QByteArray part = head;
            for (qsizetype j = i; j < std::min(blocks.size(), i + packetsOfAFile); ++j) part += blocks[j];
            writeFile(folder.filePath(QStringLiteral("ring_%1").arg(++file)), part);
        }
        const QStringList verb{"exchanges", "--format", "jsonl"};
        const auto whole = exchangesOf(m_captures.run(verb + QStringList{"gateway.pcapng"}));
        const auto ring = m_captures.run(verb + QStringList{folder.path()});
        QCOMPARE(ring.status, 0);
        QCOMPARE(whole.size(), 5);
        QCOMPARE(exchangesOf(ring), whole);
        for (const char* threads : {"1", "2", "8"})
            QCOMPARE(m_captures.run(verb + QStringList{folder.path(), "--threads", threads}).out, ring.out);
    }

    void saysWhichClockWasCorrected() {
        // The same requests seen 4 ms further on, by a clock that is 1.5 s behind.
        const auto traffic = [] {
            CaptureBuilder capture;
            capture.step = 20 * kMillisecond;
            auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
            for (int i = 0; i < 10; ++i)
                flow.client("GET /health/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n")
                    .server("HTTP/1.1 200 OK\r\nX-Number: " + std::to_string(i) + "\r\nContent-Length: 0\r\n\r\n");
            return capture;
        };
        CaptureBuilder behind = traffic();
        for (auto& packet : behind.packets()) {
            const bool fromClient = packet.frame[5] == 2;
            packet.time += -1500 * kMillisecond + (fromClient ? 4 : -4) * kMillisecond;
        }
        QTemporaryDir folder;
        writeFile(folder.filePath("a.pcap"), toBytes(traffic().pcap()));
        writeFile(folder.filePath("b.pcap"), toBytes(behind.pcap()));
        const QByteArray page = runGscope({"summary", "a.pcap", "b.pcap"}, folder.path()).out;
        QVERIFY2(page.contains("clock 1.500000 s behind a.pcap (20 packets seen in both, 4.000 ms apart), corrected"),
                 page.constData());
        const auto object =
            QJsonDocument::fromJson(runGscope({"summary", "--format", "json", "a.pcap", "b.pcap"}, folder.path()).out);
        const QJsonArray inputs = object.object()["inputs"].toArray();
        QVERIFY(!inputs[0].toObject().contains("clock_offset_ms"));
        QCOMPARE(inputs[1].toObject()["clock_offset_ms"].toDouble(), -1500.0);
        QCOMPARE(inputs[1].toObject()["clock_reference"].toString(), QString("a.pcap"));
        QCOMPARE(inputs[1].toObject()["clock_packets"].toInt(), 20);
        QCOMPARE(inputs[1].toObject()["delay_ms"].toDouble(), 4.0);
    }

    void exportsWholeConnections() {
        QTemporaryDir folder;
        const QString slice = folder.filePath("slice.pcapng");
        const auto written =
            m_captures.run({"export", "--to", "pcapng", "--filter", "status == 429", "-o", slice, "gateway.pcapng"});
        QCOMPARE(written.status, 0);
        QVERIFY2(written.err.isEmpty(), written.err.constData());
        // Exchange 3 is alone on flow 2.
        auto before = exchangesOf(m_captures.run({"exchanges", "--format", "jsonl", "gateway.pcapng"}));
        auto after = exchangesOf(m_captures.run({"exchanges", "--format", "jsonl", slice}));
        QCOMPARE(after.size(), 1);
        QJsonObject expected = before[2];
        for (const char* number : {"id", "flow", "logical_call"}) expected[number] = 1; // now the first
        QCOMPARE(after[0], expected);
        // The handshake, two messages and the end, as the capture has them.
        QByteArrayList packets;
        for (const QByteArray& block : blocksOf(readFile(m_captures.folder.filePath("gateway.pcapng"))))
            if (block.startsWith(QByteArray("\x06\0\0\0", 4)) && block.contains(QByteArray("\x9c\x41", 2)))
                packets << block; // port 40001
        QByteArrayList found;
        for (const QByteArray& block : blocksOf(readFile(slice)))
            if (block.startsWith(QByteArray("\x06\0\0\0", 4))) found << block;
        QVERIFY(!packets.isEmpty());
        QCOMPARE(found, packets);
    }

    void exportOfNothingIsACapture() {
        const auto nothing =
            m_captures.run({"export", "--to", "pcapng", "--filter", "status == 599", "-o", "-", "gateway.pcapng"});
        QCOMPARE(nothing.status, 0);
        QCOMPARE(blocksOf(nothing.out).size(), 1);
        QVERIFY(nothing.out.contains("Connections of these requests: status == 599"));
        const auto hidden =
            m_captures.run({"export", "--to", "pcapng", "--filter",
                            "header:api-key == \"0f1e2d3c4b5a69788796a5b4c3d2e1f0\"", "gateway.pcapng"});
        QCOMPARE(hidden.status, 0);
        QVERIFY(blocksOf(hidden.out).front().contains("secret header"));
        QVERIFY(!blocksOf(hidden.out).front().contains("0f1e2d3c"));
    }

    void refusesWhatCannotBe() {
        QCOMPARE(m_captures.run({"export", "--to", "jsonl", "--include-secrets", "gateway.pcapng"}).status, 2);
        QCOMPARE(m_captures.run({"export", "--to", "pcapng", "-o", "gateway.pcapng", "gateway.pcapng"}).status, 2);
        QCOMPARE(m_captures.run({"export", "--to", "pcapng", "-o", "no/such/x", "gateway.pcapng"}).status, 2);
    }

    void readsStandardInputTwice() {
        const QByteArray plain = readFile(m_captures.folder.filePath("gateway.pcapng"));
        const QStringList verb{"export", "--to", "pcapng", "--filter", "project == \"beta\""};
        QCOMPARE(m_captures.run(verb + QStringList{"-"}, plain).out,
                 m_captures.run(verb + QStringList{"gateway.pcapng"}).out);
    }

    void aPortUsedAgainIsAnotherConnection() {
        CaptureBuilder capture;
        for (int i = 0; i < 3; ++i) {
            capture.clientSequence += 500'000;
            auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
            flow.client("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
            flow.server("HTTP/1.1 20" + std::to_string(i) + " OK\r\nContent-Length: 0\r\n\r\n").close();
            capture.wait(1'000'000'000);
        }
        QTemporaryDir folder;
        writeFile(folder.filePath("reuse.pcap"), toBytes(capture.pcap()));
        const QStringList verb{"export", "--to", "pcapng", "-o", "out", "reuse.pcap", "--filter"};
        // 3 packets of the handshake, 2 of messages, 3 of the end.
        for (const auto& [filter, packets] :
             {std::pair("status == 200", 8), {"status == 201", 8}, {"status == 202", 8}, {"status != 201", 16}}) {
            QCOMPARE(runGscope(verb + QStringList{filter}, folder.path()).status, 0);
            const auto blocks = blocksOf(readFile(folder.filePath("out")));
            QCOMPARE(blocks.size(), 2 + packets);
        }
    }

    void wiresharkReadsWhatIsWritten() {
        const QString tshark = QStandardPaths::findExecutable("tshark");
        if (tshark.isEmpty()) QSKIP("no tshark");
        QTemporaryDir folder;
        // Two captures of different kinds become two interfaces of one.
        const QString both = folder.filePath("both.pcapng");
        QCOMPARE(m_captures.run({"export", "--to", "pcapng", "-o", both, "gateway.pcapng", "gap.pcap"}).status, 0);
        const QStringList fields{"-T", "fields", "-e", "frame.time_epoch", "-e", "tcp.seq_raw", "-e", "tcp.ack_raw"};
        const auto read = [&](const QStringList& more) {
            const auto result = runProgram(tshark, more + fields, m_captures.path());
            QByteArrayList lines = result.out.trimmed().split('\n');
            std::ranges::sort(lines);
            return std::pair(result.status, lines);
        };
        const auto written = read({"-r", both});
        QCOMPARE(written.first, 0);
        QByteArrayList expected = read({"-r", "gateway.pcapng"}).second + read({"-r", "gap.pcap"}).second;
        std::ranges::sort(expected);
        QCOMPARE(written.second, expected);
    }
};

QTEST_GUILESS_MAIN(CliPacketsTest)
#include "cli_packets_test.moc"

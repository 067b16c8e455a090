// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/live_support.h"

#include <QSet>
#include <QtTest>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace gatescope::test;

/// Captures that grow while gscope reads them: files, standard input, TCP, and a key log that grows beside them.
class CliFollowTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;
    QByteArray m_capture;
    // Rows come within 200 ms; the rest is for a busy machine.
    static constexpr int kPatience = 5'000;

    static void append(const QString& path, const QByteArray& bytes) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::Append));
        file.write(bytes);
    }
    static auto streamed(const char* state) {
        return [state = QString(state)](const QJsonObject& row) {
            return row["agent"].toString() == "Writer" && row["state"].toString("ended") == state;
        };
    }
    /// The packets of the second call: 6 its request, 7 the head of its answer, 8 and on its events.
    QByteArray packets(int first, int last) const {
        const qsizetype from = first == 1 ? 0 : endOfPacket(m_capture, first - 1);
        return m_capture.mid(from, endOfPacket(m_capture, last) - from);
    }

private Q_SLOTS:
    void initTestCase() { m_capture = readFile(m_captures.folder.filePath("gateway.pcapng")); }

    void aFileThatGrows() {
        const QString path = m_captures.folder.filePath("growing.pcapng");
        writeFile(path, packets(1, 5));
        RunningGscope gscope({"exchanges", "--follow", path, "--format", "jsonl"}, m_captures.path());
        const auto first =
            gscope.waitFor([](const QJsonObject& row) { return row["status"].toInt() == 200; }, kPatience);
        QVERIFY(first);
        QCOMPARE((*first)["id"].toInt(), 1);
        QCOMPARE((*first)["total_tokens"].toInt(), 120);
        QVERIFY(!gscope.waitFor(streamed("waiting"), 100));

        QElapsedTimer timer;
        append(path, packets(6, 6));
        timer.start();
        const auto waiting = gscope.waitFor(streamed("waiting"), kPatience);
        QVERIFY(waiting);
        qInfo("row after %lld ms", timer.elapsed());
        QCOMPARE((*waiting)["id"].toInt(), 2);
        QVERIFY(!waiting->contains("status"));
        append(path, packets(7, 7));
        const auto answering = gscope.waitFor(streamed("answering"), kPatience);
        QVERIFY(answering);
        QCOMPARE((*answering)["status"].toInt(), 200);
        append(path, packets(8, 9));
        const auto streaming = gscope.waitFor(streamed("streaming"), kPatience);
        QVERIFY(streaming);
        QVERIFY(streaming->contains("ttft_ms"));
        QVERIFY(!gscope.waitFor(streamed("ended"), 100));
        append(path, m_capture.mid(endOfPacket(m_capture, 9)));
        const auto ended = gscope.waitFor(streamed("ended"), kPatience);
        QVERIFY(ended);
        QCOMPARE((*ended)["total_tokens"].toInt(), 43);
        for (const auto& row : {answering, streaming, ended}) QCOMPARE((*row)["id"].toInt(), 2);
        QVERIFY(gscope.waitFor([](const QJsonObject& row) { return row["path"] == "/health"; }, kPatience));

        QVERIFY(gscope.process().state() == QProcess::Running);
        gscope.interrupt();
        QVERIFY2(gscope.wait() == 0, gscope.errors().constData());
        QSet<int> ids;
        for (const QJsonObject& row : gscope.rows()) ids.insert(row["id"].toInt());
        QCOMPARE(ids, (QSet<int>{1, 2, 3, 4, 5}));
    }

    void standardInput() {
        RunningGscope gscope({"exchanges", "--follow", "-", "--format", "jsonl", "--ended"}, m_captures.path());
        gscope.process().write(packets(1, 6));
        QVERIFY(gscope.waitFor([](const QJsonObject& row) { return row["id"].toInt() == 1; }, kPatience));
        gscope.process().write(m_capture.mid(endOfPacket(m_capture, 6)));
        gscope.process().closeWriteChannel();
        QVERIFY2(gscope.wait() == 0, gscope.errors().constData());
        QCOMPARE(gscope.rows().size(), 5);
    }

    void packetsOverTcp() {
        const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const general = reinterpret_cast<sockaddr*>(&address);
        QVERIFY(::bind(listener, general, length) == 0 && ::listen(listener, 1) == 0 &&
                ::getsockname(listener, general, &length) == 0);
        RunningGscope gscope(
            {"exchanges", QString("tcp://127.0.0.1:%1").arg(ntohs(address.sin_port)), "--format", "jsonl", "--ended"},
            m_captures.path());
        const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        QVERIFY(peer >= 0);
        const auto send = [peer](const QByteArray& bytes) {
            return ::send(peer, bytes.constData(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL) ==
                   bytes.size();
        };
        QVERIFY(send(packets(1, 6)));
        QVERIFY(gscope.waitFor([](const QJsonObject& row) { return row["id"].toInt() == 1; }, kPatience));
        QVERIFY(send(m_capture.mid(endOfPacket(m_capture, 6))));
        ::close(peer);
        ::close(listener);
        QVERIFY2(gscope.wait() == 0, gscope.errors().constData());
        QCOMPARE(gscope.rows().size(), 5);
    }

    void nobodyListens() {
        const auto result = m_captures.run({"exchanges", "tcp://127.0.0.1:1"});
        QCOMPARE(result.status, 3);
        QVERIFY2(result.err.contains("tcp://127.0.0.1:1"), result.err.constData());
        QCOMPARE(m_captures.run({"exchanges", "tcp://127.0.0.1"}).status, 2);
        QCOMPARE(m_captures.run({"exchanges", "--follow", "nowhere.pcapng"}).status, 3);
    }

    void aKeyLogThatGrows() {
        const QString samples = QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/");
        const QByteArray sealed = readFile(samples + "foundry-gateway-tls13-sealed.pcapng");
        const QString keys = m_captures.folder.filePath("keys.log"), path = m_captures.folder.filePath("sealed.pcapng");
        writeFile(keys, "# nothing yet\n");
        writeFile(path, {});
        RunningGscope gscope({"exchanges", "--follow", path, "--keylog", keys, "--format", "jsonl", "--ended"},
                             m_captures.path());
        QVERIFY(!gscope.waitFor([](const QJsonObject&) { return true; }, 300));
        // As a client does: the secrets are written when the handshake is over, before the first request.
        append(keys, readFile(samples + "foundry-gateway-tls13.keys.log"));
        append(path, sealed);
        const QByteArray told = m_captures
                                    .run({"exchanges", "--keylog", keys, "--format", "jsonl",
                                          samples + "foundry-gateway-tls13-sealed.pcapng"})
                                    .out;
        const auto expected = jsonLines(told);
        QVERIFY(expected.size() > 3);
        const auto last = static_cast<int>(expected.size());
        QVERIFY(gscope.waitFor([=](const QJsonObject& row) { return row["id"].toInt() == last; }, kPatience));
        gscope.interrupt();
        QVERIFY2(gscope.wait() == 0, gscope.errors().constData());
        QCOMPARE(gscope.rows().size(), expected.size());
    }

    void totalsAreWrittenWhenTheyChange() {
        const QString path = m_captures.folder.filePath("totals.pcapng");
        writeFile(path, packets(1, 5));
        RunningGscope gscope({"groups", "--by", "project", "--follow", path, "--every", "100ms", "--format", "jsonl"},
                             m_captures.path());
        const auto alpha = [](int exchanges) {
            return [exchanges](const QJsonObject& row) {
                return row["project"] == "alpha" && row["exchanges"].toInt() == exchanges;
            };
        };
        QVERIFY(gscope.waitFor(alpha(1), kPatience));
        append(path, m_capture.mid(endOfPacket(m_capture, 5)));
        QVERIFY(gscope.waitFor(alpha(2), kPatience));
        gscope.interrupt();
        QVERIFY2(gscope.wait() == 0, gscope.errors().constData());
        int rowsOfAlpha = 0;
        for (const QJsonObject& row : gscope.rows()) rowsOfAlpha += row["project"] == "alpha" ? 1 : 0;
        QVERIFY2(rowsOfAlpha <= 3, "the same row was written again");
    }
};

QTEST_GUILESS_MAIN(CliFollowTest)
#include "cli_follow_test.moc"

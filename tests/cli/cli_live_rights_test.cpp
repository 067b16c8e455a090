// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/live_support.h"

#include <QDateTime>
#include <QtTest>
#include <unistd.h>

using namespace gatescope::test;

/// Real captures on the loopback of a network namespace of this test's own. Needs root and `ip netns`; else it skips.
class CliLiveRightsTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    const QString m_space = QString("gscope-cli-%1").arg(getpid());
    QStringList inSpace() const { return {"ip", "netns", "exec", m_space}; }
    QProcess m_server;
    bool m_hasSpace = false;

    static int shell(QStringList words) {
        QProcess process;
        const QString program = words.takeFirst();
        process.start(program, words);
        return process.waitForFinished(10'000) && process.exitStatus() == QProcess::NormalExit ? process.exitCode()
                                                                                               : -1;
    }
    bool call(const QString& path) const {
        return shell(inSpace() + QStringList{"curl", "-s", "-o", "/dev/null", "http://127.0.0.1:8080/" + path}) == 0;
    }
    /// Calls until the capture shows it: it has begun then.
    bool waitUntilCapturing(RunningGscope& gscope) const {
        for (int i = 0; i < 50; ++i)
            if (call("warm") && gscope.waitFor([](const QJsonObject& row) { return row["path"] == "/warm"; }, 200))
                return true;
        return false;
    }
    pid_t helperOf(const RunningGscope&, pid_t parent) const {
        QProcess pgrep;
        pgrep.start("pgrep", {"-P", QString::number(parent), "gatescope"});
        pgrep.waitForFinished();
        return static_cast<pid_t>(pgrep.readAllStandardOutput().trimmed().toInt());
    }

private Q_SLOTS:
    void initTestCase() {
        if (geteuid() != 0) QSKIP("needs root, for a network namespace");
        if (shell({"ip", "netns", "add", m_space}) != 0) QSKIP("network namespaces cannot be made here");
        m_hasSpace = true;
        QVERIFY(shell(inSpace() + QStringList{"ip", "link", "set", "lo", "up"}) == 0);
        m_server.setWorkingDirectory(m_folder.path());
        m_server.setStandardErrorFile(QProcess::nullDevice());
        m_server.setStandardOutputFile(QProcess::nullDevice());
        m_server.start("ip", {"netns", "exec", m_space, "python3", "-m", "http.server", "8080", "--bind", "127.0.0.1"});
        QTRY_VERIFY_WITH_TIMEOUT(call(""), 10'000);
    }

    void cleanupTestCase() {
        if (m_server.state() != QProcess::NotRunning) {
            m_server.terminate();
            m_server.waitForFinished();
        }
        if (m_hasSpace) shell({"ip", "netns", "del", m_space});
    }

    void rowsComeAtOnce() {
        RunningGscope gscope({"exchanges", "--live", "lo", "-f", "tcp port 8080", "--format", "jsonl"}, m_folder.path(),
                             inSpace());
        QVERIFY(waitUntilCapturing(gscope));
        QList<qint64> delays;
        for (int i = 0; i < 10; ++i) {
            const QString path = QString("/call-%1").arg(i);
            QVERIFY(call(path.mid(1)));
            const auto row = gscope.waitFor([&](const QJsonObject& each) { return each["path"] == path; });
            QVERIFY(row);
            // From the packet's own time to the line in our hands.
            const auto packet = QDateTime::fromString((*row)["time"].toString().left(23) + 'Z', Qt::ISODateWithMs);
            delays << packet.msecsTo(QDateTime::currentDateTimeUtc());
        }
        std::ranges::sort(delays);
        qInfo("from packet to line: median %lld ms, longest %lld ms", delays[5], delays[9]);
        // curl's own end is in it, and whatever else the machine does.
        QVERIFY(delays[5] <= 400);
        gscope.interrupt();
        QVERIFY2(gscope.wait() == 0, gscope.errors().constData());
        QVERIFY2(gscope.errors().contains("captured "), gscope.errors().constData());
        QVERIFY2(gscope.errors().contains("none dropped"), gscope.errors().constData());
    }

    void aHelperThatIsKilledIsTold() {
        RunningGscope gscope({"exchanges", "--live", "lo", "-f", "tcp port 8080", "--format", "jsonl", "--ended"},
                             m_folder.path(), inSpace());
        QVERIFY(waitUntilCapturing(gscope));
        // `ip netns exec` becomes the program that it runs.
        const pid_t helper = helperOf(gscope, gscope.id());
        QVERIFY(helper > 0);
        QVERIFY(::kill(helper, SIGKILL) == 0);
        QVERIFY2(gscope.wait() == 4, gscope.errors().constData());
        QVERIFY(!gscope.rows().isEmpty());
        QVERIFY2(gscope.errors().contains("killed by signal 9"), gscope.errors().constData());
    }

    void captureStopsByItselfAndByInterrupt() {
        const auto timed = runProgram(
            "ip", inSpace().mid(1) + QStringList{GSCOPE, "capture", "-i", "lo", "-a", "time:1s"}, m_folder.path());
        QVERIFY2(timed.status == 0, timed.err.constData());
        RunningGscope gscope({"capture", "-i", "lo", "-w", "kept.pcapng"}, m_folder.path(), inSpace());
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(m_folder.filePath("kept.pcapng")), 5'000);
        QVERIFY(QTest::qWaitFor([&] {
            call("kept");
            return readFile(m_folder.filePath("kept.pcapng")).contains("/kept");
        }));
        gscope.interrupt();
        QVERIFY2(gscope.wait() == 0, gscope.errors().constData());
        const auto rows = jsonLines(runGscope({"exchanges", "--format", "jsonl", "kept.pcapng"}, m_folder.path()).out);
        QVERIFY(!rows.isEmpty());
        QCOMPARE(rows.last()["path"].toString(), "/kept");
    }

    void noSuchInterface() {
        const auto result = runGscope({"capture", "-i", "nowhere0"}, m_folder.path());
        QCOMPARE(result.status, 3);
        QVERIFY2(result.err.contains("nowhere0"), result.err.constData());
    }

    void missingRightsSayWhatGivesThem() {
        if (shell({"setpriv", "--version"}) != 0) QSKIP("needs setpriv");
        for (const QStringList& verb : {QStringList{"exchanges", "--live", "lo"}, QStringList{"capture", "-i", "lo"}}) {
            const auto result = runProgram("setpriv",
                                           QStringList{"--reuid", "65534", "--regid", "65534", "--clear-groups",
                                                       "--inh-caps", "-all", "--bounding-set", "-all", GSCOPE} +
                                               verb,
                                           "/tmp");
            QCOMPARE(result.status, 3);
            QVERIFY2(result.err.contains("setcap cap_net_raw=ep"), result.err.constData());
            QVERIFY2(!result.err.contains("sudo gscope") && !result.err.contains("as root"), result.err.constData());
        }
    }
};

QTEST_GUILESS_MAIN(CliLiveRightsTest)
#include "cli_live_rights_test.moc"

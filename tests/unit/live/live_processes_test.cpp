// SPDX-License-Identifier: Apache-2.0
// The helper as a process: what it may and has open, as the kernel says, and what is left when one of the two is
// killed. GATESCOPE_KILL_ROUNDS: how often (6). The tests of real capture need root and a network namespace of their
// own.
#include <QTest>

#include "core/live/capture_session.h"
#include "live_reading.h"
#include "tests/support/quickest.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace gatescope;
using namespace gatescope::live;
using namespace gatescope::live::testing;

class LiveProcessesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void keepsTheFileWhenTheHelperIsKilled();
    void endsWithItsParent();
    void hasNoRights();
    void capturesLoopbackOnce_data();
    void capturesLoopbackOnce();
    void tellsThatTheInterfaceIsGone();
    void countsCopiesOnce();
    void namesTheMissingInterface();
    void needsOnlyTheOneRight();

private:
    QString in(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    bool layCable() const;
    QString copyForUser(QTemporaryDir& folder) const;

    QTemporaryDir m_folder;
    std::vector<Record> m_records;
    QRandomGenerator m_random{QRandomGenerator::securelySeeded()};
};

namespace {

int rounds() {
    return std::max(1, qEnvironmentVariableIsSet("GATESCOPE_KILL_ROUNDS")
                           ? qEnvironmentVariableIntValue("GATESCOPE_KILL_ROUNDS")
                           : 6);
}

/// The value of a line of /proc/PID/status.
QString statusOf(int process, const char* name) {
    for (const QByteArray& line : contentOf(QStringLiteral("/proc/%1/status").arg(process)).split('\n'))
        if (line.startsWith(name) && line.mid(static_cast<int>(qstrlen(name))).startsWith(':'))
            return QString::fromUtf8(line.mid(static_cast<int>(qstrlen(name)) + 1)).simplified();
    return {};
}

/// A network namespace of this process's own, with loopback up.
bool enterNamespace() {
    if (::geteuid() != 0 || ::unshare(CLONE_NEWNET) != 0) return false;
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    qstrncpy(request.ifr_name, "lo", IFNAMSIZ);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool isUp = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    return isUp;
}

void sendDatagrams(int count, const char* address = "127.0.0.1") {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9999);
    ::inet_pton(AF_INET, address, &to.sin_addr);
    for (int i = 0; i < count; ++i) {
        const QByteArray text = "datagram " + QByteArray::number(i);
        // Answers that nobody listens come back as errors of the next call.
        while (::sendto(socket, text.constData(), static_cast<std::size_t>(text.size()), 0,
                        reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0 &&
               errno == ECONNREFUSED) {
        }
    }
    ::close(socket);
}

bool isGone(int process) {
    const QString state = statusOf(process, "State");
    return state.isEmpty() || state.startsWith(u'Z');
}

RingOptions oneFile(const QString& path) {
    RingOptions ring;
    ring.path = path.toStdString();
    ring.fileBytes = 0;
    return ring;
}

CaptureRequest onInterface(const char* name) {
    CaptureRequest request;
    request.interfaces = {name};
    request.filter = "udp port 9999";
    return request;
}

/// What this program does when another test of it starts it: `play FILE OUT` captures until it is killed;
/// `capture OUT` captures five datagrams on loopback.
int runAsProgram(const QStringList& arguments) {
    CaptureRequest request;
    StopConditions stop;
    if (arguments[1] == u"play") {
        request.playedFile = arguments[2].toStdString();
        request.playInTime = true;
    } else {
        request = onInterface("lo");
        stop.packets = 5;
        stop.time = 5'000'000'000;
    }
    auto session = CaptureSession::start(request, oneFile(arguments.last()), stop);
    if (!session) {
        std::fputs(session.error().message.c_str(), stdout);
        return 3;
    }
    std::printf("%d\n", (*session)->status().helperProcess);
    std::fflush(stdout);
    if (arguments[1] == u"capture") sendDatagrams(5);
    (*session)->waitUntilEnded();
    std::printf("%d\n", static_cast<int>((*session)->status().counts.packets));
    return 0;
}

} // namespace

void LiveProcessesTest::initTestCase() {
    QVERIFY(m_folder.isValid());
    m_records = someRecords(20'000, 1);
    for (std::size_t i = 0; i < m_records.size(); ++i) // 20,000 in a second
        m_records[i].time = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 50'000;
    QFile file(in("played.pcap"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(pcapFile(m_records));
}

void LiveProcessesTest::keepsTheFileWhenTheHelperIsKilled() {
    for (int round = 0; round < rounds(); ++round) {
        CaptureRequest request;
        request.playedFile = in("played.pcap").toStdString();
        request.playInTime = round % 2 == 0;
        auto session = CaptureSession::start(request, oneFile(in("killed.pcapng")));
        QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
        const int helper = (*session)->status().helperProcess;
        ::usleep(static_cast<useconds_t>(m_random.bounded(request.playInTime ? 500'000 : 60'000)));
        const CaptureStatus before = (*session)->status();
        if (helper != 0) ::kill(helper, SIGKILL);
        (*session)->waitUntilEnded();
        const CaptureStatus status = (*session)->status();
        const auto written = readPcapng(contentOf(in("killed.pcapng")));
        QVERIFY(written.has_value());
        QVERIFY(written->size() >= before.counts.packets - before.counts.ownDropped);
        QVERIFY(std::equal(written->begin(), written->end(), m_records.begin()));
        if (const auto count = packetsByCapinfos(in("killed.pcapng")); count && round < 6)
            QCOMPARE(*count, static_cast<int>(written->size()));
        QVERIFY(isGone(helper));
        if (status.endedBecause == "the capture was played to its end") continue; // it was faster
        QVERIFY2(status.error && status.error->message.find("killed by signal 9") != std::string::npos,
                 status.endedBecause.c_str());
        const auto findings = (*session)->feed().takeFindings();
        QVERIFY(std::ranges::any_of(findings, [](const Finding& one) { return one.kind->id == "live.ended-early"; }));
    }
}

void LiveProcessesTest::endsWithItsParent() {
    for (int round = 0; round < rounds(); ++round) {
        QProcess parent;
        const QString out = in("orphan.pcapng");
        parent.start(QCoreApplication::applicationFilePath(), {"play", in("played.pcap"), out});
        QVERIFY(parent.waitForReadyRead());
        const int helper = parent.readLine().trimmed().toInt();
        QVERIFY(helper > 0);
        ::usleep(static_cast<useconds_t>(m_random.bounded(400'000)));
        parent.kill(); // SIGKILL
        QVERIFY(parent.waitForFinished());
        QElapsedTimer timer;
        timer.start();
        while (!isGone(helper) && timer.elapsed() < 2000) ::usleep(1000);
        QVERIFY2(isGone(helper), "the helper outlived its parent");
        const auto written = readPcapng(contentOf(out));
        QVERIFY(written.has_value());
        QVERIFY(std::equal(written->begin(), written->end(), m_records.begin()));
        if (const auto count = packetsByCapinfos(out); count && round < 6)
            QCOMPARE(*count, static_cast<int>(written->size()));
    }
}

void LiveProcessesTest::hasNoRights() {
    // As root on loopback if that can be; a played capture takes the same way into the sandbox.
    const bool isReal = enterNamespace();
    CaptureRequest request = isReal ? onInterface("lo") : CaptureRequest{};
    if (!isReal) request.playedFile = in("played.pcap").toStdString();
    request.playInTime = !isReal;
    auto session = CaptureSession::start(request, oneFile(in("rights.pcapng")));
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    const int helper = (*session)->status().helperProcess;
    QVERIFY(helper > 0);
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
        QVERIFY2(statusOf(helper, set).toULongLong(nullptr, 16) == 0 && !statusOf(helper, set).isEmpty(), set);
    QCOMPARE(statusOf(helper, "NoNewPrivs"), QStringLiteral("1"));
    QCOMPARE(statusOf(helper, "Seccomp"), QStringLiteral("2")); // a filter
    if (!isReal) QSKIP("the rest needs root and a network namespace");

    QCOMPARE(statusOf(helper, "CapBnd").toULongLong(nullptr, 16), 0U);
    for (const QString& id : statusOf(helper, "Uid").split(u' ') + statusOf(helper, "Gid").split(u' '))
        QVERIFY(id.toInt() != 0);
    QCOMPARE(statusOf(helper, "Groups"), QString());
    const QString folder = QStringLiteral("/proc/%1/fd").arg(helper);
    const auto open = [&] {
        QStringList targets;
        for (const QString& name : QDir(folder).entryList(QDir::Files | QDir::System))
            targets << QFile::symLinkTarget(folder + u'/' + name).section(u'/', -1).section(u':', 0, 0);
        targets.sort();
        return targets;
    };
    // Standard input, output and error; the file, which is on its way; control and packet socket.
    QTRY_COMPARE(open(), (QStringList{"null", "null", "null", "rights.pcapng", "socket", "socket"}));
    QCOMPARE(contentOf(QStringLiteral("/proc/%1/environ").arg(helper)), QByteArray());
    const QByteArray limits = contentOf(QStringLiteral("/proc/%1/limits").arg(helper));
    const auto limitOf = [&](const char* name) {
        const QByteArray line = limits.mid(limits.indexOf(name));
        return line.mid(static_cast<int>(qstrlen(name))).simplified().split(' ').value(0);
    };
    QCOMPARE(limitOf("Max core file size"), QByteArray("0"));
    QCOMPARE(limitOf("Max processes"), QByteArray("0"));
    QVERIFY(limitOf("Max open files").toInt() <= 64 && limitOf("Max address space") != "unlimited");
}

void LiveProcessesTest::capturesLoopbackOnce_data() {
    QTest::addColumn<QByteArray>("interface");
    QTest::addColumn<bool>("promiscuous");
    QTest::newRow("lo") << QByteArray("lo") << false;
    QTest::newRow("lo, promiscuous") << QByteArray("lo") << true;
    QTest::newRow("any") << QByteArray("any") << false;
}

void LiveProcessesTest::capturesLoopbackOnce() {
    QFETCH(QByteArray, interface);
    QFETCH(bool, promiscuous);
    if (!enterNamespace()) QSKIP("needs root and a network namespace");
    CaptureRequest request = onInterface(interface.constData());
    request.promiscuous = promiscuous;
    auto session = CaptureSession::start(request, oneFile(in("lo.pcapng")));
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    unsigned sent = 0;
    const std::int64_t took = quickest(200, [&] {
        QElapsedTimer timer;
        timer.start();
        sendDatagrams(300);
        sent += 300;
        while ((*session)->status().counts.packets < sent && timer.elapsed() < 3000) ::usleep(1000);
        return timer.elapsed();
    });
    QVERIFY2(took < 200, "packets are in the file within 200 ms");
    ::usleep(1'200'000); // over the counters of a second
    (*session)->stop();
    (*session)->waitUntilEnded();
    const CaptureStatus status = (*session)->status();
    QVERIFY2(!status.error, status.error ? status.error->message.c_str() : "");
    QCOMPARE(status.counts.packets, sent);
    QCOMPARE(status.interfaces.at(0).packets, sent);
    QCOMPARE(status.counts.dropped(), 0U);
    const auto written = readPcapng(contentOf(in("lo.pcapng")));
    QVERIFY(written.has_value());
    QCOMPARE(written->size(), sent);
    for (unsigned i = 0; i < sent; ++i)
        QVERIFY((*written)[i].bytes.endsWith("datagram " + QByteArray::number(i % 300)));
    if (const auto count = packetsByCapinfos(in("lo.pcapng"))) QCOMPARE(*count, static_cast<int>(sent));
}

/// Two ends of a cable, `va` and `vb`; what is sent to 10.9.0.2 leaves on one and arrives on the other.
bool LiveProcessesTest::layCable() const {
    const auto ip = [](const char* command) {
        return QProcess::execute("ip", QString::fromUtf8(command).split(u' ')) == 0;
    };
    return ip("link add va type veth peer name vb") && ip("addr add 10.9.0.1/24 dev va") && ip("link set va up") &&
           ip("link set vb up") && ip("neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev va");
}

void LiveProcessesTest::tellsThatTheInterfaceIsGone() {
    if (!enterNamespace() || !layCable()) QSKIP("needs root, a network namespace and ip");
    auto session = CaptureSession::start(onInterface("va"), oneFile(in("gone.pcapng")));
    QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
    sendDatagrams(20, "10.9.0.2");
    QTRY_COMPARE((*session)->status().counts.packets, 20U);
    QCOMPARE(QProcess::execute("ip", {"link", "del", "va"}), 0);
    QTRY_VERIFY((*session)->status().state == CaptureState::Ended);
    const CaptureStatus status = (*session)->status();
    QVERIFY(status.error.has_value());
    QVERIFY2(status.endedBecause.starts_with("the interface va is gone"), status.endedBecause.c_str());
    QCOMPARE(readPcapng(contentOf(in("gone.pcapng"))).value_or(std::vector<Record>()).size(), 20U);
}

void LiveProcessesTest::countsCopiesOnce() {
    if (!enterNamespace() || !layCable()) QSKIP("needs root, a network namespace and ip");
    CaptureRequest both = onInterface("va");
    both.interfaces.push_back("vb");
    for (const CaptureRequest& request : {onInterface("any"), both}) {
        auto session = CaptureSession::start(request, oneFile(in("copies.pcapng")));
        QVERIFY2(session.has_value(), session ? "" : session.error().message.c_str());
        sendDatagrams(200, "10.9.0.2");
        QTRY_COMPARE((*session)->status().counts.copies, 200U);
        (*session)->stop();
        (*session)->waitUntilEnded();
        QCOMPARE((*session)->status().counts.packets, 200U);
        QCOMPARE(readPcapng(contentOf(in("copies.pcapng"))).value_or(std::vector<Record>()).size(), 200U);
    }
}

void LiveProcessesTest::namesTheMissingInterface() {
    if (!enterNamespace()) QSKIP("needs root and a network namespace");
    const auto session = CaptureSession::start(onInterface("eth77"), {});
    QVERIFY(!session.has_value());
    QVERIFY(session.error().kind == ErrorKind::CannotOpen);
    QVERIFY2(session.error().message.find("eth77") != std::string::npos, session.error().message.c_str());
}

/// This program and the helper in a place that everybody may read.
QString LiveProcessesTest::copyForUser(QTemporaryDir& folder) const {
    QFile::setPermissions(folder.path(), QFile::Permissions(0x7755));
    for (const QString& name : {QCoreApplication::applicationFilePath(), QString::fromStdString(*helperPath())}) {
        const QString copy = folder.filePath(QFileInfo(name).fileName());
        if (!QFile::copy(name, copy) || !QFile::setPermissions(copy, QFile::Permissions(0x7755))) return {};
    }
    QDir(folder.path()).mkdir(QStringLiteral("out"));
    QFile::setPermissions(folder.filePath("out"), QFile::Permissions(0x7777));
    return folder.filePath(QFileInfo(QCoreApplication::applicationFilePath()).fileName());
}

void LiveProcessesTest::needsOnlyTheOneRight() {
    if (!enterNamespace()) QSKIP("needs root and a network namespace");
    if (QStandardPaths::findExecutable("setcap").isEmpty()) QSKIP("needs setcap");
    QTemporaryDir folder;
    const QString program = copyForUser(folder);
    QVERIFY(!program.isEmpty());
    const QString helper = folder.filePath("gatescope-capture"), out = folder.filePath("out/user.pcapng");
    const auto captureAsUser = [&] {
        QProcess child;
        child.setChildProcessModifier([] {
            if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) ::_exit(77);
        });
        child.start(program, {"capture", out});
        if (!child.waitForFinished()) child.kill();
        return std::pair(child.exitCode(), child.readAllStandardOutput());
    };
    const auto [without, message] = captureAsUser();
    QCOMPARE(without, 3);
    QVERIFY2(message.endsWith("\nsudo setcap cap_net_raw=ep " + helper.toUtf8()), message.constData());
    QCOMPARE(message.count("sudo"), 1);
    QVERIFY(!QFileInfo::exists(out)); // nothing was captured, so nothing is left

    QCOMPARE(QProcess::execute("setcap", {"cap_net_raw=ep", helper}), 0);
    const auto [with, counts] = captureAsUser();
    QVERIFY2(with == 0, counts.constData());
    QVERIFY(counts.endsWith("\n5\n"));
    QCOMPARE(readPcapng(contentOf(out)).value_or(std::vector<Record>()).size(), 5U);
}

int main(int count, char** arguments) {
    const QCoreApplication application(count, arguments);
    const QStringList words = QCoreApplication::arguments();
    if (words.size() > 2 && (words[1] == u"play" || words[1] == u"capture")) return runAsProgram(words);
    LiveProcessesTest test;
    return QTest::qExec(&test, count, arguments);
}
#include "live_processes_test.moc"

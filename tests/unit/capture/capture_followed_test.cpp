// SPDX-License-Identifier: Apache-2.0
// Captures that grow while they are read. What must come out is what the whole file gives.
#include <QTest>

#include "capture_building.h"
#include "capture_reading.h"

#include "core/capture/capture_findings.h"
#include "core/capture/feed_reader.h"
#include "core/capture/followed_input.h"
#include "tests/support/quickest.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <arpa/inet.h>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <zlib.h>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

class CaptureFollowedTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void givesWhatTheWholeFileGives_data();
    void givesWhatTheWholeFileGives();
    void waitsForAHalfRecord();
    void waitsForAHalfHead();
    void stopsWhileItWaits_data();
    void stopsWhileItWaits();
    void tellsWhatBecameOfTheFile_data();
    void tellsWhatBecameOfTheFile();
    void readsOnThroughGzip();
    void knowsHowFarBehindItIs();
    void goesOnToNewFilesOfAFolder();
    void passesOverWhatIsNoCapture();
    void readsAFileOfTheRingAgainThatWasWrittenAnew();
    void readsAPipe();
    void readsAStream_data();
    void readsAStream();
    void tellsThatAStreamWasCut();
    void tellsWhyItCannotConnect();
    void tellsOfAddresses_data();
    void tellsOfAddresses();
    void tellsWhatCannotBeOpened();

private:
    std::string path(const char* name) const { return m_folder->filePath(QString::fromLatin1(name)).toStdString(); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

std::string pcapFile(unsigned first = 0, unsigned count = 120) {
    std::string file = pcapHeader();
    for (unsigned i = first; i < first + count; ++i)
        file += pcapRecord(kLittle, i, i, 2000, std::string(i % 61, static_cast<char>(i)));
    return file;
}

std::string pcapngFile() {
    const Section section(kLittle);
    std::string file = section.header() + section.interface(1);
    for (unsigned i = 0; i < 120; ++i)
        file += section.enhanced(0, 1'000'000ULL * i, 2000, std::string(i % 61, static_cast<char>(i)));
    return file;
}

QString told(const Packet& packet) {
    return QStringLiteral("%1 %2 %3")
        .arg(packet.time)
        .arg(packet.originalLength)
        .arg(QString::fromLatin1(
            QByteArray(reinterpret_cast<const char*>(packet.data.data()), static_cast<qsizetype>(packet.data.size()))
                .toHex()));
}

QStringList packetsOf(const std::string& file) {
    QStringList packets;
    auto source = openCaptureFrom(openMemory(asBytes(file)));
    PacketBlock block;
    while (source) {
        const auto more = (*source)->read(block);
        if (!more || !*more) break;
        for (const Packet& packet : block.packets) packets << told(packet);
    }
    return packets;
}

void append(const std::string& path, std::string_view text) {
    std::ofstream out(path, std::ios::binary | std::ios::app);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void writeAll(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t wrote = ::write(descriptor, text.data(), text.size());
        if (wrote <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

/// Calls `write` with pieces of a random length up to `most`, some time apart here and there.
template <typename Write>
void inPieces(std::string_view text, unsigned seed, std::size_t most, Write write) {
    std::mt19937 random(seed);
    while (!text.empty()) {
        const std::size_t piece = std::min(text.size(), 1 + random() % most);
        write(text.substr(0, piece));
        text.remove_prefix(piece);
        if (random() % 64 == 0) std::this_thread::sleep_for(1ms);
    }
}

/// Follows an input in a thread of its own.
class Following {
public:
    explicit Following(const std::string& input) {
        auto feed = followInput(input);
        if (!feed) {
            openError = feed.error();
            m_isOver = true;
            return;
        }
        m_feed = *std::move(feed);
        m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    QStringList packets() const {
        const std::scoped_lock lock(m_mutex);
        return m_packets;
    }
    qsizetype count() const { return packets().size(); }
    bool isOver() const { return m_isOver; }
    void stop() { m_thread.request_stop(); }
    /// After its end.
    std::optional<Error> error() const { return m_error; }
    std::vector<Finding> findings() const { return m_findings; }
    QStringList names() const {
        const std::scoped_lock lock(m_mutex);
        return m_names;
    }
    std::uint64_t behind() const { return m_behind; }

    std::optional<Error> openError;

private:
    void run(const std::stop_token& stop) {
        FeedReader reader(
            *m_feed,
            [this](const FedCapture& begun) {
                const std::scoped_lock lock(m_mutex);
                m_names << QString::fromStdString(fs::path(begun.name).filename().string());
                return 0U;
            },
            [this](std::uint32_t, const SetMemberResult& result) {
                if (result.error) m_error = result.error;
            },
            stop);
        PacketBlock block;
        for (;;) {
            const FeedReader::Step step = reader.read(block);
            m_behind = m_feed->behindBytes();
            if (step == FeedReader::Step::End) break;
            const std::scoped_lock lock(m_mutex);
            for (const Packet& packet : block.packets) m_packets << told(packet);
        }
        m_findings = reader.takeFindings();
        m_isOver = true;
    }

    std::unique_ptr<CaptureFeed> m_feed;
    mutable std::mutex m_mutex;
    QStringList m_packets;
    QStringList m_names;
    std::optional<Error> m_error;
    std::vector<Finding> m_findings;
    std::atomic<std::uint64_t> m_behind{0};
    std::atomic<bool> m_isOver{false};
    std::jthread m_thread;
};

/// Sends `text` to the first that connects, then closes (with a reset if wanted).
class Server {
public:
    Server(int family, std::string text, bool resets = false) {
        m_listening = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_storage address{};
        address.ss_family = static_cast<sa_family_t>(family);
        socklen_t size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
        if (family == AF_INET6)
            reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
        else
            reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* place = reinterpret_cast<sockaddr*>(&address);
        if (::bind(m_listening, place, size) != 0 || ::listen(m_listening, 1) != 0 ||
            ::getsockname(m_listening, place, &size) != 0)
            return;
        m_port = ntohs(family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                          : reinterpret_cast<sockaddr_in&>(address).sin_port);
        m_thread = std::jthread([this, text = std::move(text), resets] {
            const int peer = ::accept(m_listening, nullptr, nullptr);
            inPieces(text, 7, 700, [&](std::string_view piece) { writeAll(peer, piece); });
            if (resets) {
                std::this_thread::sleep_for(50ms); // or what was sent would be thrown away
                const linger atOnce{1, 0};
                ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
            }
            ::close(peer);
        });
    }
    ~Server() {
        ::shutdown(m_listening, SHUT_RDWR);
        m_thread = {};
        ::close(m_listening);
    }
    unsigned port() const { return m_port; }

private:
    int m_listening = -1;
    unsigned m_port = 0;
    std::jthread m_thread;
};

std::string gzipped(const std::string& text, std::size_t flushAt) {
    z_stream stream{};
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(text.size() + 1000, '\0');
    std::string in = text;
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(flushAt);
    deflate(&stream, Z_SYNC_FLUSH);
    stream.avail_in = static_cast<uInt>(text.size() - flushAt);
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

} // namespace

void CaptureFollowedTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

void CaptureFollowedTest::givesWhatTheWholeFileGives_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<int>("most");
    QTest::newRow("pcap, byte by byte") << pcapFile() << 1;
    QTest::newRow("pcap, up to 40") << pcapFile() << 40;
    QTest::newRow("pcap, up to 3000") << pcapFile() << 3000;
    QTest::newRow("pcapng, byte by byte") << pcapngFile() << 1;
    QTest::newRow("pcapng, up to 40") << pcapngFile() << 40;
    QTest::newRow("pcapng, up to 3000") << pcapngFile() << 3000;
}

void CaptureFollowedTest::givesWhatTheWholeFileGives() {
    QFETCH(std::string, file);
    QFETCH(int, most);
    append(path("growing"), "");
    Following following(path("growing"));
    const std::jthread writer([&] {
        std::ofstream out(path("growing"), std::ios::binary);
        inPieces(file, 3, static_cast<std::size_t>(most), [&](std::string_view piece) {
            out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
            out.flush();
        });
    });
    QTRY_COMPARE(following.count(), 120);
    following.stop();
    QTRY_VERIFY(following.isOver());
    QCOMPARE(following.packets(), packetsOf(file));
    QVERIFY(following.findings().empty());
}

void CaptureFollowedTest::waitsForAHalfRecord() {
    const std::string file = pcapFile();
    const std::size_t cut = pcapFile(0, 100).size() + 9; // inside the head of a record
    append(path("growing"), file.substr(0, cut));
    Following following(path("growing"));
    QTRY_COMPARE(following.count(), 100);
    QTest::qWait(250);
    QVERIFY(!following.isOver());
    append(path("growing"), file.substr(cut));
    QTRY_COMPARE(following.count(), 120);
    following.stop();
    QTRY_VERIFY(following.isOver());
    QCOMPARE(following.packets(), packetsOf(file));
}

void CaptureFollowedTest::waitsForAHalfHead() {
    const std::string file = pcapFile();
    append(path("growing"), file.substr(0, 3));
    Following following(path("growing"));
    QTest::qWait(200);
    QVERIFY(!following.isOver());
    append(path("growing"), file.substr(3, 10));
    QTest::qWait(100);
    QVERIFY(!following.isOver());
    append(path("growing"), file.substr(13));
    QTRY_COMPARE(following.packets(), packetsOf(file));
}

void CaptureFollowedTest::stopsWhileItWaits_data() {
    QTest::addColumn<int>("octets");
    QTest::newRow("empty") << 0;
    QTest::newRow("half a head") << 11;
    QTest::newRow("between records") << static_cast<int>(pcapFile(0, 50).size());
    QTest::newRow("half a record") << static_cast<int>(pcapFile(0, 50).size()) + 20;
}

void CaptureFollowedTest::stopsWhileItWaits() {
    QFETCH(int, octets);
    append(path("growing"), pcapFile().substr(0, static_cast<std::size_t>(octets)));
    bool isFine = true;
    const std::int64_t took = quickest(100, [&] {
        Following following(path("growing"));
        QTest::qWait(130);
        isFine = isFine && !following.isOver();
        QElapsedTimer timer;
        timer.start();
        following.stop();
        while (!following.isOver() && timer.elapsed() < 2000) std::this_thread::sleep_for(1ms);
        const qint64 elapsed = timer.elapsed();
        // The user's wish is no damage.
        isFine = isFine && following.findings().empty() &&
                 (!following.error() || following.error()->kind == ErrorKind::Stopped);
        return elapsed;
    });
    QVERIFY2(isFine, "ended by itself, or with a complaint");
    QVERIFY2(took <= 100, qPrintable(QString::number(took)));
}

void CaptureFollowedTest::tellsWhatBecameOfTheFile_data() {
    QTest::addColumn<QString>("what");
    QTest::newRow("replaced") << "replaced";
    QTest::newRow("cut") << "cut";
    QTest::newRow("removed") << "removed";
}

void CaptureFollowedTest::tellsWhatBecameOfTheFile() {
    QFETCH(QString, what);
    const std::string file = pcapFile();
    append(path("growing"), file);
    append(path("other"), file);
    Following following(path("growing"));
    QTRY_COMPARE(following.count(), 120);
    if (what == QLatin1String("replaced"))
        fs::rename(path("other"), path("growing"));
    else if (what == QLatin1String("cut"))
        fs::resize_file(path("growing"), 40);
    else
        fs::remove(path("growing"));
    QTRY_VERIFY(following.isOver());
    QCOMPARE(following.packets(), packetsOf(file));
    QVERIFY(following.error());
    QCOMPARE(static_cast<int>(following.error()->kind), static_cast<int>(ErrorKind::Damaged));
    QVERIFY2(QString::fromStdString(following.error()->message).contains(what), following.error()->message.c_str());
    QVERIFY(
        QString::fromStdString(following.error()->message).contains(QString::number(static_cast<int>(file.size()))));
}

void CaptureFollowedTest::readsOnThroughGzip() {
    const std::string file = pcapFile();
    const std::string packed = gzipped(file, pcapFile(0, 60).size());
    append(path("growing.gz"), packed.substr(0, packed.size() / 2));
    Following following(path("growing.gz"));
    QTRY_VERIFY(following.count() > 0);
    QVERIFY(following.count() < 120);
    append(path("growing.gz"), packed.substr(packed.size() / 2));
    QTRY_COMPARE(following.packets(), packetsOf(file));
    QVERIFY(!following.isOver());
}

void CaptureFollowedTest::knowsHowFarBehindItIs() {
    append(path("growing"), pcapFile());
    auto feed = followInput(path("growing"));
    QVERIFY(feed);
    const std::stop_source stop;
    auto fed = (*feed)->next(stop.get_token());
    QVERIFY(fed && *fed);
    QCOMPARE((*feed)->behindBytes(), pcapFile().size());
    std::array<std::uint8_t, 100> room{};
    QCOMPARE((*fed)->bytes->read(room.data(), room.size()), 100U);
    QCOMPARE((*feed)->behindBytes(), pcapFile().size() - 100);
    QCOMPARE((*fed)->path, path("growing"));
}

void CaptureFollowedTest::goesOnToNewFilesOfAFolder() {
    append(path("ring_9"), pcapFile(0, 10));
    append(path("ring_10"), pcapFile(10, 10));
    Following following(m_folder->path().toStdString());
    QTRY_COMPARE(following.count(), 20);
    append(path("ring_10"), pcapFile(20, 10).substr(24));
    QTRY_COMPARE(following.count(), 30);
    append(path("ring_11"), ""); // not yet known to be a capture: the one before may still grow
    QTest::qWait(120);
    append(path("ring_10"), pcapFile(30, 10).substr(24));
    QTRY_COMPARE(following.count(), 40);
    append(path("ring_11"), pcapFile(40, 10).substr(0, 30));
    append(path("ring_11"), pcapFile(40, 10).substr(30));
    QTRY_COMPARE(following.count(), 50);
    following.stop();
    QTRY_VERIFY(following.isOver());
    QCOMPARE(following.packets(), packetsOf(pcapFile(0, 50)));
    QCOMPARE(following.names(), (QStringList{"ring_9", "ring_10", "ring_11"}));
    QVERIFY(following.findings().empty());
}

void CaptureFollowedTest::passesOverWhatIsNoCapture() {
    append(path("a_note.txt"), "which files these are");
    append(path("b_empty"), "");
    append(path("c"), pcapFile(0, 10));
    append(path(".hidden"), pcapFile(0, 10));
    Following following(m_folder->path().toStdString());
    QTRY_COMPARE(following.count(), 10);
    append(path("d"), pcapFile(10, 10));
    QTRY_COMPARE(following.count(), 20);
    QCOMPARE(following.names(), (QStringList{"c", "d"}));
}

void CaptureFollowedTest::readsAFileOfTheRingAgainThatWasWrittenAnew() {
    append(path("ring0"), pcapFile(0, 20));
    append(path("ring1"), pcapFile(20, 10));
    Following following(m_folder->path().toStdString());
    QTRY_COMPARE(following.count(), 30);
    {
        std::ofstream(path("ring0"), std::ios::binary | std::ios::trunc);
    } // as tcpdump -W does
    append(path("ring0"), pcapFile(30, 5));
    QTRY_COMPARE(following.count(), 35);
    QCOMPARE(following.packets(), packetsOf(pcapFile(0, 35)));
    QCOMPARE(following.names(), (QStringList{"ring0", "ring1", "ring0"}));
}

void CaptureFollowedTest::readsAPipe() {
    const std::string file = pcapFile();
    QVERIFY(::mkfifo(path("pipe").c_str(), 0600) == 0);
    Following following(path("pipe"));
    QTest::qWait(120); // without a writer
    QVERIFY(!following.isOver());
    append(path("pipe"), file);
    QTRY_VERIFY(following.isOver());
    QCOMPARE(following.packets(), packetsOf(file));
    QVERIFY(!following.error());
}

void CaptureFollowedTest::readsAStream_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<bool>("isIpv6");
    QTest::newRow("pcap") << pcapFile() << false;
    QTest::newRow("pcapng") << pcapngFile() << false;
    QTest::newRow("pcap over IPv6") << pcapFile() << true;
}

void CaptureFollowedTest::readsAStream() {
    QFETCH(std::string, file);
    QFETCH(bool, isIpv6);
    const Server server(isIpv6 ? AF_INET6 : AF_INET, file);
    if (isIpv6 && server.port() == 0) QSKIP("no IPv6 here");
    const std::string address = (isIpv6 ? "tcp://[::1]:" : "tcp://127.0.0.1:") + std::to_string(server.port());
    Following following(address);
    QTRY_VERIFY(following.isOver());
    QVERIFY(!following.openError);
    QCOMPARE(following.packets(), packetsOf(file));
    QVERIFY(!following.error());
    QCOMPARE(following.names(), QStringList{QString::fromStdString(fs::path(address).filename().string())});
}

void CaptureFollowedTest::tellsThatAStreamWasCut() {
    const std::string file = pcapFile();
    for (const bool resets : {false, true}) {
        const Server server(AF_INET, file.substr(0, pcapFile(0, 100).size() + 21), resets);
        Following following("tcp://127.0.0.1:" + std::to_string(server.port()));
        QTRY_VERIFY(following.isOver());
        QCOMPARE(following.packets(), packetsOf(pcapFile(0, 100)));
        QVERIFY(following.error());
        QCOMPARE(static_cast<int>(following.error()->kind), static_cast<int>(ErrorKind::Damaged));
        QCOMPARE(following.findings().size(), 1U);
        QCOMPARE(following.findings().front().kind->id, resets ? kUnreadableRest.id : kCutFile.id);
    }
}

void CaptureFollowedTest::tellsWhyItCannotConnect() {
    unsigned port = 0;
    {
        const Server gone(AF_INET, "");
        port = gone.port();
    }
    const auto refused = followInput("tcp://127.0.0.1:" + std::to_string(port));
    QVERIFY(!refused);
    QCOMPARE(static_cast<int>(refused.error().kind), static_cast<int>(ErrorKind::CannotOpen));
    QVERIFY2(QString::fromStdString(refused.error().message).contains("refused"), refused.error().message.c_str());

    const auto unknown = followInput("tcp://no-such-host.invalid:1");
    QVERIFY(!unknown);
    QCOMPARE(static_cast<int>(unknown.error().kind), static_cast<int>(ErrorKind::CannotOpen));
}

void CaptureFollowedTest::tellsOfAddresses_data() {
    QTest::addColumn<QString>("address");
    for (const char* address :
         {"tcp://", "tcp://host", "tcp://host:", "tcp://:57012", "tcp://host:0", "tcp://host:65536", "tcp://host:http",
          "tcp://host:1x", "tcp://::1:57012", "tcp://[::1]", "tcp://[::1", "tcp://[]:1", "tcp://[::1]57012"})
        QTest::newRow(address) << address;
}

void CaptureFollowedTest::tellsOfAddresses() {
    QFETCH(QString, address);
    QVERIFY(isStreamAddress(address.toStdString()));
    const auto feed = followInput(address.toStdString());
    QVERIFY(!feed);
    QCOMPARE(static_cast<int>(feed.error().kind), static_cast<int>(ErrorKind::Usage));
    QVERIFY(QString::fromStdString(feed.error().message).startsWith(address));
}

void CaptureFollowedTest::tellsWhatCannotBeOpened() {
    const auto missing = followInput(path("missing"));
    QVERIFY(!missing);
    QCOMPARE(static_cast<int>(missing.error().kind), static_cast<int>(ErrorKind::CannotOpen));
    QVERIFY(QString::fromStdString(missing.error().message).contains("No such file"));
    QVERIFY(!isStreamAddress(path("missing")));
    QVERIFY(!isStreamAddress("-"));
}

QTEST_GUILESS_MAIN(CaptureFollowedTest)
#include "capture_followed_test.moc"

// SPDX-License-Identifier: Apache-2.0
// What only files and pipes of the system can show.
#include "capture_building.h"
#include "capture_reading.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <random>
#include <thread>
#include <unistd.h>

using namespace gatescope;
using namespace gatescope::capture;
using namespace gatescope::capture::testing;

class CapturePipeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAFile();
    void readsAPipeInAnySplit_data();
    void readsAPipeInAnySplit();
    void readsStandardInput();
    void givesPacketsBeforeThePipeEnds();
    void tellsWhyItCannotOpen();
};

namespace {

std::string someFile() {
    std::string file = pcapHeader();
    for (unsigned i = 0; i < 400; ++i)
        file += pcapRecord(kLittle, i, i, 2000, std::string(i % 61, static_cast<char>(i)));
    return file;
}

void writeAll(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t wrote = ::write(descriptor, text.data(), text.size());
        if (wrote <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

/// A pipe whose writer sends `text` in pieces of a random length up to `most`.
class PipedText {
public:
    PipedText(std::string text, unsigned seed, std::size_t most) {
        int ends[2];
        if (::pipe(ends) != 0) return;
        m_readEnd = ends[0];
        m_writer = std::thread([text = std::move(text), seed, most, to = ends[1]] {
            std::mt19937 random(seed);
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t piece = std::min(text.size() - at, 1 + random() % most);
                writeAll(to, std::string_view(text).substr(at, piece));
                at += piece;
            }
            ::close(to);
        });
    }
    ~PipedText() {
        m_writer.join();
        ::close(m_readEnd);
    }
    int readEnd() const { return m_readEnd; }

private:
    int m_readEnd = -1;
    std::thread m_writer;
};

} // namespace

void CapturePipeTest::readsAFile() {
    QTemporaryDir folder;
    QFile out(folder.filePath("name.that-says-nothing"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    const std::string file = someFile();
    out.write(QByteArray::fromStdString(file));
    out.close();
    const Reading reading = readAll(openCapture(out.fileName().toStdString()));
    QVERIFY(reading.clean());
    QCOMPARE(reading.packets, readAll(file).packets);
    QCOMPARE(reading.totalBytes, file.size());
    QCOMPARE(reading.bytesRead, file.size());
}

void CapturePipeTest::readsAPipeInAnySplit_data() {
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<int>("most");
    QTest::newRow("byte by byte") << 1U << 1;
    QTest::newRow("up to 20") << 2U << 20;
    QTest::newRow("up to 500") << 3U << 500;
    QTest::newRow("up to 5000") << 4U << 5000;
}

void CapturePipeTest::readsAPipeInAnySplit() {
    QFETCH(unsigned, seed);
    QFETCH(int, most);
    const std::string file = someFile();
    const PipedText pipe(file, seed, static_cast<std::size_t>(most));
    const Reading reading = readAll(openCapture("/dev/fd/" + std::to_string(pipe.readEnd())));
    QVERIFY2(reading.clean(), qPrintable(reading.message()));
    QCOMPARE(reading.packets, readAll(file).packets);
    QCOMPARE(reading.totalBytes, 0U);
    QCOMPARE(reading.bytesRead, file.size());
}

void CapturePipeTest::readsStandardInput() {
    const std::string file = someFile();
    const PipedText pipe(file, 5, 3000);
    const int saved = ::dup(STDIN_FILENO);
    QVERIFY(::dup2(pipe.readEnd(), STDIN_FILENO) == STDIN_FILENO);
    const Reading reading = readAll(openCapture("-"));
    if (saved >= 0) ::dup2(saved, STDIN_FILENO);
    ::close(saved);
    QVERIFY2(reading.clean(), qPrintable(reading.message()));
    QCOMPARE(reading.packets, readAll(file).packets);
}

void CapturePipeTest::givesPacketsBeforeThePipeEnds() {
    // A live capture: what was written must come out without waiting for a full block.
    int ends[2];
    QVERIFY(::pipe(ends) == 0);
    const std::string record = pcapRecord(kLittle, 1, 2, 4, "abcd");
    writeAll(ends[1], pcapHeader() + record);
    const auto source = openCapture("/dev/fd/" + std::to_string(ends[0]));
    QVERIFY(source);
    PacketBlock block;
    for (int i = 0; i < 3; ++i) {
        const auto more = (*source)->read(block);
        QVERIFY(more && *more);
        QCOMPARE(block.packets.size(), 1U);
        writeAll(ends[1], record);
    }
    ::close(ends[1]);
    ::close(ends[0]);
}

void CapturePipeTest::tellsWhyItCannotOpen() {
    QTemporaryDir folder;
    const Reading missing = readAll(openCapture(folder.filePath("missing.pcap").toStdString()));
    QVERIFY(missing.openError);
    QCOMPARE(static_cast<int>(missing.openError->kind), static_cast<int>(ErrorKind::CannotOpen));
    QVERIFY(missing.message().contains("No such file"));

    const Reading directory = readAll(openCapture(folder.path().toStdString()));
    QVERIFY(directory.openError);
    QCOMPARE(static_cast<int>(directory.openError->kind), static_cast<int>(ErrorKind::CannotOpen));
    QVERIFY(directory.message().contains("directory"));
}

QTEST_APPLESS_MAIN(CapturePipeTest)
#include "capture_pipe_test.moc"

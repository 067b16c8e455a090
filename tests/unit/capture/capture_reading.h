// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reads a whole source into values that a test can compare.

#include "core/capture/capture_file.h"
#include "core/capture/source_opening.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::capture::testing {

struct Reading {
    std::optional<Error> openError;
    std::optional<Error> readError;
    QStringList packets; ///< `1 @1000002000 4/9 if0 link1 61626364`; the time is `-` for none
    std::vector<Finding> findings;
    SourceInfo info;
    std::uint64_t bytesRead = 0;
    std::uint64_t totalBytes = 0;
    std::size_t largestBlock = 0;
    std::size_t lastBlock = 0;
    bool staysAtEnd = false;

    bool clean() const { return !openError && !readError; }
    QString message() const {
        if (openError) return QString::fromStdString(openError->message);
        return readError ? QString::fromStdString(readError->message) : QString();
    }
    QStringList findingIds() const {
        QStringList ids;
        for (const Finding& finding : findings)
            ids << QString::fromUtf8(finding.kind->id.data(), static_cast<qsizetype>(finding.kind->id.size()));
        return ids;
    }
};

inline QString describe(const Packet& packet) {
    const QByteArray data(reinterpret_cast<const char*>(packet.data.data()),
                          static_cast<qsizetype>(packet.data.size()));
    return QStringLiteral("%1 @%2 %3/%4 if%5 link%6 %7")
        .arg(packet.number)
        .arg(packet.time == kNoTime ? QStringLiteral("-") : QString::number(packet.time))
        .arg(packet.data.size())
        .arg(packet.originalLength)
        .arg(packet.interfaceIndex)
        .arg(packet.linkType)
        .arg(
            QString::fromLatin1(data.size() > 64 ? data.left(8).toHex() + ".." + data.right(8).toHex() : data.toHex()));
}

inline Reading readAll(std::expected<std::unique_ptr<PacketSource>, Error> opened) {
    Reading reading;
    if (!opened) {
        reading.openError = opened.error();
        return reading;
    }
    PacketSource& source = **opened;
    // The pipeline gives another block each time; what is left over must find its way there.
    std::array<PacketBlock, 3> pool;
    for (std::size_t turn = 0;; ++turn) {
        PacketBlock& block = pool[turn % pool.size()];
        const auto more = source.read(block);
        reading.largestBlock = std::max(reading.largestBlock, block.capacity);
        reading.lastBlock = block.capacity;
        if (!more) reading.readError = more.error();
        if (!more || !*more) {
            reading.staysAtEnd = block.packets.empty();
            break;
        }
        for (const Packet& packet : block.packets) reading.packets << describe(packet);
    }
    const auto again = source.read(pool[0]);
    reading.staysAtEnd = reading.staysAtEnd && again && !*again && pool[0].packets.empty();
    reading.findings = source.takeFindings();
    reading.info = source.info();
    reading.bytesRead = source.bytesRead();
    reading.totalBytes = source.totalBytes();
    return reading;
}

inline Reading readAll(const std::string& file, const ReaderLimits& limits = {}, std::size_t mostAtOnce = 0) {
    return readAll(openCaptureFrom(openMemory(asBytes(file), mostAtOnce), limits));
}

} // namespace gatescope::capture::testing

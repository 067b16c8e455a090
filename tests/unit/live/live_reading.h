// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QString>
#include <QStringList>
#include <QtEndian>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

/// Captures made and read by the tests themselves, octet by octet, with nothing of the programs under test.
namespace gatescope::live::testing {

struct Record {
    std::int64_t time = 0;
    std::uint32_t wireLength = 0;
    QByteArray bytes;
    bool operator==(const Record&) const = default;
};

inline QByteArray little(std::uint32_t value, int octets = 4) {
    QByteArray text;
    for (int i = 0; i < octets; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

/// pcap with times in nanoseconds.
inline QByteArray pcapFile(const std::vector<Record>& records, std::uint32_t linkType = 1) {
    QByteArray file = little(0xa1b23c4d) + little(2, 2) + little(4, 2) + little(0) + little(0) + little(262'144);
    file += little(linkType);
    for (const Record& one : records)
        file += little(static_cast<std::uint32_t>(one.time / 1'000'000'000)) +
                little(static_cast<std::uint32_t>(one.time % 1'000'000'000)) +
                little(static_cast<std::uint32_t>(one.bytes.size())) + little(one.wireLength) + one.bytes;
    return file;
}

/// Packets of no known protocol, each of another length.
inline std::vector<Record> someRecords(int count, unsigned seed = 1) {
    QRandomGenerator random(seed);
    std::vector<Record> records;
    std::int64_t time = 1'700'000'000'000'000'000;
    for (int i = 0; i < count; ++i) {
        QByteArray bytes(12, '\2');
        bytes += "\x88\xb5";
        for (int j = random.bounded(14, 1400); j > 0; --j) bytes += static_cast<char>(random.bounded(256));
        records.push_back({time += random.bounded(1, 1'000'000), static_cast<std::uint32_t>(bytes.size()), bytes});
    }
    return records;
}

/// The enhanced packet blocks of a pcapng file of this machine's byte order, by the published layout. Nothing: a block
/// is not whole, or its two lengths differ.
inline std::optional<std::vector<Record>> readPcapng(const QByteArray& file) {
    std::vector<Record> records;
    const auto number = [&](qsizetype at) { return qFromLittleEndian<quint32>(file.constData() + at); };
    for (qsizetype at = 0; at < file.size();) {
        if (file.size() - at < 12) return std::nullopt;
        const auto length = static_cast<qsizetype>(number(at + 4));
        if (length < 12 || length % 4 != 0 || length > file.size() - at || number(at + length - 4) != length)
            return std::nullopt;
        if (at == 0 && number(0) != 0x0a0d0d0a) return std::nullopt;
        if (number(at) == 6)
            records.push_back({static_cast<std::int64_t>(std::uint64_t{number(at + 12)} << 32 | number(at + 16)),
                               number(at + 24), file.mid(at + 28, number(at + 20))});
        at += length;
    }
    return records;
}

inline QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Packets as Wireshark's own reader counts them. Nothing: it is not installed; -1: it cannot read the file.
inline std::optional<int> packetsByCapinfos(const QString& path) {
    if (QStandardPaths::findExecutable(QStringLiteral("capinfos")).isEmpty()) return std::nullopt;
    QProcess program;
    program.start(QStringLiteral("capinfos"), {QStringLiteral("-TrcM"), path});
    if (!program.waitForFinished() || program.exitCode() != 0) return -1;
    bool isNumber = false;
    const int count = QString::fromUtf8(program.readAllStandardOutput()).trimmed().section(u'\t', -1).toInt(&isNumber);
    return isNumber ? count : -1;
}

} // namespace gatescope::live::testing

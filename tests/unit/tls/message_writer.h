// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <cstdint>
#include <vector>

namespace gatescope::test {

// Writes parts of handshake messages.

inline QByteArray number16(qsizetype value) {
    const char octets[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
    return {octets, 2};
}
inline QByteArray number24(qsizetype value) {
    return static_cast<char>(value >> 16) + number16(value & 0xffff);
}
inline QByteArray vector16(const QByteArray& content) {
    return number16(content.size()) + content;
}
inline QByteArray vector24(const QByteArray& content) {
    return number24(content.size()) + content;
}

struct Extension {
    std::uint16_t type = 0;
    QByteArray content;
};

inline QByteArray extensionBlock(const std::vector<Extension>& extensions) {
    QByteArray block;
    for (const Extension& extension : extensions) block += number16(extension.type) + vector16(extension.content);
    return vector16(block);
}

/// The body of a ClientHello; its random is 32 letters r, its session id empty.
inline QByteArray clientHelloBody(const std::vector<std::uint16_t>& suites, const std::vector<Extension>& extensions,
                                  std::uint16_t version = 0x0303) {
    QByteArray list;
    for (const std::uint16_t suite : suites) list += number16(suite);
    return number16(version) + QByteArray(32, 'r') + '\0' + vector16(list) + QByteArray::fromHex("0100") +
           extensionBlock(extensions);
}

/// The same of a ServerHello.
inline QByteArray serverHelloBody(std::uint16_t version, std::uint16_t suite,
                                  const std::vector<Extension>& extensions) {
    return number16(version) + QByteArray(32, 'R') + '\0' + number16(suite) + '\0' + extensionBlock(extensions);
}

inline QByteArray handshakeMessage(std::uint8_t type, const QByteArray& body) {
    return static_cast<char>(type) + vector24(body);
}

} // namespace gatescope::test

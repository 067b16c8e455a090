// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/record_cipher.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gatescope::tls {

// The kinds of RecordCipher::create, each in a file of its own. Null: OpenSSL does not offer the cipher.

std::unique_ptr<RecordCipher> makeAeadCipher(std::uint16_t version, const CipherSuite& suite, const TrafficKeys& keys);
std::unique_ptr<RecordCipher> makeCbcCipher(std::uint16_t version, const CipherSuite& suite, const TrafficKeys& keys,
                                            bool encryptThenMac);
/// RC4, and suites that do not encrypt at all.
std::unique_ptr<RecordCipher> makeStreamCipher(const CipherSuite& suite, const TrafficKeys& keys);

/// What is authenticated with a record up to TLS 1.2 (RFC 5246, 6.2.3.1 and 6.2.3.3): sequence number, type, version,
/// length of the content.
inline constexpr std::size_t kPseudoHeaderBytes = 13;
inline std::array<std::uint8_t, kPseudoHeaderBytes> pseudoHeader(std::uint64_t sequence, const SealedRecord& record,
                                                                 std::size_t length) {
    std::array<std::uint8_t, kPseudoHeaderBytes> header;
    for (unsigned i = 0; i < 8; ++i) header[i] = static_cast<std::uint8_t>(sequence >> (56 - 8 * i));
    header[8] = record.type;
    header[9] = static_cast<std::uint8_t>(record.version >> 8);
    header[10] = static_cast<std::uint8_t>(record.version);
    header[11] = static_cast<std::uint8_t>(length >> 8);
    header[12] = static_cast<std::uint8_t>(length);
    return header;
}

} // namespace gatescope::tls

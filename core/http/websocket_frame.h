// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatescope::http {

/// Header of a frame (RFC 6455, 5.2).
struct WebSocketFrame {
    enum Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };
    /// RSV1 means compressed where permessage-deflate was agreed (RFC 7692, 6).
    static constexpr std::uint8_t kReserved1 = 4;
    static constexpr std::size_t kMaxHeaderBytes = 14;
    static constexpr std::uint64_t kMaxControlBytes = 125;
    static constexpr std::uint64_t kMaxShortLength = 125; ///< written in one octet

    bool isFinal = false;
    std::uint8_t reserved = 0; ///< RSV1 to RSV3, the first as 4
    std::uint8_t opcode = 0;
    bool isMasked = false;
    bool isShortest = true; ///< the length is written in as few octets as it could be
    std::uint32_t key = 0;  ///< as in memory: the first octet of the mask is at its lowest address
    std::uint64_t length = 0;

    bool isControl() const { return (opcode & 8) != 0; }
};

/// Octets of the header, or 0 when there are too few to read it whole; with two of them the flags are read all the
/// same.
std::size_t readFrame(Bytes bytes, WebSocketFrame& frame);

/// Why a receiver must fail the connection at this header, or empty. `allowedReserved`: bits with an agreed meaning.
std::string_view violationOf(const WebSocketFrame& frame, std::uint8_t allowedReserved);

/// Payload octets with the mask taken off (RFC 6455, 5.3). `at`: position of the first in the frame's payload. `output`
/// has room for as many; it may be the same memory.
void unmask(Bytes masked, std::uint32_t key, std::uint64_t at, std::uint8_t* output);

/// Name of a close code after RFC 6455, 7.4.1 and IANA's registry of close codes; empty: none is registered.
std::string_view closeCodeName(std::uint16_t code);

} // namespace gatescope::http

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Headers of HTTP/2 frames (RFC 9113, 4.1 and 6).
namespace gatescope::http {

enum class Http2FrameType : std::uint8_t {
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
    AltSvc = 10,        ///< RFC 7838, 4
    Origin = 12,        ///< RFC 8336, 2
    PriorityUpdate = 16 ///< RFC 9218, 7.1
};

inline constexpr std::uint8_t kHttp2EndStream = 0x1; ///< of DATA and HEADERS
inline constexpr std::uint8_t kHttp2Ack = 0x1;       ///< of SETTINGS and PING
inline constexpr std::uint8_t kHttp2EndHeaders = 0x4;
inline constexpr std::uint8_t kHttp2Padded = 0x8;
inline constexpr std::uint8_t kHttp2HasPriority = 0x20; ///< of HEADERS

inline constexpr std::size_t kHttp2HeaderBytes = 9;
/// Payload that every receiver takes (RFC 9113, 4.2).
inline constexpr std::uint32_t kHttp2DefaultFrameBytes = 16'384;
/// What a client sends first (RFC 9113, 3.4).
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct Http2FrameHeader {
    std::uint32_t length = 0; ///< of the payload, 24 bits
    Http2FrameType type = Http2FrameType::Data;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0; ///< 31 bits
    bool reservedBit = false;

    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// From kHttp2HeaderBytes octets.
inline Http2FrameHeader readHttp2FrameHeader(const std::uint8_t* at) {
    const auto word = loadBigEndian<std::uint32_t>(at);
    const auto stream = loadBigEndian<std::uint32_t>(at + 5);
    return {word >> 8, static_cast<Http2FrameType>(word & 0xff), at[4], stream & 0x7fff'ffff, (stream >> 31) != 0};
}

/// Whether stream and length are such as the type demands. Types that are not known always are: receivers must skip
/// them (RFC 9113, 5.5).
bool isValidHttp2Frame(const Http2FrameHeader& header);

/// Whether so narrow a header is hardly anything else: a known type, flags that it defines, no larger than every
/// receiver takes. For finding frames only; a sender may well send others.
bool isPlausibleHttp2Frame(const Http2FrameHeader& header);

/// Octets of the payload before what the frame carries: length of the padding, priority, promised stream.
std::uint32_t http2PrefixBytes(const Http2FrameHeader& header);

/// How far plausible headers lead, each to the next.
struct Http2Run {
    unsigned headers = 0;
    bool broken = false; ///< one of them is not plausible
    bool exact = false;  ///< the last frame ends with the text
};
/// At most `limit` headers.
Http2Run followHttp2Frames(Bytes text, unsigned limit);

/// `CANCEL` and so on (RFC 9113, 7); empty when it has no name.
std::string_view http2ErrorName(std::uint32_t code);

} // namespace gatescope::http

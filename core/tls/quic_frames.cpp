// SPDX-License-Identifier: Apache-2.0
#include "core/tls/quic_frames.h"

#include "core/tls/quic_packet.h"

#include <limits>

namespace gatescope::tls {

namespace {

// RFC 9000, 19.
constexpr std::uint64_t kPadding = 0x00;
constexpr std::uint64_t kPing = 0x01;
constexpr std::uint64_t kAck = 0x02;
constexpr std::uint64_t kAckWithEcn = 0x03;
constexpr std::uint64_t kCrypto = 0x06;
constexpr std::uint64_t kConnectionClose = 0x1c;

// RFC 9000, 19.3.
void skipAck(ByteReader& reader, bool withEcn) {
    takeVariableInteger(reader); // largest acknowledged
    takeVariableInteger(reader); // delay
    std::uint64_t ranges = takeVariableInteger(reader);
    takeVariableInteger(reader); // first range
    for (; ranges != 0 && !reader.failed(); --ranges) {
        takeVariableInteger(reader);
        takeVariableInteger(reader);
    }
    for (int i = 0; withEcn && i < 3; ++i) takeVariableInteger(reader);
}

Bytes takeCounted(ByteReader& reader) {
    const std::uint64_t length = takeVariableInteger(reader);
    static_assert(std::numeric_limits<std::size_t>::max() >= std::numeric_limits<std::uint64_t>::max());
    return reader.take(length);
}

} // namespace

void readQuicFrames(Bytes frames, QuicFrameSink& sink) {
    ByteReader reader(frames);
    while (reader.remaining() != 0 && !reader.failed()) {
        switch (takeVariableInteger(reader)) {
        case kPadding:
        case kPing:
            break;
        case kAck:
            skipAck(reader, false);
            break;
        case kAckWithEcn:
            skipAck(reader, true);
            break;
        case kCrypto: {
            const std::uint64_t offset = takeVariableInteger(reader);
            const Bytes data = takeCounted(reader);
            if (!reader.failed()) sink.onCrypto(offset, data);
            break;
        }
        case kConnectionClose: {
            const std::uint64_t error = takeVariableInteger(reader);
            takeVariableInteger(reader); // type of the frame that was wrong
            takeCounted(reader);         // reason
            if (!reader.failed()) sink.onConnectionClose(error);
            break;
        }
        default:
            return;
        }
    }
}

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_frame.h"

#include <bit>
#include <cstring>

namespace gatescope::http {

std::size_t readFrame(Bytes bytes, WebSocketFrame& frame) {
    if (bytes.size() < 2) return 0;
    frame.isFinal = (bytes[0] & 0x80) != 0;
    frame.reserved = (bytes[0] >> 4) & 7;
    frame.opcode = bytes[0] & 15;
    frame.isMasked = (bytes[1] & 0x80) != 0;
    frame.length = bytes[1] & 0x7f;
    const std::size_t lengthBytes = frame.length == 127 ? 8 : frame.length == 126 ? 2 : 0;
    const std::size_t size = 2 + lengthBytes + (frame.isMasked ? 4 : 0);
    frame.isShortest = true;
    if (bytes.size() < size) return 0;
    if (lengthBytes == 2) {
        frame.length = loadBigEndian<std::uint16_t>(&bytes[2]);
        frame.isShortest = frame.length > 125;
    } else if (lengthBytes == 8) {
        frame.length = loadBigEndian<std::uint64_t>(&bytes[2]);
        frame.isShortest = frame.length > 0xffff;
    }
    frame.key = 0;
    if (frame.isMasked) std::memcpy(&frame.key, &bytes[2 + lengthBytes], sizeof frame.key);
    return size;
}

std::string_view violationOf(const WebSocketFrame& frame, std::uint8_t allowedReserved) {
    if ((frame.opcode > WebSocketFrame::Binary && frame.opcode < WebSocketFrame::Close) ||
        frame.opcode > WebSocketFrame::Pong)
        return "reserved opcode";
    if ((frame.reserved & ~allowedReserved) != 0) return "reserved bit";
    if ((frame.length >> 63) != 0) return "length over 63 bits";
    if (frame.isControl()) {
        if (!frame.isFinal) return "control frame in fragments";
        if (frame.length > WebSocketFrame::kMaxControlBytes) return "control frame over 125 octets";
        if (frame.reserved != 0) return "reserved bit on a control frame";
    }
    return {};
}

void unmask(Bytes masked, std::uint32_t key, std::uint64_t at, std::uint8_t* output) {
    const auto turn = static_cast<int>(at % 4) * 8;
    const std::uint32_t turned =
        std::endian::native == std::endian::little ? std::rotr(key, turn) : std::rotl(key, turn);
    const std::uint64_t wide = (std::uint64_t{turned} << 32) | turned;
    std::size_t i = 0;
    for (; i + sizeof wide <= masked.size(); i += sizeof wide) {
        std::uint64_t octets;
        std::memcpy(&octets, masked.data() + i, sizeof octets);
        octets ^= wide;
        std::memcpy(output + i, &octets, sizeof octets);
    }
    std::uint8_t last[sizeof wide];
    std::memcpy(last, &wide, sizeof wide);
    for (std::size_t k = 0; i < masked.size(); ++i, ++k) output[i] = masked[i] ^ last[k];
}

std::string_view closeCodeName(std::uint16_t code) {
    switch (code) {
    case 1000:
        return "Normal Closure";
    case 1001:
        return "Going Away";
    case 1002:
        return "Protocol Error";
    case 1003:
        return "Unsupported Data";
    case 1005:
        return "No Status Received";
    case 1006:
        return "Abnormal Closure";
    case 1007:
        return "Invalid Frame Payload Data";
    case 1008:
        return "Policy Violation";
    case 1009:
        return "Message Too Big";
    case 1010:
        return "Mandatory Extension";
    case 1011:
        return "Internal Error";
    case 1012:
        return "Service Restart";
    case 1013:
        return "Try Again Later";
    case 1014:
        return "Bad Gateway";
    case 1015:
        return "TLS Handshake";
    case 3000:
        return "Unauthorized";
    case 3003:
        return "Forbidden";
    case 3008:
        return "Timeout";
    default:
        return {};
    }
}

} // namespace gatescope::http

// SPDX-License-Identifier: Apache-2.0
#include "core/live/header_trim.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatescope::live {

namespace {

using Octets = std::span<const std::uint8_t>;

constexpr std::uint16_t kIp4 = 0x0800, kIp6 = 0x86dd, kArp = 0x0806;
constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17;

/// 0 behind the end.
std::uint32_t load(Octets from, std::size_t at, std::size_t octets) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + octets; ++i) value = value << 8 | (i < from.size() ? from[i] : 0U);
    return value;
}

std::uint16_t typeByVersion(Octets packet, std::size_t at) {
    const std::uint32_t version = load(packet, at, 1) >> 4;
    return version == 4 ? kIp4 : version == 6 ? kIp6 : 0;
}

struct Transport {
    std::size_t offset = 0;
    std::uint8_t protocol = 0; ///< 0: none that is known, or not its beginning
    std::size_t wireEnd = 0;   ///< where the packet ends by its own length; 0: not said
};

Transport behindIp4(Octets packet, std::size_t at) {
    const std::size_t header = std::max<std::size_t>(20, (load(packet, at, 1) & 15U) * 4);
    const bool isBeginning = (load(packet, at + 6, 2) & 0x1fffU) == 0;
    const std::size_t length = load(packet, at + 2, 2);
    return {at + header, static_cast<std::uint8_t>(isBeginning ? load(packet, at + 9, 1) : 0),
            length == 0 ? 0 : at + length};
}

Transport behindIp6(Octets packet, std::size_t at) {
    constexpr int kMostHeaders = 8;
    const std::size_t length = load(packet, at + 4, 2);
    Transport transport{at + 40, static_cast<std::uint8_t>(load(packet, at + 6, 1)),
                        length == 0 ? 0 : at + 40 + length};
    for (int i = 0; i < kMostHeaders; ++i) {
        const std::uint32_t units = load(packet, transport.offset + 1, 1);
        const auto next = static_cast<std::uint8_t>(load(packet, transport.offset, 1));
        switch (transport.protocol) {
        case 0:
        case 43:
        case 60:
            transport.offset += (units + 1) * 8;
            break;
        case 51:
            transport.offset += (units + 2) * 4;
            break;
        case 44:
            if (load(packet, transport.offset + 2, 2) >> 3 != 0) return {transport.offset + 8, 0, transport.wireEnd};
            transport.offset += 8;
            break;
        default:
            return transport;
        }
        transport.protocol = next;
    }
    return {transport.offset, 0, transport.wireEnd};
}

std::uint64_t mix(std::uint64_t hash, Octets bytes) {
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
    return hash;
}

bool beginsHead(std::string_view text) {
    if (text.starts_with("HTTP/1.")) return true;
    constexpr std::array<std::string_view, 9> kMethods{"GET ",   "POST ",    "PUT ",   "HEAD ",   "DELETE ",
                                                       "PATCH ", "OPTIONS ", "TRACE ", "CONNECT "};
    if (std::ranges::none_of(kMethods, [&](std::string_view method) { return text.starts_with(method); })) return false;
    const std::size_t lineEnd = text.find('\n'); // a long one may end in the next segment
    return lineEnd == std::string_view::npos || text.substr(0, lineEnd).find(" HTTP/1.") != std::string_view::npos;
}

bool isInterim(std::string_view text) {
    return text.starts_with("HTTP/1.") && text.size() > 9 && text.substr(8, 2) == " 1";
}

} // namespace

std::optional<NetworkStart> findNetwork(std::uint16_t linkType, Octets packet) {
    NetworkStart start;
    switch (linkType) {
    case 1:
        start = {14, static_cast<std::uint16_t>(load(packet, 12, 2))};
        break;
    case 113:
        start = {16, static_cast<std::uint16_t>(load(packet, 14, 2))};
        break;
    case 276:
        start = {20, static_cast<std::uint16_t>(load(packet, 0, 2))};
        break;
    case 101:
    case 228:
    case 229:
        start = {0, typeByVersion(packet, 0)};
        break;
    case 0:
    case 108:
        start = {4, typeByVersion(packet, 4)};
        break;
    default:
        return std::nullopt;
    }
    for (int tags = 0; tags < 4 && (start.etherType == 0x8100 || start.etherType == 0x88a8); ++tags)
        start = {start.offset + 4, static_cast<std::uint16_t>(load(packet, start.offset + 2, 2))};
    if (start.offset > packet.size()) return std::nullopt;
    return start;
}

std::size_t HeaderTrimmer::keptBytes(std::uint16_t linkType, Octets packet) {
    const auto network = findNetwork(linkType, packet);
    if (!network) return 0;
    const auto keep = [&](std::size_t bytes) { return std::min(bytes, packet.size()); };
    if (network->etherType == kArp) return keep(network->offset + 28);
    if (network->etherType != kIp4 && network->etherType != kIp6) return keep(network->offset);
    const bool isIp4 = network->etherType == kIp4;
    const Transport transport = isIp4 ? behindIp4(packet, network->offset) : behindIp6(packet, network->offset);
    if (transport.protocol == kUdp || transport.protocol == kIcmp) return keep(transport.offset + 8);
    if (transport.protocol != kTcp || transport.offset + 20 > packet.size()) return keep(transport.offset);

    const std::size_t begin = transport.offset + std::max<std::size_t>(20, (packet[transport.offset + 12] >> 4) * 4U);
    const std::size_t end = transport.wireEnd == 0 ? packet.size() : keep(transport.wireEnd);
    if (begin >= end) return keep(begin);
    const Octets payload = packet.subspan(begin, end - begin);
    const Octets addresses = packet.subspan(network->offset + (isIp4 ? 12 : 8), isIp4 ? 8 : 32);
    const std::uint64_t direction = mix(mix(0xcbf29ce484222325U, addresses), packet.subspan(transport.offset, 4));
    const std::uint32_t sequence = load(packet, transport.offset + 4, 4);

    Unfinished& place = m_places[direction % m_places.size()];
    const bool goesOn = place.octets != 0 && place.direction == direction && place.nextSequence == sequence;
    Unfinished state = goesOn ? place : Unfinished{};
    const std::size_t kept = ofStream(state, payload);
    state.direction = direction;
    state.nextSequence = sequence + static_cast<std::uint32_t>(payload.size());
    const bool isWhole = transport.wireEnd == 0 || transport.wireEnd <= packet.size();
    if (goesOn || (state.octets != 0 && isWhole)) place = isWhole ? state : Unfinished{};
    return begin + kept;
}

std::size_t HeaderTrimmer::ofStream(Unfinished& state, Octets payload) {
    const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    if (state.octets != 0) return state.isHead ? ofHead(state, payload) : ofRecords(state, payload);
    if (!beginsHead(text)) return ofRecords(state, payload);
    std::size_t kept = 0;
    do {
        const bool another = isInterim(text.substr(kept)); // after an interim response comes the other one
        kept += ofHead(state, payload.subspan(kept));
        if (!another) break;
    } while (state.octets == 0 && beginsHead(text.substr(kept)));
    return kept;
}

/// Up to and with the empty line, also where lines end without a carriage return.
std::size_t HeaderTrimmer::ofHead(Unfinished& state, Octets payload) {
    enum : std::uint8_t { InLine, AtBegin, AfterReturn };
    const std::size_t most = std::min<std::size_t>(payload.size(), kMaxHeadBytes - state.octets);
    for (std::size_t i = 0; i < most; ++i) {
        if (payload[i] == '\n') {
            if (state.lineEnds != InLine) {
                state = {};
                return i + 1;
            }
            state.lineEnds = AtBegin;
        } else
            state.lineEnds = payload[i] == '\r' && state.lineEnds == AtBegin ? AfterReturn : InLine;
    }
    state.isHead = true;
    state.octets += static_cast<std::uint32_t>(most);
    if (state.octets >= kMaxHeadBytes) state = {};
    return most;
}

std::size_t HeaderTrimmer::ofRecords(Unfinished& state, Octets payload) {
    constexpr std::size_t kHeader = 5;
    constexpr std::uint32_t kMaxRecord = 16'384 + 2'048;
    std::size_t at = std::min<std::size_t>(state.octets, payload.size());
    state.octets -= static_cast<std::uint32_t>(at);
    while (state.octets == 0 && payload.size() - at >= kHeader) {
        const std::uint8_t type = payload[at];
        const std::uint32_t length = load(payload, at + 3, 2);
        if (type < 20 || type > 23 || payload[at + 1] != 3 || payload[at + 2] > 4 || length > kMaxRecord) break;
        at += kHeader;
        if (type == 23) break; // its length is of use, its content is the body
        const std::size_t here = std::min<std::size_t>(length, payload.size() - at);
        at += here;
        state.octets = length - static_cast<std::uint32_t>(here);
    }
    return at;
}

} // namespace gatescope::live

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/packet/frames.h"

/// Headers of tunnels and rare link types, built octet by octet after their specifications.
namespace gatescope::test {

/// RFC 791, between 192.0.2.1 and 192.0.2.2, so that outer addresses are told from inner ones.
inline std::string outerIpv4(std::string_view payload, unsigned protocol, unsigned fragment = 0, unsigned id = 9) {
    std::string packet = ipv4(payload, protocol, fragment, id);
    packet.replace(12, 8, Octets().u32(0xc0000201).u32(0xc0000202).str());
    return packet;
}
/// RFC 768; the checksum may be 0.
inline std::string udp(unsigned source, unsigned destination, std::string_view payload) {
    return Octets()
        .u16(source)
        .u16(destination)
        .u16(static_cast<unsigned>(8 + payload.size()))
        .u16(0)
        .text(payload)
        .str();
}
inline std::string overUdp(unsigned destination, std::string_view payload) {
    return outerIpv4(udp(51'000, destination, payload), 17);
}
/// RFC 7348, 5: flag I, network identifier 42.
inline std::string vxlan(std::string_view frame, std::uint32_t flags = 0x08000000) {
    return Octets().u32(flags).u32(42U << 8).text(frame).str();
}
/// draft-ietf-nvo3-vxlan-gpe, 3.1: flags I and P.
inline std::string vxlanGpe(unsigned next, std::string_view payload, unsigned flags = 0x0c) {
    return Octets().u8(flags).u16(0).u8(next).u32(42U << 8).text(payload).str();
}
/// RFC 8926, 3.4: options are whole words.
inline std::string geneve(unsigned protocol, std::string_view payload, std::string_view options = {}) {
    return Octets()
        .u8(static_cast<unsigned>(options.size() / 4))
        .u8(0)
        .u16(protocol)
        .u32(42U << 8)
        .text(options)
        .text(payload)
        .str();
}
/// RFC 2784, 2890, 1701: `fields` are the optional ones that the flags announce.
inline std::string gre(unsigned flags, unsigned protocol, std::string_view payload, std::string_view fields = {}) {
    return Octets().u16(flags).u16(protocol).text(fields).text(payload).str();
}
/// draft-foschiano-erspan, 4.2: version 1, VLAN 5, session 3, index 1.
inline std::string erspanII(std::string_view frame) {
    return Octets().u16(0x1005).u16(0x1803).u32(1).text(frame).str();
}
/// draft-foschiano-erspan, 4.3: version 2; `flags` are the last 16 bits (P, frame type, hardware, D, granularity, O).
inline std::string erspanIII(std::string_view payload, unsigned flags, std::string_view subHeader = {}) {
    return Octets().u16(0x2005).u16(3).u32(123'456).u16(0).u16(flags).text(subHeader).text(payload).str();
}
/// TS 29.281, 5.1: flags, type 255; the length counts what follows the first eight octets.
inline std::string gtpU(unsigned flags, std::string_view rest, unsigned type = 255) {
    return Octets().u8(flags).u8(type).u16(static_cast<unsigned>(rest.size())).u32(0xabcd).text(rest).str();
}
/// RFC 3032, 2.1: labels from 100 on, the last one at the bottom of the stack.
inline std::string mpls(unsigned labels, std::string_view payload) {
    Octets octets;
    for (unsigned i = 0; i < labels; ++i) octets.u32((100 + i) << 12 | (i + 1 == labels ? 0x100U : 0U) | 64U);
    return octets.text(payload).str();
}
/// RFC 2516, 4: session 17.
inline std::string pppoe(std::string_view payload, unsigned code = 0) {
    return Octets().u8(0x11).u8(code).u16(17).u16(static_cast<unsigned>(payload.size())).text(payload).str();
}
inline std::string ppp(unsigned protocol, std::string_view payload) {
    return Octets().u16(protocol).text(payload).str();
}
/// RFC 2661, 3.1: tunnel 1, session 2; `fields` stand where the flags put them.
inline std::string l2tp(unsigned flags, std::string_view payload, std::string_view length = {},
                        std::string_view others = {}) {
    return Octets().u16(flags | 2).text(length).u16(1).u16(2).text(others).text(payload).str();
}
/// RFC 4380: an IPv6 packet between Teredo addresses is not needed; the header alone is judged.
inline std::string teredoAuthentication(std::string_view id, std::string_view value) {
    return Octets()
        .u16(1)
        .u8(static_cast<unsigned>(id.size()))
        .u8(static_cast<unsigned>(value.size()))
        .text(id)
        .text(value)
        .u32(1)
        .u32(2)
        .u8(0)
        .str();
}
inline std::string teredoOrigin() {
    return Octets().u16(0).u16(0x1234).u32(0x3fffff00).str();
}
/// LINKTYPE_NFLOG: family, then attributes with their length before padding.
inline std::string nflog(std::string_view packet, bool littleEndian = true) {
    const auto attribute = [&](unsigned type, std::string_view value) {
        Octets octets;
        const auto length = static_cast<unsigned>(4 + value.size());
        if (littleEndian)
            octets.little16(length).little16(type);
        else
            octets.u16(length).u16(type);
        return octets.text(value).text(std::string((4 - length % 4) % 4, '\0')).str();
    };
    return Octets()
        .u8(2)
        .u8(0)
        .u16(5)
        .text(attribute(1, std::string_view("\x08\0\3\0", 4))) // hardware protocol and hook
        .text(attribute(10, std::string_view("prefix\0", 7)))  // padded by one octet
        .text(attribute(9, packet))
        .str();
}

} // namespace gatescope::test

// SPDX-License-Identifier: Apache-2.0
#include "core/packet/input_counters.h"

#include "core/packet/link_layer.h"
#include "core/packet/packet_findings.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gatescope::packet {

namespace {

std::string packetsText(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " packet" : " packets");
}

} // namespace

void InputCounters::countEncapsulation(Encapsulation kind, PacketRef packet) {
    Seen& seen = m_encapsulations[static_cast<std::size_t>(kind)];
    if (seen.last == packet) return;
    seen.last = packet;
    if (seen.packets++ == 0) seen.first = packet;
}

void InputCounters::countLinkType(std::uint16_t linkType, PacketRef packet) {
    auto known = std::find_if(m_oddLinks.begin(), m_oddLinks.end(),
                              [&](const OddLink& odd) { return odd.linkType == linkType; });
    if (known == m_oddLinks.end()) {
        if (m_oddLinks.size() < kMaxOddLinks) m_oddLinks.push_back({linkType, {0, packet, 0}});
        known = std::prev(m_oddLinks.end());
    }
    ++known->seen.packets;
}

std::vector<std::string> InputCounters::evidenceOf(bool (*isWanted)(Encapsulation)) const {
    std::vector<std::pair<std::uint64_t, Encapsulation>> kinds;
    for (std::size_t i = 0; i < kEncapsulations; ++i) {
        const auto kind = static_cast<Encapsulation>(i);
        if (isWanted(kind) && m_encapsulations[i].packets != 0) kinds.emplace_back(m_encapsulations[i].packets, kind);
    }
    std::stable_sort(kinds.begin(), kinds.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> texts;
    for (const auto& [packets, kind] : kinds)
        texts.push_back(std::string(toString(kind)) + ": " + packetsText(packets));
    return texts;
}

std::vector<Finding> InputCounters::findings(std::uint32_t input, const FragmentTable::Lost& lost) const {
    std::vector<Finding> found;
    const auto say = [&](const FindingKind& kind, std::vector<std::string> evidence, PacketRef first) {
        found.push_back({&kind, std::move(evidence), input, numberOf(first), {}});
    };
    const auto count = [&](Outcome outcome, const FindingKind& kind) {
        if (seen(outcome).packets != 0) say(kind, {packetsText(seen(outcome).packets)}, seen(outcome).first);
    };
    const auto encapsulations = [&](bool (*isWanted)(Encapsulation), const FindingKind& kind) {
        PacketRef first = 0;
        for (std::size_t i = 0; i < kEncapsulations; ++i) {
            const Seen& one = m_encapsulations[i];
            if (isWanted(static_cast<Encapsulation>(i)) && one.packets != 0 && (first == 0 || one.first < first))
                first = one.first;
        }
        if (first != 0) say(kind, evidenceOf(isWanted), first);
    };

    for (const OddLink& odd : m_oddLinks)
        say(kUnknownLinkType, {"link type " + describeLinkType(odd.linkType), packetsText(odd.seen.packets)},
            odd.seen.first);
    count(Outcome::Truncated, kTruncatedHeaders);
    count(Outcome::Malformed, kMalformedHeaders);
    count(Outcome::TooManyTunnels, kTooManyTunnels);
    if (lost.datagrams != 0)
        say(kLostFragments, {std::to_string(lost.datagrams) + (lost.datagrams == 1 ? " datagram" : " datagrams")},
            lost.firstPacket);
    encapsulations(isNotDecoded, kUnsupportedEncapsulation);
    encapsulations(isEncrypted, kEncryptedIp);
    count(Outcome::Quic, kQuicNotDecoded);
    encapsulations(isTunnel, kTunnels);
    if (packets(Outcome::Tcp) == 0) {
        std::uint64_t others = 0;
        PacketRef first = 0;
        for (const Outcome outcome : {Outcome::OtherTraffic, Outcome::Quic, Outcome::Encrypted, Outcome::NotDecoded}) {
            others += packets(outcome);
            if (packets(outcome) != 0 && (first == 0 || seen(outcome).first < first)) first = seen(outcome).first;
        }
        if (others != 0) say(kNoTcp, {packetsText(others)}, first);
    }
    return found;
}

} // namespace gatescope::packet

// SPDX-License-Identifier: Apache-2.0
#include "core/capture/pcapng_parser.h"

#include "core/capture/byte_order.h"
#include "core/capture/pcapng_notes.h"
#include "core/capture/pcapng_options.h"
#include "core/capture/pcapng_time.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace gatescope::capture {

namespace {

enum BlockType : std::uint32_t {
    kInterfaceDescription = 1,
    kObsoletePacket = 2,
    kSimplePacket = 3,
    kInterfaceStatistics = 5,
    kEnhancedPacket = 6,
    kJournalExport = 9,
    kDecryptionSecrets = 10,
    kSysdigEvent = 0x204,
    kSysdigEvent2 = 0x216,
    kSysdigEvent2Large = 0x221,
    kCustomCopied = 0xbad,
    kCustomNotCopied = 0x40000bad,
    kSectionHeader = 0x0a0d0d0a,
};

constexpr std::size_t kFrameBytes = 12;      ///< block type, length, and the length again at the end
constexpr std::size_t kBlockHeaderBytes = 8; ///< of them in front
constexpr std::uint32_t kOrderMagic = 0x1a2b3c4d;

/// 1.0 is the current version; 1.2 means the same and was written by some programs.
constexpr bool isKnownVersion(unsigned major, unsigned minor) {
    return major == 1 && (minor == 0 || minor == 2);
}

/// Octets of the fixed part of each block's body.
constexpr std::size_t kSectionFixed = 16;
constexpr std::size_t kInterfaceFixed = 8;
constexpr std::size_t kPacketFixed = 20;
constexpr std::size_t kSimpleFixed = 4;
constexpr std::size_t kStatisticsFixed = 12;
constexpr std::size_t kSecretsFixed = 8;

struct Interface {
    TimeScale time;
    std::uint32_t snapLength = 0; ///< 0: no limit
    std::uint32_t globalIndex = 0;
    std::uint16_t linkType = 0;
    std::uint64_t captured = 0; ///< packets so far
    DropCount drops;
};

/// The captured octets of one packet block and its options behind them.
struct PacketBody {
    Bytes data;
    Bytes options;
};

constexpr std::size_t padded(std::size_t length) {
    return (length + 3) / 4 * 4;
}

class PcapngParser final : public RecordParser {
public:
    PcapngParser(CaptureNotes& notes, const ReaderLimits& limits)
        : m_notes(notes, limits), m_maxPacketBytes(limits.maxPacketBytes), m_maxBlockBytes(limits.maxBlockBytes),
          m_maxInterfaces(limits.maxInterfaces) {}

    Step parse(Bytes window, std::uint64_t offset, std::vector<Packet>& packets) override;
    void finish() override {
        endOfInterfaces();
        m_notes.tellLosses();
    }

private:
    /// The functions below give nullptr, or what is wrong with the block.
    using Problem = const char*;

    Problem beginBlock(Bytes window, std::uint32_t& type, std::size_t& length);
    Problem block(std::uint32_t type, Bytes body, std::vector<Packet>& packets);
    Problem section(Bytes body);
    Problem interface(Bytes body);
    Problem enhancedPacket(Bytes body, std::vector<Packet>& packets);
    Problem obsoletePacket(Bytes body, std::vector<Packet>& packets);
    Problem simplePacket(Bytes body, std::vector<Packet>& packets);
    Problem statistics(Bytes body);
    Problem secrets(Bytes body);

    Problem splitPacket(Bytes body, PacketBody& parts) const;
    void addPacket(std::uint32_t interfaceId, Bytes body, const PacketBody& parts, std::vector<Packet>& packets);
    void packetOptions(Bytes options, Interface& from);
    bool isKnown(std::uint32_t interfaceId);
    void endOfInterfaces();

    PcapngNotes m_notes;
    std::size_t m_maxPacketBytes;
    std::size_t m_maxBlockBytes;
    std::size_t m_maxInterfaces;

    ByteOrder m_order;                   ///< of this section
    std::vector<Interface> m_interfaces; ///< of this section
    std::uint32_t m_interfacesBefore = 0;
    std::uint64_t m_number = 0;
};

RecordParser::Step PcapngParser::parse(Bytes window, std::uint64_t offset, std::vector<Packet>& packets) {
    Step step;
    for (;;) {
        const Bytes rest = window.subspan(step.consumed);
        step.wanted = kFrameBytes;
        if (rest.size() < kFrameBytes) return step;
        std::uint32_t type = 0;
        std::size_t length = 0;
        Problem problem = beginBlock(rest, type, length);
        if (problem == nullptr) {
            step.wanted = length;
            if (rest.size() < length) return step;
            if (m_order.u32(rest.data() + length - 4) != length)
                problem = "the lengths at the start and the end of a block differ";
            else
                problem = block(type, rest.subspan(kBlockHeaderBytes, length - kFrameBytes), packets);
        }
        if (problem != nullptr) {
            step.damage = fmt::format("damaged at byte {}: {}", offset + step.consumed, problem);
            return step;
        }
        step.consumed += length;
    }
}

PcapngParser::Problem PcapngParser::beginBlock(Bytes window, std::uint32_t& type, std::size_t& length) {
    type = m_order.u32(window.data());
    // The type of a section header reads the same in both orders; its length is already in the order of the section
    // that it begins.
    if (type == kSectionHeader) {
        if (loadLittleEndian<std::uint32_t>(window.data() + kBlockHeaderBytes) == kOrderMagic)
            m_order = ByteOrder(false);
        else if (loadBigEndian<std::uint32_t>(window.data() + kBlockHeaderBytes) == kOrderMagic)
            m_order = ByteOrder(true);
        else
            return "a section without a byte-order magic";
    }
    length = m_order.u32(window.data() + 4);
    if (length < kFrameBytes || length % 4 != 0 || length > m_maxBlockBytes)
        return "a block claims an impossible length";
    return nullptr;
}

PcapngParser::Problem PcapngParser::block(std::uint32_t type, Bytes body, std::vector<Packet>& packets) {
    switch (type) {
    case kEnhancedPacket:
        return enhancedPacket(body, packets);
    case kSimplePacket:
        return simplePacket(body, packets);
    case kObsoletePacket:
        return obsoletePacket(body, packets);
    case kSectionHeader:
        return section(body);
    case kInterfaceDescription:
        return interface(body);
    case kInterfaceStatistics:
        return statistics(body);
    case kDecryptionSecrets:
        return secrets(body);
    case kJournalExport:
    case kSysdigEvent:
    case kSysdigEvent2:
    case kSysdigEvent2Large:
    case kCustomCopied:
    case kCustomNotCopied:
        ++m_number; // a frame in Wireshark
        return nullptr;
    default:
        return nullptr; // name resolution and unknown blocks hold nothing that is used here
    }
}

PcapngParser::Problem PcapngParser::section(Bytes body) {
    if (body.size() < kSectionFixed) return "a section header that is too short";
    if (!isKnownVersion(m_order.u16(body.data() + 4), m_order.u16(body.data() + 6)))
        return "a section of a version that is not known";
    endOfInterfaces();
    m_interfacesBefore += static_cast<std::uint32_t>(m_interfaces.size());
    m_interfaces.clear();
    m_notes.keepComments(body.subspan(kSectionFixed), m_order);
    return nullptr;
}

void PcapngParser::endOfInterfaces() {
    for (const Interface& ended : m_interfaces) m_notes.endOfInterface(ended.globalIndex, ended.captured, ended.drops);
}

PcapngParser::Problem PcapngParser::interface(Bytes body) {
    if (body.size() < kInterfaceFixed) return "an interface description that is too short";
    if (m_interfaces.size() >= m_maxInterfaces) {
        m_notes.limitReached("interface descriptions");
        return nullptr;
    }
    std::uint8_t resolution = TimeScale::kMicroseconds;
    std::int64_t offsetSeconds = 0;
    InterfaceInfo info{.name = {}, .linkType = m_order.u16(body.data()), .snapLength = m_order.u32(body.data() + 4)};
    OptionCursor options(body.subspan(kInterfaceFixed), m_order);
    for (Option option; options.next(option);) {
        if (option.code == kIfTsResolution && option.value.size() == 1) resolution = option.value[0];
        if (option.code == kIfTsOffset && option.value.size() == 8)
            offsetSeconds = static_cast<std::int64_t>(m_order.u64(option.value.data()));
        if (option.code == kIfName) info.name = asText(option.value);
        if (option.code == kOptComment) m_notes.keepComment(option.value);
    }
    if (options.damaged()) m_notes.damagedOptions();
    m_interfaces.push_back({.time = TimeScale(resolution, offsetSeconds),
                            .snapLength = info.snapLength,
                            .globalIndex = m_interfacesBefore + static_cast<std::uint32_t>(m_interfaces.size()),
                            .linkType = info.linkType,
                            .captured = 0,
                            .drops = {}});
    m_notes.describeInterface(m_interfaces.back().globalIndex, std::move(info));
    return nullptr;
}

PcapngParser::Problem PcapngParser::splitPacket(Bytes body, PacketBody& parts) const {
    if (body.size() < kPacketFixed) return "a packet block that is too short";
    const std::uint32_t captured = m_order.u32(body.data() + 12);
    if (captured > body.size() - kPacketFixed) return "a packet is longer than its block";
    if (captured > m_maxPacketBytes) return "a packet claims an absurd length";
    parts.data = body.subspan(kPacketFixed, captured);
    const std::size_t end = kPacketFixed + padded(captured);
    if (end < body.size()) parts.options = body.subspan(end);
    return nullptr;
}

PcapngParser::Problem PcapngParser::enhancedPacket(Bytes body, std::vector<Packet>& packets) {
    PacketBody parts;
    if (const Problem problem = splitPacket(body, parts)) return problem;
    addPacket(m_order.u32(body.data()), body, parts, packets);
    return nullptr;
}

/// Like the enhanced one, but for a 16-bit interface number followed by the packets lost just before this one.
PcapngParser::Problem PcapngParser::obsoletePacket(Bytes body, std::vector<Packet>& packets) {
    constexpr std::uint16_t kUnknownDrops = 0xffff;
    PacketBody parts;
    if (const Problem problem = splitPacket(body, parts)) return problem;
    const std::uint32_t interfaceId = m_order.u16(body.data());
    const std::uint16_t lost = m_order.u16(body.data() + 2);
    addPacket(interfaceId, body, parts, packets);
    if (lost != 0 && lost != kUnknownDrops && interfaceId < m_interfaces.size())
        m_notes.lostBefore(m_number, lost, m_interfaces[interfaceId].drops);
    return nullptr;
}

void PcapngParser::addPacket(std::uint32_t interfaceId, Bytes body, const PacketBody& parts,
                             std::vector<Packet>& packets) {
    ++m_number;
    if (!isKnown(interfaceId)) return;
    Interface& from = m_interfaces[interfaceId];
    ++from.captured;
    const std::uint64_t ticks =
        static_cast<std::uint64_t>(m_order.u32(body.data() + 4)) << 32U | m_order.u32(body.data() + 8);
    const TimeScale::Time time = from.time.toTime(ticks);
    const auto captured = static_cast<std::uint32_t>(parts.data.size());
    packets.push_back({.data = parts.data,
                       .originalLength = std::max(captured, m_order.u32(body.data() + 16)),
                       .interfaceIndex = from.globalIndex,
                       .number = m_number,
                       .time = time.value,
                       .linkType = from.linkType});
    if (time.impossible) m_notes.badTime(m_number, ticks);
    if (!parts.options.empty()) packetOptions(parts.options, from);
}

void PcapngParser::packetOptions(Bytes bytes, Interface& from) {
    OptionCursor options(bytes, m_order);
    for (Option option; options.next(option);) {
        if (option.code == kOptComment) m_notes.keepComment(option.value, m_number);
        if (option.code == kEpbDropCount && option.value.size() == 8)
            m_notes.lostBefore(m_number, m_order.u64(option.value.data()), from.drops);
    }
    if (options.damaged()) m_notes.damagedOptions();
}

PcapngParser::Problem PcapngParser::simplePacket(Bytes body, std::vector<Packet>& packets) {
    if (body.size() < kSimpleFixed) return "a packet block that is too short";
    ++m_number;
    if (!isKnown(0)) return nullptr;
    Interface& from = m_interfaces.front();
    ++from.captured;
    const std::uint32_t original = m_order.u32(body.data());
    const std::uint32_t captured = from.snapLength == 0 ? original : std::min(original, from.snapLength);
    if (captured > body.size() - kSimpleFixed) return "a packet is longer than its block";
    if (captured > m_maxPacketBytes) return "a packet claims an absurd length";
    packets.push_back({.data = body.subspan(kSimpleFixed, captured),
                       .originalLength = original,
                       .interfaceIndex = from.globalIndex,
                       .number = m_number,
                       .time = kNoTime,
                       .linkType = from.linkType});
    return nullptr;
}

bool PcapngParser::isKnown(std::uint32_t interfaceId) {
    if (interfaceId < m_interfaces.size()) [[likely]]
        return true;
    m_notes.unknownInterface(m_number, interfaceId);
    return false;
}

PcapngParser::Problem PcapngParser::statistics(Bytes body) {
    if (body.size() < kStatisticsFixed) return "interface statistics that are too short";
    const std::uint32_t interfaceId = m_order.u32(body.data());
    std::uint64_t drops = 0;
    std::optional<std::uint64_t> accepted;
    OptionCursor options(body.subspan(kStatisticsFixed), m_order);
    for (Option option; options.next(option);) {
        if (option.code == kOptComment) m_notes.keepComment(option.value);
        if (option.code == kIsbFilterAccepted && option.value.size() == 8) accepted = m_order.u64(option.value.data());
        const bool isDrops = option.code == kIsbInterfaceDrops || option.code == kIsbSystemDrops;
        if (isDrops && option.value.size() == 8) drops = saturatingAdd(drops, m_order.u64(option.value.data()));
    }
    if (options.damaged()) m_notes.damagedOptions();
    if (interfaceId < m_interfaces.size()) {
        Interface& from = m_interfaces[interfaceId];
        m_notes.lostInAll(drops, from.drops);
        if (accepted) from.drops.accepted = accepted;
    }
    return nullptr;
}

PcapngParser::Problem PcapngParser::secrets(Bytes body) {
    constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
    if (body.size() < kSecretsFixed) return "a secrets block that is too short";
    const std::uint32_t length = m_order.u32(body.data() + 4);
    if (length > body.size() - kSecretsFixed) return "secrets are longer than their block";
    if (m_order.u32(body.data()) == kTlsKeyLog) m_notes.keepSecrets(body.subspan(kSecretsFixed, length));
    const std::size_t end = kSecretsFixed + padded(length);
    if (end < body.size()) m_notes.keepComments(body.subspan(end), m_order);
    return nullptr;
}

} // namespace

bool looksLikePcapng(Bytes head) {
    return head.size() >= 4 && loadBigEndian<std::uint32_t>(head.data()) == kSectionHeader;
}

std::expected<std::unique_ptr<RecordParser>, Error> makePcapngParser(Bytes head, CaptureNotes& notes,
                                                                     const ReaderLimits& limits) {
    constexpr std::size_t kVersionEnd = 16;
    const auto unknown = [](std::string message) {
        return std::unexpected(Error{ErrorKind::UnknownFormat, std::move(message)});
    };
    if (!looksLikePcapng(head)) return unknown("not a pcapng file");
    if (head.size() >= kVersionEnd) {
        const bool bigEndian = loadBigEndian<std::uint32_t>(head.data() + kBlockHeaderBytes) == kOrderMagic;
        if (!bigEndian && loadLittleEndian<std::uint32_t>(head.data() + kBlockHeaderBytes) != kOrderMagic)
            return unknown("starts like pcapng, but has no byte-order magic");
        const ByteOrder order(bigEndian);
        const unsigned major = order.u16(head.data() + 12);
        const unsigned minor = order.u16(head.data() + 14);
        if (!isKnownVersion(major, minor))
            return unknown(fmt::format("pcapng of version {}.{}: only versions 1.0 and 1.2 are read", major, minor));
    }
    return std::make_unique<PcapngParser>(notes, limits);
}

} // namespace gatescope::capture

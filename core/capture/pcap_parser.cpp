// SPDX-License-Identifier: Apache-2.0
#include "core/capture/pcap_parser.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace gatescope::capture {

namespace {

constexpr std::size_t kFileHeaderBytes = 24;
constexpr std::size_t kRecordHeaderBytes = 16;

struct Magic {
    std::uint32_t value;
    std::uint32_t unitNs; ///< 0: a layout that is not read
    const char* description;
};
/// The first two are the format; the others are used by programs that changed the record header without saying how.
constexpr std::array<Magic, 7> kMagics{{
    {0xa1b2c3d4, 1000, ""},
    {0xa1b23c4d, 1, ""},
    {0xa1b2cd34, 0, "pcap as modified by Alexey Kuznetzov's patch for old Linux systems"},
    {0xa1b234cd, 0, "pcap as modified by F. Mesquita's patch for old Linux systems"},
    {0xa12b3c4d, 0, "pcap as modified by Navtel"},
    {0x1c0001ac, 0, "pcap as modified by Ixia (hardware)"},
    {0x1c0001ab, 0, "pcap as modified by Ixia (software)"},
}};

struct FoundMagic {
    const Magic* magic = nullptr;
    ByteOrder order;
};

FoundMagic findMagic(Bytes head) {
    if (head.size() < 4) return {};
    for (const bool bigEndian : {false, true}) {
        const ByteOrder order(bigEndian);
        const auto found = std::ranges::find(kMagics, order.u32(head.data()), &Magic::value);
        if (found != kMagics.end()) return {&*found, order};
    }
    return {};
}

struct PcapLayout {
    ByteOrder order;
    std::uint32_t unitNs = 1000;
    std::uint16_t linkType = 0;
    bool lengthsMayBeSwapped = false; ///< files of version 2.0 to 2.3 disagree on which length comes first
};

class PcapParser final : public RecordParser {
public:
    PcapParser(const PcapLayout& layout, CaptureNotes& notes, std::size_t maxPacketBytes)
        : m_layout(layout), m_notes(notes), m_maxPacketBytes(maxPacketBytes) {}

    Step parse(Bytes window, std::uint64_t offset, std::vector<Packet>& packets) override {
        Step step;
        if (offset == 0) {
            step.wanted = kFileHeaderBytes;
            if (window.size() < kFileHeaderBytes) return step;
            step.consumed = kFileHeaderBytes;
        }
        records(window, offset, packets, step);
        return step;
    }

private:
    void records(Bytes window, std::uint64_t offset, std::vector<Packet>& packets, Step& step);
    void noteTime(std::uint32_t fraction);
    void noteLengths(std::uint32_t captured, std::uint32_t original);

    PcapLayout m_layout;
    CaptureNotes& m_notes;
    std::size_t m_maxPacketBytes;
    std::uint64_t m_number = 0;
};

void PcapParser::records(Bytes window, std::uint64_t offset, std::vector<Packet>& packets, Step& step) {
    const PcapLayout layout = m_layout;
    const std::uint32_t unitsPerSecond = 1'000'000'000U / layout.unitNs;
    std::size_t at = step.consumed;
    step.wanted = kRecordHeaderBytes;
    while (window.size() - at >= kRecordHeaderBytes) {
        const std::uint8_t* header = window.data() + at;
        const std::uint32_t seconds = layout.order.u32(header);
        const std::uint32_t fraction = layout.order.u32(header + 4);
        std::uint32_t captured = layout.order.u32(header + 8);
        std::uint32_t original = layout.order.u32(header + 12);
        if (layout.lengthsMayBeSwapped && captured > original) std::swap(captured, original);
        if (captured > m_maxPacketBytes) {
            step.damage = fmt::format("damaged at byte {}: a record claims {} captured octets of {} on the wire",
                                      offset + at, captured, original);
            break;
        }
        if (window.size() - at - kRecordHeaderBytes < captured) {
            step.wanted = kRecordHeaderBytes + captured;
            break;
        }
        ++m_number;
        if (fraction >= unitsPerSecond) noteTime(fraction);
        if (captured > original) {
            noteLengths(captured, original);
            original = captured;
        }
        packets.push_back({.data = {header + kRecordHeaderBytes, captured},
                           .originalLength = original,
                           .interfaceIndex = 0,
                           .number = m_number,
                           .time = static_cast<TimeNs>(seconds) * 1'000'000'000 +
                                   static_cast<TimeNs>(fraction) * static_cast<TimeNs>(layout.unitNs),
                           .linkType = layout.linkType});
        at += kRecordHeaderBytes + captured;
    }
    step.consumed = at;
}

void PcapParser::noteTime(std::uint32_t fraction) {
    FindingCounter::Entry& entry = m_notes.findings.count(kBadTime);
    if (entry.count != 1) return;
    entry.packet = m_number;
    entry.evidence.push_back(
        fmt::format("the fraction of the second is {} {}", fraction, m_layout.unitNs == 1 ? "ns" : "µs"));
}

void PcapParser::noteLengths(std::uint32_t captured, std::uint32_t original) {
    FindingCounter::Entry& entry = m_notes.findings.count(kOddLengths);
    if (entry.count != 1) return;
    entry.packet = m_number;
    entry.evidence.push_back(fmt::format("{} octets captured of {} on the wire", captured, original));
}

Error unknown(std::string message) {
    return {ErrorKind::UnknownFormat, std::move(message)};
}

} // namespace

bool looksLikePcap(Bytes head) {
    return findMagic(head).magic != nullptr;
}

std::expected<std::unique_ptr<RecordParser>, Error> makePcapParser(Bytes head, CaptureNotes& notes,
                                                                   const ReaderLimits& limits) {
    const auto [magic, order] = findMagic(head);
    if (magic == nullptr) return std::unexpected(unknown("not a pcap file"));
    if (magic->unitNs == 0)
        return std::unexpected(unknown(fmt::format(
            "{}: this layout is not read. Convert it first: editcap -F pcapng OLD NEW", magic->description)));
    PcapLayout layout{.order = order, .unitNs = magic->unitNs, .linkType = 0, .lengthsMayBeSwapped = false};
    if (head.size() >= kFileHeaderBytes) {
        const unsigned major = order.u16(head.data() + 4);
        const unsigned minor = order.u16(head.data() + 6);
        if (major != 2 || minor > 4)
            return std::unexpected(
                unknown(fmt::format("pcap of version {}.{}: only versions 2.0 to 2.4 are read", major, minor)));
        layout.lengthsMayBeSwapped = minor < 4;
        layout.linkType = static_cast<std::uint16_t>(order.u32(head.data() + 20));
        notes.info.interfaces.push_back(
            {.name = {}, .linkType = layout.linkType, .snapLength = order.u32(head.data() + 16)});
    }
    return std::make_unique<PcapParser>(layout, notes, limits.maxPacketBytes);
}

} // namespace gatescope::capture

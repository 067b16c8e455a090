// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_order.h"
#include "core/capture/record_parser.h"

#include <cstdint>
#include <string_view>

namespace gatescope::capture {

std::uint64_t saturatingAdd(std::uint64_t a, std::uint64_t b);

/// Packets lost on one interface. Statistics blocks give a running total, packets the loss since the one before: both
/// tell the same losses, so the larger one counts.
struct DropCount {
    std::uint64_t byStatistics = 0;
    std::uint64_t byPackets = 0;
};

/// Keeps what a pcapng file says besides packets, within the limits, and counts what is odd in it.
class PcapngNotes {
public:
    PcapngNotes(CaptureNotes& notes, const ReaderLimits& limits) : m_notes(notes), m_limits(limits) {}

    void keepComment(Bytes text);
    /// The comments among the options of a block.
    void keepComments(Bytes options, ByteOrder order);
    void keepSecrets(Bytes keyLog);

    void lostBefore(std::uint64_t packet, std::uint64_t lost, DropCount& drops);
    void lostInAll(std::uint32_t interfaceIndex, std::uint64_t lost, DropCount& drops);

    void badTime(std::uint64_t packet, std::uint64_t ticks);
    void unknownInterface(std::uint64_t packet, std::uint32_t interfaceId);
    void damagedOptions();
    void limitReached(std::string_view what);

private:
    void addDrops(std::uint64_t before, const DropCount& drops);

    CaptureNotes& m_notes;
    ReaderLimits m_limits;
    std::size_t m_commentBytes = 0;
    std::size_t m_secretsBytes = 0;
};

} // namespace gatescope::capture

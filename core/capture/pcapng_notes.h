// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_order.h"
#include "core/capture/record_parser.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::capture {

std::uint64_t saturatingAdd(std::uint64_t a, std::uint64_t b);

/// Packets lost on one interface. Statistics blocks give a running total, packets the loss since the one before: both
/// tell the same losses, so the larger one counts.
struct DropCount {
    std::uint64_t byStatistics = 0;
    std::uint64_t byPackets = 0;
    std::optional<std::uint64_t> accepted; ///< packets that passed the capture filter, lost ones among them
};

/// Keeps what a pcapng file says besides packets, within the limits, and counts what is odd in it.
class PcapngNotes {
public:
    PcapngNotes(CaptureNotes& notes, const ReaderLimits& limits) : m_notes(notes), m_limits(limits) {}

    /// `packet`: whose comment it is; 0: of something else.
    void keepComment(Bytes text, std::uint64_t packet = 0);
    void describeInterface(std::uint32_t index, InterfaceInfo info);
    /// The comments among the options of a block.
    void keepComments(Bytes options, ByteOrder order);
    void keepSecrets(Bytes keyLog);

    void lostBefore(std::uint64_t packet, std::uint64_t lost, DropCount& drops);
    void lostInAll(std::uint64_t lost, DropCount& drops);
    /// An interface of which nothing more comes, and the packets of it in the file.
    void endOfInterface(std::uint32_t index, std::uint64_t captured, const DropCount& drops);
    /// After the last interface: how much was lost becomes a finding.
    void tellLosses();

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

    std::uint64_t m_captured = 0;                  ///< packets of interfaces that have ended
    std::optional<std::uint64_t> m_firstAfterLoss; ///< packet that says that others before it were lost
    std::vector<std::string> m_losses;             ///< by interface, in words
    std::uint64_t m_lossyInterfaces = 0;
};

} // namespace gatescope::capture

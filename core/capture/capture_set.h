// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_file.h"
#include "core/capture/packet_source.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::capture {

/// One capture of a set.
struct SetMember {
    std::uint32_t input = 0; ///< index among all inputs of the analysis: Packet::number holds it
    std::string path;
    /// How far this capture's clock is ahead of the first one's; taken off the times of its packets.
    TimeNs clockOffset = 0;
};

/// What became of one capture of a set.
struct SetMemberResult {
    std::optional<Error> error; ///< CannotOpen, UnknownFormat: nothing was read; Damaged: read in part
    std::string format;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0; ///< captured packet octets
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
    std::uint64_t droppedPackets = 0;
};

/// Several captures read as one, in the order of time: files of a ring buffer one after the other, captures of several
/// places packet by packet. Files are opened when their time comes, so that a set may have more of them than a process
/// may open. A capture that cannot be read, or is damaged, ends alone; the others go on.
class CaptureSet final : public PacketSource {
public:
    struct Opened {
        SetMember member;
        std::unique_ptr<PacketSource> source; ///< already open; null: opened by path when it is needed
    };
    /// Files open at a time.
    static constexpr std::size_t kMaxOpen = 64;

    CaptureSet(std::vector<Opened> members, ReaderLimits limits = {}, std::stop_token stop = {});
    ~CaptureSet() override;

    /// Packets of more than one capture may stand in one block. Never gives an error: see `results`.
    std::expected<bool, Error> read(PacketBlock& block) override;
    std::uint64_t bytesRead() const override;
    std::uint64_t totalBytes() const override;
    /// Comments and secrets of all captures read so far.
    const SourceInfo& info() const override;
    /// With their inputs.
    std::vector<Finding> takeFindings() override;

    /// By member, in the order given.
    const std::vector<SetMemberResult>& results() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// A clock that differs from the first one's.
struct ClockEstimate {
    std::uint32_t input = 0;
    std::uint32_t reference = 0; ///< input that it was compared with
    TimeNs offset = 0;           ///< this one's time minus the reference's, for the same packet
    std::uint64_t packets = 0;   ///< seen in both
    TimeNs spread = 0;           ///< half of the estimates lie within so much of the offset
};

/// Finds the same TCP segments in several captures (by sequence number, acknowledgement, length and content, so that
/// address translation between the places does no harm) and what their clocks differ by. Captures that share none, or
/// whose difference is within what the way between them explains, are left out. Reads each file at most up to a limit.
std::vector<ClockEstimate> estimateClocks(const std::vector<SetMember>& members, std::stop_token stop = {});

} // namespace gatescope::capture

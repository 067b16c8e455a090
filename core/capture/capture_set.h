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
    std::optional<Error> error; ///< CannotOpen, UnknownFormat: nothing was read; Damaged: read in part; Stopped
    std::string format;         ///< empty: it was not opened
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;    ///< captured packet octets
    TimeNs firstTime = kNoTime; ///< corrected, as in the packets
    TimeNs lastTime = kNoTime;
    std::uint64_t droppedPackets = 0; ///< as the file says
};

/// Several captures read as one, in the order of time: files of a ring buffer one after the other, captures of several
/// places packet by packet. Packets with the same time come in the order of their captures. Within one capture packets
/// keep their order even where their times go back, and a packet without a time stays behind the one before it.
/// A capture that cannot be read, or is damaged, ends alone; the others go on. One thread.
///
/// Of a set of more than one, files are opened for a moment to learn when they begin, and again when their time comes,
/// so that a set may have more of them than a process may open. Standard input and pipes stay open, and each is waited
/// for until it tells its next packet's time.
///
/// In the packets, `number` holds the input, `time` is corrected by the clock offset, and `interfaceIndex` is unique
/// over the set; a single capture keeps its own.
class CaptureSet final : public PacketSource {
public:
    struct Opened {
        SetMember member;
        std::unique_ptr<PacketSource> source{}; ///< already open, nothing read yet; null: opened by path
    };
    /// Files open at a time. If more of them overlap in time, the others wait, and a finding says so.
    static constexpr std::size_t kMaxOpen = 64;
    /// Octets read of a file to learn when it begins, unless its first packet needs more.
    static constexpr std::size_t kProbeBytes = 16 * 1024;
    /// Interfaces of one capture that are told apart; the others count as the last one of them.
    static constexpr std::size_t kMaxInterfaces = 65'536;

    explicit CaptureSet(std::vector<Opened> members, ReaderLimits limits = {}, std::stop_token stop = {});
    ~CaptureSet() override;

    /// Packets of more than one capture may stand in one block. Never gives an error: see `results`. After a stop it
    /// gives false within 100 ms, and the captures that are not at their end have an error of kind Stopped.
    std::expected<bool, Error> read(PacketBlock& block) override;
    /// Sums over the captures; octets read to see when they begin do not count. The size is 0 when one is not known.
    std::uint64_t bytesRead() const override;
    std::uint64_t totalBytes() const override;
    /// Comments, secrets and dropped packets of all captures read so far, within the limits of one reader; the format
    /// is that of the first capture that was opened.
    const SourceInfo& info() const override;
    /// With their inputs.
    std::vector<Finding> takeFindings() override;

    /// By member, in the order given; counts are those of the packets read so far.
    const std::vector<SetMemberResult>& results() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::capture

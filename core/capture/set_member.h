// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_findings.h"
#include "core/capture/capture_set.h"

#include <string_view>
#include <unordered_map>

namespace gatescope::capture {

/// Comments, secrets and drops of all captures of a set, within the limits of one reader.
class SetNotes {
public:
    explicit SetNotes(const ReaderLimits& limits) : m_limits(limits) {}

    /// How much of one source's notes was taken.
    struct Mark {
        std::size_t comments = 0;
        std::size_t secrets = 0;
        std::uint64_t dropped = 0;
    };
    /// Takes what `from` has more than at `mark`; its packets are those of `input`.
    void take(const SourceInfo& from, Mark& mark, std::uint32_t input);
    /// All interfaces of the only member, or one that the set has not seen before.
    void takeInterfaces(const SourceInfo& from);
    void takeInterface(const SourceInfo& from, std::uint32_t own, std::uint32_t index);

    const SourceInfo& info() const { return m_info; }
    FindingCounter& findings() { return m_findings; }

private:
    void note(std::string_view limit);

    ReaderLimits m_limits;
    SourceInfo m_info;
    FindingCounter m_findings;
    std::size_t m_commentBytes = 0;
    std::size_t m_secretsBytes = 0;
};

/// When a packet's turn comes: its time, then the place of its capture in the set.
struct Turn {
    TimeNs time = kNoTime;
    std::size_t place = 0;

    auto operator<=>(const Turn&) const = default;
};

/// One capture of a set while it is read: its source, the block at hand, and the packets of it that are not given on.
class MemberReader {
public:
    /// `result` outlives the reader and is kept up to date.
    MemberReader(CaptureSet::Opened opened, std::size_t place, bool isAlone, SetMemberResult& result);

    /// Looks when the file begins, without keeping it open: the lowest time if that cannot be said, so that reading it
    /// soon tells why. Not for pipes.
    void probe(const ReaderLimits& limits, const std::stop_token& stop);
    /// Opens it if it is not open. False: it ended with an error in its result.
    bool open(const ReaderLimits& limits, const std::stop_token& stop);
    /// Reads the next block into `block`, with its packets made ones of the set. False: the end, and the file is
    /// closed.
    bool read(PacketBlock& block, SetNotes& notes, std::vector<Finding>& findings, std::uint32_t& interfaces);
    /// The next block into `held`.
    bool readHeld(SetNotes& notes, std::vector<Finding>& findings, std::uint32_t& interfaces);
    void stop();

    bool isOpen() const { return m_source != nullptr; }
    bool hasEnded() const { return m_ended; }
    /// It can be closed and opened again.
    bool isFile() const { return m_isFile; }
    /// It was to be opened, and could not be.
    bool isMissing() const { return m_ended && !m_source && m_result.format.empty(); }
    std::uint32_t input() const { return m_member.input; }
    std::uint64_t bytesRead() const { return m_source ? m_source->bytesRead() : m_bytesDone; }
    /// 0: not known.
    std::uint64_t totalBytes() const { return m_source ? m_source->totalBytes() : m_size; }
    Turn turn() const { return {m_time, m_place}; }
    /// The last turn of a packet in `held`.
    Turn lastTurn() const { return {m_latest, m_place}; }

    bool isSpent() const { return m_at == m_held.packets.size(); }
    std::size_t left() const { return m_held.packets.size() - m_at; }
    const Packet& front() const { return m_held.packets[m_at]; }
    /// Goes on to the next packet in `held`.
    void advance();
    /// The rest of `held` goes to `block`, whose buffer is used again.
    void handOver(PacketBlock& block);
    /// The findings that an open source has at the moment.
    void takeFindings(std::vector<Finding>& findings);

private:
    void end(std::vector<Finding>& findings);
    void adopt(std::vector<Packet>& packets, SetNotes& notes, std::uint32_t& interfaces);
    std::uint32_t interfaceOf(std::uint32_t own, SetNotes& notes, std::uint32_t& interfaces);

    SetMember m_member;
    SetMemberResult& m_result;
    std::size_t m_place;
    bool m_isAlone; ///< the only one of its set
    bool m_isFile;
    bool m_ended = false;
    std::unique_ptr<PacketSource> m_source;
    std::uint64_t m_size = 0;
    std::uint64_t m_bytesDone = 0;
    SetNotes::Mark m_mark;

    PacketBlock m_held;
    std::size_t m_at = 0;      ///< first packet of m_held that is not given on
    TimeNs m_time = kNoTime;   ///< of that packet, or of the one before it that had a time; before reading: the begin
    TimeNs m_latest = kNoTime; ///< of the packets of m_held
    TimeNs m_before = kNoTime; ///< of the last packet with a time in blocks before

    std::unordered_map<std::uint32_t, std::uint32_t> m_interfaces; ///< own index to that of the set
    std::uint32_t m_ownInterface = 0;                              ///< of the packet before
    std::uint32_t m_setInterface = 0;
    bool m_hasInterface = false;
};

} // namespace gatescope::capture

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

#include <deque>
#include <vector>

namespace gatescope::capture {

inline constexpr FindingKind kCutFile{
    "capture.cut-file", Severity::Medium, "The capture ends in the middle of a record",
    "Everything before the cut was read. Connections that were open there look unfinished.",
    "Stop the capturing program cleanly before copying its file, or copy the file again."};
inline constexpr FindingKind kDamagedBlock{
    "capture.damaged-block", Severity::High, "The capture is damaged",
    "Everything before the damage was read, nothing after it.",
    "Copy the file again from where it was written; a transfer in text mode often does this."};
inline constexpr FindingKind kUnreadableRest{
    "capture.unreadable-rest", Severity::High, "The rest of the file could not be read",
    "The compressed data is cut or damaged, or the disk gave an error. Everything that came out before that was read, "
    "nothing after it.",
    "Copy the file again from where it was written."};
inline constexpr FindingKind kDamagedOptions{"capture.damaged-options", Severity::Low, "Options of a block are damaged",
                                             "The rest of the options of that block was left out: a comment, a drop "
                                             "counter or a time resolution may be missing.",
                                             ""};
/// One finding, whose severity depends on how much was lost.
inline constexpr FindingKind kDroppedPackets{
    "capture.dropped-packets", Severity::Medium, "Packets were dropped while capturing",
    "The capturing program says that it could not keep up. Gaps in connections are then gaps of the capture, "
    "not of the network.",
    "Capture with a larger buffer, a capture filter or a shorter snap length."};
constexpr FindingKind withSeverity(FindingKind kind, Severity severity) {
    kind.severity = severity;
    return kind;
}
inline constexpr FindingKind kDroppedFewPackets = withSeverity(kDroppedPackets, Severity::Low);
inline constexpr FindingKind kDroppedManyPackets = withSeverity(kDroppedPackets, Severity::High);
inline constexpr FindingKind kOddLengths{
    "capture.odd-lengths", Severity::Low, "Packets that are longer in the capture than on the wire",
    "The file says of them that more octets were captured than sent. All captured ones were read.",
    "The capturing program has a fault; a newer version may do better."};
inline constexpr FindingKind kUnknownInterface{
    "capture.unknown-interface", Severity::Medium, "Packets of an interface that was never described",
    "Without the description their link type is not known. These packets were left out.", ""};
inline constexpr FindingKind kBadTime{"capture.bad-time", Severity::Low, "Packets with an impossible time",
                                      "A fraction of a second is too large, or the time lies outside of the years 1678 "
                                      "to 2262. Such a time was read as one "
                                      "before 1970 where that makes sense, else the nearest possible time stands in.",
                                      ""};
inline constexpr FindingKind kLimitReached{"capture.limit-reached", Severity::Low, "More in the capture than is kept",
                                           "Comments, secrets or interface descriptions above a limit were left out.",
                                           ""};

inline constexpr FindingKind kTooManyAtOnce{
    "capture.too-many-at-once", Severity::Medium, "More captures overlap in time than are read at once",
    "This capture and perhaps others had to wait until one before it ended, so its packets come late. "
    "Connections that reach over several of these captures may look broken.",
    "Open fewer captures of the same time at once, or merge some of them first with mergecap."};

/// Findings of one source, one entry per kind however often it occurs. One thread.
class FindingCounter {
public:
    struct Entry {
        const FindingKind* kind = nullptr;
        std::uint64_t count = 0;
        std::uint64_t taken = 0;             ///< the count when it was last handed out
        std::optional<std::uint64_t> packet; ///< of the first occurrence
        std::vector<std::string> evidence;   ///< of the first occurrence
    };

    /// Counts one more. The caller adds packet and evidence when `count` is 1, so that the others cost nothing.
    Entry& count(const FindingKind& kind);

    /// Each kind is handed out when it is first known, and once more at the end if it occurred again since.
    std::vector<Finding> take(bool atEnd);

private:
    std::deque<Entry> m_entries;
};

} // namespace gatescope::capture

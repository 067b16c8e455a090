// SPDX-License-Identifier: Apache-2.0
#include "core/capture/pcapng_notes.h"

#include "core/capture/pcapng_options.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace gatescope::capture {

namespace {

std::uint64_t lost(const DropCount& drops) {
    return std::max(drops.byStatistics, drops.byPackets);
}

} // namespace

namespace {

/// From these shares of loss on it is worth more attention. One packet in a thousand breaks few connections; one in
/// fifty breaks about every answer that is long.
constexpr double kFewLost = 0.001;
constexpr double kManyLost = 0.02;

double shareOf(std::uint64_t lostPackets, std::uint64_t captured) {
    return static_cast<double>(lostPackets) / (static_cast<double>(captured) + static_cast<double>(lostPackets));
}

/// `12 of 4012 packets lost (0.30 %)`
std::string lossText(std::uint64_t lostPackets, std::uint64_t captured) {
    const double percent = 100 * shareOf(lostPackets, captured);
    return fmt::format("{} of {} packets lost ({} %)", lostPackets, saturatingAdd(lostPackets, captured),
                       percent < 0.01 ? "less than 0.01" : fmt::format("{:.2f}", percent));
}

} // namespace

void PcapngNotes::describeInterface(std::uint32_t index, InterfaceInfo info) {
    std::vector<InterfaceInfo>& known = m_notes.info.interfaces;
    if (index >= m_limits.maxInterfaces || index != known.size()) return;
    info.name.resize(std::min(info.name.size(), InterfaceInfo::kMaxNameBytes));
    known.push_back(std::move(info));
}

std::uint64_t saturatingAdd(std::uint64_t a, std::uint64_t b) {
    return b > std::numeric_limits<std::uint64_t>::max() - a ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

void PcapngNotes::keepComment(Bytes text, std::uint64_t packet) {
    std::vector<std::string>& comments = m_notes.info.comments;
    if (comments.size() >= m_limits.maxComments || text.size() > m_limits.maxCommentBytes - m_commentBytes) {
        limitReached("comments");
        return;
    }
    m_commentBytes += text.size();
    comments.emplace_back(asText(text));
    m_notes.info.commentPackets.push_back(packet);
}

void PcapngNotes::keepComments(Bytes bytes, ByteOrder order) {
    OptionCursor options(bytes, order);
    for (Option option; options.next(option);)
        if (option.code == kOptComment) keepComment(option.value);
    if (options.damaged()) damagedOptions();
}

void PcapngNotes::keepSecrets(Bytes keyLog) {
    if (keyLog.size() > m_limits.maxSecretsBytes - m_secretsBytes) {
        limitReached("decryption secrets");
        return;
    }
    m_secretsBytes += keyLog.size();
    m_notes.info.tlsSecrets.emplace_back(keyLog.begin(), keyLog.end());
}

void PcapngNotes::lostBefore(std::uint64_t packet, std::uint64_t count, DropCount& drops) {
    if (count == 0) return;
    const std::uint64_t before = lost(drops);
    drops.byPackets = saturatingAdd(drops.byPackets, count);
    addDrops(before, drops);
    if (!m_firstAfterLoss) m_firstAfterLoss = packet;
}

void PcapngNotes::lostInAll(std::uint64_t count, DropCount& drops) {
    const std::uint64_t before = lost(drops);
    drops.byStatistics = std::max(drops.byStatistics, count);
    addDrops(before, drops);
}

void PcapngNotes::endOfInterface(std::uint32_t index, std::uint64_t captured, const DropCount& drops) {
    constexpr std::size_t kMostLines = 8;
    m_captured = saturatingAdd(m_captured, captured);
    if (lost(drops) == 0) return;
    ++m_lossyInterfaces;
    if (m_losses.size() >= kMostLines) return;
    const std::vector<InterfaceInfo>& known = m_notes.info.interfaces;
    const bool hasName = index < known.size() && !known[index].name.empty();
    std::string line = fmt::format("{}: {}", hasName ? known[index].name : fmt::format("interface {}", index),
                                   lossText(lost(drops), captured));
    if (drops.accepted) line += fmt::format("; {} passed the capture filter", *drops.accepted);
    m_losses.push_back(std::move(line));
}

void PcapngNotes::tellLosses() {
    const std::uint64_t all = m_notes.info.droppedPackets;
    if (all == 0) return;
    const double share = shareOf(all, m_captured);
    const FindingKind& kind = share < kFewLost    ? kDroppedFewPackets
                              : share < kManyLost ? kDroppedPackets
                                                  : kDroppedManyPackets;
    FindingCounter::Entry& entry = m_notes.findings.count(kind);
    entry.packet = m_firstAfterLoss;
    entry.evidence = m_losses;
    if (m_lossyInterfaces > m_losses.size())
        entry.evidence.push_back(fmt::format("{} more interfaces", m_lossyInterfaces - m_losses.size()));
    if (m_lossyInterfaces > 1) entry.evidence.insert(entry.evidence.begin(), lossText(all, m_captured));
}

void PcapngNotes::addDrops(std::uint64_t before, const DropCount& drops) {
    m_notes.info.droppedPackets = saturatingAdd(m_notes.info.droppedPackets, lost(drops) - before);
}

void PcapngNotes::badTime(std::uint64_t packet, std::uint64_t ticks) {
    FindingCounter::Entry& entry = m_notes.findings.count(kBadTime);
    if (entry.count != 1) return;
    entry.packet = packet;
    entry.evidence.push_back(fmt::format("{} ticks since 1970", ticks));
}

void PcapngNotes::unknownInterface(std::uint64_t packet, std::uint32_t interfaceId) {
    FindingCounter::Entry& entry = m_notes.findings.count(kUnknownInterface);
    if (entry.count != 1) return;
    entry.packet = packet;
    entry.evidence.push_back(fmt::format("interface {} of its section", interfaceId));
}

void PcapngNotes::damagedOptions() {
    m_notes.findings.count(kDamagedOptions);
}

void PcapngNotes::limitReached(std::string_view what) {
    FindingCounter::Entry& entry = m_notes.findings.count(kLimitReached);
    if (entry.count == 1) entry.evidence.emplace_back(what);
}

} // namespace gatescope::capture

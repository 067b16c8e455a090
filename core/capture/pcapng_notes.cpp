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

std::uint64_t saturatingAdd(std::uint64_t a, std::uint64_t b) {
    return b > std::numeric_limits<std::uint64_t>::max() - a ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

void PcapngNotes::keepComment(Bytes text) {
    std::vector<std::string>& comments = m_notes.info.comments;
    if (comments.size() >= m_limits.maxComments || text.size() > m_limits.maxCommentBytes - m_commentBytes) {
        limitReached("comments");
        return;
    }
    m_commentBytes += text.size();
    comments.emplace_back(asText(text));
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
    m_notes.info.tlsSecrets.emplace_back(asText(keyLog));
}

void PcapngNotes::lostBefore(std::uint64_t packet, std::uint64_t count, DropCount& drops) {
    if (count == 0) return;
    const std::uint64_t before = lost(drops);
    drops.byPackets = saturatingAdd(drops.byPackets, count);
    addDrops(before, drops);
    FindingCounter::Entry& entry = m_notes.findings.count(kDroppedPackets);
    if (entry.count == 1) {
        entry.packet = packet;
        entry.evidence.push_back(fmt::format("{} lost just before this packet", count));
    }
}

void PcapngNotes::lostInAll(std::uint32_t interfaceIndex, std::uint64_t count, DropCount& drops) {
    if (count == 0) return;
    const std::uint64_t before = lost(drops);
    drops.byStatistics = std::max(drops.byStatistics, count);
    addDrops(before, drops);
    FindingCounter::Entry& entry = m_notes.findings.count(kDroppedPackets);
    if (entry.count == 1) entry.evidence.push_back(fmt::format("{} lost on interface {}", count, interfaceIndex));
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

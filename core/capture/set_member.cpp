// SPDX-License-Identifier: Apache-2.0
#include "core/capture/set_member.h"

#include <algorithm>
#include <limits>
#include <sys/stat.h>
#include <utility>

namespace gatescope::capture {

namespace {

/// Never kNoTime, however far the clock was off.
TimeNs corrected(TimeNs time, TimeNs offset) {
    return std::max(elapsed(offset, time), kNoTime + 1);
}

} // namespace

void SetNotes::take(const SourceInfo& from, Mark& mark, std::uint32_t input) {
    if (m_info.format.empty()) m_info.format = from.format;
    for (; mark.comments < from.comments.size(); ++mark.comments) {
        const std::string& comment = from.comments[mark.comments];
        if (m_info.comments.size() >= m_limits.maxComments ||
            comment.size() > m_limits.maxCommentBytes - m_commentBytes) {
            note("comments of all captures together");
        } else {
            m_commentBytes += comment.size();
            m_info.comments.push_back(comment);
            const PacketRef packet = from.commentPackets[mark.comments];
            m_info.commentPackets.push_back(packet == 0 ? 0 : packetRef(input, packet));
        }
    }
    for (; mark.secrets < from.tlsSecrets.size(); ++mark.secrets) {
        const SecretText& secrets = from.tlsSecrets[mark.secrets];
        if (secrets.size() > m_limits.maxSecretsBytes - m_secretsBytes) {
            note("decryption secrets of all captures together");
        } else {
            m_secretsBytes += secrets.size();
            m_info.tlsSecrets.push_back(secrets);
        }
    }
    const std::uint64_t more = from.droppedPackets - std::exchange(mark.dropped, from.droppedPackets);
    if (__builtin_add_overflow(m_info.droppedPackets, more, &m_info.droppedPackets))
        m_info.droppedPackets = std::numeric_limits<std::uint64_t>::max();
}

void SetNotes::takeInterfaces(const SourceInfo& from) {
    for (std::size_t i = m_info.interfaces.size(); i < from.interfaces.size(); ++i)
        m_info.interfaces.push_back(from.interfaces[i]);
}

void SetNotes::takeInterface(const SourceInfo& from, std::uint32_t own, std::uint32_t index) {
    if (index >= m_limits.maxInterfaces || index != m_info.interfaces.size()) return;
    if (own < from.interfaces.size())
        m_info.interfaces.push_back(from.interfaces[own]);
    else
        m_info.interfaces.emplace_back();
}

void SetNotes::note(std::string_view limit) {
    FindingCounter::Entry& entry = m_findings.count(kLimitReached);
    if (entry.count == 1) entry.evidence.emplace_back(limit);
}

MemberReader::MemberReader(CaptureSet::Opened opened, std::size_t place, bool isAlone, SetMemberResult& result)
    : m_member(std::move(opened.member)), m_result(result), m_place(place), m_isAlone(isAlone),
      m_source(std::move(opened.source)) {
    struct stat status{};
    m_isFile = m_member.path != "-" && ::stat(m_member.path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    if (m_isFile) m_size = static_cast<std::uint64_t>(status.st_size);
    if (m_isFile && !isAlone) m_source.reset(); // its time comes later
}

void MemberReader::probe(const ReaderLimits& limits, const std::stop_token& stop) {
    ReaderLimits little = limits;
    little.blockBytes = std::min(limits.blockBytes, CaptureSet::kProbeBytes);
    const auto source = openCapture(m_member.path, little, stop);
    if (!source) return;
    PacketBlock block;
    const auto more = (*source)->read(block);
    if (!more || !*more || block.packets.front().time == kNoTime) return;
    m_time = corrected(block.packets.front().time, m_member.clockOffset);
}

bool MemberReader::open(const ReaderLimits& limits, const std::stop_token& stop) {
    if (m_source) return true;
    auto source = openCapture(m_member.path, limits, stop);
    if (source) {
        m_source = *std::move(source);
        m_result.format = m_source->info().format;
        return true;
    }
    m_result.error = std::move(source).error();
    m_bytesDone = m_size;
    m_ended = true;
    return false;
}

bool MemberReader::read(PacketBlock& block, SetNotes& notes, std::vector<Finding>& findings,
                        std::uint32_t& interfaces) {
    m_result.format = m_source->info().format;
    auto more = m_source->read(block);
    if (!more) m_result.error = std::move(more).error();
    notes.take(m_source->info(), m_mark, m_member.input);
    if (m_isAlone) notes.takeInterfaces(m_source->info());
    m_result.droppedPackets = m_source->info().droppedPackets;
    if (more && *more) {
        adopt(block.packets, notes, interfaces);
        return true;
    }
    end(findings);
    return false;
}

bool MemberReader::readHeld(SetNotes& notes, std::vector<Finding>& findings, std::uint32_t& interfaces) {
    m_at = 0;
    if (!read(m_held, notes, findings, interfaces)) {
        m_held = {};
        return false;
    }
    m_time = m_before;
    m_latest = m_before;
    for (const Packet& packet : m_held.packets)
        if (packet.time != kNoTime) {
            m_latest = std::max(m_latest, packet.time);
            m_before = packet.time;
        }
    if (front().time != kNoTime) m_time = front().time;
    return true;
}

void MemberReader::end(std::vector<Finding>& findings) {
    m_ended = true;
    m_bytesDone = m_source->bytesRead();
    m_size = m_source->totalBytes();
    takeFindings(findings);
    m_source.reset();
}

void MemberReader::stop() {
    if (m_ended) return;
    m_ended = true;
    const bool isBegun = m_result.packets != 0;
    m_result.error =
        Error{ErrorKind::Stopped, isBegun ? "stopped; everything before is kept" : "not read, stopped before"};
}

/// One pass over packets that are in the processor's cache anyway.
void MemberReader::adopt(std::vector<Packet>& packets, SetNotes& notes, std::uint32_t& interfaces) {
    m_result.packets += packets.size();
    const bool isChanged = !m_isAlone || m_member.input != 0 || m_member.clockOffset != 0;
    std::uint64_t bytes = 0;
    for (Packet& packet : packets) {
        bytes += packet.data.size();
        if (isChanged) {
            packet.number = packetRef(m_member.input, packet.number);
            if (packet.time != kNoTime) packet.time = corrected(packet.time, m_member.clockOffset);
            if (!m_isAlone) packet.interfaceIndex = interfaceOf(packet.interfaceIndex, notes, interfaces);
        }
        if (packet.time == kNoTime) continue;
        if (m_result.firstTime == kNoTime || packet.time < m_result.firstTime) m_result.firstTime = packet.time;
        m_result.lastTime = std::max(m_result.lastTime, packet.time);
    }
    m_result.bytes += bytes;
}

std::uint32_t MemberReader::interfaceOf(std::uint32_t own, SetNotes& notes, std::uint32_t& interfaces) {
    if (m_hasInterface && own == m_ownInterface) return m_setInterface;
    const auto known = m_interfaces.find(own);
    m_ownInterface = own;
    m_hasInterface = true;
    if (known != m_interfaces.end()) return m_setInterface = known->second;
    if (m_interfaces.size() >= CaptureSet::kMaxInterfaces) {
        FindingCounter::Entry& entry = notes.findings().count(kLimitReached);
        if (entry.count == 1) entry.evidence.emplace_back("interfaces of one capture that are told apart");
        return m_setInterface = interfaces - 1;
    }
    m_interfaces.emplace(own, interfaces);
    notes.takeInterface(m_source->info(), own, interfaces);
    return m_setInterface = interfaces++;
}

void MemberReader::advance() {
    ++m_at;
    if (!isSpent() && front().time != kNoTime) m_time = front().time;
}

void MemberReader::handOver(PacketBlock& block) {
    std::swap(block, m_held);
    block.packets.erase(block.packets.begin(), block.packets.begin() + static_cast<std::ptrdiff_t>(m_at));
    m_held.packets.clear();
    m_at = 0;
    m_time = m_latest;
}

void MemberReader::takeFindings(std::vector<Finding>& findings) {
    if (!m_source) return;
    for (Finding& finding : m_source->takeFindings()) {
        finding.input = m_member.input;
        findings.push_back(std::move(finding));
    }
}

} // namespace gatescope::capture

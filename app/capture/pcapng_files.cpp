// SPDX-License-Identifier: Apache-2.0
#include "app/capture/pcapng_files.h"

#include "app/capture/clock.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace gatescope::helper {

namespace {

constexpr std::uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kStatistics = 5, kPacket = 6;
constexpr std::size_t kStatisticsBytes = 96; // of one interface, at most

} // namespace

PcapngFiles::PcapngFiles(const live::CaptureRequest& request, const live::RingOptions& limits)
    : m_filter(request.filter), m_snapLength(request.snapLength), m_limits(limits) {
    m_buffer.reserve(2 * kFlushBytes + live::CaptureRequest::kFullPackets);
}

bool PcapngFiles::addFile(std::uint32_t number, int descriptor) {
    if (m_files.size() > kMaxSpare) return false;
    m_files.push_back({number, descriptor});
    return true;
}

void PcapngFiles::begin(std::vector<RecordedInterface>& interfaces) {
    m_interfaces = &interfaces;
    beginSection();
}

void PcapngFiles::number(std::uint32_t value, std::size_t octets) {
    for (std::size_t i = 0; i < octets; ++i) m_buffer += static_cast<char>(value >> (8 * i) & 0xff);
}

void PcapngFiles::text(std::string_view value) {
    m_buffer.append(value).append((4 - value.size() % 4) % 4, '\0');
}

void PcapngFiles::option(std::uint16_t code, std::string_view value) {
    number(code, 2);
    number(static_cast<std::uint32_t>(value.size()), 2);
    text(value);
}

void PcapngFiles::longOption(std::uint16_t code, std::uint64_t value) {
    number(code | 8U << 16);
    number(static_cast<std::uint32_t>(value));
    number(static_cast<std::uint32_t>(value >> 32));
}

void PcapngFiles::time(TimeNs value) {
    number(static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32));
    number(static_cast<std::uint32_t>(value));
}

std::size_t PcapngFiles::beginBlock(std::uint32_t type) {
    const std::size_t begin = m_buffer.size();
    number(type);
    number(0);
    return begin;
}

void PcapngFiles::endBlock(std::size_t begin) {
    const auto length = static_cast<std::uint32_t>(m_buffer.size() - begin + 4);
    number(length);
    std::memcpy(m_buffer.data() + begin + 4, m_buffer.data() + m_buffer.size() - 4, 4);
}

void PcapngFiles::beginSection() {
    const std::size_t section = beginBlock(kSection);
    number(0x1a2b3c4d);
    number(1); // version 1.0
    number(~0U);
    number(~0U); // length of the section: not said
    option(4, "gatescope-capture");
    number(0);
    endBlock(section);
    for (const RecordedInterface& one : *m_interfaces) {
        const std::size_t interface = beginBlock(kInterface);
        number(one.linkType);
        number(m_snapLength);
        if (!one.name.empty()) option(2, one.name);
        option(9, "\t"); // nanoseconds
        if (!m_filter.empty()) option(11, std::string(1, '\0') + m_filter);
        number(0);
        endBlock(interface);
    }
    m_atSectionBegin = *m_interfaces;
    m_filePackets = 0;
    m_begun = steadyClock();
    ++m_filesBegun;
}

void PcapngFiles::endSection() {
    const TimeNs now = wallClock();
    for (std::size_t i = 0; i < m_interfaces->size(); ++i) {
        const RecordedInterface& one = (*m_interfaces)[i];
        const std::size_t statistics = beginBlock(kStatistics);
        number(static_cast<std::uint32_t>(i));
        time(now);
        longOption(4, one.received - m_atSectionBegin[i].received);
        longOption(7, one.dropped - m_atSectionBegin[i].dropped);
        number(0);
        endBlock(statistics);
    }
}

void PcapngFiles::packet(std::uint32_t interface, TimeNs at, std::span<const std::uint8_t> bytes,
                         std::uint32_t wireLength) {
    ++m_givenPackets;
    if (m_error != 0) {
        ++m_lostPackets;
        return;
    }
    const std::size_t block = beginBlock(kPacket);
    number(interface);
    time(at);
    number(static_cast<std::uint32_t>(bytes.size()));
    number(wireLength);
    text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    endBlock(block);
    ++m_filePackets;
    if (m_buffer.size() >= kFlushBytes) flush();
}

void PcapngFiles::flush() {
    std::size_t written = 0;
    while (m_error == 0 && written < m_buffer.size()) {
        const ssize_t count = ::write(m_files.front().descriptor, m_buffer.data() + written, m_buffer.size() - written);
        if (count > 0)
            written += static_cast<std::size_t>(count);
        else if (count == 0 || errno != EINTR)
            m_error = count == 0 ? EIO : errno;
    }
    if (m_error != 0)
        keepWholeBlocks(written);
    else
        m_fileBytes += written;
    m_buffer.clear();
    m_writtenPackets = m_givenPackets - m_lostPackets;
}

/// The disk took a part of the buffer: what it took of its last block goes away again.
void PcapngFiles::keepWholeBlocks(std::size_t written) {
    std::size_t whole = 0;
    for (std::size_t at = 0; at < m_buffer.size();) {
        std::uint32_t type = 0, length = 0;
        std::memcpy(&type, m_buffer.data() + at, 4);
        std::memcpy(&length, m_buffer.data() + at + 4, 4);
        at += length;
        if (at <= written)
            whole = at;
        else if (type == kPacket)
            ++m_lostPackets;
    }
    m_fileBytes += whole;
    if (::ftruncate(m_files.front().descriptor, static_cast<off_t>(m_fileBytes)) != 0) m_error = errno;
}

void PcapngFiles::end() {
    if (m_error != 0 || m_interfaces == nullptr) return;
    endSection();
    flush();
}

bool PcapngFiles::wantsNext(TimeNs now) const {
    if (m_filePackets == 0) return false;
    const std::uint64_t bytes = m_fileBytes + m_buffer.size() + kStatisticsBytes * m_interfaces->size();
    return (m_limits.fileBytes != 0 && bytes >= m_limits.fileBytes) ||
           (m_limits.filePackets != 0 && m_filePackets >= m_limits.filePackets) ||
           (m_limits.fileTime != 0 && now - m_begun >= m_limits.fileTime);
}

bool PcapngFiles::rotate() {
    if (m_files.size() < 2) return false;
    end();
    if (m_error != 0) return false;
    ::close(m_files.front().descriptor);
    m_files.pop_front();
    m_earlierBytes += m_fileBytes;
    m_fileBytes = 0;
    beginSection();
    return true;
}

} // namespace gatescope::helper

// SPDX-License-Identifier: Apache-2.0
#include "core/capture/pcapng_writer.h"

#include "core/capture/pcapng_options.h"

#include <cstring>
#include <utility>

namespace gatescope::capture {

namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kDecryptionSecrets = 10;
constexpr std::uint32_t kTlsKeyLog = 0x544c534b;
constexpr std::uint16_t kShbApplication = 4;
constexpr std::size_t kLongestOption = 65'535;
constexpr char kNanoseconds = 9; ///< if_tsresol: 10 to the power of -9

/// As much of a UTF-8 text as an option holds.
std::string_view cut(std::string_view text) {
    if (text.size() <= kLongestOption) return text;
    std::size_t end = kLongestOption;
    while (end > kLongestOption - 4 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
    return text.substr(0, end);
}

} // namespace

PcapngWriter::PcapngWriter(Sink sink, const About& about) : m_sink(std::move(sink)) {
    m_buffer.reserve(kBufferBytes);
    const std::size_t start = beginBlock(kSectionHeader);
    u32(0x1a2b3c4d);
    u16(1); // version 1.0
    u16(0);
    u32(0xffffffff); // the length of the section is not said
    u32(0xffffffff);
    for (const std::string& comment : about.comments) option(kOptComment, comment);
    if (!about.application.empty()) option(kShbApplication, about.application);
    endOfOptions(!about.comments.empty() || !about.application.empty());
    endBlock(start);
}

std::uint32_t PcapngWriter::addInterface(const InterfaceInfo& info, std::span<const std::string> comments) {
    const std::size_t start = beginBlock(kInterfaceDescription);
    u16(info.linkType);
    u16(0);
    u32(info.snapLength);
    for (const std::string& comment : comments) option(kOptComment, comment);
    if (!info.name.empty()) option(kIfName, info.name);
    option(kIfTsResolution, std::string_view(&kNanoseconds, 1));
    endOfOptions(true);
    endBlock(start);
    return m_interfaces++;
}

void PcapngWriter::addSecrets(std::string_view keyLog) {
    const std::size_t start = beginBlock(kDecryptionSecrets);
    u32(kTlsKeyLog);
    u32(static_cast<std::uint32_t>(keyLog.size()));
    m_buffer += keyLog;
    pad();
    endBlock(start);
}

void PcapngWriter::addPacket(std::uint32_t interface, const Packet& packet, std::span<const std::string> comments) {
    const std::size_t start = beginBlock(kEnhancedPacket);
    const auto time = static_cast<std::uint64_t>(packet.time);
    u32(interface);
    u32(static_cast<std::uint32_t>(time >> 32U));
    u32(static_cast<std::uint32_t>(time));
    u32(static_cast<std::uint32_t>(packet.data.size()));
    u32(packet.originalLength);
    m_buffer += asText(packet.data);
    pad();
    for (const std::string& comment : comments) option(kOptComment, comment);
    endOfOptions(!comments.empty());
    endBlock(start);
}

bool PcapngWriter::finish() {
    flush();
    return !m_failed;
}

void PcapngWriter::u16(std::uint16_t value) {
    m_buffer += static_cast<char>(value & 0xffU);
    m_buffer += static_cast<char>(value >> 8U);
}

void PcapngWriter::u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value));
    u16(static_cast<std::uint16_t>(value >> 16U));
}

/// Blocks begin at multiples of four in the buffer, as everything in them does.
void PcapngWriter::pad() {
    m_buffer.resize((m_buffer.size() + 3) / 4 * 4);
}

void PcapngWriter::option(std::uint16_t code, std::string_view value) {
    value = cut(value);
    u16(code);
    u16(static_cast<std::uint16_t>(value.size()));
    m_buffer += value;
    pad();
}

void PcapngWriter::endOfOptions(bool hasOptions) {
    if (hasOptions) u32(kOptEnd);
}

std::size_t PcapngWriter::beginBlock(std::uint32_t type) {
    const std::size_t start = m_buffer.size();
    u32(type);
    u32(0); // set at the end
    return start;
}

void PcapngWriter::endBlock(std::size_t start) {
    const auto length = static_cast<std::uint32_t>(m_buffer.size() + 4 - start);
    u32(length);
    m_buffer.replace(start + 4, 4, m_buffer, m_buffer.size() - 4, 4);
    if (m_buffer.size() >= kBufferBytes) flush();
}

void PcapngWriter::flush() {
    if (!m_failed && !m_buffer.empty()) m_failed = !m_sink(m_buffer);
    m_buffer.clear();
}

} // namespace gatescope::capture

// SPDX-License-Identifier: Apache-2.0
#include "core/http/aws_event_stream.h"

#include <algorithm>
#include <zlib.h>

namespace gatescope::http {

namespace {

constexpr std::size_t kPreludeBytes = 12;
constexpr std::size_t kCrcBytes = 4;
constexpr std::size_t kLeastFrame = kPreludeBytes + kCrcBytes;

std::uint32_t number32(std::string_view text, std::size_t at) {
    return loadBigEndian<std::uint32_t>(asBytes(text).data() + at);
}

std::uint32_t crcOf(std::string_view text) {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

/// Octets of a header's value behind its type; nothing: the type is none, or the value is cut.
std::optional<std::size_t> valueBytes(std::uint8_t type, std::string_view rest) {
    switch (type) {
    case 0: // true
    case 1: // false
        return 0;
    case 2:
        return 1;
    case 3:
        return 2;
    case 4:
        return 4;
    case 5: // 64 bits
    case 8: // time
        return 8;
    case 6: // octets
    case 7: // text
        if (rest.size() < 2) return {};
        return 2 + (static_cast<std::size_t>(static_cast<unsigned char>(rest[0])) << 8 |
                    static_cast<unsigned char>(rest[1]));
    case 9: // UUID
        return 16;
    default:
        return {};
    }
}

/// False when the headers do not fill their room exactly.
bool readHeaders(std::string_view headers, AwsFrame& frame) {
    constexpr std::uint8_t kText = 7;
    while (!headers.empty()) {
        const std::size_t nameBytes = static_cast<unsigned char>(headers[0]);
        if (headers.size() < nameBytes + 2) return false;
        const std::string_view name = headers.substr(1, nameBytes);
        const auto type = static_cast<std::uint8_t>(headers[1 + nameBytes]);
        headers.remove_prefix(nameBytes + 2);
        const auto size = valueBytes(type, headers);
        if (!size || *size > headers.size()) return false;
        if (type == kText) {
            const std::string_view value = headers.substr(2, *size - 2);
            if (name == ":message-type")
                frame.messageType = value;
            else if (name == ":event-type" || name == ":exception-type" || name == ":error-code")
                frame.eventType = value;
        }
        headers.remove_prefix(*size);
    }
    return true;
}

} // namespace

void AwsEventStreamDecoder::reset() {
    m_buffer.clear();
    m_told.clear();
    for (std::string* buffer : {&m_buffer, &m_told})
        if (buffer->capacity() > kKeptCapacity) std::string().swap(*buffer);
    m_skip = 0;
    m_searching = false;
    m_oversized = m_damaged = 0;
}

void AwsEventStreamDecoder::gap() {
    m_buffer.clear();
    m_skip = 0;
    m_searching = true;
}

bool AwsEventStreamDecoder::beginsFrame(std::string_view text) {
    const std::uint32_t total = number32(text, 0);
    const std::uint32_t headers = number32(text, 4);
    const bool begins =
        total >= kLeastFrame && headers <= total - kLeastFrame && number32(text, 8) == crcOf(text.substr(0, 8));
    if (!begins && !m_searching) ++m_damaged;
    m_searching = !begins;
    return begins;
}

/// Fills the buffer up to `size`; false when there is less.
bool AwsEventStreamDecoder::fill(Bytes& rest, std::size_t size) {
    if (m_buffer.size() >= size) return true;
    const std::size_t taken = std::min(size - m_buffer.size(), rest.size());
    m_buffer.append(asText(rest.first(taken)));
    rest = rest.subspan(taken);
    return m_buffer.size() >= size;
}

std::optional<std::string_view> AwsEventStreamDecoder::takeFrame(Bytes& rest) {
    while (true) {
        if (m_skip != 0) {
            const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(m_skip, rest.size()));
            m_skip -= taken;
            rest = rest.subspan(taken);
            if (m_skip != 0) return {};
        }
        const bool inPlace = m_buffer.empty() && rest.size() >= kPreludeBytes;
        if (!inPlace && !fill(rest, kPreludeBytes)) return {};
        const std::string_view text = inPlace ? asText(rest) : std::string_view(m_buffer);
        const bool isKnown = m_buffer.size() > kPreludeBytes; // it was looked at before
        if (!isKnown && !beginsFrame(text)) {
            if (inPlace)
                rest = rest.subspan(1);
            else
                m_buffer.erase(0, 1);
            continue;
        }
        const std::size_t total = number32(text, 0);
        if (total > m_maxFrameBytes) {
            ++m_oversized;
            m_skip = total - m_buffer.size();
            m_buffer.clear();
            continue;
        }
        if (inPlace && rest.size() >= total) {
            rest = rest.subspan(total);
            return text.substr(0, total);
        }
        if (!fill(rest, total)) return {};
        m_told.swap(m_buffer);
        m_buffer.clear();
        return m_told;
    }
}

std::optional<AwsFrame> AwsEventStreamDecoder::take(Bytes& rest) {
    while (const auto text = takeFrame(rest)) {
        const std::size_t end = text->size() - kCrcBytes;
        const std::size_t headers = number32(*text, 4);
        AwsFrame frame;
        frame.payload = text->substr(kPreludeBytes + headers, end - kPreludeBytes - headers);
        if (number32(*text, end) == crcOf(text->substr(0, end)) &&
            readHeaders(text->substr(kPreludeBytes, headers), frame))
            return frame;
        ++m_damaged;
    }
    return {};
}

} // namespace gatescope::http

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::trust {

/// One element of DER (ITU-T X.690) with a definite length and a tag of one octet.
struct DerElement {
    static constexpr std::uint8_t kInteger = 0x02, kOctetString = 0x04, kObject = 0x06, kUtcTime = 0x17,
                                  kGeneralizedTime = 0x18, kSequence = 0x30, kSet = 0x31, kContext0 = 0xa0;
    std::uint8_t tag = 0;
    std::string_view content;
    std::string_view whole; ///< header and content
};

/// Walks over elements that follow each other; does not go into them.
class DerReader {
public:
    explicit DerReader(std::string_view octets) : m_rest(octets) {}

    bool atEnd() const { return m_rest.empty(); }
    std::string_view rest() const { return m_rest; }
    /// The tag of the next element; 0 at the end.
    std::uint8_t nextTag() const { return m_rest.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(m_rest[0]); }
    /// None: the end, or no element of this kind; the reader then stays where it is.
    std::optional<DerElement> next() {
        ByteReader reader(asBytes(m_rest));
        const std::uint8_t tag = reader.u8();
        if ((tag & 0x1f) == 0x1f) return std::nullopt;
        std::size_t length = reader.u8();
        if (length >= 0x80) {
            const std::size_t octets = length & 0x7f;
            if (octets == 0 || octets > 4) return std::nullopt;
            length = 0;
            for (std::size_t i = 0; i < octets; ++i) length = length << 8 | reader.u8();
        }
        const std::size_t header = reader.position();
        if (reader.failed() || reader.remaining() < length) return std::nullopt;
        const DerElement element{tag, m_rest.substr(header, length), m_rest.substr(0, header + length)};
        m_rest.remove_prefix(element.whole.size());
        return element;
    }
    /// The content of the next element when its tag is this one.
    std::optional<std::string_view> next(std::uint8_t tag) {
        if (nextTag() != tag) return std::nullopt;
        const auto element = next();
        return element ? std::optional(element->content) : std::nullopt;
    }

private:
    std::string_view m_rest;
};

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::tokenizer {

/// Makes well-formed UTF-8 of any octets that arrive in parts: each maximal run of octets that could have begun a
/// character but did not end one becomes one U+FFFD, as the WHATWG Encoding Standard's UTF-8 decoder does it (a byte
/// order mark is kept). Any division into parts gives the same text.
class Utf8Repair {
public:
    /// Appends what `part` completes to `out`.
    void feed(std::string_view part, std::string& out);
    /// The text ends here: a character that was begun becomes U+FFFD. The object is then as new.
    void finish(std::string& out);

private:
    void octet(std::uint8_t value, std::string& out);
    void begin(std::uint8_t lead, std::string& out);

    std::array<char, 4> m_begun{};
    unsigned m_have = 0;
    unsigned m_need = 0;                            ///< octets that are still to come
    std::uint8_t m_lowest = 0x80, m_highest = 0xbf; ///< range of the next one
};

} // namespace gatescope::tokenizer

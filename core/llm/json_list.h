// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// Takes the objects out of a JSON list as they come, which is how Google streams answers without server-sent events:
/// `[{...}`, then `,{...}`, then `]`. What stands between objects is passed over; an object without a list is one too.
/// Any split gives the same objects; one that lies whole in a piece is not copied. After a loss the next object begins
/// where a line begins with a brace: no string holds a line feed, and nested objects are indented.
class JsonListSplitter {
public:
    /// Longer objects are skipped.
    explicit JsonListSplitter(std::size_t maxObjectBytes) : m_maxObjectBytes(maxObjectBytes) {}

    /// The next object in `rest`, whose octets are taken from its front; nothing when all were taken. Valid until the
    /// next call.
    std::optional<std::string_view> take(Bytes& rest);
    /// Octets were never captured: the object under way is given up.
    void gap();
    void reset();
    std::uint64_t oversized() const { return m_oversized; }

private:
    std::size_t endIn(std::string_view text);
    bool findBeginning(Bytes& rest);
    void keep(std::string_view part);

    static constexpr std::size_t kKeptCapacity = 64 * 1024;

    std::size_t m_maxObjectBytes;
    std::string m_buffer;    ///< the beginning of an object that goes on in the next piece
    std::string m_told;      ///< the last object of that kind
    std::size_t m_depth = 0; ///< of braces and brackets, from the object's own
    bool m_inString = false;
    bool m_escaped = false;
    bool m_tooLong = false;
    bool m_lost = false;        ///< the beginning of a line is looked for
    bool m_atLineStart = false; ///< while that is so
    std::uint64_t m_oversized = 0;
};

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

/// Goes over the members of an object or the elements of a list in JSON text without parsing what is in them, for
/// documents that are too large to be held as values.
class JsonWalk {
public:
    struct Item {
        std::string_view name; ///< as written between its quotes; empty in a list
        std::size_t at = 0;    ///< of the value, in the text
        std::size_t end = 0;   ///< behind it
    };

    /// `at`: place of the opening bracket.
    JsonWalk(std::string_view text, std::size_t at);
    /// The next one; nothing at the end, or where the text is no JSON: see `damaged`.
    std::optional<Item> next();
    /// The text ended, or went wrong, before the closing bracket.
    bool damaged() const { return m_damaged; }

private:
    std::optional<Item> fail();

    std::string_view m_text;
    std::size_t m_at;
    bool m_isObject = false;
    bool m_ended = false;
    bool m_damaged = false;
};

} // namespace gatescope::gatewaylog

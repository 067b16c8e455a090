// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::llm {

/// Calls of tools in an answer, in the order in which they began.
class ToolCalls {
public:
    /// Longest list of names; the rest is left out, with `...` as the last name. The count stays right.
    static constexpr std::size_t kMaxJoined = 512;
    /// Longest name; the interfaces allow 64 or 128.
    static constexpr std::size_t kMaxName = 128;
    /// Calls that are told apart by their place in a stream; of those behind them each name counts as a call.
    static constexpr std::size_t kMaxOpen = 256;

    /// A call as a whole. An empty name is counted and not listed.
    void add(std::string_view name);
    /// A piece of a call that began or goes on at `place`. Only its first piece counts; another id at the same place is
    /// another call (gateways exist that give every call the same index).
    void addPiece(std::uint64_t place, std::string_view id, std::string_view name);

    void clear();
    std::uint32_t count() const { return m_count; }
    /// Names joined with commas; commas, semicolons, blanks and control characters in a name become `_`.
    const std::string& joined() const { return m_joined; }

private:
    struct Open {
        std::uint64_t place;
        std::string id;
    };
    std::vector<Open> m_open;
    std::string m_joined;
    std::uint32_t m_count = 0;
    bool m_full = false;
};

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatescope::llm {

/// Digest of a body that comes in pieces, for finding bodies that were sent again. Any split gives the same value.
/// Stable within one build only, and no protection against whoever wants two bodies to look alike.
class BodyDigest {
public:
    void add(std::string_view piece);
    /// Never 0, but for an empty body.
    std::uint64_t value() const;
    void reset() { *this = {}; }

private:
    /// Two lanes of two words: one multiplication for every 16 octets, and the lanes do not wait for each other.
    static constexpr std::size_t kBlock = 32;

    void mix(const char* block);

    std::array<std::uint64_t, 2> m_lanes{};
    std::uint64_t m_octets = 0;
    std::array<char, kBlock> m_rest{}; ///< octets that do not fill a block yet
};

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#include "core/llm/body_digest.h"

#include "core/base/hash.h"

#include <algorithm>
#include <cstring>

namespace gatescope::llm {

namespace {

std::uint64_t wordAt(const char* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
}

} // namespace

void BodyDigest::mix(const char* block) {
    m_lanes[0] = mix64(m_lanes[0] ^ wordAt(block), wordAt(block + 8));
    m_lanes[1] = mix64(m_lanes[1] ^ wordAt(block + 16), wordAt(block + 24));
}

void BodyDigest::add(std::string_view piece) {
    const std::size_t held = m_octets % kBlock;
    m_octets += piece.size();
    if (held != 0) {
        const std::size_t more = std::min(kBlock - held, piece.size());
        std::memcpy(m_rest.data() + held, piece.data(), more);
        piece.remove_prefix(more);
        if (held + more < kBlock) return;
        mix(m_rest.data());
    }
    while (piece.size() >= kBlock) {
        mix(piece.data());
        piece.remove_prefix(kBlock);
    }
    if (!piece.empty()) std::memcpy(m_rest.data(), piece.data(), piece.size());
}

std::uint64_t BodyDigest::value() const {
    if (m_octets == 0) return 0;
    BodyDigest last = *this;
    const std::size_t held = m_octets % kBlock;
    if (held != 0) {
        std::fill(last.m_rest.begin() + static_cast<std::ptrdiff_t>(held), last.m_rest.end(), '\0');
        last.mix(last.m_rest.data());
    }
    const std::uint64_t digest = mix64(mix64(last.m_lanes[0], last.m_lanes[1]), m_octets);
    return digest == 0 ? 1 : digest;
}

} // namespace gatescope::llm

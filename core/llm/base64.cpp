// SPDX-License-Identifier: Apache-2.0
#include "core/llm/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gatescope::llm {

namespace {

constexpr std::uint8_t kNotBase64 = 0xff;

constexpr std::array<std::uint8_t, 256> kBase64Values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNotBase64);
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t i = 0; i < kDigits.size(); ++i)
        values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
    values['+'] = 62; // the plain alphabet, from senders that are loose
    values['/'] = 63;
    return values;
}();

} // namespace

bool decodeBase64(std::string_view text, PaddedBuffer& out) {
    while (text.ends_with('=')) text.remove_suffix(1);
    out.clear();
    std::array<char, 3 * 64> decoded;
    std::uint8_t wrong = 0;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, 4 * 64);
        text.remove_prefix(part.size());
        std::size_t length = 0;
        for (std::size_t at = 0; at < part.size(); at += 4) {
            const std::size_t digits = std::min<std::size_t>(4, part.size() - at);
            if (digits == 1) return false;
            std::uint32_t bits = 0;
            for (std::size_t i = 0; i < digits; ++i) {
                const std::uint8_t value = kBase64Values[static_cast<unsigned char>(part[at + i])];
                wrong |= value;
                bits |= static_cast<std::uint32_t>(value & 0x3f) << (18 - 6 * i);
            }
            for (std::size_t i = 0; i + 1 < digits; ++i)
                decoded[length++] = static_cast<char>((bits >> (16 - 8 * i)) & 0xff);
        }
        out.append({decoded.data(), length});
    }
    return (wrong & 0xc0) == 0;
}

} // namespace gatescope::llm

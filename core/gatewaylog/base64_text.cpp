// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/base64_text.h"

#include <cstdint>

namespace gatescope::gatewaylog {

namespace {

int valueOf(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

} // namespace

std::optional<std::string> fromBase64(std::string_view text) {
    std::string octets;
    octets.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    unsigned letters = 0; ///< of the group of four under way
    unsigned padding = 0;
    for (const char c : text) {
        if (isBlank(c)) continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const int value = valueOf(c);
        if (value < 0 || padding != 0) return {};
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if (++letters != 4) continue;
        for (const int shift : {16, 8, 0}) octets.push_back(static_cast<char>(bits >> shift & 0xFF));
        bits = letters = 0;
    }
    if (letters == 1 || padding > 2 || (padding != 0 && (letters + padding) != 4)) return {};
    if (letters == 2) octets.push_back(static_cast<char>(bits >> 4 & 0xFF));
    if (letters == 3)
        for (const int shift : {10, 2}) octets.push_back(static_cast<char>(bits >> shift & 0xFF));
    return octets;
}

} // namespace gatescope::gatewaylog

// SPDX-License-Identifier: Apache-2.0
#include "core/trust/pem_text.h"

#include <array>
#include <cstdint>

namespace gatescope::trust {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ", kDashes = "-----";
/// No label in use is half as long; text that only looks like a begin is passed over quickly.
constexpr std::size_t kMaxLabel = 64;

constexpr std::int8_t kSpace = -1, kPadding = -2, kOther = -3;

constexpr std::array<std::int8_t, 256> makeValues() {
    std::array<std::int8_t, 256> values{};
    values.fill(kOther);
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    for (const char space : {' ', '\t', '\r', '\n'}) values[static_cast<std::uint8_t>(space)] = kSpace;
    values['='] = kPadding;
    return values;
}
constexpr std::array<std::int8_t, 256> kValues = makeValues();

} // namespace

std::optional<PemBlock> nextPemBlock(std::string_view& text) {
    for (std::size_t begin = text.find(kBegin); begin != text.npos; begin = text.find(kBegin)) {
        text.remove_prefix(begin + kBegin.size());
        const std::size_t labelEnd = text.substr(0, kMaxLabel + kDashes.size()).find(kDashes);
        const std::string_view label = text.substr(0, labelEnd);
        if (labelEnd == text.npos || label.find('\n') != label.npos) continue;
        const std::string_view after = text.substr(labelEnd + kDashes.size());
        // A block without an end is given up at the next dashes, so that each octet is looked at once or twice.
        const std::size_t bodyEnd = after.find(kDashes);
        if (bodyEnd == after.npos) break;
        const std::string_view end = after.substr(bodyEnd);
        text = end;
        if (!end.starts_with(kEnd) || !end.substr(kEnd.size()).starts_with(label)) continue;
        text.remove_prefix(kEnd.size() + label.size());
        return PemBlock{label, after.substr(0, bodyEnd)};
    }
    text = {};
    return std::nullopt;
}

std::optional<std::string> decodeBase64(std::string_view text) {
    std::string octets;
    octets.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    std::size_t digits = 0, padding = 0;
    for (const char letter : text) {
        const std::int8_t value = kValues[static_cast<std::uint8_t>(letter)];
        if (value == kSpace) continue;
        if (value == kPadding) {
            ++padding;
            continue;
        }
        if (value == kOther || padding != 0) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(value);
        if (++digits % 4 != 0) continue;
        for (const int shift : {16, 8, 0}) octets += static_cast<char>(group >> shift & 0xff);
        group = 0;
    }
    const std::size_t over = digits % 4;
    if (over == 1 || padding > 2 || (over != 0 && padding != 0 && over + padding != 4)) return std::nullopt;
    if (over == 0 && padding != 0) return std::nullopt;
    if (over == 2) octets += static_cast<char>(group >> 4 & 0xff);
    if (over == 3) {
        octets += static_cast<char>(group >> 10 & 0xff);
        octets += static_cast<char>(group >> 2 & 0xff);
    }
    return octets;
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#include "core/path/trace_context.h"

#include "core/path/text_scan.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace gatescope::path {

namespace {

bool isId(std::string_view text) {
    const bool digits = std::ranges::all_of(text, [](char c) { return isLowerHex(c) || c == 'X'; });
    return digits && std::ranges::any_of(text, [](char c) { return c != '0'; });
}

std::optional<std::uint8_t> hexByte(std::string_view text) {
    if (!std::ranges::all_of(text, isLowerHex)) return std::nullopt;
    std::uint8_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

} // namespace

std::optional<Traceparent> readTraceparent(std::string_view text) {
    constexpr std::size_t kTrace = 3;
    constexpr std::size_t kParent = kTrace + 32 + 1;
    constexpr std::size_t kFlags = kParent + 16 + 1;
    constexpr std::size_t kLength = kFlags + 2;
    text = trimmed(text);
    if (text.size() < kLength) return std::nullopt;
    if (text[kTrace - 1] != '-' || text[kParent - 1] != '-' || text[kFlags - 1] != '-') return std::nullopt;
    const auto version = hexByte(text.substr(0, 2));
    const auto flags = hexByte(text.substr(kFlags, 2));
    if (!version || !flags || *version == 0xff) return std::nullopt;
    if (text.size() > kLength && (*version == 0 || text[kLength] != '-')) return std::nullopt;
    Traceparent result;
    result.traceId = text.substr(kTrace, 32);
    result.parentId = text.substr(kParent, 16);
    if (!isId(result.traceId) || !isId(result.parentId)) return std::nullopt;
    result.version = *version;
    result.flags = *flags;
    result.isSampled = (*flags & 1) != 0;
    result.isRedacted = text.substr(0, kFlags).find('X') != std::string_view::npos;
    return result;
}

std::optional<std::string_view> baggageValue(std::string_view header, std::string_view key) {
    while (!header.empty()) {
        const auto [member, rest] = split(header, ',');
        const auto [name, value] = split(split(member, ';').first, '=');
        if (trimmed(name) == key && member.find('=') != std::string_view::npos) return trimmed(value);
        header = rest;
    }
    return std::nullopt;
}

std::optional<std::string> leafSpanId(std::string_view header) {
    const auto value = baggageValue(header, "leaf_customer_span_id");
    if (!value) return std::nullopt;
    // 16 digits without a letter may be either; hex is what the specification says.
    if (value->size() == 16 && std::ranges::all_of(*value, isLowerHex)) return std::string(*value);
    const auto number = wholeNumber<std::int64_t>(*value);
    if (!number) return std::nullopt;
    return fmt::format("{:016x}", std::bit_cast<std::uint64_t>(*number));
}

} // namespace gatescope::path

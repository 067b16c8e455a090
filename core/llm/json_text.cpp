// SPDX-License-Identifier: Apache-2.0
#include "core/llm/json_text.h"

#include <cstdint>
#include <optional>

namespace gatescope::llm {

namespace {

std::optional<std::uint32_t> hexOf(std::string_view digits) {
    if (digits.size() < 4) return {};
    std::uint32_t value = 0;
    for (const char c : digits.substr(0, 4)) {
        value <<= 4;
        if (c >= '0' && c <= '9')
            value |= static_cast<std::uint32_t>(c - '0');
        else if (c >= 'a' && c <= 'f')
            value |= static_cast<std::uint32_t>(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value |= static_cast<std::uint32_t>(c - 'A' + 10);
        else
            return {};
    }
    return value;
}

struct Escape {
    std::size_t written; ///< octets in the JSON text
    std::size_t octets;  ///< of UTF-8
};

/// The escape at the beginning of `rest`.
Escape escapeOf(std::string_view rest) {
    if (rest.size() < 2) return {rest.size(), rest.size()};
    if (rest[1] != 'u') return {2, 1};
    const auto unit = hexOf(rest.substr(2));
    if (!unit) return {2, 2};
    if (*unit < 0x80) return {6, 1};
    if (*unit < 0x800) return {6, 2};
    if (*unit >= 0xd800 && *unit < 0xdc00 && rest.size() >= 12 && rest[6] == '\\' && rest[7] == 'u') {
        const auto low = hexOf(rest.substr(8));
        if (low && *low >= 0xdc00 && *low < 0xe000) return {12, 4};
    }
    return {6, 3};
}

} // namespace

std::size_t unescapedOctets(std::string_view inside) {
    std::size_t octets = 0;
    for (;;) {
        const std::size_t backslash = inside.find('\\');
        if (backslash == std::string_view::npos) return octets + inside.size();
        const Escape escape = escapeOf(inside.substr(backslash));
        octets += backslash + escape.octets;
        inside.remove_prefix(backslash + escape.written);
    }
}

std::size_t closingQuote(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at < text.size(); ++at) {
        at = text.find('"', at);
        if (at == std::string_view::npos) break;
        std::size_t before = at;
        while (before != from && text[before - 1] == '\\') --before;
        if ((at - before) % 2 == 0) return at;
    }
    return std::string_view::npos;
}

std::size_t textOctets(std::string_view token) {
    if (!token.starts_with('"')) return 0;
    while (isJsonBlank(token.back())) token.remove_suffix(1);
    if (token.size() < 2) return 0;
    return unescapedOctets(token.substr(1, token.size() - 2));
}

} // namespace gatescope::llm

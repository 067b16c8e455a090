// SPDX-License-Identifier: Apache-2.0
#include "core/llm/json_text.h"

#include <algorithm>
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
    std::uint32_t code;  ///< the character; kAsWritten: no escape at all
};

constexpr std::uint32_t kAsWritten = 0xffffffff;
constexpr std::uint32_t kReplacement = 0xfffd;
constexpr std::uint32_t kFirstOfPairs = 0x10000;

std::uint32_t simpleEscape(char letter) {
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return static_cast<unsigned char>(letter);
    }
}

/// The escape at the beginning of `rest`.
Escape escapeOf(std::string_view rest) {
    if (rest.size() < 2) return {rest.size(), rest.size(), kAsWritten};
    if (rest[1] != 'u') return {2, 1, simpleEscape(rest[1])};
    const auto unit = hexOf(rest.substr(2));
    if (!unit) return {2, 2, kAsWritten};
    if (*unit < 0x80) return {6, 1, *unit};
    if (*unit < 0x800) return {6, 2, *unit};
    if (*unit >= 0xd800 && *unit < 0xdc00 && rest.size() >= 12 && rest[6] == '\\' && rest[7] == 'u') {
        const auto low = hexOf(rest.substr(8));
        if (low && *low >= 0xdc00 && *low < 0xe000)
            return {12, 4, kFirstOfPairs + ((*unit - 0xd800) << 10) + (*low - 0xdc00)};
    }
    return {6, 3, *unit >= 0xd800 && *unit < 0xe000 ? kReplacement : *unit};
}

void appendUtf8(std::uint32_t code, std::size_t octets, std::string& out) {
    constexpr unsigned kLeads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    if (octets == 1) {
        out.push_back(static_cast<char>(code));
        return;
    }
    out.push_back(static_cast<char>(kLeads[octets] | code >> 6 * (octets - 1)));
    for (std::size_t left = octets - 1; left-- > 0;) out.push_back(static_cast<char>(0x80 | (code >> 6 * left & 0x3f)));
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

namespace {

/// What is between the quotes of a token; empty for a token of another type.
std::string_view insideOf(std::string_view token) {
    if (!token.starts_with('"')) return {};
    while (isJsonBlank(token.back())) token.remove_suffix(1);
    return token.size() < 2 ? std::string_view() : token.substr(1, token.size() - 2);
}

} // namespace

std::size_t textOctets(std::string_view token) {
    return unescapedOctets(insideOf(token));
}

void appendText(std::string_view token, std::string& out) {
    std::string_view inside = insideOf(token);
    for (;;) {
        const std::size_t backslash = std::min(inside.find('\\'), inside.size());
        out.append(inside.substr(0, backslash));
        inside.remove_prefix(backslash);
        if (inside.empty()) return;
        const Escape escape = escapeOf(inside);
        if (escape.code == kAsWritten)
            out.append(inside.substr(0, escape.written));
        else
            appendUtf8(escape.code, escape.octets, out);
        inside.remove_prefix(escape.written);
    }
}

} // namespace gatescope::llm

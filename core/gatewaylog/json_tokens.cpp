// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/json_tokens.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace gatescope::gatewaylog {

namespace {

constexpr std::uint32_t kReplacement = 0xfffd;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// Four hexadecimal digits at the beginning of `text`.
std::optional<std::uint32_t> hexOf(std::string_view text) {
    if (text.size() < 4) return {};
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
    if (error != std::errc{} || end != text.data() + 4) return {};
    return value;
}

void appendUtf8(std::uint32_t code, std::string& out) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

/// What stands behind `\u` at the beginning of `rest`; octets of it, 0 when it is none.
std::size_t appendUnicode(std::string_view rest, std::string& out) {
    const auto unit = hexOf(rest);
    if (!unit) return 0;
    const bool isHigh = *unit >= 0xd800 && *unit < 0xdc00;
    if (isHigh && rest.substr(4, 2) == "\\u") {
        const auto low = hexOf(rest.substr(6));
        if (low && *low >= 0xdc00 && *low < 0xe000) {
            appendUtf8(0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00), out);
            return 10;
        }
    }
    appendUtf8(*unit >= 0xd800 && *unit < 0xe000 ? kReplacement : *unit, out);
    return 4;
}

char simpleEscape(char letter) {
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
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
        return '\0';
    }
}

} // namespace

bool JsonTokens::unescape(std::string_view inside, std::string& unescaped, std::string_view& value) {
    const std::size_t from = unescaped.size();
    for (std::size_t at = 0; at < inside.size();) {
        const std::size_t plain = std::min(inside.find('\\', at), inside.size());
        unescaped.append(inside.substr(at, plain - at));
        at = plain;
        if (at == inside.size()) break;
        if (at + 1 == inside.size()) return false;
        if (inside[at + 1] == 'u') {
            const std::size_t digits = appendUnicode(inside.substr(at + 2), unescaped);
            if (digits == 0) return false;
            at += 2 + digits;
        } else {
            const char c = simpleEscape(inside[at + 1]);
            if (c == '\0') return false;
            unescaped += c;
            at += 2;
        }
    }
    value = std::string_view(unescaped).substr(from);
    return true;
}

bool readJsonNumber(std::string_view word, LogFields::Member& member) {
    const char* const end = word.data() + word.size();
    const char* at = word.data() + (word.starts_with('-') ? 1 : 0);
    const auto digits = [&] {
        const char* const from = at;
        while (at != end && isDigit(*at)) ++at;
        return at - from;
    };
    const bool beginsWithZero = at != end && *at == '0';
    const auto whole = digits();
    if (whole == 0 || (beginsWithZero && whole > 1)) return false;
    bool isWhole = true;
    if (at != end && *at == '.') {
        ++at;
        isWhole = false;
        if (digits() == 0) return false;
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        ++at;
        isWhole = false;
        if (at != end && (*at == '+' || *at == '-')) ++at;
        if (digits() == 0) return false;
    }
    if (at != end) return false;
    if (isWhole && std::from_chars(word.data(), end, member.integer).ec == std::errc{}) {
        member.kind = LogFields::Kind::Integer;
        member.real = static_cast<double>(member.integer);
        return true;
    }
    member.kind = LogFields::Kind::Real;
    member.integer = 0;
    // Beyond the range of a double: it stays a number, but its value is of no use.
    if (std::from_chars(word.data(), end, member.real).ec != std::errc{}) member.kind = LogFields::Kind::Null;
    return true;
}

} // namespace gatescope::gatewaylog

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatescope::path {

/// Without blanks and tabs at its ends (OWS of RFC 9110, 5.6.3).
constexpr std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

constexpr bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
constexpr char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
inline std::string loweredText(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = lowered(c);
    return result;
}
/// Lower case, as RFC 9562 and W3C trace context write it.
constexpr bool isLowerHex(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f');
}

/// The whole text is a number within the type.
template <typename Number>
std::optional<Number> wholeNumber(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// What stands before the first `separator`, and what stands after it; without one all of it and nothing.
constexpr std::pair<std::string_view, std::string_view> split(std::string_view text, char separator) {
    const auto at = text.find(separator);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

} // namespace gatescope::path

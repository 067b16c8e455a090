// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/header_drift.h"

#include "core/path/hop_node.h"
#include "core/path/text_scan.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatescope::analysis {

namespace {

using path::isDigit;

constexpr std::size_t kMaxPattern = 80;      ///< longer shapes are cut: they are shown in a column
constexpr std::size_t kMaxLooked = 4 * 1024; ///< of a value; the rest says nothing of its kind

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// `X` stands for any digit in masked values.
bool isHex(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == 'X';
}

bool isGuid(std::string_view text) {
    constexpr std::array<std::size_t, 4> kDashes{8, 13, 18, 23};
    // The dump of the first article lost one digit of a masked id.
    if (text.size() != 36 && !(text.size() == 35 && text.ends_with("XXXX"))) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = std::ranges::find(kDashes, i) != kDashes.end();
        if (dash ? text[i] != '-' : !isHex(text[i])) return false;
    }
    return true;
}

bool isJwt(std::string_view text) {
    if (!text.starts_with("eyJ") || std::ranges::count(text, '.') != 2) return false;
    return std::ranges::all_of(
        text, [](char c) { return isLetter(c) || isDigit(c) || c == '-' || c == '_' || c == '.' || c == '='; });
}

/// A version, a date, a port: runs of digits keep their number, because their value changes from call to call.
std::string runsOf(std::string_view text) {
    std::string shape;
    for (std::size_t i = 0; i < text.size() && shape.size() <= kMaxPattern;) {
        const char c = text[i];
        const auto run = [&](auto&& belongs) {
            std::size_t end = i;
            while (end < text.size() && belongs(text[end])) ++end;
            return end - i;
        };
        const std::size_t word = run([](char each) { return isLetter(each) || isDigit(each); });
        const std::size_t digits = run(isDigit);
        const std::size_t hex = run(isHex);
        if (word == 0) {
            shape += c;
            ++i;
        } else if (digits == word) {
            shape += '9';
            i += word;
        } else if (hex == word && word >= 8) {
            shape += fmt::format("hex{}", word);
            i += word;
        } else {
            shape += "word";
            i += word;
        }
    }
    return shape;
}

/// A list has the shape of its entries, each different one once.
std::string listPattern(std::string_view text, char separator) {
    std::vector<std::string> shapes;
    constexpr std::size_t kMaxShapes = 4;
    while (!text.empty() && shapes.size() < kMaxShapes) {
        const auto [entry, rest] = path::split(text, separator);
        std::string shape = valuePattern(path::trimmed(entry));
        if (std::ranges::find(shapes, shape) == shapes.end()) shapes.push_back(std::move(shape));
        text = rest;
    }
    return fmt::format("list of {}", fmt::join(shapes, " and "));
}

} // namespace

std::string valuePattern(std::string_view value) {
    std::string_view text = path::trimmed(value.substr(0, kMaxLooked));
    if (text.empty()) return "empty";
    if (text.size() > 7 && path::loweredText(text.substr(0, 7)) == "bearer ") {
        const std::string_view token = path::trimmed(text.substr(7));
        return isJwt(token) ? "Bearer jwt" : "Bearer token";
    }
    if (isJwt(text)) return "jwt";
    if (isGuid(text)) return "guid";
    if (std::ranges::all_of(text, isDigit)) return "integer";
    const path::HopNode node = path::readHopNode(text);
    if (node.address) return node.port == 0 ? "address" : "address:port";
    if (text.size() >= 8 && std::ranges::all_of(text, isHex)) return fmt::format("hex{}", text.size());
    for (const char separator : {',', ';'}) {
        const auto [first, rest] = path::split(text, separator);
        if (!rest.empty() && path::readHopNode(first).address) return listPattern(text, separator);
    }
    return runsOf(text).substr(0, kMaxPattern);
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/report/escape.h"

#include "core/report/utf8.h"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>

namespace gatescope::report {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// Printable ASCII that no format needs to escape.
constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t i = 0x20; i < 0x7f; ++i) plain[i] = i != '"' && i != '\\';
    return plain;
}();

/// Copies runs of plain characters and gives every other scalar to `escape`, which returns false to have it copied.
template <typename Escape>
void appendEscaped(std::string& out, std::string_view text, Escape&& escape) {
    std::size_t copied = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        if (kPlain[static_cast<std::uint8_t>(text[at])]) {
            ++at;
            continue;
        }
        const Scalar scalar = scalarAt(text, at);
        out.append(text.substr(copied, at - copied));
        if (!escape(scalar)) out.append(text.substr(at, scalar.length));
        copied = at + scalar.length;
        at += scalar.length;
    }
    out.append(text.substr(copied));
}

char shortEscape(char32_t value) {
    switch (value) {
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\\':
        return '\\';
    default:
        return '\0';
    }
}

void appendNamed(std::string& out, char32_t value) {
    if (const char letter = shortEscape(value); letter != '\0')
        (out += '\\') += letter;
    else if (value < 0x80)
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<std::uint32_t>(value));
    else
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(value));
}

bool escapeForTerminal(std::string& out, const Scalar& scalar, bool keepLines) {
    if (!scalar.valid) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<std::uint32_t>(scalar.value));
        return true;
    }
    if (!isUnsafeToShow(scalar.value) || (keepLines && (scalar.value == '\n' || scalar.value == '\t'))) return false;
    appendNamed(out, scalar.value);
    return true;
}

} // namespace

void appendJsonString(std::string& out, std::string_view text) {
    out += '"';
    appendEscaped(out, text, [&](const Scalar& scalar) {
        if (!scalar.valid) {
            out += "\\ufffd";
        } else if (scalar.value == '"') {
            out += "\\\"";
        } else if (const char letter = shortEscape(scalar.value); letter != '\0') {
            (out += '\\') += letter;
        } else if (scalar.value < 0x10000 && isUnsafeToShow(scalar.value)) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(scalar.value));
        } else {
            return false;
        }
        return true;
    });
    out += '"';
}

void appendCsvText(std::string& out, std::string_view text) {
    constexpr std::string_view kFormulaStarts = "=+-@\t\r";
    const bool isFormula = !text.empty() && kFormulaStarts.contains(text.front());
    const bool needsQuotes = text.empty() || isFormula || text.find_first_of(",\"\r\n;\t") != text.npos;
    if (needsQuotes) out += '"';
    if (isFormula) out += '\'';
    appendEscaped(out, text, [&](const Scalar& scalar) {
        const char32_t value = scalar.value;
        if (scalar.valid && value == '"')
            out += "\"\"";
        else if (!scalar.valid || (isUnsafeToShow(value) && value != '\n' && value != '\r' && value != '\t'))
            out += kReplacement;
        else
            return false;
        return true;
    });
    if (needsQuotes) out += '"';
}

void appendTsvText(std::string& out, std::string_view text) {
    appendEscaped(out, text, [&](const Scalar& scalar) {
        if (!scalar.valid)
            out += kReplacement;
        else if (scalar.value == '\\' || isUnsafeToShow(scalar.value))
            appendNamed(out, scalar.value);
        else
            return false;
        return true;
    });
}

void appendTerminalText(std::string& out, std::string_view text) {
    appendEscaped(out, text, [&](const Scalar& scalar) { return escapeForTerminal(out, scalar, false); });
}

void appendTerminalLines(std::string& out, std::string_view text) {
    appendEscaped(out, text, [&](const Scalar& scalar) { return escapeForTerminal(out, scalar, true); });
}

} // namespace gatescope::report

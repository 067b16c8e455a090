// SPDX-License-Identifier: Apache-2.0
#include "core/path/arr_ssl.h"

#include "core/http/message.h"
#include "core/path/text_scan.h"

#include <algorithm>
#include <array>

namespace gatescope::path {

namespace {

/// `CN=`, `OU =`: where an attribute begins, the length up to and with its `=`; 0: none begins here.
std::size_t attributeLength(std::string_view text) {
    constexpr std::size_t kLongest = 32; // an OID is among them
    std::size_t length = 0;
    while (length < text.size() && length < kLongest) {
        const char c = text[length];
        if (c == '=') return length == 0 ? 0 : length + 1;
        if (!isDigit(c) && c != '.' && (lowered(c) < 'a' || lowered(c) > 'z')) return 0;
        ++length;
    }
    return 0;
}

/// Where the first attribute of a name ends: before a separator outside quotes behind which another attribute begins.
std::size_t partLength(std::string_view name) {
    bool quoted = false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '"') quoted = !quoted;
        const bool separates = !quoted && (name[i] == ',' || name[i] == ';');
        if (separates && attributeLength(trimmed(name.substr(i + 1, 64))) != 0) return i;
    }
    return name.size();
}

std::string unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    return std::string(text);
}

} // namespace

std::string nameAttribute(std::string_view distinguishedName, std::string_view attribute) {
    std::string_view rest = trimmed(distinguishedName);
    while (!rest.empty()) {
        const std::size_t length = partLength(rest);
        const auto [key, value] = split(rest.substr(0, length), '=');
        if (http::equalsIgnoreCase(trimmed(key), attribute)) return unquoted(trimmed(value));
        rest = trimmed(rest.substr(std::min(rest.size(), length + 1)));
    }
    return {};
}

std::optional<ArrSsl> readArrSsl(std::string_view text) {
    ArrSsl result;
    text = trimmed(text);
    result.isTrueOnly = http::equalsIgnoreCase(text, "true");
    if (result.isTrueOnly) return result;
    std::array<std::string_view, 4> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const bool last = i + 1 == fields.size();
        if (!last && text.find('|') == std::string_view::npos) return std::nullopt;
        const auto [field, rest] = last ? std::pair(text, std::string_view()) : split(text, '|');
        fields[i] = trimmed(field);
        text = rest;
    }
    result.certificateBits = wholeNumber<unsigned>(fields[0]);
    result.cipherBits = wholeNumber<unsigned>(fields[1]);
    result.issuer = fields[2];
    result.subject = fields[3];
    result.issuerName = nameAttribute(result.issuer, "CN");
    result.issuerOrganisation = nameAttribute(result.issuer, "O");
    result.subjectName = nameAttribute(result.subject, "CN");
    return result;
}

bool certificateNameMatches(std::string_view name, std::string_view host) {
    if (name.starts_with("*.")) {
        const auto dot = host.find('.');
        return dot != std::string_view::npos && dot != 0 && http::equalsIgnoreCase(name.substr(1), host.substr(dot));
    }
    return http::equalsIgnoreCase(name, host);
}

} // namespace gatescope::path

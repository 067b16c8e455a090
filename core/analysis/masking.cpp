// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/masking.h"

#include "core/analysis/header_names.h"
#include "core/analysis/header_table.h"
#include "core/analysis/secret_names.h"

#include <algorithm>
#include <array>

namespace gatescope::analysis {

namespace {

constexpr std::array<std::string_view, 5> kSensitivities{"none", "net", "id", "personal", "secret"};

/// Attributes of Set-Cookie (RFC 6265, 4.1); they are no cookies.
constexpr std::array<std::string_view, 8> kCookieAttributes{"expires", "max-age",  "domain",   "path",
                                                            "secure",  "httponly", "samesite", "partitioned"};

bool holds(const auto& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percentDecoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hexValue(text[i + 1]) : -1;
        const int low = high >= 0 ? hexValue(text[i + 2]) : -1;
        if (low >= 0) {
            plain += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

/// `a=1; b=2` with the values hidden. `attributes`: those of Set-Cookie stay.
std::string maskCookies(std::string_view value, bool attributes) {
    std::string out;
    for (std::size_t from = 0; from < value.size();) {
        const std::size_t end = std::min(value.find(';', from), value.size());
        const std::string_view pair = value.substr(from, end - from);
        const std::size_t equals = pair.find('=');
        const auto nameFrom = std::min(pair.find_first_not_of(' '), pair.size());
        const std::string_view name = pair.substr(nameFrom, std::min(equals, pair.size()) - nameFrom);
        const bool attribute = attributes && from > 0 && holds(kCookieAttributes, toLower(name));
        if (attribute || name.empty() ||
            (equals != std::string_view::npos && isMaskedAlready(pair.substr(equals + 1)))) {
            out += pair;
        } else if (equals == std::string_view::npos) {
            out += pair.substr(0, nameFrom); // a cookie without a name is all value
            out += kMask;
        } else {
            out += pair.substr(0, equals + 1);
            out += kMask;
        }
        if (end < value.size()) out += ';';
        from = end + 1;
    }
    return out;
}

std::string maskSecret(std::string_view lowerName, std::string_view value) {
    if (lowerName == "cookie" || lowerName == "set-cookie") return maskCookies(value, lowerName == "set-cookie");
    return maskedCredential(value);
}

/// What the catalogue says of `lowerName`, one entry or two; or the one entry that stands for a family of names.
std::span<const HeaderKnowledge> entriesOf(std::string_view lowerName) {
    const auto table = headerTable();
    const auto [first, last] = std::ranges::equal_range(table, lowerName, {}, &HeaderKnowledge::name);
    if (first != last) return {first, last};
    for (const HeaderKnowledge& entry : table)
        if (entry.name.ends_with('*') && lowerName.starts_with(entry.name.substr(0, entry.name.size() - 1)))
            return {&entry, 1};
    return {};
}

} // namespace

std::string_view toString(Sensitivity sensitivity) {
    return kSensitivities[static_cast<std::size_t>(sensitivity)];
}

const HeaderKnowledge* headerKnowledge(std::string_view name, std::string_view direction) {
    const auto entries = entriesOf(toLower(name));
    for (const HeaderKnowledge& entry : entries)
        if (entry.direction == direction) return &entry;
    return entries.empty() ? nullptr : &entries.front();
}

bool isSecretHeader(std::string_view name) {
    const std::string lower = toLower(name);
    const auto entries = entriesOf(lower);
    const auto is = [&](Sensitivity sensitivity) {
        return std::ranges::any_of(entries, [&](const auto& entry) { return entry.sensitivity == sensitivity; });
    };
    if (is(Sensitivity::Secret)) return true;
    // The catalogue knows what `x-apim-remaining-token` is; a personal entry may share its line with a token.
    if (!entries.empty() && !is(Sensitivity::Personal)) return false;
    return headerNameSoundsSecret(lower);
}

std::string maskHeader(std::string_view name, std::string_view value) {
    if (isSecretHeader(name)) return maskSecret(toLower(name), value);
    std::string out;
    appendMasked(out, value);
    return out;
}

std::string maskQuery(std::string_view query) {
    std::string out;
    for (std::size_t from = 0; from <= query.size();) {
        const std::size_t end = std::min(query.find('&', from), query.size());
        const std::string_view pair = query.substr(from, end - from);
        const std::size_t equals = pair.find('=');
        const bool secret = equals != std::string_view::npos &&
                            secrecyOfName(percentDecoded(pair.substr(0, equals))) != Secrecy::No &&
                            !isMaskedAlready(pair.substr(equals + 1));
        if (secret) {
            out += pair.substr(0, equals + 1);
            out += kMask;
        } else {
            appendMasked(out, pair);
        }
        if (end < query.size()) out += '&';
        from = end + 1;
    }
    return out;
}

std::string maskField(const Field& field, std::string_view value) {
    if (field.id == FieldId::RequestHeader || field.id == FieldId::ResponseHeader)
        return maskHeader(field.header, value);
    if (field.id == FieldId::Query) return maskQuery(value);
    std::string out;
    appendMasked(out, value);
    return out;
}

} // namespace gatescope::analysis

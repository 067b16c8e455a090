// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/header_names.h"
#include "core/analysis/masking.h"
#include "core/analysis/secret_names.h"

#include <algorithm>
#include <optional>

namespace gatescope::analysis {

namespace {

bool isWord(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

std::size_t wordEnd(std::string_view text, std::size_t at) {
    while (at < text.size() && isWord(text[at])) ++at;
    return at;
}

bool startsWithIgnoringCase(std::string_view text, std::string_view lower) {
    if (text.size() < lower.size()) return false;
    return std::equal(lower.begin(), lower.end(), text.begin(), [](char wanted, char c) {
        return wanted == ((c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c);
    });
}

/// A part of the text that is to be replaced by the mask.
struct Hidden {
    std::size_t from;
    std::size_t to;
};

/// `Bearer x`, `Basic x`: the credential behind the scheme.
std::optional<Hidden> schemeAt(std::string_view text, std::size_t at) {
    for (const std::string_view scheme : {"bearer ", "basic "}) {
        if (!startsWithIgnoringCase(text.substr(at), scheme)) continue;
        const std::size_t from = std::min(text.find_first_not_of(' ', at + scheme.size()), text.size());
        std::size_t to = from;
        while (to < text.size() &&
               (isWord(text[to]) || std::string_view("._~+/=:").find(text[to]) != std::string_view::npos))
            ++to;
        if (looksLikeCredential(text.substr(from, to - from))) return Hidden{from, to};
    }
    return std::nullopt;
}

/// A compact JWS or JWE (RFC 7519): base64url parts, the first of which begins with `{"`.
std::optional<Hidden> jwtAt(std::string_view text, std::size_t at) {
    constexpr std::size_t kShortestHeader = 10;
    if (!text.substr(at).starts_with("eyJ")) return std::nullopt;
    std::size_t to = wordEnd(text, at);
    if (to - at < kShortestHeader || to == text.size() || text[to] != '.') return std::nullopt;
    while (to + 1 < text.size() && text[to] == '.' && isWord(text[to + 1])) to = wordEnd(text, to + 1);
    return isMaskedAlready(text.substr(at, to - at)) ? std::nullopt : std::optional(Hidden{at, to});
}

/// `sk-...`, `sk-ant-...`, `sk-proj-...`
std::optional<Hidden> providerKeyAt(std::string_view text, std::size_t at) {
    constexpr std::string_view kPrefix = "sk-";
    constexpr std::size_t kShortest = 16;
    if (!text.substr(at).starts_with(kPrefix)) return std::nullopt;
    const std::size_t from = at + kPrefix.size();
    const std::size_t to = wordEnd(text, from);
    if (to - from < kShortest || !looksLikeCredential(text.substr(from, to - from))) return std::nullopt;
    return Hidden{from, to};
}

/// The value of a secret parameter whose name begins at `at`: `sig=...` in a URL or a connection string.
std::optional<Hidden> parameterAt(std::string_view text, std::size_t at) {
    constexpr std::string_view kValueEnd = "&;, \t\r\n\"'<>#\\)}]";
    const std::size_t nameEnd = wordEnd(text, at);
    if (nameEnd == text.size() || text[nameEnd] != '=') return std::nullopt;
    std::string_view name = text.substr(at, nameEnd - at);
    constexpr std::string_view kEscapedAmpersand = "u0026"; // as JSON writers like to have it
    if (at > 0 && text[at - 1] == '\\' && startsWithIgnoringCase(name, kEscapedAmpersand))
        name.remove_prefix(kEscapedAmpersand.size());
    const Secrecy secrecy = secrecyOfName(name);
    if (secrecy == Secrecy::No) return std::nullopt;
    const std::size_t from = nameEnd + 1;
    const std::size_t to = std::min(text.find_first_of(kValueEnd, from), text.size());
    const std::string_view value = text.substr(from, to - from);
    if (isMaskedAlready(value)) return std::nullopt;
    const bool inQuery = at > 0 && (text[at - 1] == '?' || text[at - 1] == '&' || text[at - 1] == '\\');
    if (secrecy == Secrecy::Maybe && !inQuery && !looksLikeCredential(value)) return std::nullopt;
    return Hidden{from, to};
}

std::optional<Hidden> secretAt(std::string_view text, std::size_t at) {
    switch (text[at]) {
    case 'B':
    case 'b':
        if (const auto found = schemeAt(text, at)) return found;
        break;
    case 'e':
        if (const auto found = jwtAt(text, at)) return found;
        break;
    case 's':
        if (const auto found = providerKeyAt(text, at)) return found;
        break;
    default:
        break;
    }
    return parameterAt(text, at);
}

/// Where a JSON string ends: the place of its closing quote, or npos.
std::size_t closingQuote(std::string_view text, std::size_t from, std::string_view quote) {
    if (quote.size() > 1) return text.find(quote, from); // an escaped string inside a string
    for (std::size_t at = from; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return at;
    }
    return std::string_view::npos;
}

bool hidesJsonValue(std::string_view key, std::string_view value) {
    const Secrecy secrecy = secrecyOfName(key);
    if (secrecy == Secrecy::No || isMaskedAlready(value)) return false;
    // Error codes and tokens of log probabilities stand under such names too.
    return secrecy == Secrecy::Yes || (value.size() >= 20 && looksLikeCredential(value));
}

/// Masks JSON, or what may hold some. `quote` is `"`, or `\"` for JSON inside a JSON string.
void appendJson(std::string& out, std::string_view text, std::string_view quote) {
    const bool outer = quote.size() == 1;
    std::size_t at = 0;
    std::string_view key; // the string before, when a colon follows it
    while (true) {
        const std::size_t open = text.find(quote, at);
        if (open == std::string_view::npos) break;
        const std::size_t from = open + quote.size();
        // A cut text ends inside a string, which may be a secret all the same.
        const std::size_t close = std::min(closingQuote(text, from, quote), text.size());
        appendMasked(out, text.substr(at, open - at));
        out += quote;
        const std::string_view content = text.substr(from, close - from);
        if (hidesJsonValue(key, content))
            out += maskedCredential(content);
        else if (outer && content.find('\\') != std::string_view::npos)
            appendJson(out, content, "\\\"");
        else
            appendMasked(out, content);
        at = std::min(close + quote.size(), text.size());
        out += text.substr(close, at - close);
        const std::size_t colon = text.find_first_not_of(" \t\r\n", at);
        const bool isKey =
            colon != std::string_view::npos && text[colon] == ':' &&
            text.substr(std::min(text.find_first_not_of(" \t\r\n", colon + 1), text.size())).starts_with(quote);
        key = isKey ? content : std::string_view{};
    }
    appendMasked(out, text.substr(at));
}

} // namespace

void appendMasked(std::string& out, std::string_view text) {
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (!isWord(text[at])) {
            ++at;
            continue;
        }
        const auto hidden = secretAt(text, at); // only where a word begins
        if (hidden) {
            out += text.substr(copied, hidden->from - copied);
            out += kMask;
            copied = hidden->to;
        }
        at = std::max(hidden ? hidden->to : at, wordEnd(text, at));
    }
    out += text.substr(copied);
}

std::string maskText(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    appendJson(out, text, "\"");
    return out;
}

} // namespace gatescope::analysis

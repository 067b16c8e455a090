// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/secret_names.h"

#include "core/analysis/header_names.h"

#include <algorithm>
#include <array>

namespace gatescope::analysis {

namespace {

constexpr std::size_t kShortestName = 3;  ///< of a secret parameter: `key`
constexpr std::size_t kLongestName = 128; ///< of a parameter; what is longer is no name

constexpr std::array<std::string_view, 7> kMaybe{"key", "code", "token", "auth", "sas", "jwt", "credential"};

/// Authentication schemes (the IANA registry and those that clouds add); kept in front of a hidden credential.
constexpr std::array<std::string_view, 16> kSchemes{"bearer",       "basic",         "digest",
                                                    "negotiate",    "ntlm",          "aws4-hmac-sha256",
                                                    "sharedkey",    "sharedkeylite", "sharedaccesssignature",
                                                    "token",        "apikey",        "dpop",
                                                    "gnap",         "hoba",          "mutual",
                                                    "scram-sha-256"};

/// Names without their separators.
constexpr std::array<std::string_view, 9> kExact{
    "sig", "signature", "pwd", "authorization", "cookie", "setcookie", "xamzsignature", "xamzcredential", "accountkey"};

/// Parts that make a name secret wherever they stand in it, without separators.
constexpr std::array<std::string_view, 16> kParts{"secret",       "password",        "passwd",          "passphrase",
                                                  "apikey",       "subscriptionkey", "accesskey",       "sharedkey",
                                                  "accesstoken",  "idtoken",         "authtoken",       "refreshtoken",
                                                  "sessiontoken", "securitytoken",   "clientassertion", "privatekey"};

/// Names with such a part count something or mark a repetition.
constexpr std::array<std::string_view, 13> kCounting{"limit",   "remaining",   "reset",    "count", "consumed",
                                                     "usage",   "used",        "max",      "min",   "budget",
                                                     "details", "idempotency", "websocket"};

std::string withoutSeparators(std::string_view name) {
    std::string plain = toLower(name);
    std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == '.'; });
    return plain;
}

bool containsAny(std::string_view text, const auto& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [text](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

bool isAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

} // namespace

Secrecy secrecyOfName(std::string_view name) {
    if (name.size() < kShortestName || name.size() > kLongestName) return Secrecy::No;
    const std::string plain = withoutSeparators(name);
    if (std::find(kMaybe.begin(), kMaybe.end(), plain) != kMaybe.end()) return Secrecy::Maybe;
    if (std::find(kExact.begin(), kExact.end(), plain) != kExact.end()) return Secrecy::Yes;
    return containsAny(plain, kParts) && !containsAny(plain, kCounting) ? Secrecy::Yes : Secrecy::No;
}

bool headerNameSoundsSecret(std::string_view lowerName) {
    if (secrecyOfName(lowerName) != Secrecy::No) return true;
    const std::string plain = withoutSeparators(lowerName);
    constexpr std::array<std::string_view, 4> kHeaderParts{"authorization", "cookie", "credential", "assertion"};
    if (containsAny(plain, kHeaderParts)) return true;
    if (containsAny(plain, kCounting)) return false;
    return plain.ends_with("token") || plain.ends_with("key") || plain.ends_with("signature") ||
           lowerName.find("-token-") != std::string_view::npos;
}

bool isMaskedAlready(std::string_view value) {
    constexpr std::array<std::string_view, 7> kWords{"redacted", "masked",    "hidden", "removed",
                                                     "filtered", "sanitized", "omitted"};
    const std::string lower = toLower(value);
    std::string_view inner = lower;
    constexpr std::string_view kBrackets = "[]<>{}()*\"";
    while (!inner.empty() && kBrackets.find(inner.front()) != std::string_view::npos) inner.remove_prefix(1);
    while (!inner.empty() && kBrackets.find(inner.back()) != std::string_view::npos) inner.remove_suffix(1);
    if (inner.empty()) return true; // `***`, or nothing to hide
    if (std::find(kWords.begin(), kWords.end(), inner) != kWords.end()) return true;
    // Dumps hide part of a value behind a run of X; a few digits of the rest stay, too few to be of use.
    constexpr std::size_t kMostLeft = 8;
    std::size_t left = 0;
    for (const char c : lower) left += isAlphanumeric(c) && c != 'x' ? 1U : 0U;
    return lower.find("xxxx") != std::string::npos && left <= kMostLeft;
}

std::string maskedCredential(std::string_view value) {
    if (isMaskedAlready(value)) return std::string(value);
    const std::size_t blank = value.find(' ');
    if (blank == std::string_view::npos) return std::string(kMask);
    const std::string scheme = toLower(value.substr(0, blank));
    if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end()) return std::string(kMask);
    const auto behind = value.substr(std::min(value.find_first_not_of(' ', blank), value.size()));
    if (isMaskedAlready(behind)) return std::string(value);
    return std::string(value.substr(0, blank + 1)).append(kMask);
}

bool looksLikeCredential(std::string_view value) {
    constexpr std::size_t kShortest = 8;
    constexpr std::size_t kLongWord = 20;
    if (value.size() < kShortest || isMaskedAlready(value)) return false;
    if (value.find_first_of(" \t\r\n") != std::string_view::npos) return false;
    return value.size() >= kLongWord ||
           std::any_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace gatescope::analysis

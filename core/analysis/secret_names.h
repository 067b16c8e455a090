// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::analysis {

/// How surely a name says that its value is a secret.
enum class Secrecy : std::uint8_t {
    No,
    Maybe, ///< `token`, `key`, `code`: in a query a secret, in a body only when the value looks like one
    Yes
};
/// For query parameters, JSON keys and parts of connection strings, in any case.
Secrecy secrecyOfName(std::string_view name);
/// For header names that the catalogue does not know.
bool headerNameSoundsSecret(std::string_view lowerName);

/// `***`, `REDACTED`, `XXXX-...`: the sender has hidden it already, and nothing worth hiding is left.
bool isMaskedAlready(std::string_view value);
/// A credential as it may be shown: `Bearer ***`, `***`, or what the sender masked.
std::string maskedCredential(std::string_view value);
/// Long or mixed enough to be a credential rather than a word.
bool looksLikeCredential(std::string_view value);

/// Appends `text` with everything hidden that is a secret wherever it stands: bearer tokens, JWTs, `sk-` keys, values
/// of secret parameters in URLs and connection strings.
void appendMasked(std::string& out, std::string_view text);

inline constexpr std::string_view kMask = "***";

} // namespace gatescope::analysis

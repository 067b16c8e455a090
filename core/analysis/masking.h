// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/field.h"

#include <string>
#include <string_view>

namespace gatescope::analysis {

/// How careful one must be with a header's value. From resources/header-catalogue.json.
enum class Sensitivity : std::uint8_t { None, Network, Id, Personal, Secret };
std::string_view toString(Sensitivity sensitivity);

/// What is known of a header name. Static data built from resources/header-catalogue.json at build time.
struct HeaderKnowledge {
    std::string_view name;      ///< lower case
    std::string_view direction; ///< `req`, `resp`, `both`
    std::string_view setBy;
    std::string_view trust; ///< `client`, `client-append`, `platform`, `front-end`, `gateway`, `upstream`
    Sensitivity sensitivity;
    std::string_view syntax, meaning, source, confidence;
};
/// Nullptr for a header that the catalogue does not know. A few names mean one thing in requests and another in
/// responses: `direction` (`req`, `resp`) says which is wanted.
const HeaderKnowledge* headerKnowledge(std::string_view name, std::string_view direction = {});
/// Secret by the catalogue, or by its name (contains `token`, `secret`, `password`, `api-key`, `apikey`, ...).
bool isSecretHeader(std::string_view name);

/// The value as it may be shown: secrets become `***` with their scheme kept (`Bearer ***`); what the sender masked
/// already (`Bearer REDACTED`, `X` runs) stays readable. Bearer tokens and SAS signatures inside other values too.
std::string maskHeader(std::string_view name, std::string_view value);
/// `api-key=***&api-version=2025-03-01-preview`: values of secret parameters replaced, the rest as sent.
std::string maskQuery(std::string_view query);
/// Any field of an exchange.
std::string maskField(const Field& field, std::string_view value);
/// Free text (a body, an error message): bearer tokens, JWTs, `sk-...` keys, SAS signatures and JSON values of secret
/// keys.
std::string maskText(std::string_view text);

} // namespace gatescope::analysis

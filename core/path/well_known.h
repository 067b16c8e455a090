// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gatescope::path {

/// True when a certificate authority of that common name or organisation is one of the public ones that are usual in
/// front of Azure services. False means only that the list does not have it.
bool isKnownPublicIssuer(std::string_view commonName, std::string_view organisation);

/// True for a host of a model provider itself, such as `NAME.openai.azure.com`: what calls it is a gateway or a client
/// without one. A port behind the name is passed over.
bool isModelService(std::string_view host);

/// `HOST:PORT` or `[ADDRESS]:PORT` without the port and the brackets.
std::string_view hostName(std::string_view host);

/// Equal without regard to case, where an `X` on one side stands for any character: dumps are masked with it.
bool equalWhereNotMasked(std::string_view a, std::string_view b);

/// True for a query parameter whose value is a credential: `api-key`, `key`, `subscription-key`, `sig`, `code`, ...
bool isSecretParameter(std::string_view name);

} // namespace gatescope::path

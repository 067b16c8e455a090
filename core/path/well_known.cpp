// SPDX-License-Identifier: Apache-2.0
#include "core/path/well_known.h"

#include "core/http/message.h"
#include "core/path/text_scan.h"

#include <algorithm>
#include <array>

namespace gatescope::path {

namespace {

/// Beginnings of names, in lower case.
constexpr std::array<std::string_view, 26> kPublicIssuers{
    "microsoft azure rsa tls issuing ca",
    "microsoft azure ecc tls issuing ca",
    "microsoft azure tls issuing ca",
    "microsoft rsa tls ca",
    "microsoft it tls ca",
    "microsoft tls g2",
    "digicert",
    "geotrust",
    "rapidssl",
    "thawte",
    "let's encrypt",
    "isrg",
    "globalsign",
    "alphassl",
    "sectigo",
    "comodo",
    "zerossl",
    "entrust",
    "godaddy",
    "go daddy",
    "starfield",
    "amazon",
    "google trust services",
    "identrust",
    "quovadis",
    "swisssign",
};

constexpr std::array<std::string_view, 9> kModelServices{
    ".openai.azure.com",    ".cognitiveservices.azure.com",      ".services.ai.azure.com",
    ".models.ai.azure.com", ".inference.ml.azure.com",           "api.openai.com",
    "api.anthropic.com",    "generativelanguage.googleapis.com", "api.mistral.ai"};

constexpr std::array<std::string_view, 10> kSecretParameters{
    "api-key", "api_key", "apikey", "key", "subscription-key", "sig", "code", "token", "access_token", "client_secret"};

bool beginsLikeOne(std::string_view name, const auto& beginnings) {
    const std::string lower = loweredText(name);
    return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return lower.starts_with(beginning); });
}

} // namespace

bool isKnownPublicIssuer(std::string_view commonName, std::string_view organisation) {
    return beginsLikeOne(commonName, kPublicIssuers) || beginsLikeOne(organisation, kPublicIssuers);
}

std::string_view hostName(std::string_view host) {
    host = trimmed(host);
    if (host.starts_with('[')) return host.substr(1, std::min(host.find(']'), host.size()) - 1);
    return std::ranges::count(host, ':') == 1 ? split(host, ':').first : host;
}

bool isModelService(std::string_view host) {
    const std::string lower = loweredText(hostName(host));
    return std::ranges::any_of(kModelServices, [&](std::string_view name) {
        return name.starts_with('.') ? lower.ends_with(name) : lower == name;
    });
}

bool equalWhereNotMasked(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lowered(x) == lowered(y) || x == 'X' || y == 'X'; });
}

bool isSecretParameter(std::string_view name) {
    return std::ranges::any_of(kSecretParameters,
                               [&](std::string_view secret) { return http::equalsIgnoreCase(secret, name); });
}

} // namespace gatescope::path

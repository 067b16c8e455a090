// SPDX-License-Identifier: Apache-2.0
#include "core/llm/identity.h"

#include "core/base/hash.h"
#include "core/llm/base64.h"
#include "core/llm/padded_buffer.h"

#include <algorithm>
#include <array>
#include <simdjson.h>

namespace gatescope::llm {

namespace {

/// The token of `Bearer TOKEN` (RFC 6750), else nothing.
std::string_view bearerToken(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() <= kScheme.size()) return {};
    if (!http::equalsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) return {};
    const std::size_t first = authorization.find_first_not_of(' ', kScheme.size());
    return first == std::string_view::npos ? std::string_view{} : authorization.substr(first);
}

void setIfEmpty(std::string& held, std::string_view value) {
    if (held.empty()) held.assign(value);
}

} // namespace

struct TokenClaims::Parser {
    PaddedBuffer payload;
    simdjson::ondemand::parser json;
};

TokenClaims::TokenClaims() = default;
TokenClaims::~TokenClaims() = default;

std::string_view TokenClaims::caller(std::string_view token) {
    if (token.empty() || token.size() > kMaxToken) return {};
    const std::uint64_t hash = hashBytes(token);
    Entry& entry = m_entries[hash % kRemembered];
    if (entry.length != token.size() || entry.hash != hash) {
        entry = {hash, token.size(), decode(token)};
        ++m_decoded;
    }
    return entry.caller;
}

std::string TokenClaims::decode(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return {};
    const std::string_view payload = token.substr(first + 1, token.find('.', first + 1) - first - 1);
    if (!m_parser) m_parser = std::make_unique<Parser>();
    static_assert(PaddedBuffer::kPadding >= simdjson::SIMDJSON_PADDING);
    if (!decodeBase64(payload, m_parser->payload) || m_parser->payload.empty()) return {};

    const PaddedBuffer& text = m_parser->payload;
    simdjson::ondemand::document document;
    simdjson::ondemand::object claims;
    if (m_parser->json.iterate(text.data(), text.size(), text.size() + PaddedBuffer::kPadding).get(document) ||
        document.get_object().get(claims))
        return {};
    std::string azp;
    for (auto claim : claims) {
        simdjson::ondemand::raw_json_string key;
        if (claim.key().get(key)) break;
        const bool appid = key == "appid";
        if (!appid && !(key == "azp")) continue;
        std::string_view value;
        if (claim.value().get_string().get(value)) break;
        if (value.size() > kMaxCaller) continue;
        if (appid) return std::string(value);
        azp.assign(value);
    }
    return azp;
}

Identity readIdentity(const http::HeaderList& headers, TokenClaims& claims) {
    Identity identity;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        switch (name.size()) { // few names share a length, so most are passed over without a comparison
        case 13:
            if (identity.caller.empty() && http::equalsIgnoreCase(name, "authorization"))
                identity.caller.assign(claims.caller(bearerToken(value)));
            break;
        case 14:
            if (http::equalsIgnoreCase(name, "openai-project")) setIfEmpty(identity.project, value);
            break;
        case 21:
            if (identity.agent.empty() && http::equalsIgnoreCase(name, "x-ms-foundry-agent-id")) {
                const std::size_t colon = value.rfind(':');
                identity.agent.assign(value.substr(0, colon));
                if (colon != std::string_view::npos) identity.agentVersion.assign(value.substr(colon + 1));
            } else if (identity.headerModel.empty() && http::equalsIgnoreCase(name, "x-ms-foundry-model-id")) {
                const std::size_t slash = value.rfind('/');
                if (slash != std::string_view::npos) identity.connection.assign(value.substr(0, slash));
                identity.headerModel.assign(slash == std::string_view::npos ? value : value.substr(slash + 1));
            }
            break;
        case 23:
            if (http::equalsIgnoreCase(name, "x-ms-foundry-project-id")) setIfEmpty(identity.projectId, value);
            break;
        default:
            break;
        }
    }
    return identity;
}

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace gatescope::cost {

/// Who serves a model, as far as a request shows it. The rules are those of cost::Pricer.
enum class Provider : std::uint8_t { Unknown, AzureOpenAi, OpenAi, Anthropic, GcpGemini, GcpVertexAi, AwsBedrock };

/// OpenTelemetry's name (`gen_ai.provider.name`): `azure.ai.openai`, ...; Unknown gives an empty text.
std::string_view toString(Provider provider);

/// A family of APIs that decides alone, or Unknown where the place decides (`openai.*`, `gemini`).
Provider providerOfApi(std::string_view api);
/// By a host that belongs to one provider; port and case do not matter.
Provider providerOfHost(std::string_view host);
/// `/openai/` or `/deployments/`: the forms of Azure.
bool isAzurePath(std::string_view path);
bool isVertexPath(std::string_view path);
/// Has the parameter `api-version`.
bool isAzureQuery(std::string_view query);

} // namespace gatescope::cost

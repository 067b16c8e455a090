// SPDX-License-Identifier: Apache-2.0
#include "core/cost/provider.h"

#include "core/cost/pattern.h"

#include <utility>

namespace gatescope::cost {

std::string_view toString(Provider provider) {
    switch (provider) {
    case Provider::AzureOpenAi:
        return "azure.ai.openai";
    case Provider::OpenAi:
        return "openai";
    case Provider::Anthropic:
        return "anthropic";
    case Provider::GcpGemini:
        return "gcp.gemini";
    case Provider::GcpVertexAi:
        return "gcp.vertex_ai";
    case Provider::AwsBedrock:
        return "aws.bedrock";
    case Provider::Unknown:
        break;
    }
    return {};
}

Provider providerOfApi(std::string_view api) {
    if (api.starts_with("anthropic.")) return Provider::Anthropic;
    if (api.starts_with("bedrock.")) return Provider::AwsBedrock;
    return Provider::Unknown;
}

Provider providerOfHost(std::string_view host) {
    constexpr std::pair<std::string_view, Provider> kEndings[] = {
        {"api.openai.com", Provider::OpenAi},
        {"generativelanguage.googleapis.com", Provider::GcpGemini},
        {"aiplatform.googleapis.com", Provider::GcpVertexAi},
        {".azure.com", Provider::AzureOpenAi}, // openai, services.ai, ... of any resource
        {".azure-api.net", Provider::AzureOpenAi},
        {".azure.us", Provider::AzureOpenAi},
        {".azure.cn", Provider::AzureOpenAi}};
    const std::string name = lowerCase(host.substr(0, host.find(':')));
    for (const auto& [ending, provider] : kEndings)
        if (name.ends_with(ending)) return provider;
    return Provider::Unknown;
}

bool isAzurePath(std::string_view path) {
    return path.contains("/openai/") || path.contains("/deployments/");
}

bool isVertexPath(std::string_view path) {
    return path.contains("/publishers/") || path.contains("/projects/");
}

bool isAzureQuery(std::string_view query) {
    return query.starts_with("api-version=") || query.contains("&api-version=");
}

} // namespace gatescope::cost

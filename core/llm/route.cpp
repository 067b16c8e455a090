// SPDX-License-Identifier: Apache-2.0
#include "core/llm/route.h"

#include "core/llm/api_names.h"
#include "core/llm/route_path.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>

namespace gatescope::llm {

namespace {

/// A wrapper may hold a wrapper (a proxy behind a proxy); more is nobody's real traffic.
constexpr int kMaxWrappers = 4;

/// The last part of a path, as `opToApiAndUsage` of the rules maps it.
struct Operation {
    std::string_view first; ///< empty when the operation is one segment
    std::string_view second;
    std::string_view api;
    WireFormat format;

    std::size_t segments() const { return first.empty() ? 1 : 2; }
};

using enum WireFormat;
constexpr Operation kChat{"chat", "completions", "openai.chat", OpenAiChat};
constexpr Operation kCompletions{"", "completions", "openai.completions", OpenAiChat};
constexpr Operation kResponses{"", "responses", "openai.responses", OpenAiResponses};
constexpr Operation kEmbeddings{"", "embeddings", "openai.embeddings", OpenAiEmbeddings};
constexpr Operation kMessages{"", "messages", "anthropic.messages", Anthropic};
constexpr Operation kGenerations{"images", "generations", "openai.images", OpenAiMedia};
constexpr Operation kEdits{"images", "edits", "openai.images", OpenAiMedia};
constexpr Operation kTranscriptions{"audio", "transcriptions", "openai.transcription", OpenAiMedia};
constexpr Operation kTranslations{"audio", "translations", "openai.transcription", OpenAiMedia};
constexpr Operation kSpeech{"audio", "speech", "openai.speech", None};

constexpr std::array kDeploymentOperations{kChat,         kGenerations, kEdits,       kTranscriptions,
                                           kTranslations, kSpeech,      kCompletions, kEmbeddings};
constexpr std::array kV1Operations{kChat,   kGenerations, kEdits,     kTranscriptions, kTranslations,
                                   kSpeech, kCompletions, kResponses, kEmbeddings};
constexpr std::array kBareDeploymentOperations{kChat, kCompletions, kEmbeddings, kMessages};
constexpr std::array kFoundryOperations{kChat, Operation{"images", "embeddings", "openai.embeddings", OpenAiEmbeddings},
                                        kEmbeddings, Operation{"", "info", "foundry.info", None}};
constexpr std::array kGeminiOpenAiOperations{kChat, kEmbeddings, Operation{"", "models", "openai.models", None}};
constexpr std::array kNativeOperations{kChat,
                                       kGenerations,
                                       kEdits,
                                       kTranscriptions,
                                       kTranslations,
                                       kSpeech,
                                       kCompletions,
                                       kResponses,
                                       kEmbeddings,
                                       Operation{"", "moderations", "openai.moderations", None},
                                       Operation{"", "rerank", "rerank", None}};

/// What a request is matched against.
struct Request {
    std::string_view method;
    std::string_view query;
    Path path;

    bool post() const { return method == "POST"; }
    bool get() const { return method == "GET"; }
};

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

Route call(std::string_view rule, std::string_view api, WireFormat format, std::string_view deployment = {}) {
    return {RouteKind::ModelCall, rule, {}, api, format, std::string(deployment)};
}

Route streamCall(Route route, std::string_view operation) {
    route.streams = operation.starts_with("stream") || operation.ends_with("stream");
    return route;
}

Route other(std::string_view rule, RouteKind kind, std::string_view api, std::string_view deployment = {}) {
    return {kind, rule, {}, api, None, std::string(deployment)};
}

Route byOperation(std::string_view rule, const Operation& operation, bool post, std::string_view deployment = {}) {
    if (!isModelCall(operation.api) || !post) {
        const bool lists = operation.api.ends_with(".models");
        return other(rule, lists ? RouteKind::Discovery : RouteKind::Management, operation.api, deployment);
    }
    return call(rule, operation.api, operation.format, deployment);
}

bool endsWith(const Path& path, const Operation& operation) {
    return path.fromEnd(0) == operation.second && (operation.first.empty() || path.fromEnd(1) == operation.first);
}

/// The operation at the end of the path that stands right behind `words`.
const Operation* operationAfter(const Path& path, std::span<const Operation> operations,
                                std::initializer_list<std::string_view> words) {
    for (const Operation& operation : operations)
        if (endsWith(path, operation) && path.before(operation.segments(), words)) return &operation;
    return nullptr;
}

/// Likewise, with the name of a deployment between `words` and the operation.
const Operation* operationOfDeployment(const Path& path, std::span<const Operation> operations,
                                       std::initializer_list<std::string_view> words) {
    for (const Operation& operation : operations)
        if (endsWith(path, operation) && path.before(operation.segments() + 1, words) &&
            !path.fromEnd(operation.segments()).empty())
            return &operation;
    return nullptr;
}

/// Index behind `api/projects/NAME`, wherever it stands; 0: nowhere.
std::size_t afterProject(const Path& path) {
    for (std::size_t i = 0; i + 3 < path.size(); ++i)
        if (path.at(i, {"api", "projects"}) && !path[i + 2].empty()) return i + 3;
    return 0;
}

using Match = std::optional<Route>;

Match foundryProjectOpenAi(const Request& request) {
    const Path& path = request.path;
    const std::size_t at = afterProject(path);
    if (at == 0) return {};
    std::size_t operation = 0;
    std::string_view rule;
    if (path.at(at, {"agents"}) && path.at(at + 2, {"endpoint", "protocols", "openai"})) {
        if (!request.post()) return {};
        rule = "foundry-agent-endpoint";
        operation = at + 5;
    } else if (path.at(at, {"openai"})) {
        rule = "foundry-project-openai";
        operation = path.at(at + 1, {"v1"}) ? at + 2 : at + 1;
    }
    if (operation == 0 || operation >= path.size()) return {};
    if (path[operation] == "responses" && operation + 1 == path.size() && request.post())
        return call(rule, "openai.responses", OpenAiResponses);
    if (path[operation] == "responses") return other(rule, RouteKind::Management, "openai.responses.stored");
    if (!isOneOf(path[operation], {"conversations", "files", "vector_stores", "evals"})) return {};
    return other(rule, RouteKind::Management, openAiResource(path[operation]));
}

Match azureDeployment(const Request& request) {
    if (!request.post()) return {};
    const Operation* operation = operationOfDeployment(request.path, kDeploymentOperations, {"openai", "deployments"});
    if (!operation) return {};
    return byOperation("aoai-deployment", *operation, true, request.path.fromEnd(operation->segments()));
}

Match azureRealtime(const Request& request) {
    if (!request.get()) return {};
    if (request.path.endsWith({"openai", "realtime"}))
        return call("aoai-realtime-preview", "openai.realtime", OpenAiRealtime,
                    queryValue(request.query, "deployment"));
    if (request.path.endsWith({"openai", "v1", "realtime"}))
        return call("aoai-v1-realtime", "openai.realtime", OpenAiRealtime, queryValue(request.query, "model"));
    return {};
}

Match azureV1(const Request& request) {
    if (!request.post()) return {};
    const Operation* operation = operationAfter(request.path, kV1Operations, {"openai", "v1"});
    if (!operation) return {};
    return byOperation("aoai-v1", *operation, true);
}

/// What the resource at `at` is: a stored response or chat, a list of models, or one of many more.
Match resource(const Request& request, std::string_view rule, std::size_t at) {
    const Path& path = request.path;
    if (at >= path.size()) return {};
    const std::string_view word = path[at];
    const std::string_view next = at + 1 < path.size() ? path[at + 1] : std::string_view{};
    std::string_view api;
    if (word == "responses" && !next.empty())
        api = next == "input_tokens" ? "openai.responses.input_tokens" : "openai.responses.stored";
    else if (word == "chat" && next == "completions" && (request.get() || at + 2 < path.size()))
        api = "openai.chat.stored";
    else if (word == "realtime" && isOneOf(next, {"client_secrets", "sessions", "transcription_sessions"}))
        api = "openai.realtime.client_secrets";
    else if (word == "realtime" && next == "calls")
        api = "openai.realtime.calls";
    else
        api = openAiResource(word);
    if (api.empty()) return {};
    return other(rule, api == "openai.models" ? RouteKind::Discovery : RouteKind::Management, api);
}

Match azureV1Resources(const Request& request) {
    const Path& path = request.path;
    for (std::size_t i = 0; i + 2 < path.size(); ++i)
        if (path.at(i, {"openai", "v1"}))
            if (Match match = resource(request, "aoai-v1-resources", i + 2)) return match;
    return {};
}

/// Of the versions of Azure OpenAI that are dated, and behind any base path. A call has been recognised before.
Match olderResources(const Request& request) {
    const Path& path = request.path;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        const bool azure = path[i] == "openai";
        if (!azure && path[i] != "v1") continue;
        if (Match match = resource(request, azure ? "aoai-resources" : "openai-native-resources", i + 1)) return match;
    }
    return {};
}

Match azureResponsesPreview(const Request& request) {
    if (!request.post() && !request.get()) return {};
    if (request.path.endsWith({"openai", "responses"}))
        return byOperation("aoai-responses-preview", kResponses, request.post());
    if (request.path.before(1, {"openai", "responses"}) && !request.path.fromEnd(0).empty())
        return other("aoai-responses-preview", RouteKind::Management, "openai.responses.stored");
    return {};
}

Match foundryModels(const Request& request) {
    if (!request.post() && !request.get()) return {};
    const Operation* operation = operationAfter(request.path, kFoundryOperations, {"models"});
    if (!operation) return {};
    return byOperation("foundry-models", *operation, request.post());
}

Match foundryProject(const Request& request) {
    const std::size_t at = afterProject(request.path);
    if (at == 0 || at >= request.path.size()) return {};
    const std::string_view word = request.path[at];
    const std::string_view api = foundryResource(word);
    if (api.empty() || word == "info") return {};
    const bool mcp = word == "toolboxes" && request.path.fromEnd(0) == "mcp";
    if (mcp) return other("foundry-project", RouteKind::Mcp, "mcp");
    return other("foundry-project", word == "deployments" ? RouteKind::Discovery : RouteKind::Management, api);
}

Match deployments(const Request& request) {
    if (request.get()) {
        if (request.path.endsWith({"deployments"}))
            return other("foundry-discovery", RouteKind::Discovery, "foundry.deployments");
        if (request.path.before(1, {"deployments"}) && !request.path.fromEnd(0).empty())
            return other("foundry-discovery", RouteKind::Discovery, "foundry.deployments", request.path.fromEnd(0));
    }
    if (!request.post()) return {};
    const Operation* operation = operationOfDeployment(request.path, kBareDeploymentOperations, {"deployments"});
    if (!operation) return {};
    return byOperation("deployment-no-openai", *operation, true, request.path.fromEnd(operation->segments()));
}

Match anthropic(const Request& request) {
    const Path& path = request.path;
    for (std::size_t i = 0; i + 2 < path.size(); ++i) {
        if (!path.at(i, {"v1", "messages"})) continue;
        const std::string_view rule = i != 0 && path[i - 1] == "anthropic" ? "anthropic-foundry" : "anthropic-native";
        if (path[i + 2] == "count_tokens" && i + 3 == path.size() && request.post())
            return other(rule, RouteKind::Management, "anthropic.count_tokens");
        if (path[i + 2] == "batches") return other(rule, RouteKind::Management, "anthropic.batches");
    }
    for (std::size_t i = 0; i + 2 < path.size(); ++i) {
        if (!path.at(i, {"anthropic", "v1"})) continue;
        if (path[i + 2] == "models") return other("anthropic-foundry", RouteKind::Discovery, "anthropic.models");
        if (path[i + 2] == "files") return other("anthropic-foundry", RouteKind::Management, "anthropic.files");
    }
    if (!request.post()) return {};
    if (path.endsWith({"anthropic", "v1", "messages"})) return byOperation("anthropic-foundry", kMessages, true);
    if (path.endsWith({"v1", "messages"})) return byOperation("anthropic-native", kMessages, true);
    return {};
}

Match bedrock(const Request& request) {
    if (request.post() && request.path.fromEnd(0) == "apply" && request.path.fromEnd(2) == "version" &&
        request.path.fromEnd(4) == "guardrail")
        return other("bedrock", RouteKind::Management, "bedrock.guardrails");
    if (!request.post() || !request.path.before(2, {"model"})) return {};
    const std::string_view model = request.path.fromEnd(1);
    const std::string_view operation = request.path.fromEnd(0);
    if (model.empty()) return {};
    if (isOneOf(operation, {"converse", "converse-stream"}))
        return streamCall(call("bedrock", "bedrock.converse", Bedrock, model), operation);
    if (isOneOf(operation, {"invoke", "invoke-with-response-stream"}))
        return streamCall(call("bedrock", "bedrock.invoke", Anthropic, model), operation);
    if (operation == "count-tokens") return other("bedrock", RouteKind::Management, "bedrock.count_tokens", model);
    return {};
}

/// `MODEL:OPERATION`, the last segment of Google's URLs.
struct NamedOperation {
    std::string_view model;
    std::string_view operation;
};

std::optional<NamedOperation> namedOperation(const Path& path) {
    const std::string_view last = path.fromEnd(0);
    const std::size_t colon = last.find(':');
    if (colon == std::string_view::npos || colon == 0) return {};
    return NamedOperation{last.substr(0, colon), last.substr(colon + 1)};
}

Match gemini(const Request& request) {
    const Path& path = request.path;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        if (path[i] != "v1beta") continue;
        if (request.get() && path[i + 1] == "models") return other("gemini", RouteKind::Discovery, "gemini.models");
        if (path[i + 1] == "cachedContents") return other("gemini", RouteKind::Management, "gemini.cached_contents");
        if (path[i + 1] == "files") return other("gemini", RouteKind::Management, "gemini.files");
    }
    if (!request.post()) return {};
    if (const auto named = namedOperation(path);
        named && (path.before(1, {"v1", "models"}) || path.before(1, {"v1beta", "models"}))) {
        if (isOneOf(named->operation,
                    {"generateContent", "streamGenerateContent", "embedContent", "batchEmbedContents", "predict"}))
            return streamCall(call("gemini", "gemini", Gemini, named->model), named->operation);
        if (named->operation == "countTokens")
            return other("gemini", RouteKind::Management, "gemini.count_tokens", named->model);
    }
    const Operation* operation = operationAfter(path, kGeminiOpenAiOperations, {"v1", "openai"});
    if (!operation) operation = operationAfter(path, kGeminiOpenAiOperations, {"v1beta", "openai"});
    if (!operation) return {};
    return byOperation("gemini-openai", *operation, true);
}

Match vertex(const Request& request) {
    const Path& path = request.path;
    const auto named = namedOperation(path);
    if (!request.post() || !named) return {};
    // [v1|v1beta1] projects P locations L (publishers PUB models | endpoints) MODEL:OPERATION
    const bool publishers = path.fromEnd(1) == "models" && path.fromEnd(3) == "publishers";
    if (!publishers && path.fromEnd(1) != "endpoints") return {};
    const std::size_t tail = publishers ? 4 : 2;
    if (path.fromEnd(tail + 1) != "locations" || path.fromEnd(tail + 3) != "projects" ||
        !isOneOf(path.fromEnd(tail + 4), {"v1", "v1beta1"}))
        return {};
    if (named->operation == "countTokens")
        return other("vertex", RouteKind::Management, "gemini.count_tokens", named->model);
    if (!isOneOf(named->operation,
                 {"generateContent", "streamGenerateContent", "rawPredict", "streamRawPredict", "predict"}))
        return {};
    if (publishers && path.fromEnd(2) == "anthropic")
        return streamCall(call("vertex", "anthropic.messages", Anthropic, named->model), named->operation);
    return streamCall(call("vertex", "gemini", Gemini, named->model), named->operation);
}

Match native(const Request& request) {
    if (request.get() && request.path.endsWith({"v1", "realtime"}))
        return call("openai-realtime", "openai.realtime", OpenAiRealtime, queryValue(request.query, "model"));
    if (!request.post()) return {};
    if (const Operation* operation = operationAfter(request.path, kNativeOperations, {"v1"}))
        return byOperation("openai-native", *operation, true);
    if (request.path.endsWith({"cohere", "v2", "rerank"})) return call("cohere-rerank", "rerank", None);
    return {};
}

Match mcpOrProbe(const Request& request) {
    const Path& path = request.path;
    if (request.post() || request.get()) {
        const std::string_view last = path.fromEnd(0).empty() ? path.fromEnd(1) : path.fromEnd(0);
        if (isOneOf(last, {"mcp", "sse", "messages"})) return other("mcp", RouteKind::Mcp, "mcp");
    }
    if (request.get() && path.size() == 1 &&
        isOneOf(path[0], {"status-0123456789abcdef", "internal-status-0123456789abcdef"}))
        return other("apim-health", RouteKind::Probe, "apim.health");
    return {};
}

/// Gateways put the chat API behind any base path, some without a version (recordings of LiteLLM clients show
/// `/openai/chat/completions`). No other API ends like this.
Match chatBehindAnyPath(const Request& request) {
    if (!request.post() || !endsWith(request.path, kChat)) return {};
    return call("chat-behind-any-path", kChat.api, kChat.format);
}

/// The order is that of the rules: the first match wins.
constexpr std::array kRules{foundryProjectOpenAi,
                            azureDeployment,
                            azureRealtime,
                            azureV1,
                            azureV1Resources,
                            azureResponsesPreview,
                            foundryModels,
                            foundryProject,
                            deployments,
                            anthropic,
                            bedrock,
                            gemini,
                            vertex,
                            native,
                            olderResources};

/// Path (and query) of a request target: origin form as it is, absolute form without scheme and authority.
std::string_view originForm(std::string_view target) {
    if (target.starts_with('/')) return target;
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return {};
    const std::size_t slash = target.find('/', scheme + 3);
    return slash == std::string_view::npos ? std::string_view{} : target.substr(slash);
}

struct Wrapped {
    std::string_view rule;
    std::string_view rest;
};

/// `/v1/https/HOST/rest`: the form in which Foundry's data proxy names the gateway.
std::optional<Wrapped> dataProxy(std::string_view path) {
    for (const std::string_view start : {"/v1/https/", "/v1/http/"}) {
        if (!path.starts_with(start)) continue;
        const std::size_t slash = path.find('/', start.size());
        if (slash != std::string_view::npos && slash != start.size()) return Wrapped{"dataproxy", path.substr(slash)};
    }
    return {};
}

/// `/openai/rest`: LiteLLM's provider pass-through.
std::optional<Wrapped> providerPassThrough(std::string_view path) {
    if (!path.starts_with('/')) return {};
    const std::size_t slash = path.find('/', 1);
    if (slash == std::string_view::npos) return {};
    if (!isOneOf(path.substr(1, slash - 1),
                 {"azure", "openai", "anthropic", "bedrock", "vertex_ai", "gemini", "cohere"}))
        return {};
    return Wrapped{"litellm-passthrough", path.substr(slash)};
}

Route recognisePath(std::string_view method, std::string_view path, std::string_view query, int depth) {
    const auto unwrapped = [&](const Wrapped& wrapped) {
        Route route = recognisePath(method, wrapped.rest, query, depth + 1);
        route.wrapper = wrapped.rule;
        return route;
    };
    if (depth < kMaxWrappers)
        if (const auto wrapped = dataProxy(path)) return unwrapped(*wrapped);
    const Request request{method, query, Path(path)};
    for (const auto rule : kRules)
        if (Match match = rule(request)) return std::move(*match);
    if (depth < kMaxWrappers)
        if (const auto wrapped = providerPassThrough(path)) return unwrapped(*wrapped);
    if (Match match = mcpOrProbe(request)) return std::move(*match);
    if (Match match = chatBehindAnyPath(request)) return std::move(*match);
    return {};
}

} // namespace

Route recognise(std::string_view method, std::string_view target) {
    const std::string_view full = originForm(target);
    if (full.empty()) return {};
    const std::size_t question = full.find('?');
    const std::string_view query = question == std::string_view::npos ? std::string_view{} : full.substr(question + 1);
    return recognisePath(method, full.substr(0, question), query, 0);
}

} // namespace gatescope::llm

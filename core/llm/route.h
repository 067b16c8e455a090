// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// What a request is for, by its URL.
enum class RouteKind : std::uint8_t {
    Unknown,
    ModelCall,  ///< a model works and tokens are billed
    Management, ///< files, stored responses, counting tokens: usage in the answer was or is counted elsewhere
    Discovery,  ///< which models are there
    Probe,      ///< a health check
    Mcp         ///< Model Context Protocol
};

/// How an API reports usage and events; see resources/token-usage-fields.json.
enum class WireFormat : std::uint8_t {
    None,
    OpenAiChat, ///< chat completions and legacy completions
    OpenAiResponses,
    OpenAiEmbeddings,
    OpenAiMedia, ///< images and transcription: the field names of responses
    Anthropic,
    Bedrock,
    Gemini,
    OpenAiRealtime ///< JSON messages of a session; counts of all its answers add up
};

/// A recognised URL. Texts but `deployment` are constants.
struct Route {
    RouteKind kind = RouteKind::Unknown;
    std::string_view rule;    ///< id of the rule in resources/url-shapes.json that matched; empty: none
    std::string_view wrapper; ///< rule of the form around it, such as `dataproxy`
    std::string_view api;     ///< as in the contract, and the names of api_names.h; empty: not recognised
    WireFormat format = WireFormat::None;
    std::string deployment; ///< model or deployment that the URL names, percent-decoded
    bool streams = false;   ///< the operation that the URL names is a stream
};

/// Applies the rules of resources/url-shapes.json in their order. `target` is the request target as sent. A host never
/// rules a match out, because a gateway may have any name. Paths with more than 32 segments are matched by their end.
Route recognise(std::string_view method, std::string_view target);

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#include "core/llm/usage_reader.h"

#include "core/llm/json_access.h"

#include <limits>
#include <simdjson.h>

namespace gatescope::llm {

namespace {

namespace json = simdjson::ondemand;
using Key = json::raw_json_string;

void readInputDetails(json::value value, RawUsage& usage) {
    forEachMember(value, [&](Key part, json::value count) {
        if (isAny(part, {"cached_tokens"}))
            readCountInto(count, usage.cached);
        else if (isAny(part, {"cache_write_tokens"}))
            readCountInto(count, usage.cacheWrite);
        else if (isAny(part, {"audio_tokens"}))
            readCountInto(count, usage.audioInput);
        else if (isAny(part, {"image_tokens"}))
            readCountInto(count, usage.imageInput);
    });
}

void readOutputDetails(json::value value, RawUsage& usage) {
    forEachMember(value, [&](Key part, json::value count) {
        if (isAny(part, {"reasoning_tokens"}))
            readCountInto(count, usage.reasoning);
        else if (isAny(part, {"audio_tokens"}))
            readCountInto(count, usage.audioOutput);
        else if (isAny(part, {"image_tokens"}))
            readCountInto(count, usage.imageOutput);
    });
}

/// The names of all OpenAI APIs differ, and none means something else in another of them.
void readOpenAi(json::value value, RawUsage& usage) {
    forEachMember(value, [&](Key key, json::value count) {
        if (isAny(key, {"prompt_tokens", "input_tokens"}))
            readCountInto(count, usage.input);
        else if (isAny(key, {"completion_tokens", "output_tokens"}))
            readCountInto(count, usage.output);
        else if (isAny(key, {"total_tokens"}))
            readCountInto(count, usage.total);
        else if (isAny(key, {"prompt_tokens_details", "input_tokens_details", "input_token_details"}))
            readInputDetails(count, usage);
        else if (isAny(key, {"completion_tokens_details", "output_tokens_details", "output_token_details"}))
            readOutputDetails(count, usage);
    });
}

void readAnthropic(json::value value, UsageObject& usage) {
    RawUsage& counts = usage.counts;
    forEachMember(value, [&](Key key, json::value count) {
        if (isAny(key, {"input_tokens"}))
            readCountInto(count, counts.input);
        else if (isAny(key, {"output_tokens"}))
            readCountInto(count, counts.output);
        else if (isAny(key, {"cache_read_input_tokens"}))
            readCountInto(count, counts.cached);
        else if (isAny(key, {"cache_creation_input_tokens"}))
            readCountInto(count, counts.cacheWrite);
        else if (isAny(key, {"cache_creation"}))
            forEachMember(count, [&](Key part, json::value partCount) {
                if (isAny(part, {"ephemeral_5m_input_tokens"})) readCountInto(partCount, counts.cacheWrite5m);
                if (isAny(part, {"ephemeral_1h_input_tokens"})) readCountInto(partCount, counts.cacheWrite1h);
            });
        else if (isAny(key, {"output_tokens_details"}))
            forEachMember(count, [&](Key part, json::value partCount) {
                if (isAny(part, {"thinking_tokens"})) readCountInto(partCount, counts.reasoning);
            });
        else if (isAny(key, {"server_tool_use"}))
            forEachMember(count, [&](Key part, json::value partCount) {
                if (isAny(part, {"web_search_requests"})) readCountInto(partCount, counts.webSearches);
            });
        else if (isAny(key, {"service_tier"}))
            readText(count, usage.serviceTier);
    });
}

/// `cacheDetails`: one entry for each lifetime of what was written.
void readBedrockCacheDetails(json::value value, RawUsage& usage) {
    forEachElement(value, [&](json::value entry) {
        std::optional<std::int64_t> tokens;
        std::string lifetime;
        forEachMember(entry, [&](Key key, json::value member) {
            if (isAny(key, {"inputTokens"})) readCountInto(member, tokens);
            if (isAny(key, {"ttl"})) readText(member, lifetime);
        });
        if (lifetime == "5m") usage.cacheWrite5m = tokens;
        if (lifetime == "1h") usage.cacheWrite1h = tokens;
    });
}

void readBedrock(json::value value, RawUsage& usage) {
    forEachMember(value, [&](Key key, json::value count) {
        if (isAny(key, {"inputTokens"}))
            readCountInto(count, usage.input);
        else if (isAny(key, {"outputTokens"}))
            readCountInto(count, usage.output);
        else if (isAny(key, {"totalTokens"}))
            readCountInto(count, usage.total);
        else if (isAny(key, {"cacheReadInputTokens"}))
            readCountInto(count, usage.cached);
        else if (isAny(key, {"cacheWriteInputTokens"}))
            readCountInto(count, usage.cacheWrite);
        else if (isAny(key, {"cacheDetails"}))
            readBedrockCacheDetails(count, usage);
    });
}

void addTo(std::optional<std::int64_t>& sum, std::int64_t count) {
    if (!sum) sum = 0;
    if (count <= std::numeric_limits<std::int64_t>::max() - *sum) *sum += count;
}

/// `[{"modality":"AUDIO","tokenCount":12}]`.
void readModalities(json::value value, std::optional<std::int64_t>& audio, std::optional<std::int64_t>& image) {
    forEachElement(value, [&](json::value entry) {
        std::optional<std::int64_t> tokens;
        std::string modality;
        forEachMember(entry, [&](Key key, json::value member) {
            if (isAny(key, {"tokenCount"})) readCountInto(member, tokens);
            if (isAny(key, {"modality"})) readText(member, modality);
        });
        if (!tokens) return;
        if (modality == "AUDIO") addTo(audio, *tokens);
        if (modality == "IMAGE") addTo(image, *tokens);
    });
}

void readGemini(json::value value, UsageObject& usage) {
    RawUsage& counts = usage.counts;
    forEachMember(value, [&](Key key, json::value count) {
        if (isAny(key, {"promptTokenCount"}))
            readCountInto(count, counts.input);
        else if (isAny(key, {"candidatesTokenCount"}))
            readCountInto(count, counts.output);
        else if (isAny(key, {"totalTokenCount"}))
            readCountInto(count, counts.total);
        else if (isAny(key, {"cachedContentTokenCount"}))
            readCountInto(count, counts.cached);
        else if (isAny(key, {"thoughtsTokenCount"}))
            readCountInto(count, counts.reasoning);
        else if (isAny(key, {"toolUsePromptTokenCount"}))
            readCountInto(count, counts.toolPrompt);
        else if (isAny(key, {"promptTokensDetails", "toolUsePromptTokensDetails"}))
            readModalities(count, counts.audioInput, counts.imageInput);
        else if (isAny(key, {"candidatesTokensDetails"}))
            readModalities(count, counts.audioOutput, counts.imageOutput);
        else if (isAny(key, {"trafficType"}))
            readText(count, usage.serviceTier);
    });
}

} // namespace

template <typename Value>
UsageObject readUsageObject(WireFormat format, Value value) {
    UsageObject usage;
    switch (format) {
    case WireFormat::None:
        break;
    case WireFormat::Anthropic:
        readAnthropic(value, usage);
        break;
    case WireFormat::Bedrock:
        readBedrock(value, usage.counts);
        break;
    case WireFormat::Gemini:
        readGemini(value, usage);
        break;
    default:
        readOpenAi(value, usage.counts);
    }
    return usage;
}

template UsageObject readUsageObject(WireFormat, json::value);

} // namespace gatescope::llm

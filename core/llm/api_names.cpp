// SPDX-License-Identifier: Apache-2.0
#include "core/llm/api_names.h"

#include <algorithm>
#include <array>

namespace gatescope::llm {

namespace {

/// In alphabetical order.
constexpr std::array<std::string_view, 46> kOtherApis{"anthropic.batches",
                                                      "anthropic.count_tokens",
                                                      "anthropic.files",
                                                      "anthropic.models",
                                                      "apim.health",
                                                      "bedrock.count_tokens",
                                                      "bedrock.guardrails",
                                                      "foundry.agents",
                                                      "foundry.assistants",
                                                      "foundry.connections",
                                                      "foundry.deployments",
                                                      "foundry.evaluations",
                                                      "foundry.evaluators",
                                                      "foundry.indexes",
                                                      "foundry.info",
                                                      "foundry.insights",
                                                      "foundry.memory_stores",
                                                      "foundry.red_teams",
                                                      "foundry.runs",
                                                      "foundry.schedules",
                                                      "foundry.threads",
                                                      "foundry.toolboxes",
                                                      "gemini.cached_contents",
                                                      "gemini.count_tokens",
                                                      "gemini.files",
                                                      "gemini.models",
                                                      "mcp",
                                                      "openai.assistants",
                                                      "openai.batches",
                                                      "openai.chat.stored",
                                                      "openai.containers",
                                                      "openai.conversations",
                                                      "openai.evals",
                                                      "openai.files",
                                                      "openai.fine_tuning",
                                                      "openai.models",
                                                      "openai.realtime.calls",
                                                      "openai.realtime.client_secrets",
                                                      "openai.realtime.session",
                                                      "openai.responses.input_tokens",
                                                      "openai.responses.session",
                                                      "openai.responses.stored",
                                                      "openai.threads",
                                                      "openai.uploads",
                                                      "openai.vector_stores",
                                                      "openai.videos"};
static_assert(std::ranges::is_sorted(kOtherApis));

/// The name that is `room`, a dot and `segment`.
std::string_view nameOf(std::string_view room, std::string_view segment) {
    for (const std::string_view name : kOtherApis)
        if (name.size() == room.size() + 1 + segment.size() && name.starts_with(room) && name.ends_with(segment) &&
            name[room.size()] == '.')
            return name;
    return {};
}

} // namespace

std::span<const std::string_view> otherApis() {
    return kOtherApis;
}

bool isModelCall(std::string_view api) {
    return !api.empty() && !std::ranges::binary_search(kOtherApis, api);
}

std::string_view openAiResource(std::string_view segment) {
    // Names with a dot of their own are no segments of a path.
    return segment.contains('.') ? std::string_view{} : nameOf("openai", segment);
}

std::string_view foundryResource(std::string_view segment) {
    return nameOf("foundry", segment);
}

} // namespace gatescope::llm

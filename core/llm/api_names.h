// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace gatescope::llm {

/// Names of what is no call of a model: files, batches, stored responses, lists of models, counting of tokens, tools,
/// health checks, and the handshake of a session, whose responses are the calls. No tokens are billed for it, or they
/// are counted with another exchange. Every other name that `CallFacts::api` holds is a call.
std::span<const std::string_view> otherApis();

/// True for the name of a call of a model; false for no name.
bool isModelCall(std::string_view api);

/// The name for a resource of OpenAI's API, by the segment behind `openai`, `openai/v1` or `v1`: `files` gives
/// `openai.files`. Empty: it is none that is known. Constants.
std::string_view openAiResource(std::string_view segment);
/// Likewise behind `api/projects/NAME`: `agents` gives `foundry.agents`.
std::string_view foundryResource(std::string_view segment);

} // namespace gatescope::llm

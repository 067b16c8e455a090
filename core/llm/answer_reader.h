// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/body_facts.h"

#include <cstdint>
#include <string_view>

namespace gatescope::llm {

/// Readers of the parts of an answer that hold what the model made: text, calls of tools, why it ended, what filters
/// said. One for each provider's shape. Defined for the value type of the JSON parser only.

/// Text that the model made, as the token of a JSON string.
void deliverText(std::string_view token, ResponseFacts& facts);

/// `choices` of chat and legacy completions, with `message` or, in events, `delta`.
template <typename Value>
void readChoices(Value value, ResponseFacts& facts);

/// `output` of a response: the whole list of items. It replaces what events said of tools, but for `oneOfMany`
/// responses of a session.
template <typename Value>
void readOutput(Value value, bool oneOfMany, ResponseFacts& facts);

/// One item of it, as `response.output_item.added` and `.done` carry it.
template <typename Value>
void readOutputItem(Value value, std::uint64_t place, ResponseFacts& facts);

/// `content` of an Anthropic message: a list of blocks.
template <typename Value>
void readBlocks(Value value, ResponseFacts& facts);

/// One block, as `content_block_start` carries it.
template <typename Value>
void readBlock(Value value, std::uint64_t place, ResponseFacts& facts);

/// `candidates` of Gemini.
template <typename Value>
void readCandidates(Value value, ResponseFacts& facts);

/// `start` of a `contentBlockStart` event of Bedrock, and `delta` of a `contentBlockDelta`.
template <typename Value>
void readBedrockStart(Value value, ResponseFacts& facts);
template <typename Value>
void readBedrockDelta(Value value, ResponseFacts& facts);

/// `output` of a Bedrock converse answer.
template <typename Value>
void readBedrockOutput(Value value, ResponseFacts& facts);

} // namespace gatescope::llm

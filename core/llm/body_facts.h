// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/filter_verdicts.h"
#include "core/llm/tool_calls.h"
#include "core/llm/usage.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gatescope::llm {

class TextCount;

/// What the body of a request says.
struct RequestFacts {
    std::string model;
    bool stream = false;
    std::optional<std::int64_t> maxTokens;   ///< `max_completion_tokens` before the older `max_tokens`, and their like
    std::optional<std::int64_t> promptBytes; ///< as CallFacts defines it; absent: no member of the body is a prompt
    std::uint32_t images = 0;
    TextCount* text = nullptr; ///< counts the tokens of what `promptBytes` measures; none: nobody asked
    void clear() {
        TextCount* const kept = text;
        *this = {};
        text = kept;
    }
};

/// What the answer says of its failure, for telling who refused.
struct ErrorFacts {
    /// Longest message that is kept: the words that matter stand in its first sentences.
    static constexpr std::size_t kMaxMessage = 1024;

    bool present = false;                   ///< there was an `error` member, or an event of that type
    std::string code;                       ///< `error.code`, else `error.type`
    std::string type;                       ///< `error.type`
    std::string status;                     ///< Google's `error.status`
    std::string message;                    ///< its beginning
    std::optional<std::int64_t> statusCode; ///< at the top, as API Management's own answers have it
};

/// What the body of an answer says, or all events of a stream together.
struct ResponseFacts {
    RawUsage usage;
    /// Bedrock's own count at the end of a stream, whatever the model says.
    std::optional<std::int64_t> invokedInput, invokedOutput;
    std::string model;
    std::string responseId; ///< `id` of the answer; the first one, as events repeat it
    std::string finishReason;
    std::string serviceTier;
    ErrorFacts error;
    ToolCalls tools;
    FilterVerdicts verdicts;
    /// Octets of text delivered so far, as CallFacts defines them.
    std::int64_t contentBytes = 0;
    bool content = false;      ///< the last document carried content, reasoning or a tool call
    bool usageSeen = false;    ///< the last document carried token counts
    bool fromEvents = false;   ///< events: repetitions of what was streamed are not content
    TextCount* text = nullptr; ///< counts the tokens of what `contentBytes` measures; none: nobody asked
    void clear() {
        TextCount* const kept = text;
        *this = {};
        text = kept;
    }
    /// What was counted in a part of a document says nothing of the whole.
    void forgetContent() {
        contentBytes = 0;
        tools.clear();
    }
    /// Before the next document of the same answer.
    void beginDocument() { content = usageSeen = false; }
};

} // namespace gatescope::llm

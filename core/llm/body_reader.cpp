// SPDX-License-Identifier: Apache-2.0
#include "core/llm/body_reader.h"

#include "core/llm/answer_reader.h"
#include "core/llm/json_access.h"
#include "core/llm/json_text.h"
#include "core/llm/request_reader.h"
#include "core/llm/usage_reader.h"

#include <array>
#include <simdjson.h>
#include <span>
#include <utility>

namespace gatescope::llm {

namespace {

namespace json = simdjson::ondemand;
using Key = json::raw_json_string;

static_assert(PaddedBuffer::kPadding >= simdjson::SIMDJSON_PADDING);

/// Places in the tail of a document that looked like a member and were none, before the search is given up.
constexpr int kMaxFailures = 32;
/// `response` and `message` hold the object of the event; nothing we read is nested deeper.
constexpr int kMaxNesting = 1;

constexpr std::array<std::string_view, 5> kRequestNames{"\"model\"", "\"stream\"", "\"max_tokens\"",
                                                        "\"max_completion_tokens\"", "\"max_output_tokens\""};
constexpr std::array<std::string_view, 7> kResponseNames{
    "\"usage\"", "\"usageMetadata\"", "\"model\"", "\"status\"", "\"stop_reason\"", "\"error\"", "\"service_tier\""};
constexpr std::array<std::string_view, 2> kChoiceNames{"\"finish_reason\"", "\"finishReason\""};

/// The beginning of a text; the rest of it is not needed.
void readMessageText(json::value value, std::string& out) {
    std::string_view text;
    if (!value.get_string().get(text)) out.assign(text.substr(0, ErrorFacts::kMaxMessage));
}

void readInnerError(json::value value, FilterVerdicts& verdicts) {
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"content_filter_result", "content_filter_results"}))
            readFilterResults(member, FilteredPart::Prompt, verdicts);
    });
}

/// `error.code`, else `error.type`. A code may be a number; an error may be no more than a sentence.
void readError(json::value value, ResponseFacts& facts) {
    const std::string_view token = value.raw_json_token();
    if (!token.starts_with('{') && !token.starts_with('"')) return;
    ErrorFacts& error = facts.error;
    error.present = true;
    if (token.starts_with('"')) {
        readMessageText(value, error.message);
        return;
    }
    std::string code;
    std::string type;
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"type"})) {
            readText(member, type);
        } else if (isAny(key, {"status"})) {
            readText(member, error.status);
        } else if (isAny(key, {"message"})) {
            readMessageText(member, error.message);
        } else if (isAny(key, {"innererror"})) {
            readInnerError(member, facts.verdicts);
        } else if (isAny(key, {"content_filter_result", "content_filter_results"})) {
            readFilterResults(member, FilteredPart::Prompt, facts.verdicts);
        } else if (isAny(key, {"code"}) && !readText(member, code)) {
            if (const auto number = readCount(member)) code = std::to_string(*number);
        }
    });
    if (!type.empty()) error.type = type;
    if (code.empty()) code.swap(type);
    if (!code.empty()) error.code.swap(code);
}

/// Members whose meaning depends on one another, whatever their order.
struct Outcome {
    std::string type;
    std::string status;
    std::string incompleteReason;
    std::string code;
    std::string message;
    std::string_view delta; ///< token of its text
    std::int64_t place = 0; ///< `index`, `output_index`
};

/// Sound comes as base64, which is no text.
bool isSound(std::string_view type) {
    return type.ends_with("audio.delta");
}

void applyOutcome(WireFormat format, const Outcome& outcome, ResponseFacts& facts) {
    const bool delivers =
        format == WireFormat::Anthropic ? outcome.type == "content_block_delta" : outcome.type.ends_with(".delta");
    if (delivers) {
        facts.content = true;
        if (!isSound(outcome.type)) deliverText(outcome.delta, facts);
    }
    if (outcome.type.ends_with(".partial_image")) facts.content = true;
    if (outcome.type == "error") {
        facts.error.present = true;
        if (facts.error.code.empty()) facts.error.code = outcome.code;
        if (facts.error.message.empty()) facts.error.message = outcome.message;
    }
    if (format != WireFormat::OpenAiResponses && format != WireFormat::OpenAiRealtime) return;
    const bool incomplete = outcome.status == "incomplete";
    const bool cancelled = outcome.status == "cancelled"; // a session says who did it
    const bool ended = outcome.status == "completed" || outcome.status == "failed" || cancelled;
    if ((incomplete || cancelled) && !outcome.incompleteReason.empty())
        facts.finishReason = outcome.incompleteReason;
    else if (ended || incomplete)
        facts.finishReason = outcome.status;
}

/// Events of responses and of Anthropic hold the answer in a member of its own, and an `id` beside it is the event's.
void takeResponseId(json::value value, ResponseFacts& facts, int nesting) {
    if (facts.fromEvents == (nesting != 0)) readTextOnce(value, facts.responseId);
}

bool readTop(WireFormat format, json::object object, ResponseFacts& facts, int nesting);

void readNested(WireFormat format, json::value value, ResponseFacts& facts, int nesting) {
    json::object object;
    if (nesting < kMaxNesting && !value.get_object().get(object)) readTop(format, object, facts, nesting + 1);
}

void takeUsage(WireFormat format, json::value value, ResponseFacts& facts, int nesting) {
    // In a session, what stands at the top is the bill of another model, the one that transcribed the input.
    if (format == WireFormat::OpenAiRealtime && nesting == 0) return;
    UsageObject usage = readUsageObject(format, value);
    // The output that message_start names is a placeholder: only message_delta knows.
    if (format == WireFormat::Anthropic && nesting != 0) usage.counts.output.reset();
    if (!usage.serviceTier.empty()) facts.serviceTier.swap(usage.serviceTier);
    if (usage.counts.empty()) return;
    facts.usageSeen = true;
    if (format == WireFormat::OpenAiRealtime)
        facts.usage.add(usage.counts);
    else
        facts.usage.replaceWith(usage.counts);
}

void readResponsesMember(WireFormat format, Key key, json::value value, ResponseFacts& facts, Outcome& outcome,
                         int nesting) {
    if (isAny(key, {"status"}))
        readText(value, outcome.status);
    else if (isAny(key, {"id"}) && format == WireFormat::OpenAiResponses) // a session has many answers
        takeResponseId(value, facts, nesting);
    else if (isAny(key, {"response"}))
        readNested(format, value, facts, nesting);
    else if (isAny(key, {"output"}))
        readOutput(value, format == WireFormat::OpenAiRealtime, facts);
    else if (isAny(key, {"session"}) && format == WireFormat::OpenAiRealtime)
        forEachMember(value, [&](Key part, json::value model) {
            if (isAny(part, {"model"})) readTextOnce(model, facts.model);
        });
    else if (isAny(key, {"output_index"}))
        outcome.place = readCount(value).value_or(0);
    else if (isAny(key, {"item"}) && format == WireFormat::OpenAiResponses) // a session's are all in its answers
        readOutputItem(value, static_cast<std::uint64_t>(outcome.place), facts);
    else if (isAny(key, {"content_filters"}))
        readContentFilters(value, facts.verdicts);
    else if (isAny(key, {"incomplete_details", "status_details"}))
        forEachMember(value, [&](Key part, json::value reason) {
            if (isAny(part, {"reason"})) readText(reason, outcome.incompleteReason);
            if (isAny(part, {"error"})) readError(reason, facts);
        });
}

void readAnthropicMember(Key key, json::value value, ResponseFacts& facts, Outcome& outcome, int nesting) {
    if (isAny(key, {"stop_reason"}))
        readText(value, facts.finishReason);
    else if (isAny(key, {"id"}))
        takeResponseId(value, facts, nesting);
    else if (isAny(key, {"message"}))
        readNested(WireFormat::Anthropic, value, facts, nesting);
    else if (isAny(key, {"index"}))
        outcome.place = readCount(value).value_or(0);
    else if (isAny(key, {"content_block"}))
        readBlock(value, static_cast<std::uint64_t>(outcome.place), facts);
    else if (isAny(key, {"content"}) && !facts.fromEvents)
        readBlocks(value, facts);
    else if (isAny(key, {"amazon-bedrock-invocationMetrics"}))
        forEachMember(value, [&](Key part, json::value count) {
            if (isAny(part, {"inputTokenCount"})) readCountInto(count, facts.invokedInput);
            if (isAny(part, {"outputTokenCount"})) readCountInto(count, facts.invokedOutput);
        });
}

/// `delta` of the event APIs: a text, or an object.
void readDelta(json::value value, ResponseFacts& facts, Outcome& outcome) {
    if (isString(value)) {
        outcome.delta = value.raw_json_token();
        return;
    }
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"stop_reason"}))
            readText(member, facts.finishReason);
        else if (isAny(key, {"text", "thinking", "partial_json"}))
            outcome.delta = member.raw_json_token();
    });
}

void readMember(WireFormat format, Key key, json::value value, ResponseFacts& facts, Outcome& outcome, int nesting) {
    if (isAny(key, {"model", "modelVersion"})) {
        readTextOnce(value, facts.model);
    } else if (isAny(key, {"usage", "usageMetadata"})) {
        if ((format == WireFormat::Gemini) == isAny(key, {"usageMetadata"})) takeUsage(format, value, facts, nesting);
    } else if (isAny(key, {"error"})) {
        readError(value, facts);
    } else if (isAny(key, {"type"})) {
        readText(value, outcome.type);
    } else if (isAny(key, {"code"})) {
        readText(value, outcome.code);
    } else if (isAny(key, {"statusCode"})) {
        readCountInto(value, facts.error.statusCode);
    } else if (isAny(key, {"message"}) && isString(value)) {
        readMessageText(value, outcome.message);
    } else if (isAny(key, {"service_tier"})) {
        readText(value, facts.serviceTier);
    } else if (isAny(key, {"delta"})) {
        if (format == WireFormat::Bedrock)
            readBedrockDelta(value, facts);
        else
            readDelta(value, facts, outcome);
    } else if (format == WireFormat::OpenAiChat) {
        if (isAny(key, {"choices"}))
            readChoices(value, facts);
        else if (isAny(key, {"id"}))
            readTextOnce(value, facts.responseId);
        else if (isAny(key, {"prompt_filter_results", "prompt_annotations"}))
            readPromptFilterResults(value, facts.verdicts);
    } else if (format == WireFormat::OpenAiResponses || format == WireFormat::OpenAiRealtime) {
        readResponsesMember(format, key, value, facts, outcome, nesting);
    } else if (format == WireFormat::Anthropic) {
        readAnthropicMember(key, value, facts, outcome, nesting);
    } else if (format == WireFormat::Gemini) {
        if (isAny(key, {"candidates"}))
            readCandidates(value, facts);
        else if (isAny(key, {"responseId"}))
            readTextOnce(value, facts.responseId);
        else if (isAny(key, {"promptFeedback"}))
            forEachMember(value, [&](Key part, json::value ratings) {
                if (isAny(part, {"safetyRatings"})) readSafetyRatings(ratings, FilteredPart::Prompt, facts.verdicts);
            });
    } else if (format == WireFormat::OpenAiMedia) {
        if (isAny(key, {"text"}) && !facts.fromEvents) // of a transcription; its events end with the same text again
            facts.contentBytes += static_cast<std::int64_t>(textOctets(value.raw_json_token()));
    } else if (format == WireFormat::Bedrock) {
        if (isAny(key, {"stopReason"}))
            readText(value, facts.finishReason);
        else if (isAny(key, {"output"}))
            readBedrockOutput(value, facts);
        else if (isAny(key, {"start"}))
            readBedrockStart(value, facts);
    }
}

bool readTop(WireFormat format, json::object object, ResponseFacts& facts, int nesting) {
    Outcome outcome;
    const bool valid = forEachMemberOf(
        object, [&](Key key, json::value value) { readMember(format, key, value, facts, outcome, nesting); });
    applyOutcome(format, outcome, facts);
    if (nesting == 0 && facts.error.message.empty()) facts.error.message = outcome.message;
    return valid;
}

/// Where a document that was cut can be ended so that it is whole again.
struct Ending {
    std::size_t length = 0;   ///< of the text that is kept; 0: nothing is left
    std::string_view closers; ///< what is to be put behind it
};

/// The last comma between two members of the object at the top, between two elements of a list that is a member of it,
/// or between two members of such an element; or the closing brace. Deeper ones are not looked for: nothing that we
/// read of a cut document stands there.
Ending endingOf(std::string_view text) {
    std::size_t depth = 0;
    bool list = false;         // what is open at depth 2 is a list,
    bool objectInList = false; // and an object of it is open at depth 3
    Ending ending;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            i = closingQuote(text, i + 1);
            if (i == std::string_view::npos) return ending;
        } else if (c == '{' || c == '[') {
            ++depth;
            if (depth == 2) list = c == '[';
            if (depth == 3) objectInList = list && c == '{';
        } else if (c == '}' || c == ']') {
            if (depth <= 1) return {i, "}"}; // the document is whole
            --depth;
        } else if (c == ',' && depth == 1) {
            ending = {i, "}"};
        } else if (c == ',' && depth == 2 && list) {
            ending = {i, "]}"};
        } else if (c == ',' && depth == 3 && objectInList) {
            ending = {i, "}]}"};
        }
    }
    return ending;
}

/// True when a member's name may begin at `at`: behind a brace or comma, with blanks between.
bool nameMayBeginAt(std::string_view text, std::size_t at) {
    while (at != 0) {
        const char before = text[--at];
        if (before == '{' || before == ',') return true;
        if (before != ' ' && before != '\n' && before != '\r' && before != '\t') return false;
    }
    return false;
}

} // namespace

struct BodyReader::State {
    json::parser parser;
    PaddedBuffer scratch;

    /// `read(object)` for the document, or for each element when it is a list.
    template <typename Read>
    bool parse(const PaddedBuffer& text, Read&& read, bool toItsEnd = false) {
        if (text.empty()) return false;
        json::document document;
        if (parser.iterate(text.data(), text.size(), text.size() + PaddedBuffer::kPadding).get(document)) return false;
        json::object object;
        json::array list;
        if (!document.get_object().get(object))
            return read(object) && (!toItsEnd || document.current_location().error() == simdjson::OUT_OF_BOUNDS);
        if (document.get_array().get(list)) return false;
        for (auto element : list) {
            if (std::move(element).get_object().get(object) || !read(object)) return false;
        }
        return true;
    }

    template <typename Read>
    void parseHead(std::string_view head, Read&& read) {
        const Ending ending = endingOf(head);
        if (ending.length == 0 || head.find_first_not_of(" \t\r\n") != head.find('{')) return;
        scratch.assign(head.substr(0, ending.length));
        scratch.append(ending.closers);
        parse(scratch, read);
    }

    /// Goes back from the end to each member that has one of `names`. `attempt(text)` reads the object that `opening`
    /// and what begins there make into a copy and says whether it was whole. One success is enough for a name.
    template <typename Attempt>
    void parseTail(std::string_view tail, std::span<const std::string_view> names, std::string_view opening,
                   Attempt&& attempt) {
        unsigned done = 0;
        int failures = 0;
        for (std::size_t at = tail.rfind('"'); at != std::string_view::npos && at != 0; at = tail.rfind('"', at - 1)) {
            const std::string_view rest = tail.substr(at);
            for (std::size_t i = 0; i < names.size(); ++i) {
                if ((done >> i & 1U) != 0 || !rest.starts_with(names[i]) || !nameMayBeginAt(tail, at)) continue;
                scratch.assign(opening);
                scratch.append(rest);
                if (attempt(scratch))
                    done |= 1U << i;
                else if (++failures == kMaxFailures)
                    return;
            }
        }
    }
};

BodyReader::BodyReader() : m_state(std::make_unique<State>()) {}
BodyReader::~BodyReader() = default;

bool BodyReader::readRequest(const PaddedBuffer& body, RequestFacts& facts) {
    return m_state->parse(body, [&](json::object object) { return readRequestObject(object, true, facts); });
}

bool BodyReader::readResponse(WireFormat format, const PaddedBuffer& body, ResponseFacts& facts) {
    return m_state->parse(body, [&](json::object object) { return readTop(format, object, facts, 0); });
}

bool BodyReader::readEvent(WireFormat format, std::string_view data, ResponseFacts& facts) {
    facts.fromEvents = true;
    facts.beginDocument();
    m_state->scratch.assign(data);
    return readResponse(format, m_state->scratch, facts);
}

void BodyReader::readRequestHead(std::string_view head, RequestFacts& facts) {
    m_state->parseHead(head, [&](json::object object) { return readRequestObject(object, false, facts); });
}

void BodyReader::readResponseHead(WireFormat format, std::string_view head, ResponseFacts& facts) {
    m_state->parseHead(head, [&](json::object object) { return readTop(format, object, facts, 0); });
    facts.forgetContent();
}

void BodyReader::readRequestTail(std::string_view tail, RequestFacts& facts) {
    m_state->parseTail(tail, kRequestNames, "{", [&](const PaddedBuffer& text) {
        RequestFacts found = facts;
        const auto read = [&](json::object object) { return readRequestObject(object, false, found); };
        if (!m_state->parse(text, read, true)) return false;
        facts = std::move(found);
        return true;
    });
}

void BodyReader::readResponseTail(WireFormat format, std::string_view tail, ResponseFacts& facts) {
    const auto attempt = [&](const PaddedBuffer& text) {
        ResponseFacts found = facts;
        if (!m_state->parse(text, [&](json::object object) { return readTop(format, object, found, 0); }, true))
            return false;
        facts = std::move(found);
        return true;
    };
    m_state->parseTail(tail, kResponseNames, "{", attempt);
    if (facts.finishReason.empty() && format == WireFormat::OpenAiChat)
        m_state->parseTail(tail, std::span(kChoiceNames).first(1), "{\"choices\":[{", attempt);
    if (facts.finishReason.empty() && format == WireFormat::Gemini)
        m_state->parseTail(tail, std::span(kChoiceNames).last(1), "{\"candidates\":[{", attempt);
    facts.forgetContent();
}

} // namespace gatescope::llm

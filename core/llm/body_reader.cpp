// SPDX-License-Identifier: Apache-2.0
#include "core/llm/body_reader.h"

#include <array>
#include <cmath>
#include <optional>
#include <simdjson.h>
#include <span>

namespace gatescope::llm {

namespace {

namespace json = simdjson::ondemand;
using simdjson::error_code;

static_assert(PaddedBuffer::kPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kMaxText = 256;
/// Places in the tail of a document that looked like a member and were none, before the search is given up.
constexpr int kMaxFailures = 32;
/// `response` and `message` hold the object of the event; nothing we read is nested deeper.
constexpr int kMaxNesting = 1;

constexpr std::array<std::string_view, 2> kRequestNames{"\"model\"", "\"stream\""};
constexpr std::array<std::string_view, 6> kResponseNames{"\"usage\"",  "\"usageMetadata\"", "\"model\"",
                                                         "\"status\"", "\"stop_reason\"",   "\"error\""};

/// Text of a string value; false for another type, for an empty text and for one over the limit.
bool readText(json::value value, std::string& out) {
    std::string_view text;
    if (value.get_string().get(text) || text.empty() || text.size() > kMaxText) return false;
    out.assign(text);
    return true;
}

void readTextOnce(json::value value, std::string& out) {
    if (out.empty()) readText(value, out);
}

/// A count: a whole number, not negative. Some gateways write it as `12.0`.
std::optional<std::int64_t> readCount(json::value value) {
    std::int64_t whole = 0;
    if (!value.get_int64().get(whole)) return whole < 0 ? std::nullopt : std::optional(whole);
    double number = 0;
    if (value.get_double().get(number) || !(number >= 0) || number > 9e15 || number != std::floor(number)) return {};
    return static_cast<std::int64_t>(number);
}

void readCountInto(json::value value, std::optional<std::int64_t>& out) {
    if (const auto count = readCount(value)) out = count;
}

bool isNull(json::value value) {
    return value.raw_json_token().starts_with('n');
}

/// True for a text, list or object with something in it.
bool holdsSomething(json::value value) {
    const std::string_view token = value.raw_json_token();
    if (token.starts_with('"')) return !token.starts_with("\"\"");
    json::array list;
    if (token.starts_with('[') && !value.get_array().get(list)) {
        for (auto element : list) return !element.error();
        return false;
    }
    return token.starts_with('{');
}

/// Calls `member(key, value)` for each member until it gives an error.
template <typename Member>
error_code forEachMember(json::object object, Member&& member) {
    for (auto field : object) {
        json::field parts;
        if (const error_code error = std::move(field).get(parts)) return error;
        member(parts.key(), parts.value());
    }
    return simdjson::SUCCESS;
}

template <typename Member>
void forEachMember(json::value value, Member&& member) {
    json::object object;
    if (!value.get_object().get(object)) forEachMember(object, std::forward<Member>(member));
}

template <typename Member>
void forEachObject(json::value value, Member&& member) {
    json::array list;
    if (value.get_array().get(list)) return;
    for (auto element : list) {
        json::object object;
        if (std::move(element).get_object().get(object)) return;
        if (forEachMember(object, member)) return;
    }
}

bool isAny(json::raw_json_string key, std::initializer_list<std::string_view> names) {
    // The first letter tells nearly all names apart. Reading behind a short key is safe: the padding is longer.
    for (const std::string_view name : names)
        if (key.raw()[0] == name[0] && key.unsafe_is_equal(name)) return true;
    return false;
}

void readOpenAiUsage(json::value value, RawUsage& usage) {
    forEachMember(value, [&](json::raw_json_string key, json::value count) {
        if (isAny(key, {"prompt_tokens", "input_tokens"}))
            readCountInto(count, usage.input);
        else if (isAny(key, {"completion_tokens", "output_tokens"}))
            readCountInto(count, usage.output);
        else if (isAny(key, {"total_tokens"}))
            readCountInto(count, usage.total);
        else if (isAny(key, {"prompt_tokens_details", "input_tokens_details", "input_token_details"}))
            forEachMember(count, [&](json::raw_json_string part, json::value partCount) {
                if (isAny(part, {"cached_tokens"}))
                    readCountInto(partCount, usage.cached);
                else if (isAny(part, {"cache_write_tokens"}))
                    readCountInto(partCount, usage.cacheWrite);
            });
        else if (isAny(key, {"completion_tokens_details", "output_tokens_details", "output_token_details"}))
            forEachMember(count, [&](json::raw_json_string part, json::value partCount) {
                if (isAny(part, {"reasoning_tokens"})) readCountInto(partCount, usage.reasoning);
            });
    });
}

void readAnthropicUsage(json::value value, RawUsage& usage) {
    forEachMember(value, [&](json::raw_json_string key, json::value count) {
        if (isAny(key, {"input_tokens"}))
            readCountInto(count, usage.input);
        else if (isAny(key, {"output_tokens"}))
            readCountInto(count, usage.output);
        else if (isAny(key, {"cache_read_input_tokens"}))
            readCountInto(count, usage.cached);
        else if (isAny(key, {"cache_creation_input_tokens"}))
            readCountInto(count, usage.cacheWrite);
        else if (isAny(key, {"output_tokens_details"}))
            forEachMember(count, [&](json::raw_json_string part, json::value partCount) {
                if (isAny(part, {"thinking_tokens"})) readCountInto(partCount, usage.reasoning);
            });
    });
}

void readBedrockUsage(json::value value, RawUsage& usage) {
    forEachMember(value, [&](json::raw_json_string key, json::value count) {
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
    });
}

void readGeminiUsage(json::value value, RawUsage& usage) {
    forEachMember(value, [&](json::raw_json_string key, json::value count) {
        if (isAny(key, {"promptTokenCount"}))
            readCountInto(count, usage.input);
        else if (isAny(key, {"candidatesTokenCount"}))
            readCountInto(count, usage.output);
        else if (isAny(key, {"totalTokenCount"}))
            readCountInto(count, usage.total);
        else if (isAny(key, {"cachedContentTokenCount"}))
            readCountInto(count, usage.cached);
        else if (isAny(key, {"thoughtsTokenCount"}))
            readCountInto(count, usage.reasoning);
        else if (isAny(key, {"toolUsePromptTokenCount"}))
            readCountInto(count, usage.toolPrompt);
    });
}

/// `error.code`, else `error.type`. A code may be a number.
void readError(json::value value, std::string& out) {
    std::string code;
    std::string type;
    forEachMember(value, [&](json::raw_json_string key, json::value member) {
        if (isAny(key, {"type"})) readText(member, type);
        if (!isAny(key, {"code"}) || readText(member, code)) return;
        if (const auto number = readCount(member)) code = std::to_string(*number);
    });
    if (code.empty()) code.swap(type);
    if (!code.empty()) out.swap(code);
}

void readChoices(json::value choices, ResponseFacts& facts) {
    forEachObject(choices, [&](json::raw_json_string key, json::value value) {
        if (isAny(key, {"finish_reason"}))
            readTextOnce(value, facts.finishReason);
        else if (isAny(key, {"text"}))
            facts.content = facts.content || holdsSomething(value);
        else if (isAny(key, {"delta"}))
            forEachMember(value, [&](json::raw_json_string part, json::value delta) {
                if (isAny(part, {"content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call",
                                 "audio"}))
                    facts.content = holdsSomething(delta) || facts.content;
            });
    });
}

void readCandidates(json::value candidates, ResponseFacts& facts) {
    forEachObject(candidates, [&](json::raw_json_string key, json::value value) {
        if (isAny(key, {"finishReason"}))
            readText(value, facts.finishReason);
        else if (isAny(key, {"content"}))
            forEachMember(value, [&](json::raw_json_string part, json::value parts) {
                if (isAny(part, {"parts"})) facts.content = holdsSomething(parts) || facts.content;
            });
    });
}

/// Members whose meaning depends on one another, whatever their order.
struct Outcome {
    std::string type;
    std::string status;
    std::string incompleteReason;
    std::string code;
};

void applyOutcome(WireFormat format, const Outcome& outcome, ResponseFacts& facts) {
    if (format == WireFormat::Anthropic) {
        facts.content = facts.content || outcome.type == "content_block_delta";
        return;
    }
    if (outcome.type.ends_with(".delta") || outcome.type.ends_with(".partial_image")) facts.content = true;
    if (outcome.type == "error" && !outcome.code.empty() && facts.errorCode.empty()) facts.errorCode = outcome.code;
    if (format != WireFormat::OpenAiResponses) return;
    const bool incomplete = outcome.status == "incomplete";
    const bool ended = outcome.status == "completed" || outcome.status == "failed" || outcome.status == "cancelled";
    if (incomplete && !outcome.incompleteReason.empty())
        facts.finishReason = outcome.incompleteReason;
    else if (ended || incomplete)
        facts.finishReason = outcome.status;
}

error_code readTop(WireFormat format, json::object object, ResponseFacts& facts, int nesting);

void readNested(WireFormat format, json::value value, ResponseFacts& facts, int nesting) {
    json::object object;
    if (nesting < kMaxNesting && !value.get_object().get(object)) readTop(format, object, facts, nesting + 1);
}

void readUsage(WireFormat format, json::value value, ResponseFacts& facts, int nesting) {
    RawUsage usage;
    if (format == WireFormat::Anthropic)
        readAnthropicUsage(value, usage);
    else if (format == WireFormat::Bedrock)
        readBedrockUsage(value, usage);
    else if (format != WireFormat::None && format != WireFormat::Gemini)
        readOpenAiUsage(value, usage);
    // The output that message_start names is a placeholder: only message_delta knows.
    if (format == WireFormat::Anthropic && nesting != 0) usage.output.reset();
    facts.usage.replaceWith(usage);
}

void readMember(WireFormat format, json::raw_json_string key, json::value value, ResponseFacts& facts, Outcome& outcome,
                int nesting) {
    if (isAny(key, {"model", "modelVersion"})) {
        readTextOnce(value, facts.model);
    } else if (isAny(key, {"usage"})) {
        readUsage(format, value, facts, nesting);
    } else if (isAny(key, {"error"})) {
        if (!isNull(value)) readError(value, facts.errorCode);
    } else if (isAny(key, {"type"})) {
        readText(value, outcome.type);
    } else if (isAny(key, {"code"})) {
        readText(value, outcome.code);
    } else if (format == WireFormat::OpenAiChat) {
        if (isAny(key, {"choices"})) readChoices(value, facts);
    } else if (format == WireFormat::OpenAiResponses) {
        if (isAny(key, {"status"}))
            readText(value, outcome.status);
        else if (isAny(key, {"response"}))
            readNested(format, value, facts, nesting);
        else if (isAny(key, {"incomplete_details"}))
            forEachMember(value, [&](json::raw_json_string part, json::value reason) {
                if (isAny(part, {"reason"})) readText(reason, outcome.incompleteReason);
            });
    } else if (format == WireFormat::Anthropic) {
        if (isAny(key, {"stop_reason"}))
            readText(value, facts.finishReason);
        else if (isAny(key, {"message"}))
            readNested(format, value, facts, nesting);
        else if (isAny(key, {"delta"}))
            forEachMember(value, [&](json::raw_json_string part, json::value reason) {
                if (isAny(part, {"stop_reason"})) readText(reason, facts.finishReason);
            });
    } else if (format == WireFormat::Gemini) {
        if (isAny(key, {"usageMetadata"})) {
            RawUsage usage;
            readGeminiUsage(value, usage);
            facts.usage.replaceWith(usage);
        } else if (isAny(key, {"candidates"})) {
            readCandidates(value, facts);
        }
    } else if (format == WireFormat::Bedrock && isAny(key, {"stopReason"})) {
        readText(value, facts.finishReason);
    }
}

error_code readTop(WireFormat format, json::object object, ResponseFacts& facts, int nesting) {
    Outcome outcome;
    const error_code error = forEachMember(object, [&](json::raw_json_string key, json::value value) {
        readMember(format, key, value, facts, outcome, nesting);
    });
    applyOutcome(format, outcome, facts);
    return error;
}

error_code readTop(json::object object, RequestFacts& facts) {
    return forEachMember(object, [&](json::raw_json_string key, json::value value) {
        bool stream = false;
        if (isAny(key, {"model"}))
            readText(value, facts.model);
        else if (isAny(key, {"stream"}) && !value.get_bool().get(stream))
            facts.stream = stream;
    });
}

/// Length of `text` up to the last comma between two top-level members of an object, or up to its closing brace; 0 when
/// there is neither. What stands before it, closed with a brace, is a whole document if the original was one.
std::size_t completeMembers(std::string_view text) {
    std::size_t depth = 0;
    std::size_t end = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth <= 1) return i; // the document is whole
            --depth;
        } else if (c == ',' && depth == 1) {
            end = i;
        }
    }
    return end;
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

void RequestFacts::clear() {
    model.clear();
    stream = false;
}

void ResponseFacts::clear() {
    usage = {};
    model.clear();
    finishReason.clear();
    errorCode.clear();
    content = false;
}

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
            return !read(object) && (!toItsEnd || document.current_location().error() == simdjson::OUT_OF_BOUNDS);
        if (document.get_array().get(list)) return false;
        for (auto element : list) {
            if (std::move(element).get_object().get(object) || read(object)) return false;
        }
        return true;
    }

    template <typename Read>
    void parseHead(std::string_view head, Read&& read) {
        const std::size_t end = completeMembers(head);
        if (end == 0 || head.find_first_not_of(" \t\r\n") != head.find('{')) return;
        scratch.assign(head.substr(0, end));
        scratch.append("}");
        parse(scratch, read);
    }

    /// Goes back from the end to each member that has one of `names`. `attempt(text)` reads the object that begins
    /// there into a copy and says whether it was whole. One success is enough for a name.
    template <typename Attempt>
    void parseTail(std::string_view tail, std::span<const std::string_view> names, Attempt&& attempt) {
        unsigned done = 0;
        int failures = 0;
        for (std::size_t at = tail.rfind('"'); at != std::string_view::npos && at != 0; at = tail.rfind('"', at - 1)) {
            const std::string_view rest = tail.substr(at);
            for (std::size_t i = 0; i < names.size(); ++i) {
                if ((done >> i & 1U) != 0 || !rest.starts_with(names[i]) || !nameMayBeginAt(tail, at)) continue;
                scratch.assign("{");
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
    return m_state->parse(body, [&](json::object object) { return readTop(object, facts); });
}

bool BodyReader::readResponse(WireFormat format, const PaddedBuffer& body, ResponseFacts& facts) {
    return m_state->parse(body, [&](json::object object) { return readTop(format, object, facts, 0); });
}

bool BodyReader::readEvent(WireFormat format, std::string_view data, ResponseFacts& facts) {
    m_state->scratch.assign(data);
    return readResponse(format, m_state->scratch, facts);
}

void BodyReader::readRequestHead(std::string_view head, RequestFacts& facts) {
    m_state->parseHead(head, [&](json::object object) { return readTop(object, facts); });
}

void BodyReader::readResponseHead(WireFormat format, std::string_view head, ResponseFacts& facts) {
    m_state->parseHead(head, [&](json::object object) { return readTop(format, object, facts, 0); });
}

void BodyReader::readRequestTail(std::string_view tail, RequestFacts& facts) {
    m_state->parseTail(tail, kRequestNames, [&](const PaddedBuffer& text) {
        RequestFacts found = facts;
        if (!m_state->parse(text, [&](json::object object) { return readTop(object, found); }, true)) return false;
        facts = found;
        return true;
    });
}

void BodyReader::readResponseTail(WireFormat format, std::string_view tail, ResponseFacts& facts) {
    m_state->parseTail(tail, kResponseNames, [&](const PaddedBuffer& text) {
        ResponseFacts found = facts;
        if (!m_state->parse(text, [&](json::object object) { return readTop(format, object, found, 0); }, true))
            return false;
        facts = found;
        return true;
    });
}

} // namespace gatescope::llm

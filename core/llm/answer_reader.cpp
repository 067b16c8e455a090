// SPDX-License-Identifier: Apache-2.0
#include "core/llm/answer_reader.h"

#include "core/llm/estimate.h"
#include "core/llm/json_access.h"
#include "core/llm/json_text.h"

#include <simdjson.h>
#include <utility>

namespace gatescope::llm {

namespace {

namespace json = simdjson::ondemand;
using Key = json::raw_json_string;

/// Choices and calls of one choice share a number.
constexpr std::uint64_t placeOf(std::uint64_t choice, std::uint64_t index) {
    return (choice << 32) | (index & 0xffffffffU);
}
constexpr std::uint64_t kLegacyCall = 0xffffffffU;

std::int64_t octetsOf(json::value value) {
    return static_cast<std::int64_t>(textOctets(value.raw_json_token()));
}

/// What the model wrote: a JSON string as its token, or JSON as it stands.
struct Written {
    std::string_view text;
    bool isToken = true;
};

Written textIn(json::value value) {
    return {value.raw_json_token(), true};
}

Written textOrJsonIn(json::value value) {
    if (isString(value)) return textIn(value);
    json::object object;
    std::string_view raw;
    if (value.get_object().get(object) || object.raw_json().get(raw)) return {};
    return {raw, false};
}

void deliver(const Written& written, ResponseFacts& facts) {
    const std::size_t octets = written.isToken ? textOctets(written.text) : written.text.size();
    if (octets == 0) return;
    facts.contentBytes += static_cast<std::int64_t>(octets);
    facts.content = true;
    if (facts.text == nullptr) return;
    if (written.isToken)
        facts.text->addJsonString(written.text);
    else
        facts.text->add(written.text);
    if (!facts.fromEvents) facts.text->endText(); // the next event goes on where this one ends
}

/// A text, or a list of parts that hold texts.
void readTextParts(json::value value, ResponseFacts& facts) {
    if (isString(value)) {
        deliver(textIn(value), facts);
        return;
    }
    forEachObject(value, [&](Key key, json::value part) {
        if (isAny(key, {"text", "thinking", "refusal"})) {
            if (isString(part))
                deliver(textIn(part), facts);
            else // Mistral puts the parts of its thinking into a list
                forEachObject(part, [&](Key inner, json::value text) {
                    if (isAny(inner, {"text"})) deliver(textIn(text), facts);
                });
        }
    });
}

/// `function` or `custom` of a call, and the legacy `function_call`.
void readFunction(json::value value, std::string& name, ResponseFacts& facts) {
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"name"}))
            readText(member, name);
        else if (isAny(key, {"arguments", "input"}))
            deliver(textOrJsonIn(member), facts);
    });
}

void readToolCalls(json::value value, std::uint64_t choice, ResponseFacts& facts) {
    std::uint64_t position = 0;
    forEachElement(value, [&](json::value call) {
        std::optional<std::int64_t> index;
        std::string id;
        std::string name;
        forEachMember(call, [&](Key key, json::value member) {
            if (isAny(key, {"index"}))
                index = readCount(member);
            else if (isAny(key, {"id"}))
                readText(member, id);
            else if (isAny(key, {"function", "custom"}))
                readFunction(member, name, facts);
        });
        facts.content = true;
        const std::uint64_t place = index && facts.fromEvents ? static_cast<std::uint64_t>(*index) : position;
        ++position;
        if (facts.fromEvents)
            facts.tools.addPiece(placeOf(choice, place), id, name);
        else
            facts.tools.add(name);
    });
}

void readLegacyCall(json::value value, std::uint64_t choice, ResponseFacts& facts) {
    std::string name;
    forEachMember(value, [&](Key key, json::value member) {
        facts.content = true;
        if (isAny(key, {"name"}))
            readText(member, name);
        else if (isAny(key, {"arguments"}))
            deliver(textOrJsonIn(member), facts);
    });
    if (facts.fromEvents)
        facts.tools.addPiece(placeOf(choice, kLegacyCall), {}, name);
    else if (!name.empty())
        facts.tools.add(name);
}

/// Pieces of sound, with what is said in them.
void readAudio(json::value value, ResponseFacts& facts) {
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"transcript"}))
            deliver(textIn(member), facts);
        else if (isAny(key, {"data"}) && octetsOf(member) != 0)
            facts.content = true;
    });
}

void readMessage(json::value value, std::uint64_t choice, ResponseFacts& facts) {
    bool reasoned = false;
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"content", "refusal"})) {
            readTextParts(member, facts);
        } else if (isAny(key, {"reasoning_content", "reasoning"})) {
            if (reasoned || !isString(member)) return; // some gateways send the same text under both names
            reasoned = octetsOf(member) != 0;
            deliver(textIn(member), facts);
        } else if (isAny(key, {"tool_calls"})) {
            readToolCalls(member, choice, facts);
        } else if (isAny(key, {"function_call"})) {
            readLegacyCall(member, choice, facts);
        } else if (isAny(key, {"audio"})) {
            readAudio(member, facts);
        }
    });
}

/// Item types whose name says more than their type.
bool isNamedCall(std::string_view type) {
    return type == "function_call" || type == "custom_tool_call";
}

/// The name of an item that is a call; empty: it is none.
std::string callName(const std::string& type, const std::string& name) {
    if (isNamedCall(type)) return name.empty() ? type : name;
    return type.ends_with("_call") ? type : std::string();
}

struct OutputItem {
    std::string type;
    std::string name;
};

OutputItem readItem(json::value value, ResponseFacts& facts) {
    OutputItem item;
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"type"}))
            readText(member, item.type);
        else if (isAny(key, {"name"}))
            readText(member, item.name);
        else if (facts.fromEvents)
            return;
        else if (isAny(key, {"content", "summary"}))
            readTextParts(member, facts);
        else if (isAny(key, {"arguments", "input", "code"}) && isString(member))
            deliver(textIn(member), facts);
    });
    return item;
}

bool isToolUse(std::string_view type) {
    return type == "tool_use" || type == "server_tool_use" || type == "mcp_tool_use";
}

/// One block of an Anthropic message. Returns true for a call and gives its name.
bool readOneBlock(json::value value, std::string& name, ResponseFacts& facts) {
    std::string type;
    Written input;
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"type"}))
            readText(member, type);
        else if (isAny(key, {"name"}))
            readText(member, name);
        else if (isAny(key, {"text", "thinking"}))
            deliver(textIn(member), facts);
        else if (isAny(key, {"input"}) && !facts.fromEvents)
            input = textOrJsonIn(member);
    });
    if (!isToolUse(type)) return false;
    deliver(input, facts);
    return true;
}

/// Parts of Gemini and content of Bedrock: the member says what it is.
void readNamedParts(json::value value, std::string_view callMember, ResponseFacts& facts) {
    forEachObject(value, [&](Key key, json::value member) {
        if (isAny(key, {"text"})) {
            deliver(textIn(member), facts);
        } else if (isAny(key, {"reasoningContent"})) {
            forEachMember(member, [&](Key inner, json::value reasoning) {
                if (isAny(inner, {"reasoningText"}))
                    forEachMember(reasoning, [&](Key name, json::value text) {
                        if (isAny(name, {"text"})) deliver(textIn(text), facts);
                    });
            });
        } else if (isAny(key, {callMember})) {
            std::string name;
            forEachMember(member, [&](Key inner, json::value detail) {
                if (isAny(inner, {"name"}))
                    readText(detail, name);
                else if (isAny(inner, {"args", "input"}))
                    deliver(textOrJsonIn(detail), facts);
            });
            facts.content = true;
            facts.tools.add(name);
        } else if (isAny(key, {"inlineData", "executableCode", "codeExecutionResult"})) {
            facts.content = true;
        }
    });
}

void readChoice(json::object choice, std::uint64_t place, ResponseFacts& facts) {
    forEachMemberOf(choice, [&](Key key, json::value member) {
        if (isAny(key, {"finish_reason"}))
            readTextOnce(member, facts.finishReason);
        else if (isAny(key, {"text"}))
            deliver(textIn(member), facts);
        else if (isAny(key, {"content_filter_results", "content_filter_result"}))
            readFilterResults(member, FilteredPart::Completion, facts.verdicts);
        else if (facts.fromEvents ? isAny(key, {"delta"}) : isAny(key, {"message"}))
            readMessage(member, place, facts);
    });
}

void readCandidate(json::value candidate, ResponseFacts& facts) {
    forEachMember(candidate, [&](Key key, json::value member) {
        if (isAny(key, {"finishReason"})) {
            const auto number = readCount(member); // some clients ask for enumerations as numbers
            if (number)
                facts.finishReason = std::to_string(*number);
            else
                readText(member, facts.finishReason);
        } else if (isAny(key, {"safetyRatings"})) {
            readSafetyRatings(member, FilteredPart::Completion, facts.verdicts);
        } else if (isAny(key, {"content"})) {
            forEachMember(member, [&](Key part, json::value parts) {
                if (isAny(part, {"parts"})) readNamedParts(parts, "functionCall", facts);
            });
        }
    });
}

} // namespace

void deliverText(std::string_view token, ResponseFacts& facts) {
    deliver({token, true}, facts);
}

template <typename Value>
void readChoices(Value value, ResponseFacts& facts) {
    std::uint64_t position = 0;
    forEachElement(value, [&](json::value element) {
        std::uint64_t place = position++;
        json::object choice;
        if (element.get_object().get(choice)) return;
        if (facts.fromEvents) { // an event may hold any of the choices; its number may stand behind the delta
            json::value number;
            if (!choice.find_field_unordered("index").get(number))
                place = static_cast<std::uint64_t>(readCount(number).value_or(0));
            if (choice.reset().error()) return;
        }
        readChoice(choice, place, facts);
    });
}

template <typename Value>
void readOutput(Value value, bool oneOfMany, ResponseFacts& facts) {
    bool first = !oneOfMany;
    forEachElement(value, [&](json::value element) {
        if (std::exchange(first, false)) facts.tools.clear();
        const OutputItem item = readItem(element, facts);
        const std::string name = callName(item.type, item.name);
        if (!name.empty()) facts.tools.add(name);
    });
}

template <typename Value>
void readOutputItem(Value value, std::uint64_t place, ResponseFacts& facts) {
    const OutputItem item = readItem(value, facts);
    facts.tools.addPiece(place, {}, callName(item.type, item.name));
}

template <typename Value>
void readBlocks(Value value, ResponseFacts& facts) {
    forEachElement(value, [&](json::value block) {
        std::string name;
        if (readOneBlock(block, name, facts)) facts.tools.add(name);
    });
}

template <typename Value>
void readBlock(Value value, std::uint64_t place, ResponseFacts& facts) {
    std::string name;
    if (readOneBlock(value, name, facts)) facts.tools.addPiece(place, {}, name);
}

template <typename Value>
void readCandidates(Value value, ResponseFacts& facts) {
    forEachElement(value, [&](json::value candidate) { readCandidate(candidate, facts); });
}

template <typename Value>
void readBedrockStart(Value value, ResponseFacts& facts) {
    forEachMember(value, [&](Key key, json::value call) {
        if (!isAny(key, {"toolUse"})) return;
        std::string name;
        forEachMember(call, [&](Key part, json::value member) {
            if (isAny(part, {"name"})) readText(member, name);
        });
        facts.content = true;
        facts.tools.add(name);
    });
}

template <typename Value>
void readBedrockDelta(Value value, ResponseFacts& facts) {
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"text"}))
            deliver(textIn(member), facts);
        else if (isAny(key, {"toolUse", "reasoningContent"}))
            forEachMember(member, [&](Key part, json::value text) {
                if (isAny(part, {"input", "text"})) deliver(textIn(text), facts);
            });
        else
            return;
        facts.content = true;
    });
}

template <typename Value>
void readBedrockOutput(Value value, ResponseFacts& facts) {
    forEachMember(value, [&](Key key, json::value message) {
        if (!isAny(key, {"message"})) return;
        forEachMember(message, [&](Key part, json::value content) {
            if (isAny(part, {"content"})) readNamedParts(content, "toolUse", facts);
        });
    });
}

template void readChoices(json::value, ResponseFacts&);
template void readOutput(json::value, bool, ResponseFacts&);
template void readOutputItem(json::value, std::uint64_t, ResponseFacts&);
template void readBlocks(json::value, ResponseFacts&);
template void readBlock(json::value, std::uint64_t, ResponseFacts&);
template void readCandidates(json::value, ResponseFacts&);
template void readBedrockStart(json::value, ResponseFacts&);
template void readBedrockDelta(json::value, ResponseFacts&);
template void readBedrockOutput(json::value, ResponseFacts&);

} // namespace gatescope::llm

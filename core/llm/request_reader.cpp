// SPDX-License-Identifier: Apache-2.0
#include "core/llm/request_reader.h"

#include "core/llm/estimate.h"
#include "core/llm/json_access.h"
#include "core/llm/json_text.h"

#include <limits>
#include <simdjson.h>

namespace gatescope::llm {

namespace {

namespace json = simdjson::ondemand;
using Key = json::raw_json_string;

/// Messages hold parts, which may hold the result of a tool with parts of its own; nobody nests deeper.
constexpr int kMaxDepth = 8;

/// Walks through what a model is given to read.
class Prompt {
public:
    explicit Prompt(RequestFacts& facts) : m_facts(facts) {}

    /// A text, a list of texts, or messages and their parts.
    void readText(json::value value) {
        if (value.raw_json_token().starts_with('{')) { // a stored prompt is named, not sent
            m_notText = true;
            return;
        }
        known();
        readNested(value, 0);
    }
    /// One content of Gemini, which is an object.
    void readContent(json::value value) {
        known();
        readNested(value, 0);
    }
    /// Definitions of tools: their JSON text.
    void readTools(json::value value) {
        known();
        addJson(value);
    }
    /// A prompt that is not all text here has no size that means anything.
    void finish() {
        if (m_notText) m_facts.promptBytes.reset();
    }

private:
    void known() {
        if (!m_facts.promptBytes) m_facts.promptBytes = 0;
    }
    void add(std::size_t octets) { *m_facts.promptBytes += static_cast<std::int64_t>(octets); }
    void addText(std::string_view token) {
        add(textOctets(token));
        if (m_facts.text == nullptr) return;
        m_facts.text->addJsonString(token);
        m_facts.text->endText();
    }
    /// Of a string, what it stands for; of anything else, its JSON text.
    void addJson(json::value value) {
        std::string_view raw;
        json::object object;
        json::array list;
        if (!value.get_object().get(object)) {
            if (object.raw_json().get(raw)) return;
        } else if (!value.get_array().get(list)) {
            if (list.raw_json().get(raw) || raw.size() <= 2) return; // an empty list says nothing
        } else {
            addText(value.raw_json_token());
            return;
        }
        add(raw.size());
        if (m_facts.text == nullptr) return;
        m_facts.text->add(raw);
        m_facts.text->endText();
    }
    void addImage() {
        if (m_facts.images != std::numeric_limits<std::uint32_t>::max()) ++m_facts.images;
    }

    void readNested(json::value value, int depth) {
        const std::string_view token = value.raw_json_token();
        if (token.starts_with('"')) {
            addText(token);
        } else if (depth == kMaxDepth) {
            return;
        } else if (token.starts_with('[')) {
            forEachElement(value, [&](json::value element) { readNested(element, depth + 1); });
        } else if (token.starts_with('{')) {
            readPart(value, depth + 1);
        } else if (!token.starts_with('n')) { // numbers of tokens
            m_notText = true;
        }
    }

    void readPart(json::value value, int depth) {
        forEachMember(value, [&](Key key, json::value member) {
            switch (key.raw()[0]) { // most members are passed over after one look
            case 't':
                if (isAny(key, {"type"}))
                    noteType(member);
                else if (isAny(key, {"text", "thinking"}))
                    readNested(member, depth);
                else if (isAny(key, {"tool_calls", "toolUse", "toolResult"}))
                    readNested(member, depth);
                break;
            case 'c':
                if (isAny(key, {"content"})) readNested(member, depth);
                break;
            case 'p':
                if (isAny(key, {"parts"})) readNested(member, depth);
                break;
            case 'a':
                if (isAny(key, {"arguments", "args"})) addJson(member);
                break;
            case 'i':
                if (isAny(key, {"input"}))
                    addJson(member);
                else if (isAny(key, {"inlineData", "inline_data"}))
                    noteMedia(member);
                else if (isAny(key, {"image"}) && member.raw_json_token().starts_with('{'))
                    addImage(); // Bedrock names a part by its member
                break;
            case 'f':
                if (isAny(key, {"function", "functionCall", "function_call", "functionResponse"}))
                    readNested(member, depth);
                else if (isAny(key, {"fileData", "file_data"}))
                    noteMedia(member);
                break;
            case 'n':
                if (isAny(key, {"name"})) readNested(member, depth);
                break;
            case 'o':
                if (isAny(key, {"output"})) readNested(member, depth);
                break;
            case 'r':
                if (isAny(key, {"refusal", "reasoning_content"}))
                    readNested(member, depth);
                else if (isAny(key, {"response"}))
                    addJson(member);
                break;
            case 'j':
                if (isAny(key, {"json"})) addJson(member);
                break;
            case 's':
                if (isAny(key, {"summary"})) readNested(member, depth);
                break;
            default:
                break;
            }
        });
    }

    void noteType(json::value value) {
        std::string_view type;
        if (value.get_string().get(type)) return;
        if (type == "image_url" || type == "input_image" || type == "image" || type == "computer_screenshot")
            addImage();
    }

    void noteMedia(json::value value) {
        forEachMember(value, [&](Key key, json::value member) {
            std::string_view type;
            if (isAny(key, {"mimeType", "mime_type"}) && !member.get_string().get(type) && type.starts_with("image/"))
                addImage();
        });
    }

    RequestFacts& m_facts;
    bool m_notText = false;
};

/// The newer of two names wins, whatever their order.
class OutputLimit {
public:
    explicit OutputLimit(RequestFacts& facts) : m_facts(facts) {}
    void read(json::value value, int rank) {
        const auto count = readCount(value);
        if (!count || rank < m_rank) return;
        m_rank = rank;
        m_facts.maxTokens = count;
    }

private:
    RequestFacts& m_facts;
    int m_rank = 0;
};

bool isPrompt(Key key) {
    return isAny(key, {"messages", "input", "instructions", "system", "prompt", "contents"});
}

} // namespace

template <typename Object>
bool readRequestObject(Object object, bool whole, RequestFacts& facts) {
    OutputLimit limit(facts);
    Prompt prompt(facts);
    const bool valid = forEachMemberOf(object, [&](Key key, json::value value) {
        bool stream = false;
        if (isAny(key, {"model"}))
            readText(value, facts.model);
        else if (isAny(key, {"stream"}) && !value.get_bool().get(stream))
            facts.stream = stream;
        else if (isAny(key, {"max_completion_tokens", "max_output_tokens"}))
            limit.read(value, 2);
        else if (isAny(key, {"max_tokens", "max_tokens_to_sample"}))
            limit.read(value, 1);
        else if (isAny(key, {"generationConfig", "generation_config"}))
            forEachMember(value, [&](Key part, json::value count) {
                if (isAny(part, {"maxOutputTokens", "max_output_tokens"})) limit.read(count, 2);
            });
        else if (isAny(key, {"inferenceConfig"}))
            forEachMember(value, [&](Key part, json::value count) {
                if (isAny(part, {"maxTokens"})) limit.read(count, 2);
            });
        else if (whole && isPrompt(key))
            prompt.readText(value);
        else if (whole && isAny(key, {"systemInstruction", "system_instruction"}))
            prompt.readContent(value);
        else if (whole && isAny(key, {"tools", "functions", "toolConfig"}))
            prompt.readTools(value);
    });
    prompt.finish();
    return valid;
}

template bool readRequestObject(json::object, bool, RequestFacts&);

} // namespace gatescope::llm

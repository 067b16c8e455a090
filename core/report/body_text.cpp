// SPDX-License-Identifier: Apache-2.0
#include "core/report/body_text.h"

#include "core/report/utf8.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gatescope::report {

using Json = nlohmann::json;

namespace {

/// Indentation stops here, or a megabyte of `[` would become a terabyte of spaces.
constexpr std::size_t kMaxIndentedLevels = 32;

bool isJsonSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Position after the string that starts at `at`. The text is known to be valid JSON.
std::size_t endOfString(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return std::min(at + 1, text.size());
}

std::string layOut(std::string_view text) {
    std::string out;
    std::size_t level = 0;
    const auto newLine = [&] { out.append(1, '\n').append(2 * std::min(level, kMaxIndentedLevels), ' '); };
    const auto startValue = [&] {
        if (!out.empty() && (out.back() == '{' || out.back() == '[')) newLine();
    };
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            startValue();
            const std::size_t end = endOfString(text, at);
            out += text.substr(at, end - at);
            at = end;
            continue;
        }
        ++at;
        if (isJsonSpace(c)) continue;
        if (c == '}' || c == ']') {
            --level;
            if (out.back() != '{' && out.back() != '[') newLine();
        } else {
            startValue();
        }
        out += c;
        if (c == '{' || c == '[') ++level;
        if (c == ',') newLine();
        if (c == ':') out += ' ';
    }
    return out;
}

std::string_view textAt(const Json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto at = object.find(key);
    if (at == object.end() || !at->is_string()) return {};
    return at->get_ref<const std::string&>();
}

const Json& memberAt(const Json& object, const char* key) {
    static const Json kNothing;
    if (!object.is_object()) return kNothing;
    const auto at = object.find(key);
    return at == object.end() ? kNothing : *at;
}

} // namespace

std::optional<std::string> prettyJson(std::string_view text) {
    if (!Json::accept(text)) return std::nullopt;
    return layOut(text);
}

std::optional<std::string> readableBody(std::string_view body) {
    if (!isValidUtf8(body) || body.contains('\0')) return std::nullopt;
    if (auto pretty = prettyJson(body)) return pretty;
    return std::string(body);
}

void StreamText::append(std::string_view kind, std::string_view piece) {
    if (piece.empty()) return;
    if (m_kind != kind) {
        if (!m_text.empty()) m_text += "\n\n";
        if (!kind.empty()) m_text += fmt::format("[{}] ", kind);
        m_kind = kind;
    }
    m_text += piece;
}

void StreamText::add(std::string_view eventData) {
    const Json event = Json::parse(eventData, nullptr, false);
    if (!event.is_object()) return;
    const std::string_view type = textAt(event, "type");
    if (type == "response.output_text.delta") return append("", textAt(event, "delta"));
    if (type == "response.refusal.delta") return append("refusal", textAt(event, "delta"));
    if (type == "response.function_call_arguments.delta") return append("tool call", textAt(event, "delta"));
    if (type == "content_block_delta") {
        const Json& delta = memberAt(event, "delta");
        append("", textAt(delta, "text"));
        append("thinking", textAt(delta, "thinking"));
        return append("tool call", textAt(delta, "partial_json"));
    }
    const Json& choices = memberAt(event, "choices");
    if (!choices.is_array()) return;
    for (const Json& choice : choices) {
        append("", textAt(choice, "text"));
        const Json& delta = memberAt(choice, "delta");
        append("", textAt(delta, "content"));
        append("refusal", textAt(delta, "refusal"));
        const Json& calls = memberAt(delta, "tool_calls");
        if (!calls.is_array()) continue;
        for (const Json& call : calls) {
            const Json& function = memberAt(call, "function");
            if (const std::string_view name = textAt(function, "name"); !name.empty()) {
                m_kind.clear();
                append(fmt::format("tool call {}", name), " ");
                m_kind = "tool call";
            }
            append("tool call", textAt(function, "arguments"));
        }
    }
}

} // namespace gatescope::report

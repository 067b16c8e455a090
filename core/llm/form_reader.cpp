// SPDX-License-Identifier: Apache-2.0
#include "core/llm/form_reader.h"

#include "core/http/message.h"
#include "core/llm/json_access.h"

#include <string>

namespace gatescope::llm {

namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kMaxBoundary = 70; // RFC 2046, 5.1.1

bool startsWithIgnoreCase(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && http::equalsIgnoreCase(text.substr(0, word.size()), word);
}

/// Value of `name="..."` in the lines above a part; not that of `filename`.
std::string_view nameIn(std::string_view lines) {
    constexpr std::string_view kName = " name=\"";
    const std::size_t at = lines.find(kName);
    if (at == kNone) return {};
    lines.remove_prefix(at + kName.size());
    return lines.substr(0, lines.find('"'));
}

} // namespace

std::string_view formBoundary(std::string_view contentType) {
    constexpr std::string_view kForm = "multipart/form-data";
    constexpr std::string_view kBoundary = "boundary=";
    if (!startsWithIgnoreCase(contentType, kForm)) return {};
    for (std::size_t at = contentType.find(';'); at != kNone; at = contentType.find(';', at + 1)) {
        std::size_t name = at + 1;
        while (name < contentType.size() && contentType[name] == ' ') ++name;
        std::string_view value = contentType.substr(name);
        if (!startsWithIgnoreCase(value, kBoundary)) continue;
        value.remove_prefix(kBoundary.size());
        const bool quoted = value.starts_with('"');
        if (quoted) value.remove_prefix(1);
        value = value.substr(0, value.find_first_of(quoted ? "\"" : "; "));
        return value.size() <= kMaxBoundary ? value : std::string_view{};
    }
    return {};
}

void readForm(std::string_view text, std::string_view boundary, RequestFacts& facts) {
    const std::string mark = "--" + std::string(boundary);
    std::size_t at = text.find(mark);
    while (at != kNone) {
        at += mark.size();
        const std::size_t end = text.find(mark, at);
        if (end == kNone) return; // the part is not whole
        const std::string_view part = text.substr(at, end - at);
        at = end;
        const std::size_t above = part.find("\r\n\r\n");
        if (above == kNone || !part.ends_with("\r\n") || part.size() < above + 6) continue;
        const std::string_view value = part.substr(above + 4, part.size() - above - 6);
        const std::string_view name = nameIn(part.substr(0, above));
        if (name == "model" && facts.model.empty() && value.size() <= kMaxText)
            facts.model.assign(value);
        else if (name == "stream")
            facts.stream = facts.stream || value == "true" || value == "True";
    }
}

} // namespace gatescope::llm

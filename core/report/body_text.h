// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::report {

/// JSON laid out over lines, two spaces a level; numbers, strings and the order of members stay as sent.
/// Nothing when the text is not JSON. Works in linear time for any nesting: deeper than 32 levels is not indented
/// further.
std::optional<std::string> prettyJson(std::string_view text);

/// A body for reading: JSON laid out, other text as it is. Nothing when it is not UTF-8 text.
std::optional<std::string> readableBody(std::string_view body);

/// Puts the pieces of a streamed answer together: the text that the model wrote, with refusals and the arguments of
/// tool calls. Knows the events of OpenAI chat, completions and responses and of Anthropic messages; others add
/// nothing.
class StreamText {
public:
    /// The data of one event. Anything that is not a JSON object (`[DONE]`) adds nothing.
    void add(std::string_view eventData);
    const std::string& text() const { return m_text; }

private:
    /// What the text under way is: a change starts a new paragraph.
    void append(std::string_view kind, std::string_view piece);

    std::string m_text;
    std::string m_kind;
};

} // namespace gatescope::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gatescope::ui {

/// Lays JSON text out on lines with an indent of two. Nothing else changes: order, numbers and escapes stay as sent,
/// and text that is cut off or not JSON at all comes out with the same visible characters. Depth beyond 64 is not
/// indented further.
std::string indentJson(std::string_view json);
/// Whether it begins like a JSON object or array.
bool looksLikeJson(std::string_view text);

/// The text that one event of a model's stream adds to the answer: OpenAI chat, completions and responses, Anthropic
/// messages; arguments of tool calls included. Empty when it adds none.
std::string streamedText(std::string_view eventData);

} // namespace gatescope::ui

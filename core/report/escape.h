// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gatescope::report {

/// Appends `text` as a JSON string with its quotes (RFC 8259). The result is valid UTF-8 whatever the input: an octet
/// that is not UTF-8 becomes `\ufffd`. Characters that could drive a terminal are written as escapes.
void appendJsonString(std::string& out, std::string_view text);

/// Appends one CSV field (RFC 4180), quoted where needed; an empty text is quoted, so that it differs from a missing
/// value. A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, tab or CR) gets a
/// leading apostrophe. Damaged UTF-8 and control characters other than tab, CR and LF become U+FFFD.
void appendCsvText(std::string& out, std::string_view text);

/// Appends one TSV field: tab, LF, CR and backslash as `\t`, `\n`, `\r`, `\\`, other control characters as `\x1b`,
/// damaged UTF-8 as U+FFFD.
void appendTsvText(std::string& out, std::string_view text);

/// Appends a text for a terminal: one line, nothing in it can move the cursor, change colours or turn the reading
/// direction. Such characters become `\n`, `\t`, `\r`, `\x1b`, `\u202e`; octets that are not UTF-8 become `\xff`.
void appendTerminalText(std::string& out, std::string_view text);
/// The same, but line feeds and tabs stay as they are: for bodies.
void appendTerminalLines(std::string& out, std::string_view text);

} // namespace gatescope::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <atomic>
#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::analysis {

/// Where a filter text went wrong.
struct FilterError {
    std::size_t column = 0;              ///< in octets, from 1
    std::string message;                 ///< what was found and what was expected there
    std::vector<std::string> candidates; ///< what could stand there: field names, operators; for completion
};

/// A compiled filter: the language of the contract.
///   expr    = or ; or = and *( ("||" | "or") and ) ; and = not *( ("&&" | "and") not ) ; not = [ "!" | "not" ] atom
///   atom    = "(" expr ")" | "exists" "(" field ")" | field [ op value ] | field "in" ( "{" value, ... "}" | CIDR )
///   op      = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "~" | "matches"
/// A lone field is true when it has a value that is not false and not 0. A comparison with a missing field is false,
/// `!=` too. A value is a text in double quotes, where only `\"` and `\\` are escapes, or a bare word. Text compares
/// exactly; `<` and its like compare text by octets, or as numbers when the operand is an unquoted number; `contains`
/// and `~` (RE2) as written. Time takes RFC 3339; durations take milliseconds. A list field matches when any of its
/// entries does. `in CIDR` reads addresses with or without port.
class Filter {
public:
    static std::expected<Filter, FilterError> parse(std::string_view text);
    /// An empty text gives a filter that matches everything.
    bool matchesEverything() const;
    /// Rows that match, out of `rows` and in their order. Empty when stopped.
    std::vector<Row> apply(const Snapshot& snapshot, const std::vector<Row>& rows, std::stop_token stop = {}) const;
    const std::string& text() const;

    /// The compiled form, known only to the filter's own sources.
    struct Node;

private:
    std::shared_ptr<const Node> m_root;
    std::string m_text;
};

/// Quotes a value so that it can stand in a filter.
std::string quoteForFilter(std::string_view value);

} // namespace gatescope::analysis

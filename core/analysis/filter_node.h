// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/filter.h"
#include "core/analysis/filter_lexer.h"
#include "core/base/ip_address.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace re2 {
class RE2;
}

namespace gatescope::analysis {

/// What a leaf asks of a value.
enum class Test : std::uint8_t {
    Exists,
    Truth, ///< has a value that is not false and not 0
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    Matches,
    InSet,
    InRange ///< CIDR
};

struct Filter::Node {
    enum class Kind : std::uint8_t { All, Any, Not, Leaf };

    Kind kind = Kind::Leaf;
    std::vector<std::unique_ptr<Node>> children; ///< of All and Any at least one, of Not one

    // A leaf:
    Field field;
    Test test = Test::Truth;
    std::vector<std::int64_t> numbers; ///< operands of a number field
    std::vector<std::string> texts;    ///< operands of a text field
    std::optional<double> decimal;     ///< an unquoted number beside `<` and its like: text is read as a number
    std::shared_ptr<const re2::RE2> pattern;
    std::optional<Cidr> range;

    bool isText() const { return field.type == FieldType::Text || field.type == FieldType::TextList; }

    static std::expected<std::unique_ptr<Node>, FilterError> parse(std::string_view text);
    std::vector<Row> apply(const Snapshot& snapshot, const std::vector<Row>& rows, std::stop_token stop) const;
};

} // namespace gatescope::analysis

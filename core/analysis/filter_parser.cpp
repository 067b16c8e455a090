// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/filter_lexer.h"
#include "core/analysis/filter_node.h"
#include "core/analysis/filter_values.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <re2/re2.h>

namespace gatescope::analysis {

namespace {

/// Nested brackets and negations. Far more than a person writes, far less than the stack holds.
constexpr std::size_t kMaxDepth = 200;
/// A filter of this size is no filter any more; sets of ids fit.
constexpr std::size_t kMaxText = 256 * 1024;
/// Memory of one compiled pattern.
constexpr std::int64_t kMaxPatternBytes = 4 << 20;

struct Operator {
    TokenKind token;
    Test test;
    std::string_view text;
};
constexpr std::array kOperators = std::to_array<Operator>({
    {TokenKind::Equal, Test::Equal, "=="},
    {TokenKind::NotEqual, Test::NotEqual, "!="},
    {TokenKind::Less, Test::Less, "<"},
    {TokenKind::LessOrEqual, Test::LessOrEqual, "<="},
    {TokenKind::Greater, Test::Greater, ">"},
    {TokenKind::GreaterOrEqual, Test::GreaterOrEqual, ">="},
    {TokenKind::Contains, Test::Contains, "contains"},
    {TokenKind::Matches, Test::Matches, "~"},
});

bool isOrdered(Test test) {
    return test >= Test::Less && test <= Test::GreaterOrEqual;
}

/// Whether an operator makes sense for a type.
bool applies(Test test, FieldType type) {
    switch (type) {
    case FieldType::Text:
    case FieldType::TextList:
        return true;
    case FieldType::Boolean:
        return test == Test::Equal || test == Test::NotEqual || test == Test::InSet;
    default:
        return test != Test::Contains && test != Test::Matches && test != Test::InRange;
    }
}

std::string_view expectedValue(FieldType type) {
    switch (type) {
    case FieldType::Integer:
        return "a whole number";
    case FieldType::Duration:
        return "milliseconds";
    case FieldType::Time:
        return "a time like 2026-01-01T00:00:00Z";
    case FieldType::Boolean:
        return "true or false";
    default:
        return "a text in double quotes";
    }
}

std::vector<std::string> operatorsOf(FieldType type) {
    std::vector<std::string> found;
    for (const Operator& each : kOperators)
        if (applies(each.test, type)) found.emplace_back(each.text);
    found.emplace_back("in");
    return found;
}

/// Names that begin with what was typed, else the nearest one, else all.
std::vector<std::string> fieldsLike(std::string_view typed) {
    std::vector<std::string> all, begun;
    for (const FieldInfo& field : fields()) {
        all.emplace_back(field.name);
        if (field.name.starts_with(typed)) begun.emplace_back(field.name);
    }
    for (const std::string_view form : {"header:", "response-header:"}) {
        all.emplace_back(form);
        if (form.starts_with(typed)) begun.emplace_back(form);
    }
    if (!begun.empty()) return begun;
    if (const auto near = nearestFieldName(typed); !near.empty()) return {std::string(near)};
    return all;
}

/// A token in an error message: short, and without control characters.
std::string shown(const FilterToken& token) {
    constexpr std::size_t kMost = 40;
    if (token.kind == TokenKind::End) return "the end";
    std::string text = token.text.substr(0, kMost);
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20) c = '?';
    return fmt::format("\"{}{}\"", text, token.text.size() > kMost ? "..." : "");
}

} // namespace

/// Recursive descent; one function per rule of the grammar in filter.h.
class FilterParser {
    using Node = Filter::Node;
    using Parsed = std::expected<std::unique_ptr<Node>, FilterError>;

public:
    explicit FilterParser(std::string_view text) : m_lexer(text) { advance(); }

    Parsed whole() {
        auto node = expression();
        if (!node) return node;
        if (m_token.kind == TokenKind::Close) return fail("there is no opening bracket for this one", {});
        if (m_token.kind != TokenKind::End) return fail(unexpected("\"and\", \"or\" or the end"), {"and", "or"});
        return node;
    }

private:
    void advance() { m_token = m_lexer.next(); }

    std::string unexpected(std::string_view wanted) const {
        if (m_token.kind == TokenKind::Wrong && m_token.text.starts_with('"'))
            return "the closing double quote of this text is missing";
        if (m_token.kind == TokenKind::Wrong && m_token.text == "'")
            return fmt::format("expected {}; texts stand in double quotes", wanted);
        return fmt::format("expected {}, found {}", wanted, shown(m_token));
    }
    std::unexpected<FilterError> fail(std::string message, std::vector<std::string> candidates) const {
        return failAt(m_token.column, std::move(message), std::move(candidates));
    }
    static std::unexpected<FilterError> failAt(std::size_t column, std::string message,
                                               std::vector<std::string> candidates) {
        return std::unexpected(FilterError{column, std::move(message), std::move(candidates)});
    }

    template <typename Part>
    Parsed chain(TokenKind separator, Node::Kind kind, Part part) {
        auto first = (this->*part)();
        if (!first || m_token.kind != separator) return first;
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->children.push_back(std::move(*first));
        while (m_token.kind == separator) {
            advance();
            auto next = (this->*part)();
            if (!next) return next;
            node->children.push_back(std::move(*next));
        }
        return node;
    }

    Parsed expression() { return chain(TokenKind::Or, Node::Kind::Any, &FilterParser::conjunction); }
    Parsed conjunction() { return chain(TokenKind::And, Node::Kind::All, &FilterParser::negation); }

    Parsed negation() {
        if (m_depth == kMaxDepth) return fail("this is nested too deeply", {});
        ++m_depth;
        Parsed result = m_token.kind == TokenKind::Not ? negated() : atom();
        --m_depth;
        return result;
    }

    Parsed negated() {
        advance();
        auto inner = negation();
        if (!inner) return inner;
        auto node = std::make_unique<Node>();
        node->kind = Node::Kind::Not;
        node->children.push_back(std::move(*inner));
        return node;
    }

    Parsed atom() {
        if (m_token.kind == TokenKind::Open) return bracketed();
        if (m_token.kind != TokenKind::Word) {
            auto candidates = fieldsLike("");
            candidates.insert(candidates.end(), {"not", "exists(", "("});
            return fail(unexpected("a field"), std::move(candidates));
        }
        if (m_token.text == "exists") return existence();
        return comparison();
    }

    Parsed bracketed() {
        advance();
        auto inner = expression();
        if (!inner) return inner;
        if (m_token.kind != TokenKind::Close) return fail(unexpected("\")\""), {")", "and", "or"});
        advance();
        return inner;
    }

    Parsed existence() {
        advance();
        if (m_token.kind != TokenKind::Open) return fail(unexpected("\"(\""), {"("});
        advance();
        auto node = field();
        if (!node) return node;
        (*node)->test = Test::Exists;
        if (m_token.kind != TokenKind::Close) return fail(unexpected("\")\""), {")"});
        advance();
        return node;
    }

    Parsed field() {
        if (m_token.kind != TokenKind::Word) return fail(unexpected("a field"), fieldsLike(""));
        auto parsed = Field::parse(m_token.text);
        if (!parsed) {
            if (m_token.text.size() > 100) return fail(unexpected("a field"), {});
            return fail(std::move(parsed.error().message), fieldsLike(m_token.text));
        }
        auto node = std::make_unique<Node>();
        node->field = std::move(*parsed);
        advance();
        return node;
    }

    Parsed comparison() {
        auto node = field();
        if (!node) return node;
        const FieldType type = (*node)->field.type;
        if (m_token.kind == TokenKind::In) return membership(std::move(*node));
        const auto* found = std::find_if(kOperators.begin(), kOperators.end(),
                                         [this](const Operator& each) { return each.token == m_token.kind; });
        if (found == kOperators.end()) {
            const bool ends = m_token.kind == TokenKind::End || m_token.kind == TokenKind::Close ||
                              m_token.kind == TokenKind::And || m_token.kind == TokenKind::Or;
            if (!ends) return fail(unexpected("an operator, \"and\", \"or\" or the end"), operatorsOf(type));
            return node; // a lone field
        }
        if (!applies(found->test, type))
            return fail(fmt::format("{} cannot be compared with {}", (*node)->field.name(), found->text),
                        operatorsOf(type));
        (*node)->test = found->test;
        advance();
        const FilterToken value = m_token;
        if (auto error = operand(**node)) return std::unexpected(std::move(*error));
        return finish(std::move(*node), value);
    }

    Parsed membership(std::unique_ptr<Node> node) {
        advance();
        if (m_token.kind != TokenKind::OpenSet) return range(std::move(node));
        node->test = Test::InSet;
        do {
            advance();
            if (auto error = operand(*node)) return std::unexpected(std::move(*error));
        } while (m_token.kind == TokenKind::Comma);
        if (m_token.kind != TokenKind::CloseSet) return fail(unexpected("\",\" or \"}\""), {",", "}"});
        advance();
        std::sort(node->numbers.begin(), node->numbers.end());
        std::sort(node->texts.begin(), node->texts.end());
        return node;
    }

    Parsed range(std::unique_ptr<Node> node) {
        const bool value = m_token.kind == TokenKind::Word || m_token.kind == TokenKind::Quoted;
        const auto parsed = value && node->isText() ? Cidr::parse(m_token.text) : std::nullopt;
        if (!parsed)
            return fail(unexpected(node->isText() ? "\"{\" or an address range like 10.0.0.0/8" : "\"{\""), {"{"});
        node->test = Test::InRange;
        node->range = parsed;
        advance();
        return node;
    }

    /// Takes one value and adds it to the operands.
    std::optional<FilterError> operand(Node& node) {
        const FieldType type = node.field.type;
        std::vector<std::string> candidates;
        if (type == FieldType::Boolean) candidates = {"true", "false"};
        if (m_token.kind != TokenKind::Word && m_token.kind != TokenKind::Quoted)
            return fail(unexpected(expectedValue(type)), std::move(candidates)).error();
        if (node.isText())
            node.texts.push_back(m_token.text);
        else if (const auto number = numberOf(type, m_token.text))
            node.numbers.push_back(*number);
        else
            return fail(unexpected(expectedValue(type)), std::move(candidates)).error();
        advance();
        return std::nullopt;
    }

    static std::optional<std::int64_t> numberOf(FieldType type, const std::string& text) {
        switch (type) {
        case FieldType::Duration:
            return parseMilliseconds(text);
        case FieldType::Time:
            return parseTime(text);
        case FieldType::Boolean:
            if (text == "true") return 1;
            if (text == "false") return 0;
            return std::nullopt;
        default:
            return parseInteger(text);
        }
    }

    static Parsed finish(std::unique_ptr<Node> node, const FilterToken& value) {
        if (!node->isText()) return node;
        if (isOrdered(node->test) && value.kind == TokenKind::Word) node->decimal = parseDecimal(value.text);
        if (node->test != Test::Matches) return node;
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(kMaxPatternBytes);
        auto pattern = std::make_shared<const RE2>(value.text, options);
        if (!pattern->ok())
            return failAt(value.column, fmt::format("this is no regular expression: {}", pattern->error()), {});
        node->pattern = std::move(pattern);
        return node;
    }

    FilterLexer m_lexer;
    FilterToken m_token;
    std::size_t m_depth = 0;
};

std::expected<std::unique_ptr<Filter::Node>, FilterError> Filter::Node::parse(std::string_view text) {
    if (text.size() > kMaxText)
        return std::unexpected(
            FilterError{kMaxText + 1, fmt::format("a filter may have at most {} octets", kMaxText), {}});
    return FilterParser(text).whole();
}

} // namespace gatescope::analysis

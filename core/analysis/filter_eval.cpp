// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/filter_node.h"
#include "core/analysis/filter_values.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <re2/re2.h>
#include <unordered_map>

namespace gatescope::analysis {

namespace {

/// Rows that are looked at together: their values stay in the first-level cache.
constexpr std::size_t kBlockRows = 4096;
/// From here on a table by code pays; below it a map touches less memory.
constexpr std::size_t kTableRows = 4096;

template <typename T>
bool compare(Test test, const T& value, const T& operand) {
    switch (test) {
    case Test::Equal:
        return value == operand;
    case Test::NotEqual:
        return value != operand;
    case Test::Less:
        return value < operand;
    case Test::LessOrEqual:
        return value <= operand;
    case Test::Greater:
        return value > operand;
    case Test::GreaterOrEqual:
        return value >= operand;
    default:
        return false;
    }
}

/// What was found for each distinct code, so that a text is looked at once and not once per row.
class Verdicts {
public:
    Verdicts(std::size_t codes, std::size_t rows) {
        // Zeroed pages come from the system untouched: a table over millions of codes costs only what is used of it.
        if (rows >= kTableRows) m_table.reset(static_cast<std::uint8_t*>(std::calloc(codes, 1)));
    }

    template <typename Ask>
    bool get(StringPool::Code code, Ask&& ask) {
        std::uint8_t& verdict = m_table ? m_table.get()[code] : m_map[code];
        if (verdict == 0) verdict = ask() ? 2 : 1;
        return verdict == 2;
    }

private:
    struct Free {
        void operator()(std::uint8_t* table) const { std::free(table); }
    };
    std::unique_ptr<std::uint8_t, Free> m_table;
    std::unordered_map<StringPool::Code, std::uint8_t> m_map;
};

} // namespace

/// One run of a filter over one snapshot.
class FilterRun {
    using Node = Filter::Node;
    using Mask = std::array<std::uint8_t, kBlockRows>;

public:
    FilterRun(const Snapshot& snapshot, std::size_t rows) : m_snapshot(snapshot), m_rows(rows) {}

    void evaluate(const Node& node, std::span<const Row> rows, std::uint8_t* mask) {
        switch (node.kind) {
        case Node::Kind::Leaf:
            return node.isText() ? texts(node, rows, mask) : numbers(node, rows, mask);
        case Node::Kind::Not:
            evaluate(*node.children[0], rows, mask);
            for (std::size_t i = 0; i < rows.size(); ++i) mask[i] ^= 1;
            return;
        default:
            return combine(node, rows, mask);
        }
    }

private:
    /// What a text leaf needs to know of this snapshot.
    struct TextLeaf {
        StringPool::Code headerName = StringPool::kNone;
        StringPool::Code operand = StringPool::kNone; ///< of Equal and NotEqual
        std::unique_ptr<Verdicts> verdicts;
    };

    void combine(const Node& node, std::span<const Row> rows, std::uint8_t* mask) {
        const bool all = node.kind == Node::Kind::All;
        evaluate(*node.children[0], rows, mask);
        const auto other = std::make_unique<Mask>();
        for (std::size_t child = 1; child < node.children.size(); ++child) {
            const bool settled = std::all_of(mask, mask + rows.size(), [all](auto set) { return (set != 0) != all; });
            if (settled) return;
            evaluate(*node.children[child], rows, other->data());
            for (std::size_t i = 0; i < rows.size(); ++i) mask[i] = all ? mask[i] & (*other)[i] : mask[i] | (*other)[i];
        }
    }

    void numbers(const Node& node, std::span<const Row> rows, std::uint8_t* mask) {
        m_snapshot.numbers(node.field.id, rows, m_numbers.data());
        const auto each = [&](auto&& test) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const std::int64_t value = m_numbers[i];
                mask[i] = static_cast<std::uint8_t>((value != kNoNumber) & test(value));
            }
        };
        const std::int64_t operand = node.numbers.empty() ? 0 : node.numbers.front();
        switch (node.test) {
        case Test::Exists:
            return each([](std::int64_t) { return true; });
        case Test::Truth:
            return each([](std::int64_t value) { return value != 0; });
        case Test::Equal:
            return each([operand](std::int64_t value) { return value == operand; });
        case Test::NotEqual:
            return each([operand](std::int64_t value) { return value != operand; });
        case Test::Less:
            return each([operand](std::int64_t value) { return value < operand; });
        case Test::LessOrEqual:
            return each([operand](std::int64_t value) { return value <= operand; });
        case Test::Greater:
            return each([operand](std::int64_t value) { return value > operand; });
        case Test::GreaterOrEqual:
            return each([operand](std::int64_t value) { return value >= operand; });
        default:
            return each([&node](std::int64_t value) {
                return std::binary_search(node.numbers.begin(), node.numbers.end(), value);
            });
        }
    }

    TextLeaf& leafOf(const Node& node) {
        const auto [at, fresh] = m_leaves.try_emplace(&node);
        TextLeaf& leaf = at->second;
        if (!fresh) return leaf;
        if (!node.field.header.empty()) leaf.headerName = m_snapshot.headerCode(node.field.header);
        if (!node.texts.empty()) leaf.operand = m_snapshot.textCode(node.texts.front());
        leaf.verdicts = std::make_unique<Verdicts>(m_snapshot.codeLimit(), m_rows);
        return leaf;
    }

    void texts(const Node& node, std::span<const Row> rows, std::uint8_t* mask) {
        TextLeaf& leaf = leafOf(node);
        m_snapshot.codes(node.field.id, leaf.headerName, rows, m_codes.data());
        const auto each = [&](auto&& test) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const StringPool::Code code = m_codes[i];
                mask[i] = static_cast<std::uint8_t>((code != StringPool::kNone) && test(code));
            }
        };
        const bool list = node.field.type == FieldType::TextList;
        if (node.test == Test::Exists || node.test == Test::Truth) return each([](StringPool::Code) { return true; });
        // Equal text has equal code: no text needs to be looked at.
        if (node.test == Test::Equal && !list) return each([&](StringPool::Code code) { return code == leaf.operand; });
        if (node.test == Test::NotEqual && !list)
            return each([&](StringPool::Code code) { return code != leaf.operand; });
        each([&](StringPool::Code code) {
            return leaf.verdicts->get(
                code, [&] { return list ? anyMatches(node, code) : matches(node, m_snapshot.text(code)); });
        });
    }

    bool anyMatches(const Node& node, StringPool::Code code) const {
        const auto entries = m_snapshot.listEntries(code);
        return std::any_of(entries.begin(), entries.end(),
                           [&](std::string_view entry) { return matches(node, entry); });
    }

    static bool matches(const Node& node, std::string_view text) {
        switch (node.test) {
        case Test::Contains:
            return text.find(node.texts.front()) != std::string_view::npos;
        case Test::Matches:
            return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.pattern);
        case Test::InSet:
            return std::binary_search(node.texts.begin(), node.texts.end(), text, std::less<>{});
        case Test::InRange: {
            const auto endpoint = Endpoint::parse(text);
            return endpoint && node.range->contains(endpoint->address);
        }
        default:
            break;
        }
        if (!node.decimal) return compare(node.test, text, std::string_view(node.texts.front()));
        const auto number = parseDecimal(text);
        return number && compare(node.test, *number, *node.decimal);
    }

    const Snapshot& m_snapshot;
    std::size_t m_rows;
    std::array<std::int64_t, kBlockRows> m_numbers;
    std::array<StringPool::Code, kBlockRows> m_codes;
    std::unordered_map<const Node*, TextLeaf> m_leaves;
};

std::vector<Row> Filter::Node::apply(const Snapshot& snapshot, const std::vector<Row>& rows,
                                     std::stop_token stop) const {
    const auto run = std::make_unique<FilterRun>(snapshot, rows.size());
    std::array<std::uint8_t, kBlockRows> mask;
    std::vector<Row> found;
    std::array<Row, kBlockRows> kept;
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
        if (stop.stop_requested()) return {};
        const auto block = std::span(rows).subspan(first, std::min(kBlockRows, rows.size() - first));
        run->evaluate(*this, block, mask.data());
        std::size_t count = 0;
        for (std::size_t i = 0; i < block.size(); ++i) { // no branch: what matches is not predictable
            kept[count] = block[i];
            count += mask[i];
        }
        found.insert(found.end(), kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return found;
}

} // namespace gatescope::analysis

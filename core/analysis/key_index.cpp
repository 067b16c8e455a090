// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/key_index.h"

#include "core/analysis/masking.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::analysis {

namespace {

/// Rows whose cells are fetched together.
constexpr std::size_t kBlockRows = 4096;
/// A table of pairs up to this size is looked up directly; a larger one is hashed.
constexpr std::size_t kMaxDirectPairs = std::size_t{1} << 20;

std::string milliseconds(std::int64_t nanoseconds) {
    constexpr std::int64_t kMicrosecond = 1000;
    const std::int64_t rounded = nanoseconds / kMicrosecond;
    const std::int64_t size = rounded < 0 ? -rounded : rounded;
    return fmt::format("{}{}.{:03}", rounded < 0 ? "-" : "", size / 1000, size % 1000);
}

/// Numbers pairs as they are met; `find` gives the place where a pair's number plus one is kept.
template <typename Find>
CombinedIndex numberPairs(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b, Find&& find) {
    CombinedIndex combined;
    combined.indexes.resize(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::uint32_t& number = find(a[i], b[i]);
        if (number == 0) {
            combined.pairs.emplace_back(a[i], b[i]);
            number = static_cast<std::uint32_t>(combined.pairs.size());
        }
        combined.indexes[i] = number - 1;
    }
    return combined;
}

} // namespace

KeyIndex::KeyIndex(const Snapshot& snapshot, const Field& field)
    : m_snapshot(snapshot), m_field(field),
      m_isText(field.type == FieldType::Text || field.type == FieldType::TextList),
      m_headerName(field.header.empty() ? StringPool::kNone : snapshot.headerCode(field.header)) {
    if (m_isText) m_byCode.resize(snapshot.codeLimit());
}

std::vector<std::uint32_t> KeyIndex::indexesOf(std::span<const Row> rows) {
    std::vector<std::uint32_t> indexes(rows.size());
    std::vector<std::int64_t> keys(std::min(rows.size(), kBlockRows));
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
        const auto block = rows.subspan(first, std::min(kBlockRows, rows.size() - first));
        fetch(block, keys.data());
        for (std::size_t i = 0; i < block.size(); ++i) indexes[first + i] = indexOf(keys[i]);
    }
    return indexes;
}

void KeyIndex::fetch(std::span<const Row> rows, std::int64_t* out) {
    if (!m_isText) return m_snapshot.numbers(m_field.id, rows, out);
    m_codes.resize(rows.size());
    m_snapshot.codes(m_field.id, m_headerName, rows, m_codes.data());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const StringPool::Code code = m_field.type == FieldType::TextList ? sameList(m_codes[i]) : m_codes[i];
        out[i] = code == StringPool::kNone ? kNoNumber : static_cast<std::int64_t>(code);
    }
}

std::uint32_t KeyIndex::indexOf(std::int64_t key) {
    // "No value" is code 0 among the texts, which no text has.
    std::uint32_t& number = m_isText ? m_byCode[key == kNoNumber ? 0 : static_cast<std::size_t>(key)] : m_byNumber[key];
    if (number == 0) {
        m_keys.push_back(key);
        number = static_cast<std::uint32_t>(m_keys.size());
    }
    return number - 1;
}

std::string KeyIndex::joined(StringPool::Code code) const {
    return fmt::format("{}", fmt::join(m_snapshot.listEntries(code), ", "));
}

StringPool::Code KeyIndex::sameList(StringPool::Code code) {
    if (code == StringPool::kNone) return code;
    // Lists that were written with other separators are the same list.
    const auto [at, fresh] = m_same.try_emplace(code, code);
    if (fresh) at->second = m_byText.try_emplace(joined(code), code).first->second;
    return at->second;
}

std::optional<std::string> KeyIndex::text(std::uint32_t index, bool reveal) const {
    const std::int64_t key = m_keys[index];
    if (key == kNoNumber) return std::nullopt;
    if (m_isText) {
        const auto code = static_cast<StringPool::Code>(key);
        const std::string whole =
            m_field.type == FieldType::TextList ? joined(code) : std::string(m_snapshot.text(code));
        return reveal ? whole : maskField(m_field, whole);
    }
    switch (m_field.type) {
    case FieldType::Time:
        return formatTime(key);
    case FieldType::Boolean:
        return key != 0 ? "true" : "false";
    case FieldType::Duration:
        return milliseconds(key);
    default:
        return std::to_string(key);
    }
}

bool KeyIndex::comesBefore(std::uint32_t a, std::uint32_t b, bool reveal) const {
    const std::int64_t keyA = m_keys[a];
    const std::int64_t keyB = m_keys[b];
    if (keyA == kNoNumber || keyB == kNoNumber) return keyB == kNoNumber && keyA != kNoNumber;
    if (!m_isText) return keyA < keyB;
    return *text(a, reveal) < *text(b, reveal);
}

CombinedIndex combine(const std::vector<std::uint32_t>& a, std::size_t countA, const std::vector<std::uint32_t>& b,
                      std::size_t countB) {
    if (countB == 0 || countA <= kMaxDirectPairs / countB) {
        std::vector<std::uint32_t> table(countA * countB);
        return numberPairs(a, b, [&](std::uint32_t x, std::uint32_t y) -> std::uint32_t& {
            return table[static_cast<std::size_t>(x) * countB + y];
        });
    }
    std::unordered_map<std::uint64_t, std::uint32_t> table;
    return numberPairs(a, b, [&](std::uint32_t x, std::uint32_t y) -> std::uint32_t& {
        return table[static_cast<std::uint64_t>(x) << 32 | y];
    });
}

std::vector<std::vector<Row>> rowsByIndex(std::span<const Row> rows, const std::vector<std::uint32_t>& indexes,
                                          std::size_t count) {
    std::vector<std::uint32_t> sizes(count);
    for (const std::uint32_t index : indexes) ++sizes[index];
    std::vector<std::vector<Row>> lists(count);
    for (std::size_t i = 0; i < count; ++i) lists[i].reserve(sizes[i]);
    for (std::size_t i = 0; i < rows.size(); ++i) lists[indexes[i]].push_back(rows[i]);
    return lists;
}

} // namespace gatescope::analysis

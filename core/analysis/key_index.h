// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatescope::analysis {

/// The distinct values of one field, numbered as they are met: rows become small numbers, and texts are made only for
/// the values that are shown. One thread.
class KeyIndex {
public:
    KeyIndex(const Snapshot& snapshot, const Field& field);

    /// The number of each row's value. Rows without a value share a number of their own.
    std::vector<std::uint32_t> indexesOf(std::span<const Row> rows);
    std::size_t size() const { return m_keys.size(); }
    /// Text of a value, as a person reads it; none for "no value". Secrets are masked unless `reveal`.
    std::optional<std::string> text(std::uint32_t index, bool reveal) const;
    /// The order of two values: numbers by size, texts by octets, no value last. Masking does not change it.
    bool comesBefore(std::uint32_t a, std::uint32_t b, bool reveal) const;

private:
    void fetch(std::span<const Row> rows, std::int64_t* out);
    std::uint32_t indexOf(std::int64_t key);
    StringPool::Code sameList(StringPool::Code code);
    std::string joined(StringPool::Code code) const;

    const Snapshot& m_snapshot;
    Field m_field;
    bool m_isText;
    StringPool::Code m_headerName;
    std::vector<std::int64_t> m_keys;    ///< by index; kNoNumber: no value
    std::vector<std::uint32_t> m_byCode; ///< texts: index + 1 by code
    std::unordered_map<std::int64_t, std::uint32_t> m_byNumber;
    std::vector<StringPool::Code> m_codes; ///< scratch
    std::unordered_map<StringPool::Code, StringPool::Code> m_same;
    std::unordered_map<std::string, StringPool::Code> m_byText;
};

/// Rows by two numberings at once.
struct CombinedIndex {
    std::vector<std::uint32_t> indexes;                         ///< by place
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs; ///< by index, in the order met
};

/// `a` and `b` hold as many numbers, below `countA` and `countB`.
CombinedIndex combine(const std::vector<std::uint32_t>& a, std::size_t countA, const std::vector<std::uint32_t>& b,
                      std::size_t countB);

/// Rows by number, each list in the order given.
std::vector<std::vector<Row>> rowsByIndex(std::span<const Row> rows, const std::vector<std::uint32_t>& indexes,
                                          std::size_t count);

} // namespace gatescope::analysis

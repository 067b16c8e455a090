// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/grouping.h"

#include "core/analysis/indexed_totals.h"
#include "core/analysis/key_index.h"

#include <algorithm>
#include <numeric>

namespace gatescope::analysis {

namespace {

/// Rows by the values of several fields. Each group has the numbers of its values.
struct Keys {
    std::vector<KeyIndex> columns;
    std::vector<std::vector<std::uint32_t>> groups; ///< one number a column
    std::vector<std::uint32_t> indexes;             ///< by row
};

Keys keysOf(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields) {
    Keys keys;
    keys.indexes.resize(rows.size());
    keys.groups.resize(rows.empty() ? 0 : 1);
    keys.columns.reserve(fields.size());
    for (const Field& field : fields) {
        KeyIndex& column = keys.columns.emplace_back(snapshot, field);
        const std::vector<std::uint32_t> values = column.indexesOf(rows);
        CombinedIndex both = combine(keys.indexes, keys.groups.size(), values, column.size());
        std::vector<std::vector<std::uint32_t>> groups;
        groups.reserve(both.pairs.size());
        for (const auto& [group, value] : both.pairs) {
            groups.push_back(keys.groups[group]);
            groups.back().push_back(value);
        }
        keys.groups = std::move(groups);
        keys.indexes = std::move(both.indexes);
    }
    return keys;
}

/// Most tokens first, then by key, missing keys last. What a mask makes equal is told apart by the first row.
bool comesBefore(const Keys& keys, const std::vector<Totals>& totals, std::size_t a, std::size_t b, bool reveal) {
    if (totals[a].totalTokens != totals[b].totalTokens) return totals[a].totalTokens > totals[b].totalTokens;
    for (std::size_t c = 0; c < keys.columns.size(); ++c) {
        const std::uint32_t keyA = keys.groups[a][c];
        const std::uint32_t keyB = keys.groups[b][c];
        if (keyA == keyB) continue;
        if (keys.columns[c].comesBefore(keyA, keyB, reveal)) return true;
        if (keys.columns[c].comesBefore(keyB, keyA, reveal)) return false;
    }
    return a < b;
}

} // namespace

Totals totalsOf(const Snapshot& snapshot, const std::vector<Row>& rows) {
    return indexedTotals(snapshot, rows, std::vector<std::uint32_t>(rows.size()), 1).front();
}

IndexedGroups indexedGroups(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                            bool reveal, TotalsKind kind) {
    Keys keys = keysOf(snapshot, rows, fields);
    const std::size_t count = keys.groups.size();
    const std::vector<Totals> totals = indexedTotals(snapshot, rows, keys.indexes, count, kind);
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return comesBefore(keys, totals, a, b, reveal); });
    std::vector<std::uint32_t> places(count);
    for (std::uint32_t place = 0; place < count; ++place) places[order[place]] = place;

    IndexedGroups result;
    result.indexes = std::move(keys.indexes);
    for (std::uint32_t& index : result.indexes) index = places[index];
    auto lists = rowsByIndex(rows, result.indexes, count);
    result.groups.resize(count);
    for (std::size_t place = 0; place < count; ++place) {
        Group& group = result.groups[place];
        group.rows = std::move(lists[place]);
        group.totals = totals[order[place]];
        for (std::size_t c = 0; c < fields.size(); ++c)
            group.key.push_back(keys.columns[c].text(keys.groups[order[place]][c], reveal));
    }
    return result;
}

std::vector<Group> groupBy(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                           bool reveal) {
    return indexedGroups(snapshot, rows, fields, reveal).groups;
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/grouping.h"

#include "core/analysis/key_index.h"
#include "core/analysis/totals_adder.h"

#include <algorithm>

namespace gatescope::analysis {

namespace {

/// Rows by the values of several fields. Each group has the numbers of its values.
struct Grouped {
    std::vector<KeyIndex> columns;
    std::vector<std::vector<std::uint32_t>> keys; ///< by group, one number a column
    std::vector<std::vector<Row>> rows;
};

Grouped grouped(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields) {
    Grouped result;
    std::vector<std::uint32_t> indexes(rows.size());
    result.keys.resize(rows.empty() ? 0 : 1);
    result.columns.reserve(fields.size());
    for (const Field& field : fields) {
        KeyIndex& column = result.columns.emplace_back(snapshot, field);
        const std::vector<std::uint32_t> values = column.indexesOf(rows);
        CombinedIndex both = combine(indexes, result.keys.size(), values, column.size());
        std::vector<std::vector<std::uint32_t>> keys;
        keys.reserve(both.pairs.size());
        for (const auto& [group, value] : both.pairs) {
            keys.push_back(result.keys[group]);
            keys.back().push_back(value);
        }
        result.keys = std::move(keys);
        indexes = std::move(both.indexes);
    }
    result.rows = rowsByIndex(rows, indexes, result.keys.size());
    return result;
}

/// Most tokens first, then by key, missing keys last. What a mask makes equal is told apart by the first row.
bool comesBefore(const Grouped& all, const std::vector<Group>& groups, std::size_t a, std::size_t b, bool reveal) {
    if (groups[a].totals.totalTokens != groups[b].totals.totalTokens)
        return groups[a].totals.totalTokens > groups[b].totals.totalTokens;
    for (std::size_t c = 0; c < all.columns.size(); ++c) {
        if (all.keys[a][c] == all.keys[b][c]) continue;
        if (all.columns[c].comesBefore(all.keys[a][c], all.keys[b][c], reveal)) return true;
        if (all.columns[c].comesBefore(all.keys[b][c], all.keys[a][c], reveal)) return false;
    }
    return a < b;
}

} // namespace

Totals totalsOf(const Snapshot& snapshot, const std::vector<Row>& rows) {
    return TotalsAdder(snapshot).totals(rows);
}

std::vector<Group> groupBy(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                           bool reveal) {
    Grouped all = grouped(snapshot, rows, fields);
    TotalsAdder adder(snapshot);
    std::vector<Group> groups(all.rows.size());
    std::vector<std::size_t> order(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        order[i] = i;
        groups[i].rows = std::move(all.rows[i]);
        for (std::size_t c = 0; c < fields.size(); ++c)
            groups[i].key.push_back(all.columns[c].text(all.keys[i][c], reveal));
        groups[i].totals = adder.totals(groups[i].rows);
    }
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return comesBefore(all, groups, a, b, reveal); });
    std::vector<Group> sorted;
    sorted.reserve(groups.size());
    for (const std::size_t i : order) sorted.push_back(std::move(groups[i]));
    return sorted;
}

} // namespace gatescope::analysis

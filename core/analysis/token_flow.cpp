// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/token_flow.h"

#include "core/analysis/indexed_totals.h"
#include "core/analysis/key_index.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gatescope::analysis {

namespace {

/// Builds the flow layer by layer.
class Builder {
public:
    Builder(const Snapshot& snapshot, const std::vector<Row>& rows, const FlowOptions& options)
        : m_snapshot(snapshot), m_rows(rows), m_options(options) {}

    TokenFlow build() {
        std::vector<std::uint32_t> before;
        std::size_t firstBefore = 0;
        for (std::size_t layer = 0; layer < m_options.fields.size(); ++layer) {
            const std::size_t first = m_flow.nodes.size();
            std::vector<std::uint32_t> places = addLayer(layer);
            if (layer != 0) addLinks(before, firstBefore, first, places);
            before = std::move(places);
            firstBefore = first;
        }
        m_flow.totals = totalsOf(m_snapshot, m_rows);
        return std::move(m_flow);
    }

private:
    double sizeOf(const Totals& totals, const std::vector<Row>& rows) const {
        switch (m_options.measure) {
        case FlowMeasure::Tokens:
            return static_cast<double>(totals.totalTokens);
        case FlowMeasure::Exchanges:
            return static_cast<double>(totals.exchanges);
        case FlowMeasure::Weight:
            break;
        }
        double sum = 0;
        for (const Row row : rows)
            if (row < m_options.weights.size() && !std::isnan(m_options.weights[row])) sum += m_options.weights[row];
        return sum;
    }

    /// Adds the nodes of a layer. Gives, for each row, its node's place in the layer.
    std::vector<std::uint32_t> addLayer(std::size_t layer) {
        KeyIndex column(m_snapshot, m_options.fields[layer]);
        std::vector<std::uint32_t> indexes = column.indexesOf(m_rows);
        std::vector<FlowNode> values(column.size());
        const std::vector<Totals> totals = indexedTotals(m_snapshot, m_rows, indexes, values.size());
        auto lists = rowsByIndex(m_rows, indexes, values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i].layer = layer;
            values[i].name = column.text(static_cast<std::uint32_t>(i), m_options.reveal);
            values[i].totals = totals[i];
            values[i].size = sizeOf(values[i].totals, lists[i]);
            values[i].rows = std::move(lists[i]);
        }
        std::vector<std::uint32_t> order(values.size());
        std::iota(order.begin(), order.end(), 0U);
        std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            if (values[a].size != values[b].size) return values[a].size > values[b].size;
            if (column.comesBefore(a, b, m_options.reveal)) return true;
            return !column.comesBefore(b, a, m_options.reveal) && a < b;
        });
        std::vector<std::uint32_t> places(values.size());
        const bool cut = m_options.top != 0 && values.size() > m_options.top + 1; // one alone is no "other"
        const std::size_t kept = cut ? m_options.top : values.size();
        for (std::size_t place = 0; place < order.size(); ++place) {
            places[order[place]] = static_cast<std::uint32_t>(std::min(place, kept));
            if (place < kept) m_flow.nodes.push_back(std::move(values[order[place]]));
        }
        for (std::uint32_t& index : indexes) index = places[index];
        if (cut) addOther(layer, values.size() - kept, indexes, static_cast<std::uint32_t>(kept));
        return indexes;
    }

    void addOther(std::size_t layer, std::size_t merged, const std::vector<std::uint32_t>& places,
                  std::uint32_t place) {
        FlowNode other;
        other.layer = layer;
        other.merged = merged;
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            if (places[i] == place) other.rows.push_back(m_rows[i]);
        other.totals = totalsOf(m_snapshot, other.rows);
        other.size = sizeOf(other.totals, other.rows);
        m_flow.nodes.push_back(std::move(other));
    }

    void addLinks(const std::vector<std::uint32_t>& from, std::size_t firstFrom, std::size_t firstTo,
                  const std::vector<std::uint32_t>& to) {
        const CombinedIndex pairs = combine(from, firstTo - firstFrom, to, m_flow.nodes.size() - firstTo);
        const std::vector<Totals> totals = indexedTotals(m_snapshot, m_rows, pairs.indexes, pairs.pairs.size());
        auto lists = rowsByIndex(m_rows, pairs.indexes, pairs.pairs.size());
        const std::size_t firstLink = m_flow.links.size();
        for (std::size_t i = 0; i < lists.size(); ++i) {
            FlowLink link;
            link.from = firstFrom + pairs.pairs[i].first;
            link.to = firstTo + pairs.pairs[i].second;
            link.totals = totals[i];
            link.size = sizeOf(link.totals, lists[i]);
            link.rows = std::move(lists[i]);
            m_flow.links.push_back(std::move(link));
        }
        // The places of nodes follow size and name, so they order links of one size as their names would.
        std::sort(m_flow.links.begin() + static_cast<std::ptrdiff_t>(firstLink), m_flow.links.end(),
                  [](const FlowLink& a, const FlowLink& b) {
                      if (a.size != b.size) return a.size > b.size;
                      return std::pair(a.from, a.to) < std::pair(b.from, b.to);
                  });
    }

    const Snapshot& m_snapshot;
    const std::vector<Row>& m_rows;
    const FlowOptions& m_options;
    TokenFlow m_flow;
};

} // namespace

TokenFlow tokenFlow(const Snapshot& snapshot, const std::vector<Row>& rows, const FlowOptions& options) {
    return Builder(snapshot, rows, options).build();
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/header_drift.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace gatescope::analysis {

namespace {

using Key = std::pair<Direction, std::string>;
using Code = StringPool::Code;

constexpr double kClearly = 0.10; ///< of the share: what happens by chance from capture to capture is less
constexpr std::size_t kMaxPatterns = 5;
/// A shape of at most one value in so many is chance: random ids now and then look like numbers.
constexpr std::uint64_t kRare = 50;

/// The shapes of one header's values with their frequency.
struct Shapes {
    std::map<std::string, std::uint64_t> counts;
    Code constant = StringPool::kNone; ///< the value that all share
    bool varies = false;

    std::vector<std::string> mostFrequent() const {
        std::vector<std::pair<std::uint64_t, std::string_view>> order;
        for (const auto& [shape, count] : counts) order.emplace_back(count, shape);
        std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
        std::vector<std::string> names;
        for (std::size_t i = 0; i < std::min(order.size(), kMaxPatterns); ++i) names.emplace_back(order[i].second);
        return names;
    }
};

/// Everything about the headers of one set of exchanges.
class HeaderSet {
public:
    HeaderSet(const Snapshot& snapshot, const std::vector<Row>& rows, bool reveal) : m_snapshot(snapshot) {
        for (HeaderUse& use : headerInventory(snapshot, rows, reveal)) {
            const Key key(use.direction, use.name);
            collect(key, rows);
            m_uses.emplace(key, std::move(use));
        }
    }
    const std::map<Key, HeaderUse>& uses() const { return m_uses; }
    const HeaderUse* use(const Key& key) const {
        const auto at = m_uses.find(key);
        return at == m_uses.end() ? nullptr : &at->second;
    }
    const Shapes& shapes(const Key& key) const { return m_shapes.at(key); }
    std::string_view constantOf(const Key& key) const { return m_snapshot.text(shapes(key).constant); }

private:
    void collect(const Key& key, const std::vector<Row>& rows) {
        Shapes& shapes = m_shapes[key];
        std::vector<Code> codes(rows.size());
        const FieldId field = key.first == Direction::Request ? FieldId::RequestHeader : FieldId::ResponseHeader;
        m_snapshot.codes(field, m_snapshot.headerCode(key.second), rows, codes.data());
        std::unordered_map<Code, std::uint64_t> counts;
        for (const Code code : codes)
            if (code != StringPool::kNone) ++counts[code];
        for (const auto& [code, count] : counts) shapes.counts[valuePattern(m_snapshot.text(code))] += count;
        shapes.varies = counts.size() != 1;
        if (!shapes.varies) shapes.constant = counts.begin()->first;
    }

    const Snapshot& m_snapshot;
    std::map<Key, HeaderUse> m_uses;
    std::map<Key, Shapes> m_shapes;
};

DriftKind kindOf(const Key& key, const HeaderUse& before, const HeaderUse& now, const HeaderSet& older,
                 const HeaderSet& newer) {
    const Shapes& was = older.shapes(key);
    const Shapes& is = newer.shapes(key);
    const bool newShape = std::ranges::any_of(is.counts, [&](const auto& shape) {
        return !was.counts.contains(shape.first) && shape.second * kRare > now.exchanges;
    });
    if (newShape) return DriftKind::PatternChanged;
    if (!was.varies && !is.varies && older.constantOf(key) != newer.constantOf(key)) return DriftKind::ValueChanged;
    const double difference = now.share - before.share;
    return difference > kClearly || difference < -kClearly ? DriftKind::ShareChanged : DriftKind::Same;
}

/// What a change of this header may mean: who called and with what rights, before which way, before the rest.
int weightOf(const HeaderUse& use) {
    switch (use.sensitivity) {
    case Sensitivity::Secret:
        return 0;
    case Sensitivity::Id:
    case Sensitivity::Personal:
        return 1;
    case Sensitivity::Network:
        return 2;
    default:
        return 3;
    }
}

auto orderOf(const HeaderChange& change) {
    const HeaderUse& use = change.now ? *change.now : *change.before;
    return std::tuple(change.kind == DriftKind::Same, weightOf(use), use.direction, std::string_view(use.name));
}

} // namespace

std::string_view toString(DriftKind kind) {
    switch (kind) {
    case DriftKind::New:
        return "new";
    case DriftKind::Gone:
        return "gone";
    case DriftKind::PatternChanged:
        return "pattern";
    case DriftKind::ValueChanged:
        return "value";
    case DriftKind::ShareChanged:
        return "share";
    case DriftKind::Same:
        break;
    }
    return "same";
}

std::vector<HeaderChange> headerDrift(const Snapshot& before, const std::vector<Row>& rowsBefore, const Snapshot& now,
                                      const std::vector<Row>& rowsNow, bool reveal) {
    const HeaderSet older(before, rowsBefore, reveal);
    const HeaderSet newer(now, rowsNow, reveal);
    std::vector<HeaderChange> changes;
    for (const auto& [key, use] : newer.uses()) {
        HeaderChange change;
        change.now = use;
        change.patternsNow = newer.shapes(key).mostFrequent();
        change.kind = DriftKind::New;
        if (const HeaderUse* was = older.use(key)) {
            change.before = *was;
            change.patternsBefore = older.shapes(key).mostFrequent();
            change.kind = kindOf(key, *was, use, older, newer);
        }
        changes.push_back(std::move(change));
    }
    for (const auto& [key, use] : older.uses()) {
        if (newer.use(key) != nullptr) continue;
        HeaderChange change;
        change.kind = DriftKind::Gone;
        change.before = use;
        change.patternsBefore = older.shapes(key).mostFrequent();
        changes.push_back(std::move(change));
    }
    std::ranges::sort(changes, [](const HeaderChange& a, const HeaderChange& b) { return orderOf(a) < orderOf(b); });
    return changes;
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/header_inventory.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace gatescope::analysis {

namespace {

struct Use {
    std::uint64_t exchanges = 0;
    std::unordered_set<StringPool::Code> values;
    Row lastRow = 0; ///< that was counted
    Row firstRow = 0;
    StringPool::Code example = StringPool::kNone;
    StringPool::Code lastValue = StringPool::kNone; ///< most values repeat
};

bool isForgeable(const HeaderKnowledge* knowledge) {
    constexpr std::array<std::string_view, 3> kOutOfReach{"front-end", "gateway", "upstream"};
    return !knowledge || std::find(kOutOfReach.begin(), kOutOfReach.end(), knowledge->trust) == kOutOfReach.end();
}

bool wasSeen(const Snapshot& snapshot, Direction direction, Row row) {
    const FieldId field = direction == Direction::Request ? FieldId::RequestBytes : FieldId::ResponseBytes;
    return snapshot.number(field, row) != kNoNumber;
}

bool isEarlier(const Snapshot& snapshot, Row a, Row b) {
    return snapshot.id(a) < snapshot.id(b);
}

void count(const Snapshot& snapshot, Direction direction, Row row, std::unordered_map<StringPool::Code, Use>& uses) {
    for (const auto& header : snapshot.headers(direction, row)) {
        Use& use = uses[header.lowerName];
        if (header.value != use.lastValue) use.values.insert(header.value);
        use.lastValue = header.value;
        if (use.exchanges != 0 && use.lastRow == row) continue; // a second field of that name
        if (use.exchanges == 0 || isEarlier(snapshot, row, use.firstRow)) {
            use.firstRow = row;
            use.example = header.value;
        }
        use.lastRow = row;
        ++use.exchanges;
    }
}

HeaderUse described(const Snapshot& snapshot, Direction direction, std::string_view name, const Use& use,
                    std::uint64_t seen, bool reveal) {
    HeaderUse result;
    result.name = name;
    result.direction = direction;
    result.exchanges = use.exchanges;
    // A half exchange may bring headers of a message that was not seen whole.
    result.share = static_cast<double>(use.exchanges) / static_cast<double>(std::max(seen, use.exchanges));
    result.distinct = use.values.size();
    result.knowledge = headerKnowledge(name, direction == Direction::Request ? "req" : "resp");
    if (result.knowledge) result.sensitivity = result.knowledge->sensitivity;
    if (isSecretHeader(name)) result.sensitivity = Sensitivity::Secret;
    result.forgeable = isForgeable(result.knowledge);
    result.firstTime = snapshot.startTime(use.firstRow);
    result.firstRow = use.firstRow;
    const std::string_view example = snapshot.text(use.example);
    result.example = reveal ? std::string(example) : maskHeader(name, example);
    return result;
}

} // namespace

std::vector<HeaderUse> headerInventory(const Snapshot& snapshot, const std::vector<Row>& rows, bool reveal) {
    std::vector<HeaderUse> inventory;
    for (const Direction direction : {Direction::Request, Direction::Response}) {
        std::unordered_map<StringPool::Code, Use> uses;
        std::uint64_t seen = 0;
        for (const Row row : rows) {
            if (wasSeen(snapshot, direction, row)) ++seen;
            count(snapshot, direction, row, uses);
        }
        for (const auto& [name, use] : uses)
            inventory.push_back(described(snapshot, direction, snapshot.text(name), use, seen, reveal));
    }
    std::sort(inventory.begin(), inventory.end(), [](const HeaderUse& a, const HeaderUse& b) {
        return std::tuple(a.direction, b.exchanges, std::string_view(a.name)) <
               std::tuple(b.direction, a.exchanges, std::string_view(b.name));
    });
    return inventory;
}

} // namespace gatescope::analysis

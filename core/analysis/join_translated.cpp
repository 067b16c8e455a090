// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/join_translated.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace gatescope::analysis {

namespace {

using Index = JoinGroups::Index;

/// From one place to the other; the handshake passes both within the time that a packet lives in a network.
constexpr TimeNs kMaxDelay = 2'000'000'000;

/// A translation changes an address and nothing of what is said. Made-up traffic often has the same sequence numbers
/// everywhere, and simple stacks begin each connection with the same ones, but between the same two hosts, at another
/// time or with other words.
bool mayBeSides(const FlowRecord& a, const FlowRecord& b) {
    const TimeNs apart = elapsed(a.firstTime, b.firstTime);
    const bool translated = a.client.address != b.client.address || a.server.address != b.server.address;
    const bool damaged = a.lostBytes != 0 || b.lostBytes != 0;
    return translated && apart <= kMaxDelay && apart >= -kMaxDelay && (damaged || a.payloadBytes == b.payloadBytes);
}

/// Numbers of connections that show the same sequence numbers, by those.
std::map<std::uint64_t, std::vector<std::uint64_t>> sidesOf(const Snapshot& raw) {
    std::unordered_map<std::uint64_t, std::uint64_t> firstWith;
    std::map<std::uint64_t, std::vector<std::uint64_t>> sides;
    for (const Flow& flow : raw.flows()) {
        const auto& pair = flow.record.sequencePair;
        if (!pair) continue;
        const auto [at, isNew] = firstWith.try_emplace(*pair, flow.number);
        if (isNew || !mayBeSides(raw.flowByNumber(at->second)->record, flow.record)) continue;
        auto& all = sides[*pair];
        if (all.empty()) all.push_back(at->second);
        all.push_back(flow.number);
    }
    return sides;
}

bool isSameCall(const JoinRecord& a, const JoinRecord& b) {
    const auto agrees = [](StringPool::Code x, StringPool::Code y) {
        return x == y || x == StringPool::kNone || y == StringPool::kNone;
    };
    return agrees(a.method, b.method) && agrees(a.path, b.path);
}

void tieInOrder(const std::vector<JoinRecord>& records, const std::vector<Index>& one, const std::vector<Index>& other,
                JoinGroups& groups) {
    auto a = one.begin();
    auto b = other.begin();
    while (a != one.end() && b != other.end()) {
        if (isSameCall(records[*a], records[*b])) {
            groups.tieSides(*a++, *b++);
        } else {
            // One of the two was not captured on the other side: the one that comes first.
            records[*a].start <= records[*b].start ? ++a : ++b;
        }
    }
}

} // namespace

bool hasTranslated(const Snapshot& raw) {
    return !sidesOf(raw).empty();
}

void tieTranslated(const Snapshot& raw, const std::vector<JoinRecord>& records, JoinGroups& groups) {
    const auto sides = sidesOf(raw);
    if (sides.empty()) return;
    std::unordered_map<std::uint64_t, std::vector<Index>> calls; // by number of the connection
    for (const auto& [pair, numbers] : sides)
        for (const std::uint64_t number : numbers) calls[number];
    for (Index index = 0; index < records.size(); ++index) {
        if (!records[index].isPackets) continue;
        const Flow* flow = raw.flowOf(raw.flowStart(records[index].row));
        if (flow == nullptr) continue;
        if (const auto at = calls.find(flow->number); at != calls.end()) at->second.push_back(index);
    }
    for (auto& [number, list] : calls)
        std::ranges::sort(list, {}, [&](Index index) { return raw.indexInFlow(records[index].row); });
    for (const auto& [pair, numbers] : sides)
        for (std::size_t i = 1; i < numbers.size(); ++i)
            tieInOrder(records, calls[numbers.front()], calls[numbers[i]], groups);
}

} // namespace gatescope::analysis

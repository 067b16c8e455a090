// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/join_records.h"

#include <algorithm>
#include <unordered_map>

namespace gatescope::analysis {

namespace {

constexpr std::size_t kVersionEnd = 3;   ///< `00-`
constexpr std::size_t kTraceDigits = 32; ///< then `-`
constexpr std::size_t kSpanAt = kVersionEnd + kTraceDigits + 1;
constexpr std::size_t kSpanDigits = 16;

bool isId(std::string_view text) {
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return std::ranges::all_of(text, isHex) && std::ranges::any_of(text, [](char c) { return c != '0'; });
}

/// Peers come again and again; their texts are parsed once.
class Peers {
public:
    explicit Peers(const Snapshot& snapshot) : m_snapshot(snapshot) {}

    Endpoint of(Row row, bool isPackets) {
        Endpoint peer = parsed(m_snapshot.code(FieldId::Client, row));
        if (isPackets || peer.port != 0) return peer;
        // A log without the port often has it in the list of hops, where the front end wrote what it saw.
        const auto hops = m_snapshot.list(FieldId::ForwardedFor, row);
        if (hops.empty()) return peer;
        const auto last = Endpoint::parse(hops.back());
        if (last && last->port != 0 && (peer == Endpoint{} || last->address == peer.address)) return *last;
        return peer;
    }

private:
    Endpoint parsed(StringPool::Code code) {
        if (code == StringPool::kNone) return {};
        const auto [at, isNew] = m_known.try_emplace(code);
        if (isNew) at->second = Endpoint::parse(m_snapshot.text(code)).value_or(Endpoint{});
        return at->second;
    }

    const Snapshot& m_snapshot;
    std::unordered_map<StringPool::Code, Endpoint> m_known;
};

std::int64_t orderOf(const Snapshot& snapshot, Row row) {
    const std::int64_t packet = snapshot.number(FieldId::Packet, row);
    return packet != kNoNumber ? packet : snapshot.number(FieldId::Line, row);
}

} // namespace

std::vector<JoinRecord> joinRecordsOf(const Snapshot& snapshot) {
    const StringPool::Code packets = snapshot.textCode("packets");
    Peers peers(snapshot);
    std::vector<JoinRecord> records;
    records.reserve(snapshot.order().size());
    for (const Row row : snapshot.order()) {
        JoinRecord record;
        record.row = row;
        record.input = static_cast<std::uint32_t>(snapshot.inputIndex(row));
        record.source = snapshot.code(FieldId::Source, row);
        record.isPackets = packets != StringPool::kNone && record.source == packets;
        if (record.isPackets) record.server = snapshot.code(FieldId::Server, row);
        record.peer = peers.of(row, record.isPackets);
        record.start = snapshot.startTime(row);
        const std::int64_t duration = snapshot.number(FieldId::Duration, row);
        record.end = record.start;
        if (record.start != kNoTime && duration != kNoNumber &&
            __builtin_add_overflow(record.start, duration, &record.end))
            record.end = record.start;
        record.method = snapshot.code(FieldId::Method, row);
        record.path = snapshot.code(FieldId::Path, row);
        record.status = snapshot.number(FieldId::Status, row);
        record.order = orderOf(snapshot, row);
        records.push_back(record);
    }
    return records;
}

std::string_view traceIdOf(std::string_view traceparent) {
    if (traceparent.size() < kSpanAt + kSpanDigits || traceparent[kVersionEnd - 1] != '-' ||
        traceparent[kSpanAt - 1] != '-')
        return {};
    const auto id = traceparent.substr(kVersionEnd, kTraceDigits);
    return isId(id) ? id : std::string_view();
}

std::string_view spanIdOf(std::string_view traceparent) {
    if (traceIdOf(traceparent).empty()) return {};
    const auto id = traceparent.substr(kSpanAt, kSpanDigits);
    return isId(id) ? id : std::string_view();
}

} // namespace gatescope::analysis

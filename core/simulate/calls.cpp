// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/calls.h"

#include "core/analysis/grouping.h"
#include "core/analysis/model_calls.h"
#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace gatescope::simulate {

using analysis::FieldId;
using analysis::kNoNumber;
using analysis::Row;
using analysis::Snapshot;

namespace {

/// Rows whose cells are fetched together.
constexpr std::size_t kBlockRows = 1024;

/// Octets of text for one token. Rough, and the same rule as for all estimates without a tokenizer.
constexpr std::int64_t kBytesPerToken = 4;

Count countOf(std::int64_t number) {
    return number == kNoNumber ? Count() : Count(number);
}

template <typename Use>
void forEachBlock(std::span<const Row> rows, Use&& use) {
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows)
        use(rows.subspan(first, std::min(kBlockRows, rows.size() - first)), first);
}

/// The cells of one block of rows, taken over field by field.
class CallBlock {
public:
    CallBlock(const Snapshot& snapshot, std::span<const Row> rows, Call* calls)
        : m_snapshot(snapshot), m_rows(rows), m_calls(calls) {}

    void counts() {
        static constexpr std::pair<FieldId, Count Call::*> kCounts[] = {
            {FieldId::InputTokens, &Call::input},
            {FieldId::OutputTokens, &Call::output},
            {FieldId::TotalTokens, &Call::total},
            {FieldId::CachedTokens, &Call::cached},
            {FieldId::MaxTokens, &Call::maxTokens},
            {FieldId::PromptBytes, &Call::promptBytes},
            {FieldId::RequestBytes, &Call::requestBytes},
            {FieldId::Images, &Call::images},
            {FieldId::GatewayTokens, &Call::gatewayTokens},
            {FieldId::LimitTokens, &Call::limitTokens},
            {FieldId::RemainingTokens, &Call::remainingTokens}};
        for (const auto& [field, member] : kCounts)
            numbers(field, [member = member](Call& call, std::int64_t value) { call.*member = countOf(value); });
    }

    void times() {
        for (std::size_t i = 0; i < m_rows.size(); ++i) m_calls[i].row = m_rows[i];
        numbers(FieldId::Time, [](Call& call, std::int64_t value) { call.start = value; });
        numbers(FieldId::Duration, [](Call& call, std::int64_t value) {
            if (value == kNoNumber || call.start == kNoTime) return;
            if (__builtin_add_overflow(call.start, std::max<std::int64_t>(0, value), &call.end))
                call.end = std::numeric_limits<TimeNs>::max();
        });
    }

    void flags() {
        numbers(FieldId::Status, [](Call& call, std::int64_t value) {
            constexpr std::int64_t kMost = std::numeric_limits<std::uint16_t>::max();
            if (value > 0) call.status = static_cast<std::uint16_t>(std::min(value, kMost));
        });
        numbers(FieldId::Stream, [](Call& call, std::int64_t value) { call.stream = value == 1; });
        const StringPool::Code gateway = m_snapshot.textCode("gateway");
        if (gateway == StringPool::kNone) return;
        std::array<StringPool::Code, kBlockRows> codes;
        m_snapshot.codes(FieldId::TokenSource, StringPool::kNone, m_rows, codes.data());
        for (std::size_t i = 0; i < m_rows.size(); ++i) m_calls[i].countedByGateway = codes[i] == gateway;
    }

private:
    template <typename Take>
    void numbers(FieldId field, Take&& take) {
        m_snapshot.numbers(field, m_rows, m_values.data());
        for (std::size_t i = 0; i < m_rows.size(); ++i) take(m_calls[i], m_values[i]);
    }

    const Snapshot& m_snapshot;
    std::span<const Row> m_rows;
    Call* m_calls;
    std::array<std::int64_t, kBlockRows> m_values;
};

std::vector<Row> modelRows(const Snapshot& snapshot, const std::vector<Row>& rows) {
    std::vector<Row> kept;
    const analysis::ModelCalls modelCalls(snapshot);
    std::array<StringPool::Code, kBlockRows> apis;
    forEachBlock(rows, [&](std::span<const Row> block, std::size_t) {
        snapshot.codes(FieldId::Api, StringPool::kNone, block, apis.data());
        for (std::size_t i = 0; i < block.size(); ++i)
            if (modelCalls.isCall(apis[i])) kept.push_back(block[i]);
    });
    return kept;
}

/// Who pays for each row, as a number: equal payer, equal number.
class PayerColumn {
public:
    explicit PayerColumn(const Snapshot& snapshot) : m_snapshot(snapshot) {}

    void fetch(std::span<const Row> rows, std::uint64_t* out) {
        std::array<StringPool::Code, kBlockRows> codes;
        std::fill_n(out, rows.size(), 0);
        std::uint64_t kind = 0;
        for (const FieldId field : {FieldId::ProjectId, FieldId::Project, FieldId::Caller, FieldId::Client}) {
            ++kind;
            m_snapshot.codes(field, StringPool::kNone, rows, codes.data());
            for (std::size_t i = 0; i < rows.size(); ++i) {
                if (out[i] != 0 || codes[i] == StringPool::kNone) continue;
                out[i] = field == FieldId::Client ? kind << 32 | addressOf(codes[i]) : kind << 32 | codes[i];
            }
        }
    }

private:
    /// Connections of one client differ in the port only.
    std::uint64_t addressOf(StringPool::Code client) {
        const auto [at, isNew] = m_addresses.try_emplace(client, 0);
        if (!isNew) return at->second;
        const std::string_view text = m_snapshot.text(client);
        const std::string address(text.substr(0, text.rfind(':')));
        return at->second = m_numbers.try_emplace(address, m_numbers.size() + 1).first->second;
    }

    const Snapshot& m_snapshot;
    std::unordered_map<StringPool::Code, std::uint64_t> m_addresses;
    std::unordered_map<std::string, std::uint64_t> m_numbers;
};

std::vector<std::uint32_t> countPayers(const Snapshot& snapshot, const std::vector<Row>& rows,
                                       const std::vector<std::uint32_t>& keyOf, std::size_t keys) {
    std::vector<std::uint32_t> payers(keys, 0);
    // Most rows repeat the payer that their key had last.
    std::vector<std::uint64_t> last(keys, 0);
    std::unordered_set<std::uint64_t> seen;
    PayerColumn column(snapshot);
    std::array<std::uint64_t, kBlockRows> block;
    forEachBlock(rows, [&](std::span<const Row> part, std::size_t first) {
        column.fetch(part, block.data());
        for (std::size_t i = 0; i < part.size(); ++i) {
            const std::uint32_t key = keyOf[first + i];
            if (block[i] == 0 || last[key] == block[i]) continue;
            last[key] = block[i];
            if (seen.insert(mix64(key, block[i])).second) ++payers[key];
        }
    });
    return payers;
}

} // namespace

Count promptEstimate(const Call& call, PromptEstimator estimator) {
    const bool hasImages = call.images.orZero() > 0;
    const bool byReport =
        estimator == PromptEstimator::Reported && call.input.known() && !(hasImages && call.promptBytes.known());
    const Count bytes = call.promptBytes.known() ? call.promptBytes : call.requestBytes;
    if (!byReport && !bytes.known()) return {};
    const std::int64_t text = byReport ? call.input.orZero() : (bytes.orZero() + kBytesPerToken - 1) / kBytesPerToken;
    return Count(text + call.images.orZero() * kTokensPerImage);
}

Count billedTokens(const Call& call) {
    if (call.total.known()) return call.total;
    if (!call.input.known() && !call.output.known()) return {};
    return Count(call.input.orZero() + call.output.orZero());
}

Calls callsOf(const Snapshot& snapshot, const std::vector<Row>& rows) {
    const std::vector<Row> models = modelRows(snapshot, rows);
    Calls calls;
    calls.list.resize(models.size());
    forEachBlock(models, [&](std::span<const Row> block, std::size_t first) {
        CallBlock cells(snapshot, block, calls.list.data() + first);
        cells.times();
        cells.counts();
        cells.flags();
    });
    calls.withoutTime = std::erase_if(calls.list, [](const Call& call) { return call.start == kNoTime; });
    const auto comesBefore = [&](const Call& a, const Call& b) {
        return a.start != b.start ? a.start < b.start : snapshot.id(a.row) < snapshot.id(b.row);
    };
    if (!std::ranges::is_sorted(calls.list, comesBefore)) std::ranges::sort(calls.list, comesBefore);
    return calls;
}

void assignKeys(const Snapshot& snapshot, const std::vector<analysis::Field>& fields, bool reveal, KeyedCalls& keyed) {
    std::vector<Row> ordered;
    ordered.reserve(keyed.calls.list.size());
    for (const Call& call : keyed.calls.list) ordered.push_back(call.row);
    analysis::IndexedGroups groups = analysis::indexedGroups(snapshot, ordered, fields, reveal);
    keyed.fields = fields;
    keyed.keys.clear();
    for (analysis::Group& group : groups.groups) keyed.keys.push_back(std::move(group.key));
    keyed.keyOf = std::move(groups.indexes);
    keyed.payers = countPayers(snapshot, ordered, keyed.keyOf, keyed.keys.size());
}

KeyedCalls keyedCalls(const Snapshot& snapshot, const std::vector<Row>& rows,
                      const std::vector<analysis::Field>& fields, bool reveal) {
    KeyedCalls keyed;
    keyed.calls = callsOf(snapshot, rows);
    assignKeys(snapshot, fields, reveal, keyed);
    return keyed;
}

} // namespace gatescope::simulate

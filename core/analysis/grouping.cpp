// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/grouping.h"

#include "core/analysis/masking.h"
#include "core/base/hash.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unordered_map>

namespace gatescope::analysis {

namespace {

/// Rows whose cells are fetched together.
constexpr std::size_t kBlockRows = 1024;

bool isText(const Field& field) {
    return field.type == FieldType::Text || field.type == FieldType::TextList;
}

/// Nearest rank: the smallest value that at least `percent` of all do not exceed. `values` is reordered.
std::optional<std::int64_t> percentile(std::vector<std::int64_t>& values, std::size_t percent) {
    if (values.empty()) return std::nullopt;
    const std::size_t rank = std::max<std::size_t>(1, (values.size() * percent + 99) / 100);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

std::vector<std::int64_t> known(const Snapshot& snapshot, FieldId field, std::span<const Row> rows) {
    std::vector<std::int64_t> values(rows.size());
    snapshot.numbers(field, rows, values.data());
    std::erase(values, kNoNumber);
    return values;
}

/// Adds without passing the ends of the type: counts come from the network.
void add(std::int64_t& sum, std::int64_t value) {
    if (!__builtin_add_overflow(sum, value, &sum)) return;
    sum = value > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min() + 1;
}

/// Cells of a block of rows that the totals need.
struct Cells {
    using Column = std::array<std::int64_t, kBlockRows>;
    Column status, input, output, total, cached, reasoning;
    std::array<StringPool::Code, kBlockRows> api, source;

    void fetch(const Snapshot& snapshot, std::span<const Row> rows) {
        snapshot.numbers(FieldId::Status, rows, status.data());
        snapshot.numbers(FieldId::InputTokens, rows, input.data());
        snapshot.numbers(FieldId::OutputTokens, rows, output.data());
        snapshot.numbers(FieldId::TotalTokens, rows, total.data());
        snapshot.numbers(FieldId::CachedTokens, rows, cached.data());
        snapshot.numbers(FieldId::ReasoningTokens, rows, reasoning.data());
        snapshot.codes(FieldId::Api, StringPool::kNone, rows, api.data());
        snapshot.codes(FieldId::TokenSource, StringPool::kNone, rows, source.data());
    }
};

class Adder {
public:
    explicit Adder(const Snapshot& snapshot)
        : m_snapshot(snapshot), m_estimated(snapshot.textCode("estimated")), m_cells(std::make_unique<Cells>()) {}

    Totals totals(std::span<const Row> rows) {
        Totals totals;
        totals.exchanges = rows.size();
        for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
            const auto block = rows.subspan(first, std::min(kBlockRows, rows.size() - first));
            m_cells->fetch(m_snapshot, block);
            for (std::size_t i = 0; i < block.size(); ++i) {
                answers(totals, m_cells->status[i]);
                tokens(totals, i);
                times(totals, m_snapshot.startTime(block[i]));
            }
        }
        auto durations = known(m_snapshot, FieldId::Duration, rows);
        totals.durationP50 = percentile(durations, 50);
        totals.durationP95 = percentile(durations, 95);
        auto firstTokens = known(m_snapshot, FieldId::Ttft, rows);
        totals.ttftP50 = percentile(firstTokens, 50);
        return totals;
    }

private:
    static void answers(Totals& totals, std::int64_t status) {
        if (status == kNoNumber || status >= 400) ++totals.errors;
        if (status == 429) ++totals.throttled;
    }

    void tokens(Totals& totals, std::size_t i) const {
        const std::int64_t input = m_cells->input[i];
        const std::int64_t output = m_cells->output[i];
        const std::int64_t total = m_cells->total[i];
        const bool counted = input != kNoNumber || output != kNoNumber || total != kNoNumber;
        if (counted)
            ++totals.withUsage;
        else if (m_cells->api[i] != StringPool::kNone)
            ++totals.withoutUsage;
        const auto sum = [](std::int64_t& into, std::int64_t value) {
            if (value != kNoNumber) add(into, value);
        };
        sum(totals.inputTokens, input);
        sum(totals.outputTokens, output);
        sum(totals.totalTokens, total);
        sum(totals.cachedTokens, m_cells->cached[i]);
        sum(totals.reasoningTokens, m_cells->reasoning[i]);
        if (m_estimated != StringPool::kNone && m_cells->source[i] == m_estimated) sum(totals.estimatedTokens, total);
    }

    static void times(Totals& totals, TimeNs time) {
        if (time == kNoTime) return;
        if (totals.firstTime == kNoTime || time < totals.firstTime) totals.firstTime = time;
        totals.lastTime = std::max(totals.lastTime, time); // kNoTime is lower than any time
    }

    const Snapshot& m_snapshot;
    StringPool::Code m_estimated;
    std::unique_ptr<Cells> m_cells;
};

/// One column of keys as plain numbers: equal key, equal number. kNoNumber: no value.
class KeyColumn {
public:
    KeyColumn(const Snapshot& snapshot, const Field& field, bool reveal)
        : m_snapshot(snapshot), m_field(field), m_reveal(reveal),
          m_headerName(field.header.empty() ? StringPool::kNone : snapshot.headerCode(field.header)) {}

    void fetch(std::span<const Row> rows, std::int64_t* out) {
        if (!isText(m_field)) return m_snapshot.numbers(m_field.id, rows, out);
        m_codes.resize(rows.size());
        m_snapshot.codes(m_field.id, m_headerName, rows, m_codes.data());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const StringPool::Code code = m_field.type == FieldType::TextList ? sameList(m_codes[i]) : m_codes[i];
            out[i] = code == StringPool::kNone ? kNoNumber : static_cast<std::int64_t>(code);
        }
    }

    std::optional<std::string> text(std::int64_t key) const {
        if (key == kNoNumber) return std::nullopt;
        if (isText(m_field)) {
            const auto code = static_cast<StringPool::Code>(key);
            const std::string whole =
                m_field.type == FieldType::TextList ? joined(code) : std::string(m_snapshot.text(code));
            return m_reveal ? whole : maskField(m_field, whole);
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

    bool numeric() const { return !isText(m_field); }

private:
    static std::string milliseconds(std::int64_t nanoseconds) {
        constexpr std::int64_t kMicrosecond = 1000;
        const std::int64_t rounded = nanoseconds / kMicrosecond;
        const std::int64_t size = rounded < 0 ? -rounded : rounded;
        return fmt::format("{}{}.{:03}", rounded < 0 ? "-" : "", size / 1000, size % 1000);
    }

    std::string joined(StringPool::Code code) const {
        return fmt::format("{}", fmt::join(m_snapshot.listEntries(code), ", "));
    }

    /// Lists that were written with other separators are the same list.
    StringPool::Code sameList(StringPool::Code code) {
        if (code == StringPool::kNone) return code;
        const auto [at, fresh] = m_same.try_emplace(code, code);
        if (fresh) at->second = m_byText.try_emplace(joined(code), code).first->second;
        return at->second;
    }

    const Snapshot& m_snapshot;
    const Field& m_field;
    bool m_reveal;
    StringPool::Code m_headerName;
    std::vector<StringPool::Code> m_codes;
    std::unordered_map<StringPool::Code, StringPool::Code> m_same;
    std::unordered_map<std::string, StringPool::Code> m_byText;
};

/// Rows by key. Keys lie one after the other in one array.
class Grouper {
public:
    Grouper(const Snapshot& snapshot, const std::vector<Field>& fields, bool reveal) {
        m_columns.reserve(fields.size());
        for (const Field& field : fields) m_columns.emplace_back(snapshot, field, reveal);
    }

    void add(std::span<const Row> rows) {
        const std::size_t width = m_columns.size();
        m_block.resize(width * rows.size());
        for (std::size_t c = 0; c < width; ++c) m_columns[c].fetch(rows, m_block.data() + c * rows.size());
        m_key.resize(width);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (std::size_t c = 0; c < width; ++c) m_key[c] = m_block[c * rows.size() + i];
            m_rows[groupOfKey()].push_back(rows[i]);
        }
    }

    std::size_t size() const { return m_rows.size(); }
    std::vector<Row> takeRows(std::size_t group) { return std::move(m_rows[group]); }
    std::span<const std::int64_t> key(std::size_t group) const {
        return std::span(m_keys).subspan(group * m_columns.size(), m_columns.size());
    }
    std::vector<std::optional<std::string>> text(std::size_t group) const {
        std::vector<std::optional<std::string>> texts;
        for (std::size_t c = 0; c < m_columns.size(); ++c) texts.push_back(m_columns[c].text(key(group)[c]));
        return texts;
    }
    bool numeric(std::size_t column) const { return m_columns[column].numeric(); }

private:
    std::size_t groupOfKey() {
        std::uint64_t hash = m_key.size();
        for (const std::int64_t part : m_key) hash = mix64(hash, static_cast<std::uint64_t>(part));
        const auto [first, last] = m_byHash.equal_range(hash);
        for (auto at = first; at != last; ++at)
            if (std::ranges::equal(key(at->second), m_key)) return at->second;
        m_byHash.emplace(hash, m_rows.size());
        m_keys.insert(m_keys.end(), m_key.begin(), m_key.end());
        m_rows.emplace_back();
        return m_rows.size() - 1;
    }

    std::vector<KeyColumn> m_columns;
    std::vector<std::int64_t> m_keys, m_block, m_key;
    std::vector<std::vector<Row>> m_rows;
    std::unordered_multimap<std::uint64_t, std::size_t> m_byHash;
};

/// Most tokens first, then by key, missing keys last. What a mask makes equal is told apart by the first row.
bool comesBefore(const Grouper& grouper, const Group& a, std::size_t numberA, const Group& b, std::size_t numberB) {
    if (a.totals.totalTokens != b.totals.totalTokens) return a.totals.totalTokens > b.totals.totalTokens;
    for (std::size_t c = 0; c < a.key.size(); ++c) {
        if (a.key[c].has_value() != b.key[c].has_value()) return a.key[c].has_value();
        if (grouper.numeric(c)) {
            const auto keyA = grouper.key(numberA)[c];
            const auto keyB = grouper.key(numberB)[c];
            if (keyA != keyB) return keyA < keyB;
        } else if (a.key[c] != b.key[c]) {
            return *a.key[c] < *b.key[c];
        }
    }
    return numberA < numberB;
}

} // namespace

Totals totalsOf(const Snapshot& snapshot, const std::vector<Row>& rows) {
    return Adder(snapshot).totals(rows);
}

std::vector<Group> groupBy(const Snapshot& snapshot, const std::vector<Row>& rows, const std::vector<Field>& fields,
                           bool reveal) {
    Grouper grouper(snapshot, fields, reveal);
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows)
        grouper.add(std::span(rows).subspan(first, std::min(kBlockRows, rows.size() - first)));

    Adder adder(snapshot);
    std::vector<Group> groups(grouper.size());
    std::vector<std::size_t> order(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
        order[i] = i;
        groups[i].rows = grouper.takeRows(i);
        groups[i].key = grouper.text(i);
        groups[i].totals = adder.totals(groups[i].rows);
    }
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return comesBefore(grouper, groups[a], a, groups[b], b); });
    std::vector<Group> sorted;
    sorted.reserve(groups.size());
    for (const std::size_t i : order) sorted.push_back(std::move(groups[i]));
    return sorted;
}

} // namespace gatescope::analysis

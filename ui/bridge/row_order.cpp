// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/row_order.h"

#include "ui/bridge/text.h"

#include <algorithm>
#include <numeric>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr TimeNs kDay = 86'400LL * 1'000'000'000LL;
constexpr std::string_view kGapFinding = "tcp.gap";
constexpr std::uint64_t kMissingKey = std::numeric_limits<std::uint64_t>::max();

/// Signed order as unsigned order.
std::uint64_t biased(std::int64_t number) {
    return static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63U);
}

/// Place of each distinct text among all of them, so that strings are compared once per value and not once per row.
class TextRanks {
public:
    TextRanks(const Snapshot& snapshot, const std::vector<StringPool::Code>& codes) {
        m_distinct = codes;
        std::sort(m_distinct.begin(), m_distinct.end());
        m_distinct.erase(std::unique(m_distinct.begin(), m_distinct.end()), m_distinct.end());
        std::vector<std::uint32_t> byText(m_distinct.size());
        std::iota(byText.begin(), byText.end(), 0U);
        std::sort(byText.begin(), byText.end(),
                  [&](auto a, auto b) { return snapshot.text(m_distinct[a]) < snapshot.text(m_distinct[b]); });
        m_rank.resize(m_distinct.size());
        for (std::uint32_t rank = 0; rank < byText.size(); ++rank) m_rank[byText[rank]] = rank;
    }
    std::uint64_t of(StringPool::Code code) const {
        const auto at = std::lower_bound(m_distinct.begin(), m_distinct.end(), code) - m_distinct.begin();
        return m_rank[static_cast<std::size_t>(at)];
    }

private:
    std::vector<StringPool::Code> m_distinct;
    std::vector<std::uint32_t> m_rank;
};

StringPool::Code codeOf(const Snapshot& snapshot, const Field& field, StringPool::Code header, Row row) {
    if (field.id == FieldId::RequestHeader) return snapshot.headerValue(Direction::Request, header, row);
    if (field.id == FieldId::ResponseHeader) return snapshot.headerValue(Direction::Response, header, row);
    return snapshot.code(field.id, row);
}

std::vector<std::uint64_t> textKeys(const Snapshot& snapshot, const std::vector<Row>& rows, const Field& field) {
    const auto header = field.header.empty() ? StringPool::kNone : snapshot.headerCode(field.header);
    std::vector<std::uint64_t> keys(rows.size(), kMissingKey);
    if (!field.header.empty() && header == StringPool::kNone) return keys;
    std::vector<StringPool::Code> codes(rows.size());
    std::transform(rows.begin(), rows.end(), codes.begin(),
                   [&](Row row) { return codeOf(snapshot, field, header, row); });
    const TextRanks ranks(snapshot, codes);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (codes[i] != StringPool::kNone) keys[i] = ranks.of(codes[i]);
    }
    return keys;
}

/// Lists are few and short: compared as text.
std::vector<std::uint64_t> listKeys(const Snapshot& snapshot, const std::vector<Row>& rows, const Field& field) {
    std::vector<std::pair<std::vector<std::string_view>, std::size_t>> lists;
    std::vector<std::uint64_t> keys(rows.size(), kMissingKey);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Value value = snapshot.value(field, rows[i]);
        auto* list = std::get_if<std::vector<std::string_view>>(&value);
        if (list && !list->empty()) lists.emplace_back(std::move(*list), i);
    }
    std::sort(lists.begin(), lists.end());
    std::uint64_t rank = 0;
    for (std::size_t i = 0; i < lists.size(); ++i) {
        if (i > 0 && lists[i].first != lists[i - 1].first) ++rank;
        keys[lists[i].second] = rank;
    }
    return keys;
}

std::vector<std::uint64_t> numberKeys(const Snapshot& snapshot, const std::vector<Row>& rows, FieldId id) {
    std::vector<std::uint64_t> keys(rows.size(), kMissingKey);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto number = id == FieldId::Id ? snapshot.id(rows[i]) : snapshot.number(id, rows[i]);
        if (number != kNoNumber) keys[i] = biased(number);
    }
    return keys;
}

std::vector<std::uint64_t> sortKeys(const Snapshot& snapshot, const std::vector<Row>& rows, const Field& field) {
    if (field.type == FieldType::TextList) return listKeys(snapshot, rows, field);
    if (field.type == FieldType::Text) return textKeys(snapshot, rows, field);
    return numberKeys(snapshot, rows, field.id);
}

std::shared_ptr<const std::vector<int>> placesOf(const std::vector<Row>& rows, std::size_t size) {
    auto places = std::make_shared<std::vector<int>>(size, -1);
    for (std::size_t i = 0; i < rows.size(); ++i) (*places)[rows[i]] = static_cast<int>(i);
    return places;
}

bool onSeveralDays(const Snapshot& snapshot, const std::vector<Row>& byTime) {
    TimeNs first = kNoTime;
    TimeNs last = kNoTime;
    const auto look = [&](Row row, TimeNs& time) { return (time = snapshot.startTime(row)) != kNoTime; };
    const bool known = std::any_of(byTime.begin(), byTime.end(), [&](Row row) { return look(row, first); }) &&
                       std::any_of(byTime.rbegin(), byTime.rend(), [&](Row row) { return look(row, last); });
    return known && first / kDay != last / kDay;
}

} // namespace

std::vector<Row> rowsWithin(const Snapshot& snapshot, const std::vector<Row>& rows, const TimeSpan& span) {
    std::vector<std::int64_t> times(rows.size());
    snapshot.numbers(FieldId::Time, rows, times.data());
    std::vector<Row> within;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (times[i] != kNoNumber && span.contains(times[i])) within.push_back(rows[i]);
    }
    return within;
}

std::vector<Row> sortedRows(const Snapshot& snapshot, const std::vector<Row>& rows, const SortKey& key,
                            std::stop_token stop) {
    auto keys = sortKeys(snapshot, rows, key.field);
    if (stop.stop_requested()) return {};
    if (key.descending) {
        for (auto& each : keys) {
            if (each != kMissingKey) each = kMissingKey - 1 - each;
        }
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> packed(rows.size());
    for (std::uint32_t i = 0; i < packed.size(); ++i) packed[i] = {keys[i], i};
    std::sort(packed.begin(), packed.end());
    std::vector<Row> sorted(rows.size());
    std::transform(packed.begin(), packed.end(), sorted.begin(), [&](const auto& each) { return rows[each.second]; });
    return sorted;
}

/// Keeps what does not change from one query to the next: a new sort order needs no new filtering and no new groups.
class RowOrderWorker::Engine {
public:
    std::optional<RowOrder> answer(const RowQuery& query, std::stop_token stop) {
        if (!refreshFiltered(query, stop) || !refreshNarrowed(query, stop)) return std::nullopt;
        auto rows = query.group.matchesEverything() ? m_narrowed : query.group.apply(query.snapshot, m_narrowed, stop);
        auto anyTime = query.group.matchesEverything() ? m_filtered
                       : query.span                    ? query.group.apply(query.snapshot, m_filtered, stop)
                                                       : rows;
        if (stop.stop_requested()) return std::nullopt;
        RowOrder order{.snapshot = query.snapshot,
                       .generation = query.generation,
                       .filterText = query.filter.text(),
                       .groupText = query.group.text(),
                       .span = query.span,
                       .sort = query.sort,
                       .rows = {},
                       .anyTime = std::make_shared<const std::vector<Row>>(std::move(anyTime)),
                       .places = {},
                       .totals = {},
                       .filteredTotals = m_narrowedTotals,
                       .groups = {m_groups[0], m_groups[1], m_groups[2]},
                       .severalDays = m_severalDays,
                       .gaps = m_gaps};
        order.totals = query.group.matchesEverything() ? m_narrowedTotals : totalsOf(query.snapshot, rows);
        if (query.sort) rows = sortedRows(query.snapshot, rows, *query.sort, stop);
        if (stop.stop_requested()) return std::nullopt;
        order.places = placesOf(rows, query.snapshot.size());
        // Worked out when first asked for: here, and not in the GUI thread.
        query.snapshot.flows();
        query.snapshot.tlsSessions();
        order.rows = std::make_shared<const std::vector<Row>>(std::move(rows));
        return order;
    }

private:
    bool refreshFiltered(const RowQuery& query, std::stop_token stop) {
        if (m_filterValid && m_generation == query.generation && m_filterText == query.filter.text()) return true;
        m_filterValid = m_spanValid = false;
        const auto& all = query.snapshot.order();
        m_filtered = query.filter.matchesEverything() ? all : query.filter.apply(query.snapshot, all, stop);
        if (stop.stop_requested()) return false;
        const auto& findings = query.snapshot.findings();
        m_gaps = static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(), [](const auto& placed) {
            return placed.finding.kind && placed.finding.kind->id == kGapFinding;
        }));
        m_severalDays = onSeveralDays(query.snapshot, all);
        m_generation = query.generation;
        m_filterText = query.filter.text();
        m_filterValid = true;
        return true;
    }

    bool refreshNarrowed(const RowQuery& query, std::stop_token stop) {
        if (m_spanValid && m_span == query.span) return true;
        m_spanValid = false;
        m_narrowed = query.span ? rowsWithin(query.snapshot, m_filtered, *query.span) : m_filtered;
        m_narrowedTotals = totalsOf(query.snapshot, m_narrowed);
        std::vector<Field> fields{fieldOf(FieldId::Project)};
        const std::vector<std::vector<FieldId>> further{{}, {FieldId::Agent, FieldId::AgentVersion}, {FieldId::Model}};
        for (std::size_t level = 0; level < further.size(); ++level) {
            if (stop.stop_requested()) return false;
            for (const FieldId id : further[level]) fields.push_back(fieldOf(id));
            m_groups[level] = std::make_shared<const std::vector<Group>>(groupBy(query.snapshot, m_narrowed, fields));
        }
        m_span = query.span;
        m_spanValid = true;
        return true;
    }

    bool m_filterValid = false;
    std::uint64_t m_generation = 0;
    std::string m_filterText;
    std::vector<Row> m_filtered;
    std::size_t m_gaps = 0;
    bool m_severalDays = false;

    bool m_spanValid = false; ///< never without m_filterValid
    std::optional<TimeSpan> m_span;
    std::vector<Row> m_narrowed;
    Totals m_narrowedTotals;
    std::shared_ptr<const std::vector<Group>> m_groups[3];
};

RowOrderWorker::RowOrderWorker(QObject* parent) : QObject(parent), m_engine(std::make_shared<Engine>()) {}

void RowOrderWorker::ask(RowQuery query, bool urgent) {
    auto job = [this, engine = m_engine, query = std::move(query)](std::stop_token stop) -> NewestJob::Deliver {
        auto answer = engine->answer(query, stop);
        if (!answer) return {};
        auto order = std::make_shared<const RowOrder>(std::move(*answer));
        return [this, order] { Q_EMIT answered(*order); };
    };
    m_job.ask(std::move(job), urgent);
}

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/model_calls.h"
#include "core/analysis/request_target.h"
#include "core/analysis/snapshot_state.h"

#include <algorithm>
#include <array>

namespace gatescope::analysis {

namespace {

std::size_t indexOf(FieldId field) {
    return static_cast<std::size_t>(field);
}

std::size_t offsetOf(Row row) {
    return row % kChunkRows;
}

/// Calls `use(chunk, first, last)` for each run of rows that lie in one chunk.
template <typename Use>
void forEachRun(const std::vector<const Chunk*>& chunks, std::span<const Row> rows, Use&& use) {
    for (std::size_t first = 0; first < rows.size();) {
        const Row chunk = rows[first] >> kChunkBits;
        std::size_t last = first + 1;
        while (last < rows.size() && rows[last] >> kChunkBits == chunk) ++last;
        use(*chunks[chunk], first, last);
        first = last;
    }
}

} // namespace

Snapshot::Snapshot() {
    static const std::shared_ptr<const State> empty = [] {
        auto state = std::make_shared<State>();
        state->store = std::make_shared<Store>(std::vector<std::string>{});
        state->inputs = state->store->inputs;
        state->order = state->ranks = std::make_shared<const std::vector<Row>>();
        state->trust = std::make_shared<const path::Trust>();
        state->captures = std::make_shared<const std::vector<CaptureSpan>>();
        return state;
    }();
    m_state = empty;
}

std::size_t Snapshot::size() const {
    return m_state->rows;
}

bool Snapshot::isOpen(Row row) const {
    return row >= m_state->firstOpen && row < m_state->rows;
}

std::size_t Snapshot::openExchanges() const {
    return m_state->rows - m_state->firstOpen;
}

std::optional<Row> Snapshot::find(PacketRef wanted, std::uint32_t index) const {
    const auto isIt = [&](Row row) { return flowStart(row) == wanted && indexInFlow(row) == index; };
    // What somebody looks for is mostly one of the last.
    const auto& rows = order();
    const auto at = std::find_if(rows.rbegin(), rows.rend(), isIt);
    return at == rows.rend() ? std::nullopt : std::optional(*at);
}

std::uint64_t Snapshot::renumberings() const {
    return m_state->renumberings;
}

bool Snapshot::complete() const {
    return m_state->complete;
}

const std::vector<std::string>& Snapshot::inputs() const {
    return m_state->inputs->names;
}

const std::vector<CaptureSpan>& Snapshot::captures() const {
    return *m_state->captures;
}

const std::vector<Row>& Snapshot::order() const {
    return *m_state->order;
}

std::int64_t Snapshot::id(Row row) const {
    return static_cast<std::int64_t>((*m_state->ranks)[row]) + 1;
}

std::optional<Row> Snapshot::rowOfId(std::int64_t id) const {
    if (id < 1 || static_cast<std::uint64_t>(id) > m_state->order->size()) return std::nullopt;
    return (*m_state->order)[static_cast<std::size_t>(id - 1)];
}

Value Snapshot::value(const Field& field, Row row) const {
    if (field.type == FieldType::TextList) {
        auto entries = list(field.id, row);
        if (entries.empty()) return std::monostate{};
        return entries;
    }
    if (field.type != FieldType::Text) {
        const std::int64_t found = number(field.id, row);
        if (found == kNoNumber) return std::monostate{};
        return found;
    }
    StringPool::Code found = StringPool::kNone;
    if (field.id == FieldId::RequestHeader)
        found = headerValue(Direction::Request, headerCode(field.header), row);
    else if (field.id == FieldId::ResponseHeader)
        found = headerValue(Direction::Response, headerCode(field.header), row);
    else
        found = code(field.id, row);
    if (found == StringPool::kNone) return std::monostate{};
    return text(found);
}

std::int64_t Snapshot::number(FieldId field, Row row) const {
    if (field == FieldId::Id) return id(row);
    if (field == FieldId::Flow) {
        const std::uint64_t start = flowStart(row);
        const Flow* flow = start == 0 ? nullptr : flowOf(start);
        return flow ? static_cast<std::int64_t>(flow->number) : kNoNumber;
    }
    if (field == FieldId::Attempt || field == FieldId::LogicalCall) {
        if (!isModelCall(*this, row)) return kNoNumber;
        const auto place = attempts().of(row);
        return field == FieldId::Attempt ? place.number : id(place.first);
    }
    if (indexOf(field) >= kStoredFields) return kNoNumber;
    return m_state->chunk(row).numbers[indexOf(field)].get(offsetOf(row));
}

StringPool::Code Snapshot::code(FieldId field, Row row) const {
    if (field == FieldId::Input) {
        const auto& codes = m_state->inputs->codes;
        const std::size_t input = inputIndex(row);
        return input < codes.size() ? codes[input] : StringPool::kNone;
    }
    if (const auto* column = m_state->column(field); column && row < column->size()) return (*column)[row];
    if (indexOf(field) >= kStoredFields) return StringPool::kNone;
    return m_state->chunk(row).codes[indexOf(field)].get(offsetOf(row));
}

void Snapshot::numbers(FieldId field, std::span<const Row> rows, std::int64_t* out) const {
    const bool derived =
        field == FieldId::Id || field == FieldId::Flow || field == FieldId::Attempt || field == FieldId::LogicalCall;
    if (derived || indexOf(field) >= kStoredFields) {
        for (std::size_t i = 0; i < rows.size(); ++i) out[i] = number(field, rows[i]);
        return;
    }
    forEachRun(m_state->chunks, rows, [&](const Chunk& chunk, std::size_t first, std::size_t last) {
        chunk.numbers[indexOf(field)].visit([&](const auto* values) {
            for (std::size_t i = first; i < last; ++i)
                out[i] = values ? NumberColumn::widen(values[offsetOf(rows[i])]) : kNoNumber;
        });
    });
}

void Snapshot::codes(FieldId field, StringPool::Code headerName, std::span<const Row> rows,
                     StringPool::Code* out) const {
    if (field == FieldId::RequestHeader || field == FieldId::ResponseHeader) {
        headerCodes(field == FieldId::RequestHeader ? Direction::Request : Direction::Response, headerName, rows, out);
        return;
    }
    if (field == FieldId::Input || m_state->column(field) != nullptr || indexOf(field) >= kStoredFields) {
        for (std::size_t i = 0; i < rows.size(); ++i) out[i] = code(field, rows[i]);
        return;
    }
    forEachRun(m_state->chunks, rows, [&](const Chunk& chunk, std::size_t first, std::size_t last) {
        const StringPool::Code* values = chunk.codes[indexOf(field)].data();
        for (std::size_t i = first; i < last; ++i) out[i] = values ? values[offsetOf(rows[i])] : StringPool::kNone;
    });
}

void Snapshot::headerCodes(Direction direction, StringPool::Code lowerName, std::span<const Row> rows,
                           StringPool::Code* out) const {
    // Few lists of names serve many rows: remember where the name stood in each.
    struct Place {
        std::uint32_t list = 0;
        std::ptrdiff_t at = -1; ///< list 0 has no names
    };
    std::array<Place, 256> places{};
    const auto& names = m_state->store->headerNames;
    const bool request = direction == Direction::Request;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const HeaderRun run = m_state->chunk(rows[i]).headers.get(offsetOf(rows[i]));
        const std::uint32_t list = request ? run.requestList : run.responseList;
        Place& place = places[list % places.size()];
        if (place.list != list) place = {list, names[list].find(lowerName)};
        const std::size_t before = request ? 0 : names[run.requestList].names.size();
        out[i] = place.at < 0 ? StringPool::kNone : run.values[before + static_cast<std::size_t>(place.at)];
    }
}

StringPool::Code Snapshot::headerValue(Direction direction, StringPool::Code lowerName, Row row) const {
    if (lowerName == StringPool::kNone) return StringPool::kNone;
    const HeaderRun run = m_state->chunk(row).headers.get(offsetOf(row));
    const bool request = direction == Direction::Request;
    const auto at = m_state->store->headerNames[request ? run.requestList : run.responseList].find(lowerName);
    if (at < 0) return StringPool::kNone;
    const std::size_t before = request ? 0 : m_state->store->headerNames[run.requestList].names.size();
    return run.values[before + static_cast<std::size_t>(at)];
}

StringPool::Code Snapshot::headerCode(std::string_view lowerName) const {
    const Store& store = *m_state->store;
    const std::lock_guard lock(store.mutex);
    const StringPool::Code found = store.pool.find(lowerName);
    return store.headerNames.isName(found) ? found : StringPool::kNone;
}

StringPool::Code Snapshot::textCode(std::string_view text) const {
    const Store& store = *m_state->store;
    const std::lock_guard lock(store.mutex);
    const StringPool::Code found = store.pool.find(text);
    return found < m_state->codes ? found : StringPool::kNone;
}

StringPool::Code Snapshot::codeLimit() const {
    return m_state->codes;
}

std::string_view Snapshot::text(StringPool::Code code) const {
    return m_state->store->pool.view(code);
}

std::vector<std::string_view> Snapshot::list(FieldId field, Row row) const {
    return listEntries(code(field, row));
}

std::vector<std::string_view> Snapshot::listEntries(StringPool::Code code) const {
    std::vector<std::string_view> entries;
    forEachForwarded(text(code), [&](std::string_view entry) { entries.push_back(entry); });
    return entries;
}

std::vector<Snapshot::HeaderField> Snapshot::headers(Direction direction, Row row) const {
    const HeaderRun run = m_state->chunk(row).headers.get(offsetOf(row));
    const auto& names = m_state->store->headerNames;
    const bool request = direction == Direction::Request;
    const HeaderNames& list = names[request ? run.requestList : run.responseList];
    const StringPool::Code* values = run.values + (request ? 0 : names[run.requestList].names.size());
    std::vector<HeaderField> fields;
    fields.reserve(list.names.size());
    for (std::size_t i = 0; i < list.names.size(); ++i)
        fields.push_back({text(list.names[i]), list.lower[i], values[i]});
    return fields;
}

std::size_t Snapshot::inputIndex(Row row) const {
    return static_cast<std::size_t>(m_state->chunk(row).numbers[indexOf(FieldId::Input)].get(offsetOf(row)));
}

PacketRef Snapshot::flowStart(Row row) const {
    return static_cast<std::uint64_t>(m_state->chunk(row).flowStart.get(offsetOf(row)));
}

std::uint32_t Snapshot::indexInFlow(Row row) const {
    return static_cast<std::uint32_t>(m_state->chunk(row).indexInFlow.get(offsetOf(row)));
}

TimeNs Snapshot::startTime(Row row) const {
    return startTimeOf(m_state->chunk(row), offsetOf(row));
}

const JoinResult& Snapshot::joins() const {
    static const JoinResult none;
    return m_state->joins ? m_state->joins->result : none;
}

std::vector<Row> Snapshot::parts(Row row) const {
    if (!m_state->joins) return {};
    const auto at = m_state->joins->callOf.find(row);
    if (at == m_state->joins->callOf.end()) return {};
    return m_state->joins->result.calls[at->second].parts;
}

const Flow* Snapshot::connectionOf(Row row) const {
    if (!m_state->joins) return nullptr;
    const auto at = m_state->joins->callOf.find(row);
    if (at == m_state->joins->callOf.end()) return nullptr;
    const auto flow = m_state->joins->result.calls[at->second].flow;
    return flow ? &flows()[*flow] : nullptr;
}

Row Snapshot::shown(Row row) const {
    if (!m_state->joins) return row;
    const auto at = m_state->joins->shownBy.find(row);
    return at == m_state->joins->shownBy.end() ? row : at->second;
}

std::optional<Row> Snapshot::partOf(const Field& field, Row row) const {
    const auto has = [&](Row part) { return !std::holds_alternative<std::monostate>(value(field, part)); };
    const auto records = parts(row);
    if (records.empty()) return has(row) ? std::optional(row) : std::nullopt;
    // Token counts come from the best source, not from the first record: ask for the value itself.
    const Value shownValue = value(field, row);
    for (const Row part : records)
        if (has(part) && value(field, part) == shownValue) return part;
    return std::nullopt;
}

std::vector<gatewaylog::LogMetric> Snapshot::metrics() const {
    std::vector<gatewaylog::LogMetric> all;
    all.reserve(m_state->metricRecords);
    for (std::size_t i = 0; i < m_state->metricRecords; ++i) all.push_back(m_state->store->metrics[i]);
    return all;
}

std::int64_t Snapshot::loggedBytes(Direction direction, Row row) const {
    const Chunk& chunk = m_state->chunk(row);
    return (direction == Direction::Request ? chunk.receivedBytes : chunk.sentBytes).get(offsetOf(row));
}

std::shared_ptr<const path::Trust> Snapshot::trust() const {
    return m_state->trust;
}

const Attempts& Snapshot::attempts() const {
    return m_state->attempts(*this);
}

std::uint64_t Snapshot::requestDigest(Row row) const {
    const std::int64_t digest = m_state->chunk(row).requestDigest.get(offsetOf(row));
    return digest == kNoNumber ? 0 : static_cast<std::uint64_t>(digest);
}

const std::vector<TlsSession>& Snapshot::tlsSessions() const {
    return m_state->sessionIndex().sessions();
}

const TlsSession* Snapshot::tlsSessionOf(PacketRef flowStart) const {
    return m_state->sessionIndex().find(flowStart);
}

const std::vector<Flow>& Snapshot::flows() const {
    return m_state->flowIndex().flows();
}

const Flow* Snapshot::flowByNumber(std::uint64_t number) const {
    const auto& all = flows();
    return number >= 1 && number <= all.size() ? &all[number - 1] : nullptr;
}

const Flow* Snapshot::flowOf(PacketRef start) const {
    return m_state->flowIndex().find(start);
}

const std::vector<PlacedFinding>& Snapshot::findings() const {
    return m_state->findings(*this);
}

} // namespace gatescope::analysis

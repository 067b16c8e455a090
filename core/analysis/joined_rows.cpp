// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/dataset_store.h"
#include "core/analysis/join_findings.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <string>
#include <tuple>

namespace gatescope::analysis {

namespace {

constexpr std::int64_t kWorthSayingNs = 5'000'000'000; ///< clocks kept by NTP do not differ by as much

constexpr std::array kCounts{FieldId::InputTokens,       FieldId::OutputTokens,       FieldId::TotalTokens,
                             FieldId::CachedTokens,      FieldId::CacheWriteTokens,   FieldId::ReasoningTokens,
                             FieldId::AudioInputTokens,  FieldId::AudioOutputTokens,  FieldId::ImageInputTokens,
                             FieldId::ImageOutputTokens, FieldId::CacheWrite1hTokens, FieldId::WebSearches};

std::size_t indexOf(FieldId field) {
    return static_cast<std::size_t>(field);
}

bool isCount(FieldId field) {
    return std::ranges::find(kCounts, field) != kCounts.end();
}

/// Cells of a joined row that are not simply those of the first record which has them.
bool isSpecial(FieldId field) {
    constexpr std::array kSpecial{FieldId::Input,    FieldId::Findings,      FieldId::TokenSource,
                                  FieldId::JoinedBy, FieldId::JoinCertainty, FieldId::JoinedWith};
    return isCount(field) || std::ranges::find(kSpecial, field) != kSpecial.end();
}

/// The model knows best what it counted; a limiter books what it guessed.
int trustIn(std::string_view tokenSource) {
    constexpr std::array<std::string_view, 4> kBestFirst{"reported", "log", "gateway", "estimated"};
    return static_cast<int>(std::ranges::find(kBestFirst, tokenSource) - kBestFirst.begin());
}

} // namespace

/// Writes one joined row from the rows of its records.
class Store::JoinedRowWriter {
public:
    JoinedRowWriter(Store& store, const JoinedCall& call, const std::vector<Flow>& connections, Row row)
        : m_store(store), m_call(call), m_connections(connections), m_chunk(*store.chunks[row >> kChunkBits]),
          m_offset(row % kChunkRows) {}

    void write() {
        const Chunk& first = chunkOf(m_call.parts.front());
        const std::size_t at = offsetOf(m_call.parts.front());
        for (std::size_t field = 0; field < kStoredFields; ++field)
            if (!isSpecial(static_cast<FieldId>(field))) copyFirst(field);
        number(FieldId::Input, first.numbers[indexOf(FieldId::Input)].get(at));
        m_chunk.flowStart.set(m_offset, first.flowStart.get(at), Width::Four);
        m_chunk.indexInFlow.set(m_offset, first.indexInFlow.get(at), Width::Two);
        m_chunk.startTime.set(m_offset, first.startTime.get(at), Width::Eight);
        m_chunk.startPacket.set(m_offset, first.startPacket.get(at), Width::Four);
        copyFirst(&Chunk::requestDigest);
        copyFirst(&Chunk::receivedBytes);
        copyFirst(&Chunk::sentBytes);
        usage();
        headers();
        findings();
        joined();
        if (m_call.flow && !isPackets(m_call.parts.front())) connection(m_connections[*m_call.flow].record);
    }

private:
    const Chunk& chunkOf(Row row) const { return *m_store.chunks[row >> kChunkBits]; }
    static std::size_t offsetOf(Row row) { return row % kChunkRows; }
    std::string_view textOf(FieldId field, Row row) const {
        return m_store.pool.view(chunkOf(row).codes[indexOf(field)].get(offsetOf(row)));
    }
    bool isPackets(Row row) const { return textOf(FieldId::Source, row) == "packets"; }
    void number(FieldId field, std::int64_t value) {
        m_chunk.numbers[indexOf(field)].set(m_offset, value, Width::Four);
    }
    void text(FieldId field, std::string_view value) {
        if (!value.empty()) m_chunk.codes[indexOf(field)].set(m_offset, m_store.pool.intern(value));
    }

    void copyFirst(std::size_t field) {
        for (const Row part : m_call.parts) {
            const std::int64_t value = chunkOf(part).numbers[field].get(offsetOf(part));
            const StringPool::Code code = chunkOf(part).codes[field].get(offsetOf(part));
            if (value == kNoNumber && code == StringPool::kNone) continue;
            m_chunk.numbers[field].set(m_offset, value, Width::Four);
            m_chunk.codes[field].set(m_offset, code);
            return;
        }
    }
    void copyFirst(NumberColumn Chunk::* column) {
        for (const Row part : m_call.parts) {
            const std::int64_t value = (chunkOf(part).*column).get(offsetOf(part));
            if (value == kNoNumber) continue;
            (m_chunk.*column).set(m_offset, value, Width::Four);
            return;
        }
    }

    /// All counts of a call come from one source; another one only adds what that does not know, when the two agree.
    void usage() {
        std::vector<Row> sources = m_call.parts;
        std::ranges::stable_sort(sources, {}, [this](Row row) { return trustIn(textOf(FieldId::TokenSource, row)); });
        const Row best = sources.front();
        text(FieldId::TokenSource, textOf(FieldId::TokenSource, best));
        const auto countOf = [this](FieldId field, Row row) {
            return chunkOf(row).numbers[indexOf(field)].get(offsetOf(row));
        };
        const std::int64_t total = countOf(FieldId::TotalTokens, best);
        for (const FieldId field : kCounts)
            for (const Row source : sources) {
                if (source != best && (total == kNoNumber || countOf(FieldId::TotalTokens, source) != total)) continue;
                const std::int64_t count = countOf(field, source);
                if (count == kNoNumber) continue;
                number(field, count);
                break;
            }
    }

    /// Header fields of the first record, and those of the others that it does not have.
    void headers() {
        http::HeaderList request, response;
        for (const Row part : m_call.parts) {
            const HeaderRun run = chunkOf(part).headers.get(offsetOf(part));
            const HeaderNames& asked = m_store.headerNames[run.requestList];
            const HeaderNames& answered = m_store.headerNames[run.responseList];
            add(request, asked, run.values);
            add(response, answered, run.values + asked.names.size());
        }
        m_store.m_values.clear();
        const std::uint32_t requestList = m_store.headerNames.add(request, m_store.m_values);
        const std::uint32_t responseList = m_store.headerNames.add(response, m_store.m_values);
        m_chunk.headers.set(m_offset, requestList, responseList, m_store.m_values);
    }
    void add(http::HeaderList& list, const HeaderNames& names, const StringPool::Code* values) const {
        const std::size_t before = list.size();
        const auto isKnown = [&](std::string_view name) {
            for (std::size_t i = 0; i < before; ++i)
                if (http::equalsIgnoreCase(list[i].name, name)) return true;
            return false;
        };
        for (std::size_t i = 0; i < names.names.size(); ++i)
            if (const auto name = m_store.pool.view(names.names[i]); !isKnown(name))
                list.add(name, m_store.pool.view(values[i]));
    }

    void findings() {
        std::set<std::string, std::less<>> ids;
        for (const Row part : m_call.parts) {
            std::string_view list = textOf(FieldId::Findings, part);
            while (!list.empty()) {
                const auto comma = list.find(',');
                ids.emplace(list.substr(0, comma));
                list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
            }
        }
        text(FieldId::Findings, fmt::format("{}", fmt::join(ids, ",")));
    }

    void joined() {
        std::string rules;
        std::string_view certainty = "sure";
        for (const JoinRule rule : m_call.rules) {
            rules += (rules.empty() ? "" : ", ") + std::string(toString(rule));
            if (certaintyOf(rule) != "sure") certainty = certaintyOf(rule);
        }
        text(FieldId::JoinedBy, rules);
        text(FieldId::JoinCertainty, certainty);
        std::string others;
        const auto other = [&others](std::string_view source) {
            if (!others.empty()) others += ',';
            others += source;
        };
        for (std::size_t i = 1; i < m_call.parts.size(); ++i) other(textOf(FieldId::Source, m_call.parts[i]));
        if (m_call.flow && !isPackets(m_call.parts.front())) other("packets");
        if (m_call.loggedFlow) other(m_connections[*m_call.loggedFlow].record.source);
        text(FieldId::JoinedWith, others);
    }

    /// The call went over a connection that nobody could read: it stands where the capture has it.
    void connection(const FlowRecord& flow) {
        number(FieldId::Input, flow.input);
        m_chunk.flowStart.set(m_offset, static_cast<std::int64_t>(flow.start()), Width::Four);
        m_chunk.codes[indexOf(FieldId::Client)].set(m_offset, m_store.endpointCode(flow.client));
        m_chunk.codes[indexOf(FieldId::Server)].set(m_offset, m_store.endpointCode(flow.server));
    }

    Store& m_store;
    const JoinedCall& m_call;
    const std::vector<Flow>& m_connections;
    Chunk& m_chunk;
    std::size_t m_offset;
};

void Store::appendJoined(JoinResult&& result, const std::vector<Flow>& connections) {
    if (result.counts.empty() && result.calls.empty()) return;
    auto index = std::make_shared<JoinIndex>();
    index->hidden.resize(rows);
    for (std::uint32_t call = 0; call < result.calls.size(); ++call) {
        if (rows >= std::numeric_limits<Row>::max()) break; // no machine holds as many
        if (rows % kChunkRows == 0) chunks.push_back(std::make_unique<Chunk>());
        const auto row = static_cast<Row>(rows);
        JoinedRowWriter(*this, result.calls[call], connections, row).write();
        for (const Row part : result.calls[call].parts) {
            index->hidden[part] = true;
            index->shownBy.emplace(part, row);
        }
        index->callOf.emplace(row, call);
        ++rows;
    }
    index->result = std::move(result);
    joins = index;
    noteUnjoined(*joins, connections);
}

void Store::noteUnjoined(const JoinIndex& index, const std::vector<Flow>& connections) {
    const auto& counts = index.result.counts;
    const auto isLog = [](const JoinCount& count) { return count.isLog; };
    if (std::ranges::all_of(counts, isLog) || std::ranges::none_of(counts, isLog)) return;
    for (const ClockOffset& offset : index.result.offsets) {
        if (std::abs(offset.offsetNs) < kWorthSayingNs) continue;
        Finding finding;
        finding.kind = &kClocksDiffer;
        finding.input = offset.log;
        finding.evidence = {
            fmt::format("{:.3f} s from {} pairs", static_cast<double>(offset.offsetNs) / 1e9, offset.pairs)};
        appendFinding(finding);
    }
    for (const Row row : index.result.unjoinedRows) {
        const Chunk& chunk = *chunks[row >> kChunkBits];
        Finding finding;
        const bool isPackets = pool.view(chunk.codes[indexOf(FieldId::Source)].get(row % kChunkRows)) == "packets";
        finding.kind = isPackets ? &kCallWithoutLog : &kCallWithoutPackets;
        finding.input = static_cast<std::uint32_t>(chunk.numbers[indexOf(FieldId::Input)].get(row % kChunkRows));
        findings.add({std::move(finding), row, 0});
    }
    for (const std::uint32_t at : index.result.unexplainedFlows) {
        const FlowRecord& flow = connections[at].record;
        if (flow.source != "packets") continue;
        Finding finding;
        finding.kind = &kCallWithoutLog;
        finding.input = flow.input;
        finding.flowStart = flow.start();
        finding.packet = flow.firstPacket;
        finding.evidence = {flow.client.toString() + " to " + flow.server.toString()};
        appendFinding(finding);
    }
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/dataset_store.h"

#include "core/analysis/request_target.h"
#include "core/base/hash.h"
#include "core/llm/api_names.h"

#include <algorithm>
#include <limits>

namespace gatescope::analysis {

namespace {

std::int64_t difference(TimeNs from, TimeNs to) {
    if (from == kNoTime || to == kNoTime) return kNoNumber;
    std::int64_t span = 0;
    return __builtin_sub_overflow(to, from, &span) ? kNoNumber : span;
}

std::int64_t counted(std::uint64_t count) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(std::min(count, kMost));
}

std::uint64_t hashOf(const Endpoint& endpoint) {
    const auto& bytes = endpoint.address.bytes();
    return mix64(hashBytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), endpoint.port);
}

CollectedFinding collected(Finding&& finding, const ExchangeRecord& record, Row row) {
    if (!finding.input) finding.input = record.input;
    if (!finding.flowStart && record.flowStart != 0) finding.flowStart = record.flowStart;
    return {std::move(finding), row, record.http.indexInConnection};
}

} // namespace

/// Writes the cells of one row.
struct Store::RowWriter {
    StringPool& pool;
    Chunk& chunk;
    Row row;
    std::size_t offset;

    void text(FieldId field, std::string_view value) {
        if (!value.empty()) code(field, pool.intern(value));
    }
    void code(FieldId field, StringPool::Code value) {
        chunk.codes[static_cast<std::size_t>(field)].set(offset, value);
    }
    void number(FieldId field, std::int64_t value, Width least = Width::Four) {
        chunk.numbers[static_cast<std::size_t>(field)].set(offset, value, least);
    }
    void count(FieldId field, const std::optional<std::int64_t>& value) {
        if (value) number(field, *value);
    }

    void client(const ClientCodes& known) {
        code(FieldId::EffectiveClient, known.client);
        code(FieldId::ClientClass, known.kind);
    }

    void place(const ExchangeRecord& record) {
        const auto& request = record.http.requestTrace;
        const auto& response = record.http.responseTrace;
        number(FieldId::Input, record.input, Width::Two);
        text(FieldId::Source, record.source);
        chunk.flowStart.set(offset, counted(record.flowStart), Width::Four);
        chunk.indexInFlow.set(offset, record.http.indexInConnection, Width::Two);
        if (request.firstPacket != 0)
            number(FieldId::Packet, counted(request.firstPacket));
        else
            chunk.startPacket.set(offset, counted(record.isLogged() ? record.log.line : response.firstPacket),
                                  Width::Four); // whatever keeps the order of the input
        number(FieldId::Time, request.firstByte, Width::Eight);
        if (request.firstByte == kNoTime) chunk.startTime.set(offset, response.firstByte, Width::Eight);
        number(FieldId::Duration, difference(request.firstByte, response.lastByte), Width::Eight);
        number(FieldId::Ttfb, difference(request.firstByte, response.firstByte), Width::Four);
        number(FieldId::Ttft, difference(request.firstByte, record.call.firstToken), Width::Four);
        text(FieldId::Tls, record.tls);
        text(FieldId::Ja4, record.ja4);
    }

    void request(const ExchangeRecord& record) {
        const auto& exchange = record.http;
        // Also kept when the head was cut after its first line; a dump of headers has no first line.
        if (exchange.request.method.empty() && !record.isLogged()) return;
        const auto target = splitTarget(exchange.request.method, exchange.request.target);
        text(FieldId::Method, exchange.request.method);
        text(FieldId::Path, target.path);
        text(FieldId::Query, target.query);
        if (!target.scheme.empty())
            text(FieldId::Scheme, target.scheme);
        else if (!record.scheme.empty() || record.isLogged())
            text(FieldId::Scheme, record.scheme);
        else
            text(FieldId::Scheme, record.tls.empty() || record.tls == "none" ? "http" : "https");
        if (!target.host.empty())
            text(FieldId::Host, target.host);
        else
            text(FieldId::Host, exchange.request.headers.find("host").value_or(""));
        text(FieldId::Traceparent, exchange.request.headers.find("traceparent").value_or(""));
        if (knowsBodySizes(record)) number(FieldId::RequestBytes, counted(exchange.requestTrace.bodyBytes));
    }

    void response(const ExchangeRecord& record) {
        const auto& exchange = record.http;
        if (exchange.response.status > 0) number(FieldId::Status, exchange.response.status, Width::Two);
        if (!exchange.responseTrace.seen || !knowsBodySizes(record)) return;
        number(FieldId::ResponseBytes, counted(exchange.responseTrace.bodyBytes));
    }

    void message(const ExchangeRecord& record) {
        const auto& exchange = record.http;
        request(record);
        response(record);
        if (!record.isLogged())
            number(FieldId::Complete, exchange.requestTrace.complete && exchange.responseTrace.complete, Width::Two);
        if (!record.isLogged() || record.log.versionKnown)
            text(FieldId::Protocol,
                 http::toString(exchange.requestTrace.seen ? exchange.request.version : exchange.response.version));
        const auto id = exchange.request.headers.find("x-request-id");
        text(FieldId::RequestId, id ? *id : exchange.response.headers.find("x-request-id").value_or(""));
    }

    /// A log that states no size does not say that a body was empty.
    static bool knowsBodySizes(const ExchangeRecord& record) { return !record.isLogged() || record.log.bodySizesKnown; }

    void log(const ExchangeRecord& record) {
        text(FieldId::ResponseId, record.call.responseId);
        text(FieldId::SessionId, record.call.sessionId);
        if (record.http.streamId != 0) number(FieldId::StreamId, record.http.streamId);
        const gatewaylog::LogFacts& facts = record.log;
        if (facts.line == 0) return;
        number(FieldId::Line, counted(facts.line));
        text(FieldId::CorrelationId, facts.correlationId);
        text(FieldId::TransactionId, facts.transactionId);
        text(FieldId::TraceId, facts.traceId);
        text(FieldId::Backend, facts.backend);
        if (facts.backendNs) number(FieldId::BackendTime, *facts.backendNs, Width::Eight);
        if (facts.receivedBytes) chunk.receivedBytes.set(offset, counted(*facts.receivedBytes), Width::Four);
        if (facts.sentBytes) chunk.sentBytes.set(offset, counted(*facts.sentBytes), Width::Four);
    }

    void identity(const llm::Identity& identity) {
        text(FieldId::Project, identity.project);
        text(FieldId::ProjectId, identity.projectId);
        text(FieldId::Agent, identity.agent);
        text(FieldId::AgentVersion, identity.agentVersion);
        text(FieldId::Connection, identity.connection);
        text(FieldId::Caller, identity.caller);
    }

    void usage(const llm::Usage& usage) {
        count(FieldId::InputTokens, usage.input);
        count(FieldId::OutputTokens, usage.output);
        count(FieldId::TotalTokens, usage.total);
        count(FieldId::CachedTokens, usage.cached);
        count(FieldId::CacheWriteTokens, usage.cacheWrite);
        count(FieldId::ReasoningTokens, usage.reasoning);
        count(FieldId::CacheWrite1hTokens, usage.cacheWrite1h);
        count(FieldId::AudioInputTokens, usage.audioInput);
        count(FieldId::AudioOutputTokens, usage.audioOutput);
        count(FieldId::ImageInputTokens, usage.imageInput);
        count(FieldId::ImageOutputTokens, usage.imageOutput);
        count(FieldId::WebSearches, usage.webSearches);
        text(FieldId::TokenSource, llm::toString(usage.source));
    }

    void limit(const llm::LimitFacts& limit) {
        text(FieldId::LimitOrigin, limit.origin);
        count(FieldId::GatewayTokens, limit.gatewayTokens);
        count(FieldId::LimitTokens, limit.limitTokens);
        count(FieldId::RemainingTokens, limit.remainingTokens);
        if (limit.retryAfterNs) number(FieldId::RetryAfter, *limit.retryAfterNs, Width::Eight);
    }

    void estimate(const llm::Estimate& estimate) {
        count(FieldId::EstimatedInputTokens, estimate.input);
        count(FieldId::EstimatedOutputTokens, estimate.output);
        text(FieldId::EstimateMethod, estimate.method);
    }

    /// What the bodies of a model call say beside its tokens.
    void content(const llm::CallFacts& facts) {
        count(FieldId::MaxTokens, facts.maxTokens);
        count(FieldId::PromptBytes, facts.promptBytes);
        count(FieldId::ContentBytes, facts.contentBytes);
        if (facts.images != 0) number(FieldId::Images, facts.images, Width::Two);
        if (facts.toolCalls != 0) number(FieldId::ToolCalls, facts.toolCalls, Width::Two);
        text(FieldId::Tools, facts.tools);
        text(FieldId::ContentFilter, facts.contentFilter);
        text(FieldId::ServiceTier, facts.serviceTier);
        if (facts.requestDigest != 0)
            chunk.requestDigest.set(offset, static_cast<std::int64_t>(facts.requestDigest), Width::Eight);
        if (!facts.stream) return;
        number(FieldId::StreamEvents, facts.streamEvents);
        number(FieldId::ContentEvents, facts.contentEvents);
        if (facts.usageEvent != 0) number(FieldId::UsageEvent, facts.usageEvent);
    }

    void call(const ExchangeRecord& record) {
        const llm::CallFacts& facts = record.call;
        const bool answered = record.http.responseTrace.seen;
        identity(facts.identity);
        text(FieldId::Model, facts.model);
        text(FieldId::Deployment, facts.deployment);
        text(FieldId::RequestedModel, facts.requestedModel);
        text(FieldId::ServedModel, facts.servedModel);
        text(FieldId::FinishReason, facts.finishReason);
        text(FieldId::ErrorCode, facts.errorCode);
        usage(facts.usage);
        limit(facts.limit);
        estimate(facts.estimate);
        text(FieldId::ClosedBy, record.closedBy);
        const auto& response = record.http.response.headers;
        text(FieldId::Api, facts.api);
        if (!llm::isModelCall(facts.api)) {
            if (answered && (!record.isLogged() || response.find("content-type")))
                number(FieldId::Stream, http::isEventStream(response.find("content-type").value_or("")), Width::Two);
            return;
        }
        // Without an answer nobody knows whether it would have come as events; the request's wish is the best guess. A
        // log that does not say so is silent, which is not "no".
        const bool isStream = answered ? facts.stream : facts.streamRequested;
        if (isStream || !record.isLogged() || response.find("content-type"))
            number(FieldId::Stream, isStream, Width::Two);
        content(facts);
    }
};

Store::Store(std::vector<std::string> inputNames)
    : inputs(std::make_shared<const InputNames>()), m_endpoints(kEndpointEntries) {
    for (std::string& name : inputNames) addInput(std::move(name));
}

Store::~Store() = default;

std::uint32_t Store::addInput(std::string name) {
    auto more = std::make_shared<InputNames>(*inputs);
    more->codes.push_back(name.empty() ? StringPool::kNone : pool.intern(name));
    more->names.push_back(std::move(name));
    inputs = std::move(more);
    return static_cast<std::uint32_t>(inputs->names.size() - 1);
}

StringPool::Code Store::endpointCode(const Endpoint& endpoint) {
    if (endpoint == Endpoint{}) return StringPool::kNone;
    EndpointEntry& entry = m_endpoints[hashOf(endpoint) % kEndpointEntries];
    if (entry.code == StringPool::kNone || entry.endpoint != endpoint)
        entry = {endpoint, pool.intern(endpoint.port == 0 ? endpoint.address.toString() : endpoint.toString())};
    return entry.code;
}

StringPool::Code Store::forwardedForCode(const http::HeaderList& headers) {
    constexpr std::string_view kName = "x-forwarded-for";
    std::size_t lines = 0;
    m_text.clear();
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto field = headers[i];
        if (field.name.size() != kName.size() || !http::equalsIgnoreCase(field.name, kName)) continue;
        if (lines++ != 0) m_text += ", ";
        m_text += field.value;
    }
    bool any = false;
    forEachForwarded(m_text, [&any](std::string_view) { any = true; });
    return any ? pool.intern(m_text) : StringPool::kNone;
}

void Store::writeHeaders(Chunk& chunk, std::size_t offset, const ExchangeRecord& record) {
    m_values.clear();
    const std::uint32_t requestList = headerNames.add(record.http.request.headers, m_values);
    const std::uint32_t responseList = headerNames.add(record.http.response.headers, m_values);
    chunk.headers.set(offset, requestList, responseList, m_values);
}

void Store::takeFindings(ExchangeRecord& record, RowWriter& row) {
    writeFindingIds(record, row);
    for (auto* list : {&record.http.findings, &record.call.findings})
        for (Finding& finding : *list) findings.add(collected(std::move(finding), record, row.row));
}

void Store::writeFindingIds(const ExchangeRecord& record, RowWriter& row) {
    if (record.http.findings.empty() && record.call.findings.empty()) return;
    std::vector<std::string_view> ids;
    for (const auto* list : {&record.http.findings, &record.call.findings})
        for (const Finding& finding : *list)
            if (finding.kind) ids.push_back(finding.kind->id);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    m_text.clear();
    for (const std::string_view id : ids) {
        if (!m_text.empty()) m_text += ',';
        m_text += id;
    }
    row.text(FieldId::Findings, m_text);
}

void Store::append(ExchangeRecord& record) {
    if (rows >= std::numeric_limits<Row>::max()) return; // no machine holds as many
    const std::size_t offset = rows % kChunkRows;
    if (offset == 0) chunks.push_back(std::make_unique<Chunk>());
    Chunk& chunk = *chunks.back();
    RowWriter row{pool, chunk, static_cast<Row>(rows), offset};
    write(row, record);
    takeFindings(record, row);
    ++rows;
}

std::vector<std::unique_ptr<const Chunk>> Store::writeOpen(Row first, const std::vector<OpenExchange>& open,
                                                           FindingCollector::List& found) {
    std::vector<std::unique_ptr<const Chunk>> written;
    Chunk* chunk = nullptr;
    for (std::size_t i = 0; i < open.size(); ++i) {
        const ExchangeRecord& record = *open[i];
        const std::size_t offset = i % kChunkRows;
        if (offset == 0) {
            auto fresh = std::make_unique<Chunk>();
            chunk = fresh.get();
            written.push_back(std::move(fresh));
        }
        RowWriter row{pool, *chunk, static_cast<Row>(first + i), offset};
        write(row, record);
        row.text(FieldId::State, record.state);
        writeFindingIds(record, row);
        for (const auto* list : {&record.http.findings, &record.call.findings})
            for (const Finding& finding : *list)
                if (finding.kind)
                    found.push_back(
                        std::make_shared<const CollectedFinding>(collected(Finding(finding), record, row.row)));
    }
    return written;
}

void Store::write(RowWriter& row, const ExchangeRecord& record) {
    row.place(record);
    row.code(FieldId::Client, endpointCode(record.client));
    row.code(FieldId::Server, endpointCode(record.server));
    row.message(record);
    row.call(record);
    row.log(record);
    row.code(FieldId::ForwardedFor, forwardedForCode(record.http.request.headers));
    writeHeaders(row.chunk, row.offset, record);
    if (m_clientReader) row.client(m_clientReader->read(row.chunk, row.offset));
}

void Store::followClients() {
    m_clientReader = std::make_unique<ClientReader>(*this, trust);
}

void Store::appendSession(TlsRecord& record) {
    if (!sessions.full()) sessions.push(std::make_shared<const TlsRecord>(std::move(record)));
}

void Store::appendFlow(FlowRecord& record) {
    if (!flows.full()) flows.push(std::move(record));
}

void Store::appendMetric(gatewaylog::LogMetric& metric) {
    if (!metrics.full()) metrics.push(std::move(metric));
}

void Store::appendFinding(Finding& finding) {
    findings.add({std::move(finding), std::nullopt, 0});
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/worker.h"

#include "core/pipeline/worker_parts.h"

namespace gatescope::pipeline {

namespace {
/// Observers kept for reuse; more than this are under way only on captures of many parallel connections.
constexpr std::size_t kMaxIdleObservers = 256;

/// A stream that one end gave up before the answer said how it finished.
const FindingKind* cutStream(const analysis::ExchangeRecord& record) {
    const llm::CallFacts& call = record.call;
    if (record.closedBy.empty() || !call.stream || call.streamEvents == 0 || !call.finishReason.empty()) return nullptr;
    return record.closedBy.starts_with("client") ? &llm::kClientLeft : &llm::kStreamCut;
}

/// Parts the packet of a finding into input and number.
void placeIn(Finding& finding) {
    finding.input = inputOf(finding.packet ? *finding.packet : finding.flowStart.value_or(0));
    if (finding.packet) finding.packet = numberOf(*finding.packet);
}
} // namespace

std::vector<std::string> proxyEvidence(const http::ProxyHeader& header) {
    std::vector<std::string> evidence{"version " + std::to_string(header.version)};
    if (header.isLocal) evidence.push_back("from the proxy itself");
    if (header.source) evidence.push_back("client " + header.source->toString());
    if (header.destination) evidence.push_back("to " + header.destination->toString());
    if (header.azureLinkId) evidence.push_back("private endpoint with link id " + std::to_string(*header.azureLinkId));
    return evidence;
}

void Worker::SessionCalls::onFinding(Finding&& finding) {
    m_stream.found(std::move(finding));
}

void Worker::SessionCalls::handOver() {
    for (llm::RealtimeCall& call : m_session.takeDone()) {
        analysis::ExchangeRecord record;
        record.http = std::move(call.exchange);
        record.http.indexInConnection = m_index++;
        record.call = std::move(call.facts);
        m_stream.worker().record(m_stream, std::move(record));
    }
}

Worker::Worker(analysis::Dataset& dataset, WorkerOptions options)
    : m_dataset(dataset), m_options(std::move(options)), m_workspace(std::make_shared<llm::CallWorkspace>()) {}

Worker::~Worker() = default;

void Worker::take(unsigned share) {
    tcp::ConnectionHandler& handler = *this; // the base is private, so make_unique could not convert
    m_tables[share] = std::make_unique<tcp::ConnectionTable>(handler, m_options.limits);
}

void Worker::add(std::span<const packet::TcpSegment> segments) {
    constexpr std::size_t kSlotAhead = 8;
    constexpr std::size_t kConnectionAhead = 4;
    const auto table = [&](std::size_t at) -> tcp::ConnectionTable& { return *m_tables[shareOf(segments[at])]; };
    for (std::size_t i = 0; i < std::min(kSlotAhead, segments.size()); ++i) table(i).expect(segments[i]);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (const std::size_t next = i + kSlotAhead; next < segments.size()) table(next).expect(segments[next]);
        if (const std::size_t next = i + kConnectionAhead; next < segments.size()) table(next).fetch(segments[next]);
        table(i).add(segments[i]);
    }
}

void Worker::addQuic(const packet::TcpSegment& datagram) {
    auto& flows = m_quic[shareOf(datagram)];
    if (!flows) {
        QuicLimits limits;
        limits.maxConnections /= kShares;
        QuicFlowListener& listener = *this; // the base is private, so make_unique could not convert
        flows = std::make_unique<QuicFlows>(listener, limits);
    }
    flows->add(datagram);
}

void Worker::endOfBlock(TimeNs now) {
    for (const auto& table : m_tables)
        if (table) table->sweep(now);
    for (const auto& flows : m_quic)
        if (flows) flows->sweep(now);
    if (m_options.live) lookForStalls(now);
    flush(now);
}

void Worker::finish() {
    for (const auto& table : m_tables)
        if (table) table->finish();
    for (const auto& flows : m_quic)
        if (flows) flows->finish();
    flush(kNoTime);
}

tcp::CopyCount Worker::copies() const {
    tcp::CopyCount all;
    for (const auto& table : m_tables)
        if (table) all.add(table->copies());
    return all;
}

std::unique_ptr<tcp::StreamConsumer> Worker::opened(const tcp::ConnectionInfo& info) {
    return std::make_unique<HttpStream>(*this, info);
}

void Worker::forgotten(const tcp::ConnectionInfo& info, std::unique_ptr<tcp::StreamConsumer> consumer) {
    const auto& stream = static_cast<const HttpStream&>(*consumer);
    const tcp::Side client = stream.client(info);
    analysis::FlowRecord flow;
    flow.input = inputOf(info.firstPacket);
    flow.firstPacket = numberOf(info.firstPacket);
    flow.firstTime = info.firstTime;
    flow.lastTime = info.lastTime;
    flow.client = info.ends[indexOf(client)];
    flow.server = info.ends[indexOf(otherSide(client))];
    flow.packets = info.packets;
    flow.copies = info.copies;
    flow.sequencePair = info.sequencePair;
    flow.payloadBytes = info.payloadBytes;
    flow.lostBytes = info.lostBytes;
    flow.protocol = stream.protocol();
    m_batch.flows.push_back(std::move(flow));
}

void Worker::found(Finding&& finding) {
    placeIn(finding);
    m_batch.findings.push_back(std::move(finding));
}

void Worker::onQuicFlow(analysis::FlowRecord&& flow, analysis::TlsRecord&& session) {
    m_batch.flows.push_back(std::move(flow));
    m_batch.sessions.push_back(std::move(session));
}

void Worker::onQuicFinding(Finding&& finding) {
    m_batch.findings.push_back(std::move(finding));
}

std::unique_ptr<llm::CallObserver> Worker::borrowObserver() {
    if (m_idleObservers.empty()) {
        auto observer = std::make_unique<llm::CallObserver>(llm::CallLimits{}, m_workspace, m_options.estimate);
        observer->begin();
        return observer;
    }
    auto observer = std::move(m_idleObservers.back());
    m_idleObservers.pop_back();
    observer->begin();
    return observer;
}

void Worker::giveBack(std::unique_ptr<llm::CallObserver> observer) {
    if (m_idleObservers.size() < kMaxIdleObservers) m_idleObservers.push_back(std::move(observer));
}

void Worker::record(HttpStream& stream, CallExchange& exchange) {
    analysis::ExchangeRecord record;
    record.http = std::move(exchange.exchange);
    record.call = exchange.observer->take();
    giveBack(std::move(exchange.observer));
    // An answer that was captured with a hole may have come whole.
    const bool missing = !exchange.responseBegan && !record.http.responseTrace.gap;
    if (!exchange.closedBy.empty())
        record.closedBy = exchange.closedBy;
    else if (exchange.responseCut || missing)
        record.closedBy = stream.closedBy();
    if (const FindingKind* cut = cutStream(record)) {
        Finding& finding = record.call.findings.emplace_back();
        finding.kind = cut;
        finding.evidence = {std::string(record.closedBy),
                            std::to_string(record.call.contentEvents) + " content events"};
    }
    this->record(stream, std::move(record));
}

void Worker::record(HttpStream& stream, analysis::ExchangeRecord&& record) {
    place(stream, record);
    stream.countInTls();
    m_batch.exchanges.push_back(std::move(record));
}

void Worker::place(HttpStream& stream, analysis::ExchangeRecord& record) {
    const tcp::ConnectionInfo& info = stream.info();
    const tcp::Side client = stream.client(info);
    stream.describeTls(record);
    http::MessageTrace& request = record.http.requestTrace;
    http::MessageTrace& response = record.http.responseTrace;
    const PacketRef packet = request.firstPacket != 0 ? request.firstPacket : response.firstPacket;
    record.input = inputOf(packet != 0 ? packet : info.firstPacket);
    record.flowStart = info.firstPacket;
    record.client = info.ends[indexOf(client)];
    record.server = info.ends[indexOf(otherSide(client))];
    for (auto* findings : {&record.http.findings, &record.call.findings}) {
        for (Finding& finding : *findings) {
            finding.flowStart = info.firstPacket;
            if (!finding.packet) finding.packet = packet;
            placeIn(finding);
        }
    }
    for (http::MessageTrace* trace : {&request, &response}) {
        trace->firstPacket = numberOf(trace->firstPacket);
        trace->lastPacket = numberOf(trace->lastPacket);
    }
}

void Worker::record(HttpStream& stream, analysis::TlsRecord&& record) {
    place(stream, record);
    m_batch.sessions.push_back(std::move(record));
}

void Worker::place(const HttpStream& stream, analysis::TlsRecord& record) {
    const tcp::ConnectionInfo& info = stream.info();
    const tcp::Side client = stream.client(info);
    const bool hasRecord = record.facts.firstPacket != 0;
    record.input = inputOf(hasRecord ? record.facts.firstPacket : info.firstPacket);
    record.flowStart = info.firstPacket;
    record.packet = numberOf(record.facts.firstPacket);
    record.client = info.ends[indexOf(client)];
    record.server = info.ends[indexOf(otherSide(client))];
}

void Worker::flush(TimeNs now) {
    if (m_options.live) {
        analysis::OpenRecords open{openExchanges(now), openSessions(now)}; // may add a finding
        m_dataset.append(std::exchange(m_batch, {}), *m_options.live, std::move(open));
    } else if (!m_batch.empty()) {
        m_dataset.append(std::exchange(m_batch, {}));
    }
}

} // namespace gatescope::pipeline

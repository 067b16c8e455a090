// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/worker.h"

#include "core/llm/llm_findings.h"
#include "core/path/path_findings.h"
#include "core/pipeline/tls_layer.h"
#include "core/tls/names.h"
#include "core/tls/tls_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::pipeline {

namespace {
/// Observers kept for reuse; more than this are under way only on captures of many parallel connections.
constexpr std::size_t kMaxIdleObservers = 256;
constexpr TimeNs kSecond = 1'000'000'000;
/// How often a call under way is told anew while nothing but its counts change.
constexpr TimeNs kTellEvery = kSecond / 10;
/// Calls under way that one worker tells at a time; each is written again for every snapshot.
constexpr std::size_t kMaxOpenTold = 5'000;

constexpr FindingKind kManyOpen{
    "live.many-open", Severity::Low, "More calls are under way than are shown",
    "All of them are decoded and shown when they end.",
    "If there should not be as many, look for clients that open connections and never close them."};

/// The first sign that one end closes, if there was one.
struct Closing {
    std::uint64_t packet = 0; ///< 0: neither end closed so far
    tcp::Side by = tcp::Side::First;
    bool reset = false;

    /// Told in the order of delivery; a FIN behind a hole comes later than it was sent.
    void note(tcp::Side from, bool isReset, std::uint64_t seenIn) {
        if (packet == 0 || seenIn < packet) *this = {seenIn, from, isReset};
    }
    std::string_view describe(tcp::Side client) const {
        if (packet == 0) return {};
        if (by == client) return reset ? "client-rst" : "client-fin";
        return reset ? "server-rst" : "server-fin";
    }
};

/// A stream that one end gave up before the answer said how it finished.
const FindingKind* cutStream(const analysis::ExchangeRecord& record) {
    const llm::CallFacts& call = record.call;
    if (record.closedBy.empty() || !call.stream || call.streamEvents == 0 || !call.finishReason.empty()) return nullptr;
    return record.closedBy.starts_with("client") ? &llm::kClientLeft : &llm::kStreamCut;
}

std::vector<std::string> proxyEvidence(const http::ProxyHeader& header) {
    std::vector<std::string> evidence{"version " + std::to_string(header.version)};
    if (header.isLocal) evidence.push_back("from the proxy itself");
    if (header.source) evidence.push_back("client " + header.source->toString());
    if (header.destination) evidence.push_back("to " + header.destination->toString());
    if (header.azureLinkId) evidence.push_back("private endpoint with link id " + std::to_string(*header.azureLinkId));
    return evidence;
}

/// Parts the packet of a finding into input and number.
void placeIn(Finding& finding) {
    finding.input = inputOf(finding.packet ? *finding.packet : finding.flowStart.value_or(0));
    if (finding.packet) finding.packet = numberOf(*finding.packet);
}
} // namespace

/// An exchange under way and the reader of its call.
struct Worker::CallExchange final : http::ActiveExchange {
    CallExchange(std::vector<CallExchange*>& all, HttpStream& of) : stream(of), m_all(all), m_place(all.size()) {
        m_all.push_back(this);
    }
    ~CallExchange() override {
        m_all[m_place] = m_all.back();
        m_all[m_place]->m_place = m_place;
        m_all.pop_back();
    }
    CallExchange(const CallExchange&) = delete;
    CallExchange& operator=(const CallExchange&) = delete;

    TimeNs lastSeen() const {
        return std::max({exchange.requestTrace.firstByte, exchange.requestTrace.lastByte,
                         exchange.responseTrace.firstByte, exchange.responseTrace.lastByte});
    }
    /// What goes on in a tunnel or a WebSocket is not this exchange.
    bool isCall() const { return exchange.response.status != 101 && exchange.request.method != "CONNECT"; }
    /// Nothing was seen of it until `now`.
    void lookForStall(TimeNs now, TimeNs stallAfter) {
        if (isStalled || idleSince == kNoTime || elapsed(idleSince, now) < stallAfter || !isCall()) return;
        isStalled = true;
        const std::string_view phase = !exchange.responseTrace.seen ? "after the request" : "within the answer";
        exchange.findings.push_back(
            {&llm::kStalled,
             {std::string("nothing for ") + std::to_string(stallAfter / kSecond) + " s " + std::string(phase)},
             {},
             {},
             {}});
        tell();
    }
    void note() {
        idleSince = lastSeen();
        isChanged = true;
    }
    /// A step that is told without waiting.
    void tell() {
        note();
        told.reset();
    }
    std::string_view state() const {
        if (!exchange.responseTrace.seen || exchange.response.status < 200) return analysis::kWaiting;
        return hasEvents ? analysis::kStreaming : analysis::kAnswering;
    }

    HttpStream& stream;
    std::unique_ptr<llm::CallObserver> observer;
    TimeNs idleSince = kNoTime;
    bool isStalled = false;
    bool hasEvents = false;
    bool isChanged = false;                                 ///< since it was told
    std::shared_ptr<const analysis::ExchangeRecord> told{}; ///< null: not yet, or a new step was reached
    TimeNs toldAt = kNoTime;

private:
    std::vector<CallExchange*>& m_all;
    std::size_t m_place;
};

/// The calls inside one WebSocket.
class Worker::SessionCalls final : public http::WebSocketListener {
public:
    SessionCalls(HttpStream& stream, const Worker& worker, std::shared_ptr<const http::Exchange> handshake,
                 std::uint32_t firstIndex)
        : m_stream(stream), m_session(std::move(handshake), worker.m_workspace, worker.m_options.estimate),
          m_index(firstIndex) {}

    void onMessage(const http::WebSocketMessage& message) override {
        m_session.onMessage(message);
        handOver();
    }
    void onMessagesLost(bool fromClient, const http::PiecePlace&) override {
        m_session.onLost(fromClient);
        handOver();
    }
    void onClosing(bool, std::uint16_t, std::string_view, const http::PiecePlace&) override {}
    void onFinding(Finding&& finding) override;
    void onEnded() override {
        m_session.onEnded();
        handOver();
    }

private:
    void handOver();

    HttpStream& m_stream;
    llm::RealtimeSession m_session;
    std::uint32_t m_index;
};

/// From a connection's bytes to its exchanges and calls.
class Worker::HttpStream final : public tcp::StreamConsumer, private http::ConnectionListener {
public:
    HttpStream(Worker& worker, const tcp::ConnectionInfo& info)
        : m_worker(worker), m_info(info), m_http(*this, {.startSeen = info.client.has_value()}) {}

    void onData(tcp::Side from, Bytes data, const tcp::Place& place) override {
        m_http.feed(static_cast<unsigned>(from), data, {place.packet, place.time});
    }
    void onGap(tcp::Side from, std::uint64_t length, const tcp::Place& place) override {
        m_http.gap(static_cast<unsigned>(from), length, {place.packet, place.time});
    }
    void onFin(tcp::Side from, const tcp::Place& place) override {
        m_closing.note(from, false, place.packet);
        m_http.fin(static_cast<unsigned>(from), {place.packet, place.time});
    }
    void onReset(tcp::Side from, const tcp::Place& place) override {
        m_closing.note(from, true, place.packet);
        m_http.reset(static_cast<unsigned>(from), {place.packet, place.time});
    }
    void onClosed(tcp::CloseReason reason) override {
        if (reason == tcp::CloseReason::CaptureEnd || reason == tcp::CloseReason::Abandoned) m_http.captureEnded();
        m_http.close();
    }

    /// The bytes say it best; then the handshake; then who was seen first.
    tcp::Side client(const tcp::ConnectionInfo& info) const {
        if (const auto direction = m_http.clientDirection()) return static_cast<tcp::Side>(*direction);
        return info.client.value_or(tcp::Side::First);
    }
    const tcp::ConnectionInfo& info() const { return m_info; }
    const std::string& protocol() const { return m_http.protocol(); }
    /// Who closed first, up to now: `client-fin`, ...; empty: nobody.
    std::string_view closedBy() const { return m_closing.describe(client(m_info)); }
    Worker& worker() { return m_worker; }
    /// By the innermost TLS session that is open.
    void describeTls(analysis::ExchangeRecord& record) const {
        if (m_tls.empty()) return;
        const tls::SessionFacts& facts = m_tls.back().layer->facts();
        record.tls = facts.version == 0 ? std::string() : tls::versionName(facts.version);
        record.ja4 = facts.ja4;
        const auto claimed = record.http.request.headers.find("x-azure-ja4-fingerprint");
        if (!claimed || facts.ja4.empty() || *claimed == facts.ja4) return;
        record.http.findings.push_back(
            {&tls::kFingerprintDiffers, {"header " + std::string(*claimed), "client hello " + facts.ja4}, {}, {}, {}});
    }
    /// One more in the innermost TLS session that is open.
    void countInTls() {
        if (!m_tls.empty()) ++m_tls.back().exchanges;
    }
    /// About this connection.
    void found(Finding&& finding) {
        finding.flowStart = m_info.firstPacket;
        m_worker.found(std::move(finding));
    }

private:
    static CallExchange& call(http::ActiveExchange& exchange) { return static_cast<CallExchange&>(exchange); }

    std::unique_ptr<http::ActiveExchange> make() override {
        auto exchange = std::make_unique<CallExchange>(m_worker.m_open, *this);
        exchange->observer = m_worker.borrowObserver();
        return exchange;
    }
    void onRequestHead(http::ActiveExchange& exchange) override {
        call(exchange).observer->onRequestHead(exchange.exchange.request);
        call(exchange).tell();
    }
    void onRequestBody(http::ActiveExchange& exchange, Bytes piece) override {
        call(exchange).observer->onRequestBody(piece);
        call(exchange).note();
    }
    void onRequestGap(http::ActiveExchange& exchange) override { call(exchange).observer->onRequestGap(); }
    void onRequestEnd(http::ActiveExchange& exchange) override {
        call(exchange).observer->onRequestEnd(exchange.exchange.requestTrace.complete);
        call(exchange).tell();
    }
    void onResponseHead(http::ActiveExchange& exchange) override {
        CallExchange& its = call(exchange);
        its.lookForStall(exchange.exchange.responseTrace.firstByte, m_worker.m_options.stallAfter);
        its.observer->onResponseHead(exchange.exchange.response);
        its.tell();
    }
    void onResponseBody(http::ActiveExchange& exchange, Bytes piece, TimeNs time) override {
        CallExchange& its = call(exchange);
        its.lookForStall(time, m_worker.m_options.stallAfter);
        its.observer->onResponseBody(piece, time);
        its.note();
    }
    void onResponseGap(http::ActiveExchange& exchange) override { call(exchange).observer->onResponseGap(); }
    void onResponseEnd(http::ActiveExchange& exchange) override {
        call(exchange).observer->onResponseEnd(exchange.exchange.responseTrace.complete);
    }
    void onDone(std::unique_ptr<http::ActiveExchange> exchange) override { m_worker.record(*this, call(*exchange)); }
    void onFinding(Finding&& finding) override { found(std::move(finding)); }
    void onProxyHeader(const http::ProxyHeader& header, const http::PiecePlace& place) override {
        Finding finding{&path::kProxyProtocol, proxyEvidence(header), {}, place.packet, {}};
        found(std::move(finding));
    }
    std::unique_ptr<http::WebSocketListener> openWebSocket(std::shared_ptr<const http::Exchange> handshake,
                                                           std::uint32_t firstIndex) override {
        return std::make_unique<SessionCalls>(*this, m_worker, std::move(handshake), firstIndex);
    }

    std::unique_ptr<http::ProtocolDecoder> openTls(bool middle, std::optional<unsigned> client,
                                                   std::uint32_t firstIndex) override {
        tls::SessionOptions options;
        options.middle = middle;
        options.secrets = m_worker.m_options.secrets;
        options.generation = m_worker.m_generation;
        options.usesLearned = m_worker.m_options.usesLearnedSecrets;
        options.certificates = &m_worker.m_certificates;
        options.client = client;
        if (!client && m_info.client) options.client = static_cast<unsigned>(*m_info.client);
        http::ConnectionListener& listener = *this; // the base is private, so make_unique could not convert
        auto layer = std::make_unique<TlsLayer>(listener, std::move(options), m_worker.m_generation, firstIndex,
                                                [this](TlsLayer& closed) { closeTls(closed); });
        m_tls.push_back({layer.get(), 0});
        return layer;
    }
    void closeTls(TlsLayer& layer) {
        const auto at = std::ranges::find(m_tls, &layer, &OpenTls::layer);
        analysis::TlsRecord record;
        record.facts = layer.takeFacts();
        record.exchanges = at->exchanges;
        m_tls.erase(at);
        m_worker.record(*this, std::move(record));
    }

    struct OpenTls {
        TlsLayer* layer = nullptr; ///< owned by the decoder of the connection
        std::uint32_t exchanges = 0;
    };

    Worker& m_worker;
    tcp::ConnectionInfo m_info; ///< as it was when the connection opened
    Closing m_closing;
    std::vector<OpenTls> m_tls; ///< the outermost first
    http::Connection m_http;
};

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
    const tcp::ConnectionInfo& info = stream.info();
    const tcp::Side client = stream.client(info);
    const bool hasRecord = record.facts.firstPacket != 0;
    record.input = inputOf(hasRecord ? record.facts.firstPacket : info.firstPacket);
    record.flowStart = info.firstPacket;
    record.packet = numberOf(record.facts.firstPacket);
    record.client = info.ends[indexOf(client)];
    record.server = info.ends[indexOf(otherSide(client))];
    m_batch.sessions.push_back(std::move(record));
}

void Worker::lookForStalls(TimeNs now) {
    if (m_stallsLookedFor != kNoTime && elapsed(m_stallsLookedFor, now) < kSecond) return;
    m_stallsLookedFor = now;
    for (CallExchange* exchange : m_open) exchange->lookForStall(now, m_options.stallAfter);
}

std::vector<std::shared_ptr<const analysis::ExchangeRecord>> Worker::openExchanges(TimeNs now) {
    std::vector<std::shared_ptr<const analysis::ExchangeRecord>> open;
    if (!m_tellsOpen) return open;
    open.reserve(std::min(m_open.size(), kMaxOpenTold));
    for (CallExchange* exchange : m_open) {
        if (!exchange->exchange.requestTrace.seen || !exchange->isCall()) continue;
        if (open.size() == kMaxOpenTold) {
            if (!std::exchange(m_toldMany, true))
                m_batch.findings.push_back({&kManyOpen, {std::to_string(m_open.size()) + " calls"}, {}, {}, {}});
            break;
        }
        const bool isDue = exchange->isChanged && elapsed(exchange->toldAt, now) >= kTellEvery;
        if (!exchange->told || isDue) {
            auto record = std::make_shared<analysis::ExchangeRecord>();
            record->http = exchange->exchange;
            record->call = exchange->observer->soFar();
            exchange->hasEvents = record->call.streamEvents != 0;
            record->state = exchange->state();
            place(exchange->stream, *record);
            exchange->told = std::move(record);
            exchange->toldAt = now;
            exchange->isChanged = false;
        }
        open.push_back(exchange->told);
    }
    return open;
}

void Worker::flush(TimeNs now) {
    if (m_options.live) {
        auto open = openExchanges(now); // may add a finding
        m_dataset.append(std::exchange(m_batch, {}), *m_options.live, std::move(open));
    } else if (!m_batch.empty()) {
        m_dataset.append(std::exchange(m_batch, {}));
    }
}

} // namespace gatescope::pipeline

// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a Worker is made of; for worker.cpp and worker_open.cpp only.

#include "core/llm/llm_findings.h"
#include "core/path/path_findings.h"
#include "core/pipeline/tls_layer.h"
#include "core/pipeline/worker.h"
#include "core/tls/ending.h"
#include "core/tls/names.h"
#include "core/tls/tls_findings.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gatescope::pipeline {

inline constexpr TimeNs kSecond = 1'000'000'000;
/// How often a call under way is told anew while nothing but its counts change.
inline constexpr TimeNs kTellEvery = kSecond / 10;

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

/// What a PROXY header claims, for a finding.
std::vector<std::string> proxyEvidence(const http::ProxyHeader& header);

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
    /// Adds the TLS sessions under way whose handshake is over, as they stand.
    void addOpenSessions(TimeNs now, std::vector<std::shared_ptr<const analysis::TlsRecord>>& open) {
        for (OpenTls& session : m_tls) {
            tellAnew(session, now);
            if (session.told) open.push_back(session.told);
        }
    }
    /// About this connection.
    void found(Finding&& finding) {
        finding.flowStart = m_info.firstPacket;
        m_worker.found(std::move(finding));
    }

private:
    struct OpenTls {
        TlsLayer* layer = nullptr; ///< owned by the decoder of the connection
        std::uint32_t exchanges = 0;
        std::shared_ptr<const analysis::TlsRecord> told; ///< null: not yet
        TimeNs toldAt = kNoTime;
        TimeNs seen = kNoTime; ///< of its last step, when that was looked at
    };
    void tellAnew(OpenTls& session, TimeNs now) {
        const tls::SessionFacts& facts = session.layer->facts();
        if (session.seen == facts.lastTime || elapsed(session.toldAt, now) < (session.told ? kSecond : kTellEvery))
            return;
        session.seen = facts.lastTime;
        session.toldAt = now;
        auto record = std::make_shared<analysis::TlsRecord>();
        record->facts = facts;
        record->exchanges = session.exchanges;
        tls::judgeEnding(record->facts, true);
        const tls::Outcome outcome = record->facts.outcome;
        if (outcome != tls::Outcome::Complete && outcome != tls::Outcome::Resumed) return;
        place(*this, *record);
        session.told = std::move(record);
    }

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
        if (m_tls.empty()) m_worker.m_secured.push_back(this);
        m_tls.push_back({layer.get(), 0, {}, kNoTime, kNoTime});
        return layer;
    }
    void closeTls(TlsLayer& layer) {
        const auto at = std::ranges::find(m_tls, &layer, &OpenTls::layer);
        analysis::TlsRecord record;
        record.facts = layer.takeFacts();
        record.exchanges = at->exchanges;
        m_tls.erase(at);
        if (m_tls.empty()) std::erase(m_worker.m_secured, this);
        m_worker.record(*this, std::move(record));
    }

    Worker& m_worker;
    tcp::ConnectionInfo m_info; ///< as it was when the connection opened
    Closing m_closing;
    std::vector<OpenTls> m_tls; ///< the outermost first
    http::Connection m_http;
};

} // namespace gatescope::pipeline

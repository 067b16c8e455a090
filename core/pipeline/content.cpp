// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/content.h"

#include "core/http/connection.h"
#include "core/http/content_decoder.h"
#include "core/http/event_stream.h"
#include "core/llm/realtime_session.h"
#include "core/pipeline/captures_between.h"
#include "core/pipeline/replay.h"
#include "core/pipeline/tls_layer.h"
#include "core/tls/secret_store.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

namespace gatescope::pipeline {

namespace {

/// The analysis is over: whatever it found out may be used.
const std::uint64_t kAllSecrets = std::numeric_limits<std::uint64_t>::max();

/// Collects one body: content coding undone, up to the limit.
class BodyCollector {
public:
    BodyCollector(BodyContent& body, std::size_t limit) : m_body(body), m_limit(limit) {}

    void begin(const http::HeaderList& headers) {
        m_body = {};
        m_body.contentType = headers.find("content-type").value_or("");
        m_decoder.emplace(headers.find("content-encoding").value_or(""), m_limit);
    }
    template <typename Sink>
    void feed(Bytes piece, Sink&& decoded) {
        if (!m_decoder) return;
        const auto status = m_decoder->feed(piece, [&](Bytes part) {
            const std::size_t room = m_limit - std::min(m_limit, m_body.text.size());
            if (part.size() > room) m_body.truncated = true;
            m_body.text.append(asText(part.first(std::min(part.size(), room))));
            decoded(part);
        });
        if (status == http::ContentDecoder::Status::LimitReached) m_body.truncated = true;
        if (status == http::ContentDecoder::Status::Malformed || status == http::ContentDecoder::Status::Unsupported)
            m_body.damaged = true;
    }

private:
    BodyContent& m_body;
    std::size_t m_limit;
    std::optional<http::ContentDecoder> m_decoder;
};

/// Collects the messages of one call of a realtime session: all text since the call before.
class SessionReader final : public http::WebSocketListener {
public:
    SessionReader(std::shared_ptr<const http::Exchange> handshake, std::uint32_t wanted, std::uint32_t firstIndex,
                  std::size_t limit, std::optional<ExchangeContent>& result)
        : m_session(std::move(handshake)), m_wanted(wanted), m_index(firstIndex), m_limit(limit), m_result(result) {}

    void onMessage(const http::WebSocketMessage& message) override {
        if (message.isText) keep(message);
        m_session.onMessage(message);
        handOver();
    }
    void onMessagesLost(bool fromClient, const http::PiecePlace&) override {
        (fromClient ? m_content.request : m_content.response).damaged = true;
        m_session.onLost(fromClient);
        handOver();
    }
    void onClosing(bool, std::uint16_t, std::string_view, const http::PiecePlace&) override {}
    void onFinding(Finding&&) override {} // said once, by the analysis
    void onEnded() override {
        m_session.onEnded();
        handOver();
    }

private:
    void keep(const http::WebSocketMessage& message) {
        BodyContent& body = message.fromClient ? m_content.request : m_content.response;
        body.truncated |= message.cut;
        if (body.text.size() + message.data.size() >= m_limit) {
            body.truncated = true;
            return;
        }
        if (!body.text.empty()) body.text += '\n';
        body.text += message.data;
        if (!message.fromClient) m_content.events.push_back({message.last.time, {}, std::string(message.data)});
    }
    void handOver() {
        for (llm::RealtimeCall& call : m_session.takeDone()) {
            call.exchange.indexInConnection = m_index;
            if (m_index++ == m_wanted && !m_result) {
                m_content.exchange = std::move(call.exchange);
                m_result = std::move(m_content);
            }
            m_content = {};
        }
    }

    llm::RealtimeSession m_session;
    std::uint32_t m_wanted;
    std::uint32_t m_index;
    std::size_t m_limit;
    ExchangeContent m_content;
    std::optional<ExchangeContent>& m_result;
};

/// Collects the content of one exchange of a connection.
class ExchangeReader final : public ReplayConsumer, private http::ConnectionListener {
public:
    ExchangeReader(std::uint32_t index, const ContentLimits& limits, bool startSeen,
                   std::shared_ptr<tls::SecretStore> secrets, std::optional<ExchangeContent>& result)
        : m_index(index), m_secrets(std::move(secrets)), m_limit(limits.maxBodyBytes),
          m_request(m_content.request, limits.maxBodyBytes), m_response(m_content.response, limits.maxBodyBytes),
          m_result(result), m_http(*this, {.startSeen = startSeen}) {}

    void onData(tcp::Side from, Bytes data, const tcp::Place& place) override {
        m_http.feed(static_cast<unsigned>(from), data, {place.packet, place.time});
    }
    void onGap(tcp::Side from, std::uint64_t length, const tcp::Place& place) override {
        m_http.gap(static_cast<unsigned>(from), length, {place.packet, place.time});
    }
    void onFin(tcp::Side from, const tcp::Place& place) override {
        m_http.fin(static_cast<unsigned>(from), {place.packet, place.time});
    }
    void onClosed(tcp::CloseReason) override { m_http.close(); }
    bool satisfied() const override { return m_result.has_value(); }

private:
    bool wanted(const http::ActiveExchange& exchange) const { return exchange.exchange.indexInConnection == m_index; }

    std::unique_ptr<http::ActiveExchange> make() override { return std::make_unique<http::ActiveExchange>(); }
    void onRequestHead(http::ActiveExchange& exchange) override {
        if (wanted(exchange)) m_request.begin(exchange.exchange.request.headers);
    }
    void onRequestBody(http::ActiveExchange& exchange, Bytes piece) override {
        if (wanted(exchange)) m_request.feed(piece, [](Bytes) {});
    }
    void onRequestEnd(http::ActiveExchange&) override {}
    void onResponseHead(http::ActiveExchange& exchange) override {
        if (!wanted(exchange)) return;
        m_response.begin(exchange.exchange.response.headers);
        m_isStream = http::isEventStream(m_content.response.contentType);
    }
    void onResponseBody(http::ActiveExchange& exchange, Bytes piece, TimeNs time) override {
        if (!wanted(exchange)) return;
        m_response.feed(piece, [&](Bytes part) {
            if (!m_isStream) return;
            m_events.feed(part, [&](const http::ServerSentEvent& event) {
                m_content.events.push_back({time, std::string(event.name), std::string(event.data)});
            });
        });
    }
    void onResponseEnd(http::ActiveExchange&) override {}
    void onDone(std::unique_ptr<http::ActiveExchange> exchange) override {
        if (!wanted(*exchange) || m_result) return;
        m_content.exchange = std::move(exchange->exchange);
        m_content.request.damaged |= m_content.exchange.requestTrace.gap;
        m_content.response.damaged |= m_content.exchange.responseTrace.gap;
        m_result = std::move(m_content);
    }

    std::unique_ptr<http::ProtocolDecoder> openTls(bool middle, std::optional<unsigned> client,
                                                   std::uint32_t firstIndex) override {
        tls::SessionOptions options;
        options.middle = middle;
        options.secrets = m_secrets;
        options.client = client;
        http::ConnectionListener& listener = *this; // the base is private, so make_unique could not convert
        return std::make_unique<TlsLayer>(listener, std::move(options), kAllSecrets, firstIndex, nullptr);
    }
    void onFinding(Finding&&) override {} // said once, by the analysis
    std::unique_ptr<http::WebSocketListener> openWebSocket(std::shared_ptr<const http::Exchange> handshake,
                                                           std::uint32_t firstIndex) override {
        return std::make_unique<SessionReader>(std::move(handshake), m_index, firstIndex, m_limit, m_result);
    }

    std::uint32_t m_index;
    std::shared_ptr<tls::SecretStore> m_secrets;
    std::size_t m_limit;
    ExchangeContent m_content;
    BodyCollector m_request;
    BodyCollector m_response;
    http::EventStreamDecoder m_events;
    bool m_isStream = false;
    std::optional<ExchangeContent>& m_result;
    http::Connection m_http;
};

class ExchangeTarget final : public ReplayTarget {
public:
    ExchangeTarget(std::uint32_t index, const ContentLimits& limits, std::shared_ptr<tls::SecretStore> secrets)
        : m_index(index), m_limits(limits), m_secrets(std::move(secrets)) {}
    std::unique_ptr<ReplayConsumer> opened(const tcp::ConnectionInfo& info) override {
        return std::make_unique<ExchangeReader>(m_index, m_limits, info.client.has_value(), m_secrets, result);
    }
    std::optional<ExchangeContent> result;

private:
    std::uint32_t m_index;
    ContentLimits m_limits;
    std::shared_ptr<tls::SecretStore> m_secrets;
};

/// Collects both directions as they come; of a TLS connection what is inside, where that can be read.
class FlowReader final : public ReplayConsumer, private tls::SessionListener {
public:
    FlowReader(std::vector<FollowPiece>& pieces, const ContentLimits& limits, tcp::Side client,
               const std::shared_ptr<tls::SecretStore>& secrets)
        : m_pieces(pieces), m_limit(limits.maxBodyBytes * 2), m_client(client) {
        tls::SessionOptions options;
        options.secrets = secrets;
        options.client = static_cast<unsigned>(client);
        tls::SessionListener& listener = *this;
        if (secrets && !secrets->empty()) m_session = std::make_unique<tls::Session>(listener, std::move(options));
    }

    void onData(tcp::Side from, Bytes data, const tcp::Place& place) override {
        if (m_session) m_session->feed(static_cast<unsigned>(from), data, {place.packet, place.time});
        if (!m_isOpened) keep(from == m_client, data, place.packet, place.time);
    }
    void onGap(tcp::Side from, std::uint64_t length, const tcp::Place& place) override {
        if (m_session) m_session->gap(static_cast<unsigned>(from), length, {place.packet, place.time});
        if (!m_isOpened) keepGap(from == m_client, length, place.packet, place.time);
    }
    void onFin(tcp::Side, const tcp::Place&) override {}
    void onClosed(tcp::CloseReason) override {}
    bool satisfied() const override { return m_held >= m_limit; }

private:
    void keep(bool fromClient, Bytes data, PacketRef packet, TimeNs time) {
        const std::size_t part = std::min(data.size(), m_limit - m_held);
        m_held += part;
        m_pieces.push_back(
            {fromClient, inputOf(packet), numberOf(packet), time, 0, std::string(asText(data.first(part)))});
    }
    void keepGap(bool fromClient, std::uint64_t length, PacketRef packet, TimeNs time) {
        m_pieces.push_back({fromClient, inputOf(packet), numberOf(packet), time, length, {}});
    }

    void onApplicationStart(std::string_view) override {
        m_isOpened = true;
        m_pieces.clear(); // what was sealed
        m_held = 0;
    }
    void onApplicationData(tls::Peer from, Bytes data, const tls::Place& place) override {
        keep(from == tls::Peer::Client, data, place.packet, place.time);
    }
    void onApplicationGap(tls::Peer from, std::uint64_t length, const tls::Place& place) override {
        keepGap(from == tls::Peer::Client, length, place.packet, place.time);
    }
    void onApplicationEnd(tls::Peer, const tls::Place&) override {}
    void onFinding(Finding&&) override {} // said once, by the analysis

    std::vector<FollowPiece>& m_pieces;
    std::size_t m_limit;
    std::size_t m_held = 0;
    tcp::Side m_client;
    std::unique_ptr<tls::Session> m_session; ///< null: there are no secrets
    bool m_isOpened = false;
};

class FlowTarget final : public ReplayTarget {
public:
    FlowTarget(const std::optional<Endpoint>& client, const ContentLimits& limits,
               std::shared_ptr<tls::SecretStore> secrets)
        : m_client(client), m_limits(limits), m_secrets(std::move(secrets)) {}
    std::unique_ptr<ReplayConsumer> opened(const tcp::ConnectionInfo& info) override {
        tcp::Side client = info.client.value_or(tcp::Side::First);
        if (m_client) client = info.ends[0] == *m_client ? tcp::Side::First : tcp::Side::Second;
        return std::make_unique<FlowReader>(pieces, m_limits, client, m_secrets);
    }
    std::vector<FollowPiece> pieces;

private:
    std::optional<Endpoint> m_client;
    ContentLimits m_limits;
    std::shared_ptr<tls::SecretStore> m_secrets;
};

} // namespace

ContentPlace placeOf(const analysis::Snapshot& snapshot, const analysis::Flow& flow,
                     const std::vector<std::string>& paths) {
    ContentPlace place{{}, flow.record.start(), 0, flow.record.client, {}, {}};
    place.captures = capturesBetween(snapshot, paths, flow.record.firstTime, flow.record.lastTime);
    const std::uint32_t own = flow.record.input;
    // The capture of its first packet is there whatever times say, and before anything is known of the captures.
    if (own < paths.size() &&
        std::ranges::find(place.captures, own, &capture::SetMember::input) == place.captures.end()) {
        const auto& spans = snapshot.captures();
        place.captures.push_back({own, paths[own], own < spans.size() ? spans[own].clockOffset : 0});
    }
    return place;
}

ContentPlace placeOf(const analysis::Snapshot& snapshot, analysis::Row row, const std::vector<std::string>& paths) {
    ContentPlace place{{}, 0, snapshot.indexInFlow(row), std::nullopt, {}, {}};
    // A row of a log may stand on a connection that nobody could read.
    if (snapshot.text(snapshot.code(analysis::FieldId::Source, row)) != "packets") return place;
    const PacketRef start = snapshot.flowStart(row);
    if (const analysis::Flow* flow = snapshot.flowOf(start)) {
        place = placeOf(snapshot, *flow, paths);
    } else { // still under way: the flow is told when it ends
        analysis::Flow open;
        open.record.input = inputOf(start);
        open.record.firstPacket = numberOf(start);
        open.record.firstTime = snapshot.startTime(row);
        open.record.lastTime = std::numeric_limits<TimeNs>::max();
        place = placeOf(snapshot, open, paths);
    }
    place.client.reset();
    place.indexInFlow = snapshot.indexInFlow(row);
    return place;
}

std::expected<ExchangeContent, Error> readExchange(const ContentPlace& place, const ContentLimits& limits,
                                                   std::stop_token stop) {
    if (place.flowStart == 0)
        return std::unexpected(
            Error{ErrorKind::Usage, "this exchange is known from a log only: no bodies to read again"});
    ExchangeTarget target(place.indexInFlow, limits, place.secrets);
    if (auto done = replay(place, target, std::move(stop)); !done) return std::unexpected(done.error());
    if (!target.result)
        return std::unexpected(Error{ErrorKind::Damaged, nameOf(place) + ": the exchange is not there any more"});
    http::Exchange& exchange = target.result->exchange;
    for (http::MessageTrace* trace : {&exchange.requestTrace, &exchange.responseTrace}) {
        trace->firstPacket = numberOf(trace->firstPacket);
        trace->lastPacket = numberOf(trace->lastPacket);
    }
    return std::move(*target.result);
}

std::expected<std::vector<FollowPiece>, Error> readFlow(const ContentPlace& place, const ContentLimits& limits,
                                                        std::stop_token stop) {
    FlowTarget target(place.client, limits, place.secrets);
    if (auto done = replay(place, target, std::move(stop)); !done) return std::unexpected(done.error());
    return std::move(target.pieces);
}

} // namespace gatescope::pipeline

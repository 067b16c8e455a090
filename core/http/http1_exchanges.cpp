// SPDX-License-Identifier: Apache-2.0
// The part of Http1Connection that matches messages into exchanges.
#include "core/http/http1_direction.h"
#include "core/http/http_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::http {

namespace {
/// 1xx but 101, which ends the use of HTTP (RFC 9110, 15.2).
bool isInterim(int status) {
    return status >= 100 && status < 200 && status != 101;
}

/// The protocol that a 101 switches to, by its Upgrade field (RFC 9110, 7.8): a list, of which the first is the
/// lowest layer (RFC 2817, 3.3).
NextProtocol nextProtocol(std::string_view upgrade, std::string& name) {
    const std::string_view first = upgrade.substr(0, upgrade.find_first_of(", \t"));
    if (equalsIgnoreCase(first, "h2c")) {
        name = "h2c";
        return NextProtocol::Http2;
    }
    if (equalsIgnoreCase(first, "websocket")) {
        name = "websocket";
        return NextProtocol::WebSocket;
    }
    if (equalsIgnoreCase(first.substr(0, 4), "TLS/")) {
        name = "tls";
        return NextProtocol::Tls;
    }
    name = first.substr(0, Http1Connection::kMaxProtocolName);
    return NextProtocol::Other;
}
} // namespace

ActiveExchange& Http1Connection::open() {
    if (m_waiting.size() >= kMaxWaiting) {
        note(*m_waiting.front(), kTooManyWaiting, std::to_string(kMaxWaiting));
        handOverFront();
    }
    m_waiting.push_back(m_listener.make());
    ActiveExchange& exchange = *m_waiting.back();
    exchange.exchange.indexInConnection = m_opened++;
    return exchange;
}

void Http1Connection::requestBegan(Direction& direction) {
    direction.current = &open();
    direction.lostStep = false;
    direction.beginTrace(direction.place);
    handOverDone();
}

Http1Parser::BodyRule Http1Connection::requestHeadEnded(Direction& direction) {
    if (direction.current == nullptr) return Http1Parser::BodyRule::AsHeadersSay; // handed over already
    Exchange& exchange = direction.current->exchange;
    direction.touch();
    exchange.requestTrace.seen = true;
    exchange.request.method = direction.parser.method();
    exchange.request.target = direction.parser.takeTarget();
    exchange.request.version = direction.parser.version();
    std::swap(exchange.request.headers, direction.parser.headers());
    if (m_protocol.empty()) m_protocol = toString(exchange.request.version);
    noteFraming(direction);
    if (direction.parser.asksForUpgrade() && !direction.current->responseEnded) m_asking = direction.current;
    m_listener.onRequestHead(*direction.current);
    return Http1Parser::BodyRule::AsHeadersSay;
}

void Http1Connection::requestEnded(Direction& direction) {
    if (direction.current == nullptr) return;
    ActiveExchange& exchange = *direction.current;
    direction.touch();
    exchange.exchange.requestTrace.complete = !exchange.exchange.requestTrace.gap;
    exchange.requestEnded = true;
    m_listener.onRequestEnd(exchange);
    direction.current = nullptr;
    handOverDone();
}

void Http1Connection::noteFraming(Direction& direction) {
    for (const Http1Framing::Odd& odd : direction.parser.framing().odd())
        note(*direction.current, *odd.kind, odd.evidence);
}

ActiveExchange* Http1Connection::answeredBy(const Direction& direction) {
    if (m_waiting.empty()) return nullptr;
    // Where a response began and did not end, it was 1xx and the final one follows.
    const auto canAnswer = [](const auto& waiting) { return !waiting->responseEnded; };
    if (!direction.lostStep) {
        const auto first = std::find_if(m_waiting.begin(), m_waiting.end(), canAnswer);
        return first == m_waiting.end() ? nullptr : first->get();
    }
    // Responses were lost. Without pipelining this one answers the request that was sent last; those before it are
    // over.
    const auto last = std::find_if(m_waiting.rbegin(), m_waiting.rend(), canAnswer);
    if (last == m_waiting.rend()) return nullptr;
    ActiveExchange* target = last->get();
    while (m_waiting.front().get() != target) {
        note(*m_waiting.front(), kResponseLost, {});
        m_waiting.front()->exchange.responseTrace.gap = true;
        handOverFront();
    }
    return target;
}

void Http1Connection::responseBegan(Direction& direction) {
    direction.current = answeredBy(direction);
    direction.startPlace = direction.place;
    if (direction.current != nullptr) attach(direction);
}

void Http1Connection::attach(Direction& direction) {
    direction.lostStep = false;
    direction.current->responseBegan = true;
    direction.beginTrace(direction.startPlace);
}

Http1Parser::BodyRule Http1Connection::responseHeadEnded(Direction& direction) {
    const bool interim = isInterim(direction.parser.status());
    if (direction.current == nullptr) { // it answers nothing that was seen
        if (interim) return Http1Parser::BodyRule::None;
        openUnasked(direction);
    }
    ActiveExchange& active = *direction.current;
    Exchange& exchange = active.exchange;
    direction.touch();
    exchange.responseTrace.seen = true;
    exchange.response.status = direction.parser.status();
    exchange.response.reason = direction.parser.takeReason();
    exchange.response.version = direction.parser.version();
    std::swap(exchange.response.headers, direction.parser.headers());
    if (m_protocol.empty()) m_protocol = toString(exchange.response.version);
    if (interim) return Http1Parser::BodyRule::None;
    const int status = exchange.response.status;
    if (status == 101 || (exchange.request.method == "CONNECT" && status / 100 == 2)) return switchProtocols(direction);
    if (m_asking == &active) m_asking = nullptr;
    m_listener.onResponseHead(active);
    // RFC 9112, 6.3: these have no body, whatever their headers say.
    if (exchange.request.method == "HEAD" || status == 204 || status == 304) return Http1Parser::BodyRule::None;
    noteFraming(direction);
    return Http1Parser::BodyRule::AsHeadersSay;
}

Http1Parser::BodyRule Http1Connection::switchProtocols(Direction& direction) {
    ActiveExchange& active = *direction.current;
    const Exchange& exchange = active.exchange;
    m_next = {NextProtocol::Tunnel, "tunnel", {}, {}};
    m_switching = true;
    if (exchange.response.status == 101)
        if (const auto upgrade = exchange.response.headers.find("upgrade"))
            m_next.protocol = nextProtocol(*upgrade, m_next.name);
    note(active, kUpgraded, m_next.name);
    if (m_next.protocol == NextProtocol::Http2) {
        takeUpgraded(direction);
        return Http1Parser::BodyRule::Tunnel;
    }
    if (m_next.protocol == NextProtocol::WebSocket) m_next.handshake = std::make_shared<const Exchange>(exchange);
    m_listener.onResponseHead(active);
    return Http1Parser::BodyRule::Tunnel;
}

void Http1Connection::takeUpgraded(Direction& direction) {
    ActiveExchange& active = *direction.current;
    Direction& asking = *m_directions[1 - indexOf(direction)];
    if (asking.current == &active) cutMessage(asking);
    direction.current = nullptr;
    active.responseBegan = false;
    active.exchange.response = {};
    active.exchange.responseTrace = {};
    const auto at =
        std::find_if(m_waiting.begin(), m_waiting.end(), [&](const auto& waiting) { return waiting.get() == &active; });
    m_next.exchange = std::move(*at);
    m_waiting.erase(at);
}

void Http1Connection::responseEnded(Direction& direction) {
    if (direction.current == nullptr) return;
    ActiveExchange& active = *direction.current;
    direction.current = nullptr;
    Exchange& exchange = active.exchange;
    exchange.responseTrace.lastByte = std::max(exchange.responseTrace.lastByte, direction.place.time);
    exchange.responseTrace.lastPacket = std::max(exchange.responseTrace.lastPacket, direction.place.packet);
    if (isInterim(exchange.response.status)) { // the final response is still to come
        exchange.response = {};
        exchange.responseTrace = {};
        return;
    }
    exchange.responseTrace.complete = !exchange.responseTrace.gap;
    active.responseEnded = true;
    m_listener.onResponseEnd(active);
    handOverDone();
    releaseUnlessAsking();
}

void Http1Connection::cutMessage(Direction& direction) {
    if (direction.current == nullptr && direction.parser.inMessage() && hasCutStatus(direction)) openUnasked(direction);
    ActiveExchange* active = direction.current;
    if (active == nullptr) return;
    direction.current = nullptr;
    Exchange& exchange = active->exchange;
    if (direction.isRequest) {
        active->requestEnded = true;
        if (!exchange.requestTrace.seen) keepCutRequestHead(direction, *active);
        m_listener.onRequestEnd(*active);
    } else {
        active->responseEnded = active->responseCut = true;
        if (!exchange.responseTrace.seen) keepCutResponseHead(direction, *active);
        if (!exchange.responseTrace.gap) note(*active, kResponseCut, {});
        m_listener.onResponseEnd(*active);
    }
    handOverDone();
    releaseUnlessAsking();
}

void Http1Connection::keepCutRequestHead(Direction& direction, ActiveExchange& active) {
    http::RequestHead& request = active.exchange.request;
    std::swap(request.headers, direction.parser.headers());
    // What follows the target shows that the target is whole: a header field, the version that the parser refused, or
    // the end of a line that has no version (HTTP/0.9).
    const bool lineIsWhole =
        request.headers.size() != 0 || (!direction.parser.isUnknownMethod() &&
                                        (!direction.parser.failure().empty() || direction.parser.lacksVersion()));
    if (!lineIsWhole || direction.parser.target().empty()) return;
    request.method = direction.parser.method();
    request.target = direction.parser.takeTarget();
    m_listener.onRequestHead(active);
}

bool Http1Connection::hasCutStatus(const Direction& direction) const {
    return !direction.isRequest && (!direction.parser.reason().empty() || direction.parser.hasHeaders()) &&
           !isInterim(direction.parser.status());
}

void Http1Connection::keepCutResponseHead(Direction& direction, ActiveExchange& active) {
    if (!hasCutStatus(direction)) return;
    http::ResponseHead& response = active.exchange.response;
    response.status = direction.parser.status();
    response.reason = direction.parser.takeReason();
    response.version = direction.parser.version();
    std::swap(response.headers, direction.parser.headers());
}

void Http1Connection::openUnasked(Direction& direction) {
    direction.current = &open();
    direction.current->requestEnded = true;
    note(*direction.current, kRequestMissing, {});
    attach(direction);
}

void Http1Connection::handOverDone() {
    // A request may still be under way when its response has ended early; the next request then ends it.
    while (!m_waiting.empty() && m_waiting.front()->responseEnded &&
           (m_waiting.front()->requestEnded || m_waiting.size() > 1))
        handOverFront();
}

void Http1Connection::handOverFront() {
    auto done = std::move(m_waiting.front());
    m_waiting.pop_front();
    if (m_asking == done.get()) m_asking = nullptr;
    for (auto& direction : m_directions)
        if (direction->current == done.get()) direction->current = nullptr;
    m_listener.onDone(std::move(done));
}

void Http1Connection::note(ActiveExchange& exchange, const FindingKind& kind, std::string_view evidence) {
    Finding finding{&kind, {}, {}, {}, {}};
    if (!evidence.empty()) finding.evidence.emplace_back(evidence);
    exchange.exchange.findings.push_back(std::move(finding));
}

} // namespace gatescope::http

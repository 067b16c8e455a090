// SPDX-License-Identifier: Apache-2.0
#include "core/http/http1_connection.h"

#include "core/http/http1_start.h"
#include "core/http/http_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::http {

namespace {
/// 1xx but 101, which ends the use of HTTP (RFC 9110, 15.2).
bool isInterim(int status) {
    return status >= 100 && status < 200 && status != 101;
}
} // namespace

/// One direction: what state it is in, and the parser of its messages.
class Http1Connection::Direction final : public Http1Parser::Events {
public:
    enum class State : std::uint8_t {
        Undecided, ///< the first octets are awaited
        Messages,  ///< in step with the sender
        Searching, ///< out of step: looking for a start line
        Alone      ///< another protocol
    };

    explicit Direction(Http1Connection& connection) : owner(connection) {}

    void messageBegan() override { isRequest ? owner.requestBegan(*this) : owner.responseBegan(*this); }
    Http1Parser::BodyRule headEnded() override {
        return isRequest ? owner.requestHeadEnded(*this) : owner.responseHeadEnded(*this);
    }
    void bodyPiece(Bytes piece) override {
        if (current == nullptr) return;
        touch();
        trace().bodyBytes += piece.size();
        if (isRequest)
            owner.m_listener.onRequestBody(*current, piece);
        else
            owner.m_listener.onResponseBody(*current, piece, trace().lastByte);
    }
    void messageEnded() override { isRequest ? owner.requestEnded(*this) : owner.responseEnded(*this); }

    MessageTrace& trace() const { return isRequest ? current->exchange.requestTrace : current->exchange.responseTrace; }
    void beginTrace(const PiecePlace& first) const {
        trace() = {};
        trace().firstByte = trace().lastByte = first.time;
        trace().firstPacket = trace().lastPacket = first.packet;
    }
    /// Octets may come in another order than their packets did: the message is as late as its latest packet.
    void touch() const {
        trace().lastByte = std::max(trace().lastByte, place.time);
        trace().lastPacket = std::max(trace().lastPacket, place.packet);
    }

    Http1Connection& owner;
    Http1Parser parser;
    State state = State::Undecided;
    bool isRequest = false;
    bool lostStep = false;             ///< messages may have been lost since the last one
    ActiveExchange* current = nullptr; ///< the exchange whose message is under way
    PiecePlace place;                  ///< of the piece that is being parsed
    std::string start;                 ///< first octets, while undecided
    std::string upgradeTo;             ///< what follows the response under way
    PiecePlace startPlace;             ///< of the first octets while undecided, then of the response's first octet
    std::uint64_t searched = 0;
};

Http1Connection::Http1Connection(ExchangeListener& listener, bool startSeen)
    : m_listener(listener), m_startSeen(startSeen),
      m_directions{std::make_unique<Direction>(*this), std::make_unique<Direction>(*this)} {}

Http1Connection::~Http1Connection() = default;

void Http1Connection::feed(unsigned index, Bytes bytes, const PiecePlace& place) {
    Direction& direction = *m_directions[index];
    switch (direction.state) {
    case Direction::State::Messages:
    case Direction::State::Searching:
        advance(direction, bytes, place);
        break;
    case Direction::State::Undecided:
        decide(direction, bytes, place);
        break;
    case Direction::State::Alone:
        break;
    }
}

void Http1Connection::decide(Direction& direction, Bytes bytes, const PiecePlace& place) {
    std::string_view text = asText(bytes);
    std::string joined;
    if (!direction.start.empty()) {
        joined = direction.start + std::string(text.substr(0, kStartBytes));
        text = joined;
    }
    const StartKind kind = classifyStart(text.substr(0, kStartBytes));
    switch (kind) {
    case StartKind::Undecided:
        if (direction.start.empty()) direction.startPlace = place;
        direction.start = text;
        return;
    case StartKind::Request:
    case StartKind::Response: {
        // One end asks, the other answers: the second to speak cannot be in the same part.
        const bool fromClient = kind == StartKind::Request;
        if (m_client && fromClient != (&direction == m_directions[*m_client].get())) break;
        const std::string begun = std::move(direction.start);
        direction.start.clear();
        begin(direction, fromClient);
        if (!begun.empty()) advance(direction, asBytes(begun), direction.startPlace);
        advance(direction, bytes, place);
        return;
    }
    case StartKind::Tls:
        leaveAlone("tls");
        return;
    case StartKind::Http2Preface:
        leaveAlone("h2c");
        return;
    case StartKind::Other:
        break;
    }
    direction.start.clear();
    if (m_startSeen && !direction.lostStep && !m_client) {
        leaveAlone({});
        return;
    }
    direction.state = Direction::State::Searching;
    direction.lostStep = true;
    advance(direction, bytes, place);
}

void Http1Connection::leaveAlone(std::string protocol) {
    if (!protocol.empty()) m_protocol = std::move(protocol);
    for (auto& direction : m_directions) {
        direction->state = Direction::State::Alone;
        direction->current = nullptr;
    }
}

void Http1Connection::begin(Direction& direction, bool asRequest) {
    direction.isRequest = asRequest;
    direction.state = Direction::State::Messages;
    direction.searched = 0;
    direction.parser.start(asRequest ? Http1Parser::Kind::Request : Http1Parser::Kind::Response, direction);
    if (!m_client) {
        const unsigned index = &direction == m_directions[0].get() ? 0 : 1;
        m_client = asRequest ? index : 1 - index;
    }
}

void Http1Connection::advance(Direction& direction, Bytes bytes, const PiecePlace& place) {
    direction.place = place;
    while (!bytes.empty()) {
        if (direction.state == Direction::State::Searching) bytes = search(direction, bytes);
        if (direction.state != Direction::State::Messages) return;
        std::size_t consumed = 0;
        const auto result = direction.parser.feed(bytes, consumed);
        if (result == Http1Parser::Result::Consumed) return;
        bytes = bytes.subspan(consumed);
        if (result == Http1Parser::Result::Upgraded) {
            upgraded(direction);
        } else {
            failed(direction);
            // The octet that failed may have been the last of a start line that was taken wrongly: look behind it.
            if (!bytes.empty()) bytes = bytes.subspan(1);
        }
    }
}

Bytes Http1Connection::search(Direction& direction, Bytes bytes) {
    const unsigned index = &direction == m_directions[0].get() ? 0 : 1;
    const bool requests = !m_client || *m_client == index;
    const bool responses = !m_client || *m_client != index;
    if (const auto found = findStart(asText(bytes), requests, responses)) {
        begin(direction, found->kind == StartKind::Request);
        return bytes.subspan(found->offset);
    }
    direction.searched += bytes.size();
    if (!m_client && direction.searched > kMaxSearchBytes) direction.state = Direction::State::Alone;
    return {};
}

void Http1Connection::failed(Direction& direction) {
    if (direction.current != nullptr) note(*direction.current, kMalformed, direction.parser.failure());
    cutMessage(direction);
    direction.state = Direction::State::Searching;
    direction.lostStep = true;
}

void Http1Connection::upgraded(Direction& direction) {
    // A request that asks for an upgrade is followed by the old protocol until the server agrees.
    if (!direction.isRequest) leaveAlone(std::exchange(direction.upgradeTo, {}));
}

void Http1Connection::gap(unsigned index, std::uint64_t length, const PiecePlace& place) {
    Direction& direction = *m_directions[index];
    direction.place = place;
    switch (direction.state) {
    case Direction::State::Alone:
        return;
    case Direction::State::Undecided:
        direction.start.clear();
        direction.lostStep = true;
        return;
    case Direction::State::Searching:
        return;
    case Direction::State::Messages:
        break;
    }
    if (direction.current != nullptr) {
        if (!direction.trace().gap) note(*direction.current, kBodyGap, std::to_string(length) + " octets");
        direction.trace().gap = true;
        if (direction.trace().seen) {
            if (direction.isRequest)
                m_listener.onRequestGap(*direction.current);
            else
                m_listener.onResponseGap(*direction.current);
        }
        if (direction.parser.gap(length)) return;
    }
    cutMessage(direction);
    direction.state = Direction::State::Searching;
    direction.lostStep = true;
}

void Http1Connection::fin(unsigned index, const PiecePlace& place) {
    Direction& direction = *m_directions[index];
    if (direction.state != Direction::State::Messages) return;
    if (place.time > direction.place.time && direction.current != nullptr && !direction.isRequest)
        direction.place = place;
    if (!direction.parser.finish()) cutMessage(direction);
}

void Http1Connection::close() {
    for (auto& direction : m_directions)
        if (direction->state == Direction::State::Messages) cutMessage(*direction);
    while (!m_waiting.empty()) handOverFront();
}

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
    m_listener.onResponseHead(active);
    const int status = exchange.response.status;
    if (status == 101 || (exchange.request.method == "CONNECT" && status / 100 == 2)) {
        direction.upgradeTo = status == 101 ? exchange.response.headers.find("upgrade").value_or("tunnel") : "tunnel";
        note(active, kUpgraded, direction.upgradeTo);
        return Http1Parser::BodyRule::Tunnel;
    }
    // RFC 9112, 6.3: these have no body, whatever their headers say.
    if (exchange.request.method == "HEAD" || status == 204 || status == 304) return Http1Parser::BodyRule::None;
    return Http1Parser::BodyRule::AsHeadersSay;
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
}

void Http1Connection::keepCutRequestHead(Direction& direction, ActiveExchange& active) {
    http::RequestHead& request = active.exchange.request;
    std::swap(request.headers, direction.parser.headers());
    // What follows the target shows that the target is whole: a header field, the version that the parser refused, or
    // the end of a line that has no version (HTTP/0.9).
    const bool lineIsWhole =
        request.headers.size() != 0 || !direction.parser.failure().empty() || direction.parser.lacksVersion();
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

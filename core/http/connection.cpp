// SPDX-License-Identifier: Apache-2.0
#include "core/http/connection.h"

#include "core/http/http1_connection.h"
#include "core/http/http2_connection.h"
#include "core/http/proxy_start.h"

#include <utility>

namespace gatescope::http {

namespace {

/// A record with a ClientHello at the front of a piece. Protocols that are not decoded turn into TLS so (STARTTLS of
/// mail and databases, SOCKS): the client speaks first, with a piece of its own.
bool beginsTls(Bytes bytes) {
    constexpr std::size_t kHeaders = 9; // of the record and of the message
    if (bytes.size() < kHeaders || bytes[0] != 22 || bytes[1] != 3 || bytes[2] > 4 || bytes[5] != 1) return false;
    return bytes[6] == 0 && loadBigEndian<std::uint16_t>(bytes.data() + 7) >= 38; // RFC 8446, 4.1.2: the least
}

} // namespace

Connection::Connection(ConnectionListener& listener, ConnectionOptions options)
    : m_listener(listener), m_client(options.client), m_secured(options.secured), m_opened(options.firstIndex) {
    if (options.alpn == "h2") {
        Handover agreed;
        agreed.next = NextProtocol::Http2;
        agreed.middle = !options.startSeen;
        m_decoder = decoderFor(agreed);
    } else {
        m_decoder = std::make_unique<Http1Connection>(listener, options.startSeen, options.firstIndex);
    }
    if (options.startSeen && !options.secured) m_proxyStart = std::make_unique<ProxyStart>();
}

Connection::~Connection() = default;

void Connection::feed(unsigned direction, Bytes bytes, const PiecePlace& place) {
    if (m_proxyStart) bytes = takeProxyHeader(direction, bytes, place);
    deliver(direction, bytes, place);
}

Bytes Connection::takeProxyHeader(unsigned direction, Bytes bytes, const PiecePlace& place) {
    const ProxyStart::Taken taken = m_proxyStart->feed(direction, bytes, place);
    if (m_proxyStart->isOver()) m_proxyStart.reset();
    if (taken.header) {
        if (!m_client) m_client = direction;
        m_listener.onProxyHeader(*taken.header, taken.place);
    }
    deliver(direction, asBytes(taken.before), taken.place);
    return bytes.subspan(taken.octets);
}

void Connection::giveUpProxyHeader(unsigned direction) {
    if (!m_proxyStart) return;
    const ProxyStart::Taken taken = m_proxyStart->giveUp(direction);
    if (m_proxyStart->isOver()) m_proxyStart.reset();
    deliver(direction, asBytes(taken.before), taken.place);
}

void Connection::deliver(unsigned direction, Bytes bytes, const PiecePlace& place) {
    if (!m_decoder && m_mayHandOver && beginsTls(bytes)) {
        Handover begun;
        begun.next = NextProtocol::Tls;
        begun.name = "tls";
        m_client = direction;
        m_decoder = decoderFor(begun);
        m_protocol = begun.name;
    }
    while (m_decoder && !bytes.empty()) {
        const std::size_t taken = m_decoder->feed(direction, bytes, place);
        if (!m_mayHandOver) return;
        auto handover = m_decoder->takeHandover();
        if (!handover) return;
        follow(std::move(*handover));
        bytes = bytes.subspan(taken);
    }
}

void Connection::gap(unsigned direction, std::uint64_t length, const PiecePlace& place) {
    giveUpProxyHeader(direction);
    if (m_decoder) m_decoder->gap(direction, length, place);
}

void Connection::fin(unsigned direction, const PiecePlace& place) {
    giveUpProxyHeader(direction);
    m_fins[direction] = place;
    if (m_decoder) m_decoder->fin(direction, place);
}

void Connection::reset(unsigned direction, const PiecePlace& place) {
    if (m_decoder) m_decoder->reset(direction, place);
}

void Connection::captureEnded() {
    if (m_decoder) m_decoder->captureEnded();
}

void Connection::close() {
    for (const unsigned direction : {0U, 1U}) giveUpProxyHeader(direction);
    if (!m_decoder) return;
    m_decoder->close();
    for (Finding& finding : m_decoder->takeFindings()) m_listener.onFinding(std::move(finding));
    remember();
    m_decoder.reset();
    m_webSocket.reset();
}

void Connection::remember() {
    if (!m_client) m_client = m_decoder->clientDirection();
    if (!m_decoder->protocol().empty()) m_protocol = m_decoder->protocol();
    m_opened = m_decoder->opened();
}

void Connection::follow(Handover&& handover) {
    remember();
    if (!handover.name.empty()) m_protocol = handover.name;
    if (++m_handovers > kMaxHandovers) handover.next = NextProtocol::Other;
    m_decoder = decoderFor(handover);
    for (const unsigned direction : {0U, 1U}) {
        const Handover::Begun& begun = handover.begun[direction];
        deliver(direction, asBytes(begun.octets), begun.place);
    }
    for (const unsigned direction : {0U, 1U})
        if (m_decoder && m_fins[direction]) m_decoder->fin(direction, *m_fins[direction]);
}

std::unique_ptr<ProtocolDecoder> Connection::decoderFor(Handover& handover) {
    switch (handover.next) {
    case NextProtocol::Http2: {
        Http2Options options;
        options.middle = handover.middle;
        options.firstIndex = m_opened;
        options.upgraded = std::move(handover.exchange);
        options.client = m_client;
        if (m_secured) options.version = Version::H2;
        return std::make_unique<Http2Connection>(m_listener, std::move(options));
    }
    case NextProtocol::WebSocket:
        m_webSocket = m_listener.openWebSocket(handover.handshake, m_opened);
        if (!m_webSocket) return nullptr;
        return std::make_unique<WebSocketConnection>(
            *m_webSocket,
            WebSocketOptions{m_client.value_or(0), std::move(handover.handshake), m_opened, handover.middle});
    case NextProtocol::Tunnel:
        return std::make_unique<Http1Connection>(m_listener, !handover.middle, m_opened);
    case NextProtocol::Tls:
        m_mayHandOver = false;
        return m_listener.openTls(handover.middle, m_client, m_opened);
    case NextProtocol::Other:
        break;
    }
    return nullptr;
}

std::optional<unsigned> Connection::clientDirection() const {
    return m_client || !m_decoder ? m_client : m_decoder->clientDirection();
}

std::uint32_t Connection::opened() const {
    return m_decoder ? m_decoder->opened() : m_opened;
}

const std::string& Connection::protocol() const {
    return m_decoder && !m_decoder->protocol().empty() ? m_decoder->protocol() : m_protocol;
}

} // namespace gatescope::http

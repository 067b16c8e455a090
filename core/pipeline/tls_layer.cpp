// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/tls_layer.h"

#include <utility>

namespace gatescope::pipeline {

namespace {

tls::Place tlsPlace(const http::PiecePlace& place) {
    return {place.packet, place.time};
}
http::PiecePlace httpPlace(const tls::Place& place) {
    return {place.packet, place.time};
}

const std::string kTls = "tls";

} // namespace

TlsLayer::TlsLayer(http::ConnectionListener& listener, tls::SessionOptions options, const std::uint64_t& generation,
                   std::uint32_t firstIndex, Closed closed)
    : m_listener(listener), m_generation(generation), m_firstIndex(firstIndex), m_closed(std::move(closed)),
      m_session(*this, std::move(options)) {}

TlsLayer::~TlsLayer() = default;

std::size_t TlsLayer::feed(unsigned direction, Bytes bytes, const http::PiecePlace& place) {
    m_session.setGeneration(m_generation);
    m_session.feed(direction, bytes, tlsPlace(place));
    return bytes.size();
}

void TlsLayer::gap(unsigned direction, std::uint64_t length, const http::PiecePlace& place) {
    m_session.gap(direction, length, tlsPlace(place));
}

void TlsLayer::fin(unsigned direction, const http::PiecePlace& place) {
    m_session.fin(direction, tlsPlace(place));
}

void TlsLayer::reset(unsigned direction, const http::PiecePlace& place) {
    m_session.reset(direction, tlsPlace(place));
    if (m_inner) m_inner->reset(direction, place);
}

void TlsLayer::close() {
    if (m_inner && m_captureEnded) m_inner->captureEnded();
    if (m_inner) m_inner->close();
    m_session.close(m_captureEnded);
    if (m_closed) m_closed(*this);
}

std::optional<unsigned> TlsLayer::clientDirection() const {
    return m_session.clientDirection();
}

const std::string& TlsLayer::protocol() const {
    return m_inner && !m_inner->protocol().empty() ? m_inner->protocol() : kTls;
}

std::uint32_t TlsLayer::opened() const {
    return m_inner ? m_inner->opened() : m_firstIndex;
}

unsigned TlsLayer::directionOf(tls::Peer peer) const {
    const unsigned client = m_session.clientDirection().value_or(0);
    return peer == tls::Peer::Client ? client : 1 - client;
}

void TlsLayer::onApplicationStart(std::string_view alpn) {
    http::ConnectionOptions options;
    options.startSeen = facts().lostOctets == 0;
    options.firstIndex = m_firstIndex;
    options.secured = true;
    options.alpn = alpn;
    options.client = m_session.clientDirection();
    m_inner = std::make_unique<http::Connection>(m_listener, std::move(options));
}

void TlsLayer::onApplicationData(tls::Peer from, Bytes data, const tls::Place& place) {
    m_inner->feed(directionOf(from), data, httpPlace(place));
}

void TlsLayer::onApplicationGap(tls::Peer from, std::uint64_t length, const tls::Place& place) {
    m_inner->gap(directionOf(from), length, httpPlace(place));
}

void TlsLayer::onApplicationEnd(tls::Peer from, const tls::Place& place) {
    const unsigned direction = directionOf(from);
    if (!std::exchange(m_ended[direction], true)) m_inner->fin(direction, httpPlace(place));
}

} // namespace gatescope::pipeline

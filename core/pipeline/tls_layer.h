// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/connection.h"
#include "core/tls/session.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gatescope::pipeline {

/// TLS within a connection: the session, and behind it the HTTP (or whatever it is) that comes out of it. Exchanges go
/// to the same listener as those in the clear.
class TlsLayer final : public http::ProtocolDecoder, private tls::SessionListener {
public:
    /// Told once, when the session is over.
    using Closed = std::function<void(TlsLayer&)>;

    /// `generation` is looked at again and again; it lives longer, as `listener` does.
    TlsLayer(http::ConnectionListener& listener, tls::SessionOptions options, const std::uint64_t& generation,
             std::uint32_t firstIndex, Closed closed);
    ~TlsLayer() override;

    std::size_t feed(unsigned direction, Bytes bytes, const http::PiecePlace& place) override;
    void gap(unsigned direction, std::uint64_t length, const http::PiecePlace& place) override;
    void fin(unsigned direction, const http::PiecePlace& place) override;
    void reset(unsigned direction, const http::PiecePlace& place) override;
    void captureEnded() override { m_captureEnded = true; }
    void close() override;
    std::optional<unsigned> clientDirection() const override;
    const std::string& protocol() const override;
    std::uint32_t opened() const override;

    const tls::SessionFacts& facts() const { return m_session.facts(); }
    tls::SessionFacts takeFacts() { return m_session.takeFacts(); }

private:
    void onApplicationStart(std::string_view alpn) override;
    void onApplicationData(tls::Peer from, Bytes data, const tls::Place& place) override;
    void onApplicationGap(tls::Peer from, std::uint64_t length, const tls::Place& place) override;
    void onApplicationEnd(tls::Peer from, const tls::Place& place) override;
    void onFinding(Finding&& finding) override { m_listener.onFinding(std::move(finding)); }
    unsigned directionOf(tls::Peer peer) const;

    http::ConnectionListener& m_listener;
    const std::uint64_t& m_generation;
    std::uint32_t m_firstIndex;
    Closed m_closed;
    tls::Session m_session;
    std::unique_ptr<http::Connection> m_inner; ///< null: nothing could be read so far
    std::array<bool, 2> m_ended{};
    bool m_captureEnded = false;
};

} // namespace gatescope::pipeline

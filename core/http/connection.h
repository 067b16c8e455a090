// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/protocol_decoder.h"
#include "core/http/proxy_start.h"
#include "core/http/websocket_connection.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace gatescope::http {

/// Told what a connection carries: exchanges, and the WebSockets that some of them open.
class ConnectionListener : public ExchangeListener {
public:
    /// Null: nobody wants to know. `firstIndex`: the next index of an exchange in this connection. The listener lives
    /// until the connection is over.
    virtual std::unique_ptr<WebSocketListener> openWebSocket(std::shared_ptr<const Exchange> handshake,
                                                             std::uint32_t firstIndex) = 0;
    /// Records of TLS follow. Null: nobody wants to read them. `direction`: of the client, where it is known.
    /// `firstIndex`: as above. The decoder is fed from the first record on, and closed with the connection.
    virtual std::unique_ptr<ProtocolDecoder> openTls(bool middle, std::optional<unsigned> client,
                                                     std::uint32_t firstIndex) = 0;
    /// The connection begins with a PROXY header, which was taken off; whoever sent it is the client of this
    /// connection.
    virtual void onProxyHeader(const ProxyHeader& /*header*/, const PiecePlace& /*place*/) {}
    /// About the connection, not about one exchange.
    virtual void onFinding(Finding&& finding) = 0;
};

struct ConnectionOptions {
    bool startSeen = true;        ///< the connection's first octets were captured (its SYN was)
    std::uint32_t firstIndex = 0; ///< of the first exchange
    bool secured = false;         ///< these octets came out of TLS
    std::string alpn{};           ///< what TLS agreed on: `h2` says HTTP/2; others, and none, are known by their octets
    std::optional<unsigned> client{}; ///< its direction, where it is known
};

/// A connection whose octets are HTTP in any of its forms, or lead there; a PROXY header before them is taken off.
/// Begins as HTTP/1, which knows the others by their first octets, and becomes HTTP/2, a WebSocket, or what a tunnel
/// (CONNECT) carries, when the two ends agree.
class Connection {
public:
    /// Changes of protocol on one connection: proxy behind proxy, then TLS, then HTTP/2.
    static constexpr unsigned kMaxHandovers = 8;

    Connection(ConnectionListener& listener, ConnectionOptions options);
    ~Connection();

    /// `direction` is 0 or 1, as the caller numbers the ends.
    void feed(unsigned direction, Bytes bytes, const PiecePlace& place);
    void gap(unsigned direction, std::uint64_t length, const PiecePlace& place);
    void fin(unsigned direction, const PiecePlace& place);
    void reset(unsigned direction, const PiecePlace& place);
    void captureEnded();
    /// The connection is over; every exchange that is still open is handed over as it is, and buffers are freed.
    void close();

    /// The direction that sends requests, as soon as it is known.
    std::optional<unsigned> clientDirection() const;
    /// `http/1.1`, `h2c`, `websocket`, `tls`, ..., the last that was recognised; empty: none was.
    const std::string& protocol() const;

    /// Number of exchanges so far, and the next index.
    std::uint32_t opened() const;

private:
    /// What is left of a piece behind a PROXY header, if one is looked for.
    Bytes takeProxyHeader(unsigned direction, Bytes bytes, const PiecePlace& place);
    void deliver(unsigned direction, Bytes bytes, const PiecePlace& place);
    void giveUpProxyHeader(unsigned direction);
    void follow(Handover&& handover);
    std::unique_ptr<ProtocolDecoder> decoderFor(Handover& handover);
    void remember();

    ConnectionListener& m_listener;
    std::unique_ptr<WebSocketListener> m_webSocket; ///< outlives the decoder that tells it
    std::unique_ptr<ProxyStart> m_proxyStart;       ///< null: none is looked for any more
    std::unique_ptr<ProtocolDecoder> m_decoder;     ///< null: what follows is not decoded, or nothing follows
    std::array<std::optional<PiecePlace>, 2> m_fins;
    std::optional<unsigned> m_client;
    std::string m_protocol;
    bool m_secured;
    bool m_mayHandOver = true; ///< the decoder of the moment is not the last one
    std::uint32_t m_opened = 0;
    unsigned m_handovers = 0;
};

} // namespace gatescope::http

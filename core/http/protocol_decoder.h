// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/exchange_listener.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::http {

/// What a connection carries from some point on.
enum class NextProtocol : std::uint8_t {
    Http2,     ///< the client's preface, or frames in the middle of a connection
    WebSocket, ///< after 101 (RFC 6455)
    Tunnel,    ///< after CONNECT: anything, from its beginning
    Tls,       ///< records of TLS (RFC 8446)
    Other      ///< nothing that is decoded
};

/// A decoder's word that what follows is not its own. The octets that it does not take are in `begun`, those behind
/// them the caller still has.
struct Handover {
    NextProtocol next = NextProtocol::Other;
    std::string name;    ///< for the flow: `h2c`, `websocket`, `tls`, the name in `Upgrade`, `tunnel`; may be empty
    bool middle = false; ///< the beginning of what follows was not captured
    /// Of an upgrade to HTTP/2: the exchange whose request was seen and which stream 1 answers (RFC 9113, 3.1 and RFC
    /// 7540, 3.2).
    std::unique_ptr<ActiveExchange> exchange;
    /// Of a WebSocket: the heads of its handshake.
    std::shared_ptr<const Exchange> handshake;
    struct Begun {
        std::string octets; ///< taken before, and not understood
        PiecePlace place;   ///< of the first of them
    };
    std::array<Begun, 2> begun; ///< by direction
};

/// One protocol of a connection, both directions. Bytes may come in any split; exchanges go to an ExchangeListener.
/// `direction` is 0 or 1, as the caller numbers the ends.
class ProtocolDecoder {
public:
    virtual ~ProtocolDecoder() = default;

    /// Octets taken; fewer than there are only when `handover` has something to say.
    virtual std::size_t feed(unsigned direction, Bytes bytes, const PiecePlace& place) = 0;
    /// `length` octets were never captured; what comes next stands behind them.
    virtual void gap(unsigned direction, std::uint64_t length, const PiecePlace& place) = 0;
    /// This end sends no more.
    virtual void fin(unsigned direction, const PiecePlace& place) = 0;
    /// This end broke off (RST).
    virtual void reset(unsigned /*direction*/, const PiecePlace& /*place*/) {}
    /// The capture, or our patience with a silent connection, ends before the connection does; `close` follows.
    virtual void captureEnded() {}
    /// The connection is over; every exchange that is still open is handed over as it is.
    virtual void close() = 0;

    /// Set when another protocol follows: this decoder is done, and is not called again but to be destroyed. Its open
    /// exchanges were given to the listener, but for the one in the handover.
    virtual std::optional<Handover> takeHandover() { return std::nullopt; }
    /// Findings about the connection that no exchange was there to carry, after `close`.
    virtual std::vector<Finding> takeFindings() { return {}; }
    /// The direction that sends requests, as soon as it is known.
    virtual std::optional<unsigned> clientDirection() const = 0;
    /// `http/1.1`, `h2c`, ...; empty when it was not recognised.
    virtual const std::string& protocol() const = 0;
    /// Number of exchanges opened so far, those before this decoder included: the next index in the connection.
    virtual std::uint32_t opened() const = 0;
};

} // namespace gatescope::http

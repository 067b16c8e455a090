// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/exchange_listener.h"
#include "core/http/http1_parser.h"
#include "core/http/protocol_decoder.h"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::http {

/// Both directions of an HTTP/1.x connection, matched into exchanges in the order of RFC 9112, 9.3: pipelining, 1xx,
/// HEAD, early responses, Upgrade and CONNECT, a request or a response alone, loss (the exchange is kept and marked;
/// reading goes on at the next start line). Which direction carries requests is read from the bytes, never from a port.
/// A connection of another protocol costs one look.
class Http1Connection {
public:
    /// Requests that wait for their response on one connection; real pipelines are shorter. The oldest is given up.
    static constexpr std::size_t kMaxWaiting = 64;
    /// Octets that are searched for a start line where none was ever found, before the direction is left alone.
    static constexpr std::uint64_t kMaxSearchBytes = 4U << 20;

    /// `startSeen`: the connection's first octets were captured (its SYN was).
    Http1Connection(ExchangeListener& listener, bool startSeen);
    ~Http1Connection();

    /// `direction` is 0 or 1, as the caller numbers the ends.
    void feed(unsigned direction, Bytes bytes, const PiecePlace& place);
    void gap(unsigned direction, std::uint64_t length, const PiecePlace& place);
    void fin(unsigned direction, const PiecePlace& place);
    /// The connection is over; every exchange that is still open is handed over as it is.
    void close();

    /// The direction that sends requests, as soon as it is known.
    std::optional<unsigned> clientDirection() const { return m_client; }
    /// `http/1.1`, `tls`, `h2c`, an upgraded protocol's name, or empty when it was not recognised.
    const std::string& protocol() const { return m_protocol; }

private:
    class Direction;

    void begin(Direction& direction, bool asRequest);
    void decide(Direction& direction, Bytes bytes, const PiecePlace& place);
    /// Reads messages, and looks for the next one where they cannot be followed.
    void advance(Direction& direction, Bytes bytes, const PiecePlace& place);
    /// The octets from the next start line on; none: it is not among them.
    Bytes search(Direction& direction, Bytes bytes);
    void failed(Direction& direction);
    void upgraded(Direction& direction);
    void leaveAlone(std::string protocol);

    void requestBegan(Direction& direction);
    void responseBegan(Direction& direction);
    /// The exchange that a response beginning now belongs to, if its request was seen.
    ActiveExchange* answeredBy(const Direction& direction);
    void attach(Direction& direction);
    Http1Parser::BodyRule requestHeadEnded(Direction& direction);
    Http1Parser::BodyRule responseHeadEnded(Direction& direction);
    void requestEnded(Direction& direction);
    void responseEnded(Direction& direction);
    void cutMessage(Direction& direction);
    /// What was read of a head that was not read to its end, as far as it is certain.
    void keepCutRequestHead(Direction& direction, ActiveExchange& active);
    void keepCutResponseHead(Direction& direction, ActiveExchange& active);
    bool hasCutStatus(const Direction& direction) const;
    /// An exchange for a response whose request was not seen.
    void openUnasked(Direction& direction);
    ActiveExchange& open();
    void handOverDone();
    void handOverFront();
    void note(ActiveExchange& exchange, const FindingKind& kind, std::string_view evidence);

    ExchangeListener& m_listener;
    bool m_startSeen;
    std::array<std::unique_ptr<Direction>, 2> m_directions;
    std::optional<unsigned> m_client;
    std::string m_protocol;
    std::deque<std::unique_ptr<ActiveExchange>> m_waiting; ///< by the order of their requests
    std::uint32_t m_opened = 0;
};

} // namespace gatescope::http

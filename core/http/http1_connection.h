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
/// Hands over to: HTTP/2 by its preface, by `Upgrade: h2c` or by frames that cannot be anything else; WebSocket; the
/// tunnel of a CONNECT; TLS; and with no name where nothing is recognised, which costs one look.
class Http1Connection final : public ProtocolDecoder {
public:
    /// Requests that wait for their response on one connection; real pipelines are shorter. The oldest is given up.
    static constexpr std::size_t kMaxWaiting = 64;
    /// Octets that are searched for a start line where none was ever found, before the direction is left alone.
    static constexpr std::uint64_t kMaxSearchBytes = 4U << 20;
    /// Octets behind a request for another protocol that are held until the answer says which one they are. A client
    /// that does not wait sends its first flight, at most a few KiB; beyond this they are read as HTTP.
    static constexpr std::size_t kMaxHeldBytes = 64U << 10;
    /// Pieces in which they come; each keeps its place.
    static constexpr std::size_t kMaxHeldPieces = 64;
    /// Of the name of the protocol that follows.
    static constexpr std::size_t kMaxProtocolName = 64;

    /// `startSeen`: the connection's first octets were captured (its SYN was). `firstIndex`: of the first exchange.
    Http1Connection(ExchangeListener& listener, bool startSeen, std::uint32_t firstIndex = 0);
    ~Http1Connection() override;

    std::size_t feed(unsigned direction, Bytes bytes, const PiecePlace& place) override;
    void gap(unsigned direction, std::uint64_t length, const PiecePlace& place) override;
    void fin(unsigned direction, const PiecePlace& place) override;
    void close() override;
    std::optional<Handover> takeHandover() override;

    std::optional<unsigned> clientDirection() const override { return m_client; }
    /// `http/1.1`, `tls`, `h2c`, an upgraded protocol's name, or empty when it was not recognised.
    const std::string& protocol() const override { return m_protocol; }
    std::uint32_t opened() const override { return m_opened; }

private:
    class Direction;
    /// What follows once the response under way has ended.
    struct Next {
        NextProtocol protocol = NextProtocol::Other;
        std::string name;
        std::shared_ptr<const Exchange> handshake;
        std::unique_ptr<ActiveExchange> exchange;
    };

    void begin(Direction& direction, bool asRequest);
    unsigned indexOf(const Direction& direction) const;
    /// These and `advance` give the number of octets taken.
    std::size_t decide(Direction& direction, Bytes bytes, const PiecePlace& place);
    std::size_t decideOther(Direction& direction, std::string_view text, Bytes bytes, const PiecePlace& place);
    /// Reads messages, and looks for the next one where they cannot be followed.
    std::size_t advance(Direction& direction, Bytes bytes, const PiecePlace& place);
    void hold(Direction& direction, Bytes bytes, const PiecePlace& place);
    /// What was held is HTTP after all.
    void release(Direction& direction);
    void releaseUnlessAsking();
    /// Hands over to a protocol whose middle this is.
    bool isOtherFromMiddle(const Direction& direction, Bytes bytes);
    /// The octets from the next start line on; none: it is not among them.
    Bytes search(Direction& direction, Bytes bytes, const PiecePlace& place);
    void failed(Direction& direction);
    void upgraded(Direction& direction);
    /// Nothing more is read here.
    void handOverTo(Next next, bool middle);

    void requestBegan(Direction& direction);
    void responseBegan(Direction& direction);
    /// The exchange that a response beginning now belongs to, if its request was seen.
    ActiveExchange* answeredBy(const Direction& direction);
    void attach(Direction& direction);
    Http1Parser::BodyRule requestHeadEnded(Direction& direction);
    Http1Parser::BodyRule responseHeadEnded(Direction& direction);
    Http1Parser::BodyRule switchProtocols(Direction& direction);
    /// Takes the exchange out, for HTTP/2 to answer it.
    void takeUpgraded(Direction& direction);
    /// What readers may understand differently.
    void noteFraming(Direction& direction);
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
    const ActiveExchange* m_asking = nullptr;              ///< asks for another protocol and was not answered yet
    Next m_next;
    bool m_switching = false; ///< m_next follows
    std::optional<Handover> m_handover;
    bool m_done = false; ///< handed over
    std::uint32_t m_opened;
};

} // namespace gatescope::http

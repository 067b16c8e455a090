// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/exchange_listener.h"
#include "core/http/http2_frame_reader.h"
#include "core/http/http2_head.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatescope::http {

enum class Http2Side : std::uint8_t { Client, Server };

/// Exchanges of one HTTP/2 connection by their streams (RFC 9113, 8.1). Says to the listener what a decoder of HTTP/1
/// would. `now` is the piece that brought it.
class Http2Exchanges {
public:
    /// Exchanges under way at once; servers allow 100 to 250. The oldest is given up.
    static constexpr std::size_t kMaxStreams = 1024;
    /// Streams that ended before their time and are remembered, because the other end may not know it yet.
    static constexpr std::size_t kMaxRemembered = 256;

    Http2Exchanges(ExchangeListener& listener, Version version, std::uint32_t firstIndex);

    /// A request of HTTP/1 that stream 1 answers.
    void adopt(std::unique_ptr<ActiveExchange> exchange);
    void head(Http2Side from, const Http2Block& block, Http2Head& head, const PiecePlace& now);
    void promise(const Http2Block& block, Http2Head& head, const PiecePlace& now);
    /// A block that was not read.
    void headLost(Http2Side from, const Http2Block& block, Http2BlockLoss why, const PiecePlace& now);
    void data(Http2Side from, std::uint32_t stream, Bytes piece, const PiecePlace& now);
    void dataGap(Http2Side from, std::uint32_t stream, std::uint64_t length);
    void dataEnd(Http2Side from, std::uint32_t stream, const PiecePlace& now);
    /// Frames may have been lost.
    void stepLost(Http2Side from);
    void reset(Http2Side from, std::uint32_t stream, std::optional<std::uint32_t> code);
    void goAway(Http2Side from, std::uint32_t lastStream, std::uint32_t code);
    /// This end sends no more.
    void sideEnded(Http2Side from);
    void close();

    /// Something about the connection: said once for each kind, with an exchange that is under way or the next one.
    void note(const FindingKind& kind, std::string_view evidence);
    /// What no exchange was there to carry.
    std::vector<Finding> takeFindings() { return std::exchange(m_pending, {}); }
    std::uint32_t opened() const { return m_opened; }

private:
    struct Half {
        bool underWay = false;
        bool lossy = false;   ///< frames may have been lost since the stream opened
        bool counted = false; ///< its octets are another protocol's
        std::optional<std::uint64_t> length;
    };
    struct Stream {
        std::uint32_t id = 0;
        std::unique_ptr<ActiveExchange> active;
        std::array<Half, 2> halves{};
        std::string protocol; ///< of CONNECT: what follows it
        bool isConnect = false;

        Half& half(Http2Side from) { return halves[static_cast<std::size_t>(from)]; }
        MessageTrace& trace(Http2Side from) const {
            return from == Http2Side::Client ? active->exchange.requestTrace : active->exchange.responseTrace;
        }
        bool ended(Http2Side from) const {
            return from == Http2Side::Client ? active->requestEnded : active->responseEnded;
        }
    };
    using Streams = std::list<Stream>; ///< in the order in which they were opened

    Stream* find(Http2Side from, std::uint32_t id);
    Stream& open(std::uint32_t id);
    Stream& insert(std::uint32_t id, std::unique_ptr<ActiveExchange> active);
    bool requestHead(const Http2Block& block, Http2Head& head, const PiecePlace& now);
    bool responseHead(const Http2Block& block, Http2Head& head, const PiecePlace& now);
    bool opensRequest(const Http2Block& block, const Http2Head& head) const;
    bool opensResponse(const Http2Block& block, const Http2Head& head) const;
    void takeRequest(Stream& stream, Http2Head& head);
    void takeResponse(Stream& stream, Http2Head& head);
    void trailers(Stream& stream, Http2Side from, const Http2Block& block, const PiecePlace& now);
    void begin(Stream& stream, Http2Side from, const PiecePlace& first, const PiecePlace& now);
    /// A message whose head was not read.
    void beginUnseen(Stream& stream, Http2Side from, const PiecePlace& first, const PiecePlace& now);
    void markGap(Stream& stream, Http2Side from, std::string_view evidence);
    void checkLength(Stream& stream, Http2Side from);
    /// Tells the listener that a message is over, whole or not.
    void endMessage(Stream& stream, Http2Side from, bool whole);
    /// Ends what is under way, and hands over.
    void finish(Stream& stream, bool connectionEnds);
    void handOverIfDone(Stream& stream);
    void handOver(Stream& stream);
    void remember(std::uint32_t id);
    bool isRemembered(std::uint32_t id) const;
    static void noteHead(Stream& stream, const Http2Head& head, std::string_view message);

    ExchangeListener& m_listener;
    Version m_version;
    std::uint32_t m_opened;
    Streams m_streams;
    std::unordered_map<std::uint32_t, Streams::iterator> m_byId;
    std::array<Stream*, 2> m_last{};    ///< that `find` gave, by side
    std::uint32_t m_highestRequest = 0; ///< ids of requests only grow (RFC 9113, 5.1.1)
    std::array<std::uint32_t, kMaxRemembered> m_remembered{};
    std::size_t m_rememberedAt = 0;
    std::vector<const FindingKind*> m_noted;
    std::vector<Finding> m_pending;
};

} // namespace gatescope::http

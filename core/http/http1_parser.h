// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/http1_framing.h"
#include "core/http/message.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::http {

/// Messages of one direction of an HTTP/1.x connection, one after the other (RFC 9112), by llhttp. Bytes may come in
/// any split; the events are the same. Lenient where senders are known to be loose, because a reader of other people's
/// traffic must understand what the two ends understood.
class Http1Parser {
public:
    enum class Kind : std::uint8_t { Request, Response };
    enum class BodyRule : std::uint8_t {
        AsHeadersSay = 0,
        None = 1,  ///< a response to HEAD, 204, 304 or 1xx
        Tunnel = 2 ///< 101, or a 2xx response to CONNECT: another protocol follows
    };
    enum class Result : std::uint8_t {
        Consumed, ///< all bytes were taken
        Upgraded, ///< the message ended and another protocol may follow at `consumed`
        Failed    ///< not HTTP at `consumed`
    };

    /// Told as a message passes. Heads are read from the parser.
    class Events {
    public:
        virtual ~Events() = default;
        virtual void messageBegan() = 0;
        virtual BodyRule headEnded() = 0;
        virtual void bodyPiece(Bytes piece) = 0;
        virtual void messageEnded() = 0;
    };

    /// Head and trailer of one message together, in octets; servers allow 8 to 64 KiB.
    static constexpr std::size_t kMaxHeadBytes = 256 * 1024;
    /// Of a method. The longest registered one (UPDATEREDIRECTREF) has 17.
    static constexpr std::size_t kMaxMethodBytes = 32;

    Http1Parser() = default;
    Http1Parser(const Http1Parser&) = delete;
    Http1Parser& operator=(const Http1Parser&) = delete;

    /// Begins anew before a message of that kind.
    void start(Kind kind, Events& events);
    Result feed(Bytes bytes, std::size_t& consumed);
    /// `length` octets are lost. True: the message goes on after them. False: the place in the message is lost too, and
    /// the parser must be started again at the next message.
    bool gap(std::uint64_t length);
    /// The sender closed its side: ends a body that lasts until the close. False: the message under way is cut.
    bool finish();
    bool inMessage() const { return m_inMessage; }
    /// Why `feed` failed, as llhttp names it; empty when it did not.
    std::string_view failure() const;

    /// The head under way. `method` and `target` may be incomplete before `headEnded`.
    const std::string& method() const { return m_method; }
    /// Not among those that llhttp knows.
    bool isUnknownMethod() const { return m_isUnknownMethod; }
    /// How the end of the body was found, once the head has ended.
    const Http1Framing& framing() const { return m_framing; }
    const std::string& target() const { return m_target; }
    int status() const;
    const std::string& reason() const { return m_reason; }
    Version version() const;
    /// The request line ended without a version: HTTP/0.9.
    bool lacksVersion() const;
    /// CONNECT, or a request with Upgrade (RFC 9110, 7.8): another protocol may follow. Once the head has ended.
    bool asksForUpgrade() const;
    HeaderList& headers() { return m_headers; }
    bool hasHeaders() const { return m_headers.size() != 0; }
    std::string takeTarget() { return std::move(m_target); }
    std::string takeReason() { return std::move(m_reason); }

private:
    friend struct Http1Callbacks;
    /// Text that is usually whole in one piece: a view then, a copy only when a piece ends inside it.
    struct Span {
        std::string_view view;
        std::string copy;
        void add(const char* at, std::size_t length);
        void settle();
        void clear();
        std::string_view text() const { return copy.empty() ? view : std::string_view(copy); }
    };

    void resetHead();
    void initParser(bool isRequest);
    Result run(Bytes bytes, std::size_t& consumed);
    /// Reads a method that llhttp does not know, and gives llhttp a known one in its place.
    Result readUnknownMethod(Bytes bytes, std::size_t& consumed);
    void applyFraming();
    std::size_t takeChunks(Bytes bytes);

    alignas(std::max_align_t) std::array<std::byte, 128> m_storage{}; ///< the llhttp parser
    Events* m_events = nullptr;
    HeaderList m_headers;
    Http1Framing m_framing;
    std::string m_method;
    std::string m_target;
    std::string m_reason;
    Span m_name;
    Span m_value;
    std::size_t m_headBytes = 0;
    bool m_isUnknownMethod = false;
    bool m_readsMethod = false;       ///< inside a method that llhttp does not know
    bool m_standsInForMethod = false; ///< llhttp is told of a method that was not sent
    bool m_inMessage = false;
    bool m_headDone = false;
    bool m_inCountedData = false; ///< inside octets whose number is known: a chunk, or a body with Content-Length
    bool m_tooLarge = false;
    bool m_atChunk = false;          ///< llhttp waits for the first octet of a chunk
    const char* m_dataEnd = nullptr; ///< of the last chunk that ended in the piece being read
};

} // namespace gatescope::http

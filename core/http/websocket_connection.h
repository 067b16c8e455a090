// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/protocol_decoder.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace gatescope::http {

/// One whole message of a WebSocket (RFC 6455, 5.4), unmasked, joined and inflated. Valid during the call only.
struct WebSocketMessage {
    bool fromClient = false;
    bool isText = false;
    bool cut = false; ///< longer than kMaxMessageBytes, or damaged: `data` is its beginning
    std::string_view data;
    std::uint64_t wireBytes = 0; ///< of its frames' payloads, as transferred
    PiecePlace first;            ///< of its first octet
    PiecePlace last;             ///< of its last octet
};

/// Told what a WebSocket carries.
class WebSocketListener {
public:
    virtual ~WebSocketListener() = default;
    virtual void onMessage(const WebSocketMessage& message) = 0;
    /// Octets of this end's messages were never captured; one message or more are lost.
    virtual void onMessagesLost(bool fromClient, const PiecePlace& place) = 0;
    /// A close frame (RFC 6455, 5.5.1). `code` 0: it has none.
    virtual void onClosing(bool fromClient, std::uint16_t code, std::string_view reason, const PiecePlace& place) = 0;
    /// Something odd, once for each kind. `packet` is a PacketRef, as in every place of this room.
    virtual void onFinding(Finding&& finding) = 0;
    /// Nothing follows.
    virtual void onEnded() = 0;
};

struct WebSocketOptions {
    unsigned client = 0;                       ///< direction that masks
    std::shared_ptr<const Exchange> handshake; ///< null: not seen
    std::uint32_t opened = 0;                  ///< exchanges before, given back by `opened`
    bool middle = false;                       ///< the beginning was not captured: frames are looked for
};

/// Both directions of a WebSocket (RFC 6455): masking, fragments, control frames between them, permessage-deflate with
/// and without context takeover (RFC 7692). After a loss, after octets that are no frame and in the middle of a
/// connection, text messages with JSON are looked for (websocket_start.h), and what comes before one is left out.
/// Octets behind a close frame are not read.
class WebSocketConnection final : public ProtocolDecoder {
public:
    /// Longer messages are told up to here. Audio deltas of realtime sessions stay below 100 KiB.
    static constexpr std::size_t kMaxMessageBytes = 1U << 20;
    /// Kept between messages, so that they need not be allocated one by one.
    static constexpr std::size_t kMaxKeptBytes = 128U << 10;

    WebSocketConnection(WebSocketListener& listener, WebSocketOptions options);
    ~WebSocketConnection() override;

    std::size_t feed(unsigned direction, Bytes bytes, const PiecePlace& place) override;
    void gap(unsigned direction, std::uint64_t length, const PiecePlace& place) override;
    void fin(unsigned direction, const PiecePlace& place) override;
    void close() override;
    std::optional<unsigned> clientDirection() const override;
    const std::string& protocol() const override;
    std::uint32_t opened() const override;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::http

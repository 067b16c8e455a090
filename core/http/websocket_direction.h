// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/websocket_connection.h"
#include "core/http/websocket_extensions.h"
#include "core/http/websocket_frame.h"
#include "core/http/websocket_inflater.h"
#include "core/http/websocket_start.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatescope::http {

/// One direction of a WebSocket: octets to frames, frames to messages.
class WebSocketDirection {
public:
    /// What the direction tells its connection.
    class Events {
    public:
        virtual ~Events() = default;
        virtual void onFrame(bool fromClient, const WebSocketFrame& frame) = 0;
        virtual void onMessage(const WebSocketMessage& message) = 0;
        virtual void onMessagesLost(bool fromClient, const PiecePlace& place) = 0;
        virtual void onClosing(bool fromClient, std::uint16_t code, std::string_view reason,
                               const PiecePlace& place) = 0;
        virtual void onOdd(bool fromClient, const FindingKind& kind, std::string_view evidence,
                           const PiecePlace& place) = 0;
    };

    WebSocketDirection(Events& events, bool fromClient, const WebSocketExtensions& extensions, bool middle);

    void feed(Bytes bytes, const PiecePlace& place);
    void gap(std::uint64_t length, const PiecePlace& place);
    /// Tells what there is of a message under way.
    void finish();
    /// A close frame was seen.
    bool isClosed() const { return m_state == State::Closed; }
    /// In step with the sender.
    bool isInStep() const { return m_state != State::Searching; }

private:
    enum class State : std::uint8_t {
        Header,    ///< a frame's header is next
        Payload,   ///< of m_frame
        Searching, ///< out of step
        Closed     ///< behind a close frame
    };
    /// A data message under way.
    struct Message {
        bool isOpen = false;
        bool isText = false;
        bool isCompressed = false;
        bool isUnreadable = false; ///< marked by an extension that is not known
        bool isCut = false;        ///< nothing is added any more
        bool isTooLong = false;
        std::uint64_t wireBytes = 0;
        PiecePlace first;
    };

    /// Octets taken; fewer than all where a header is cut by the end of the piece.
    std::size_t readPiece(Bytes bytes);
    std::size_t readHeader(Bytes bytes, std::size_t at);
    bool frameBegan();
    void dataFrameBegan();
    void noteInflated(WebSocketInflater::Status status);
    std::size_t readPayload(Bytes bytes);
    void frameEnded();
    void addPayload(Bytes payload);
    void messageEnded();
    void closeFrameEnded();
    void tell(std::string_view data, bool cut);
    /// What there is of a message that is not whole. False: nothing.
    bool tellCut();
    /// The same for one that does not come to its end.
    bool breakOff();
    void loseStep();
    void odd(const FindingKind& kind, std::string_view evidence);
    bool isIgnored() const { return m_frame.isControl() ? m_frame.opcode != WebSocketFrame::Close : !m_message.isOpen; }

    Events& m_events;
    bool m_fromClient;
    bool m_deflate;        ///< agreed, or the handshake was not seen
    bool m_knowsExtension; ///< no other extension has a say
    State m_state;
    WebSocketSearch m_search;
    WebSocketInflater m_inflater;
    WebSocketFrame m_frame;
    std::uint64_t m_payloadRead = 0;
    Message m_message;
    std::string m_data;    ///< of the message under way, where it is not in one piece
    std::string m_control; ///< payload of a close frame
    std::string m_held;    ///< octets of a header that is not whole, or too few to find a frame
    std::vector<std::uint8_t> m_unmasked;
    PiecePlace m_heldPlace;     ///< of the first of m_held
    PiecePlace m_headerPlace;   ///< of m_frame's first octet
    PiecePlace m_place;         ///< of the piece that is being read
    std::size_t m_fromHeld = 0; ///< so many octets at the front of the piece were held
    bool m_hasControlGap = false;
    bool m_sawAll; ///< in step since the beginning
};

} // namespace gatescope::http

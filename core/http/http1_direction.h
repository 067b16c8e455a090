// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/http1_connection.h"

#include <algorithm>
#include <string>
#include <vector>

namespace gatescope::http {

/// One direction: what state it is in, and the parser of its messages.
class Http1Connection::Direction final : public Http1Parser::Events {
public:
    enum class State : std::uint8_t {
        Undecided, ///< the first octets are awaited
        Messages,  ///< in step with the sender
        Searching, ///< out of step: looking for a start line
        Held,      ///< behind a request for another protocol
        Alone      ///< another protocol
    };

    explicit Direction(Http1Connection& connection) : owner(connection) {}

    void messageBegan() override { isRequest ? owner.requestBegan(*this) : owner.responseBegan(*this); }
    Http1Parser::BodyRule headEnded() override {
        return isRequest ? owner.requestHeadEnded(*this) : owner.responseHeadEnded(*this);
    }
    void bodyPiece(Bytes piece) override {
        if (current == nullptr) return;
        touch();
        trace().bodyBytes += piece.size();
        if (isRequest)
            owner.m_listener.onRequestBody(*current, piece);
        else
            owner.m_listener.onResponseBody(*current, piece, trace().lastByte);
    }
    void messageEnded() override { isRequest ? owner.requestEnded(*this) : owner.responseEnded(*this); }

    MessageTrace& trace() const { return isRequest ? current->exchange.requestTrace : current->exchange.responseTrace; }
    void beginTrace(const PiecePlace& first) const {
        trace() = {};
        trace().firstByte = trace().lastByte = first.time;
        trace().firstPacket = trace().lastPacket = first.packet;
    }
    /// Octets may come in another order than their packets did: the message is as late as its latest packet.
    void touch() const {
        trace().lastByte = std::max(trace().lastByte, place.time);
        trace().lastPacket = std::max(trace().lastPacket, place.packet);
    }

    Http1Connection& owner;
    Http1Parser parser;
    State state = State::Undecided;
    bool isRequest = false;
    bool lostStep = false;             ///< messages may have been lost since the last one
    ActiveExchange* current = nullptr; ///< the exchange whose message is under way
    PiecePlace place;                  ///< of the piece that is being parsed
    /// First octets while undecided, a start line that is not whole while searching, or octets that are held.
    std::string start;
    struct HeldPiece {
        std::size_t end; ///< in `start`
        PiecePlace place;
    };
    std::vector<HeldPiece> heldPieces;
    PiecePlace startPlace; ///< of the first octets while undecided, then of the response's first octet
    std::uint64_t searched = 0;
};

} // namespace gatescope::http

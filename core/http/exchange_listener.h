// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"

#include <memory>
#include <string_view>

namespace gatescope::http {

/// The packet that carried a piece.
struct PiecePlace {
    PacketRef packet = 0;
    TimeNs time = kNoTime;
};

/// An exchange under way, with what the listener wants to keep beside it.
class ActiveExchange {
public:
    virtual ~ActiveExchange() = default;
    Exchange exchange;
    bool requestEnded = false;
    bool responseBegan = false; ///< a response, final or 1xx, is under way or done
    bool responseEnded = false;
    bool responseCut = false; ///< it ended before its end, because the connection did or went on with another message
    /// Who broke it off, where the protocol says so within the connection: `client-rst-stream`, `server-rst-stream`,
    /// `server-goaway`; a constant; empty: ask the connection.
    std::string_view closedBy;
};

/// Told as exchanges pass. Body pieces are valid during the call only.
class ExchangeListener {
public:
    virtual ~ExchangeListener() = default;
    /// A fresh object for one exchange.
    virtual std::unique_ptr<ActiveExchange> make() = 0;
    virtual void onRequestHead(ActiveExchange& exchange) = 0;
    virtual void onRequestBody(ActiveExchange& exchange, Bytes piece) = 0;
    /// Octets of the body were never captured; what comes next stands behind them.
    virtual void onRequestGap(ActiveExchange&) {}
    virtual void onRequestEnd(ActiveExchange& exchange) = 0;
    /// Only the final response, never 1xx (but 101).
    virtual void onResponseHead(ActiveExchange& exchange) = 0;
    virtual void onResponseBody(ActiveExchange& exchange, Bytes piece, TimeNs time) = 0;
    virtual void onResponseGap(ActiveExchange&) {}
    virtual void onResponseEnd(ActiveExchange& exchange) = 0;
    /// Nothing more comes for this exchange.
    virtual void onDone(std::unique_ptr<ActiveExchange> exchange) = 0;
};

} // namespace gatescope::http

// SPDX-License-Identifier: Apache-2.0
// Input: one octet of settings (compression, context takeover, middle, another extension), one that seeds the second
// split, then pieces: an octet that says which direction and what (octets, gap, FIN), one that gives the length, then
// the octets. Two different splits must tell the same.
#include "core/http/websocket_connection.h"
#include "core/http/websocket_start.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

class Listener final : public http::WebSocketListener {
public:
    std::string log;
    bool ended = false;

private:
    void onMessage(const http::WebSocketMessage& message) override {
        require(!ended && message.data.size() <= http::WebSocketConnection::kMaxMessageBytes);
        require(message.first.packet <= message.last.packet && message.first.packet != 0);
        log += message.fromClient ? "c" : "s";
        log += message.isText ? "t" : "b";
        log += message.cut ? "~" : "=";
        log += std::to_string(message.wireBytes) + ':';
        log.append(message.data.substr(0, 4'096)) += '\n';
    }
    void onMessagesLost(bool fromClient, const http::PiecePlace&) override { log += fromClient ? "cl\n" : "sl\n"; }
    void onClosing(bool fromClient, std::uint16_t code, std::string_view reason, const http::PiecePlace&) override {
        log += (fromClient ? "cc" : "sc") + std::to_string(code);
        log.append(reason) += '\n';
    }
    void onFinding(Finding&& finding) override {
        require(finding.kind != nullptr);
        log.append(finding.kind->id);
        for (const std::string& evidence : finding.evidence) log += evidence;
    }
    void onEnded() override {
        require(!ended);
        ended = true;
    }
};

http::WebSocketOptions options(std::uint8_t settings) {
    http::WebSocketOptions result;
    result.middle = (settings & 8) != 0;
    if ((settings & 16) != 0) return result; // no handshake
    auto handshake = std::make_shared<http::Exchange>();
    std::string extensions = (settings & 1) != 0 ? "permessage-deflate" : "";
    if ((settings & 2) != 0) extensions += "; server_no_context_takeover";
    if ((settings & 4) != 0) extensions += "; client_no_context_takeover";
    if ((settings & 32) != 0) extensions += ", x-other";
    if (!extensions.empty()) handshake->response.headers.add("Sec-WebSocket-Extensions", extensions);
    result.handshake = std::move(handshake);
    return result;
}

/// Plays the input; pieces are cut again by the lengths that `random` gives, if it is not 0.
std::string played(const std::uint8_t* data, std::size_t size, std::uint32_t random) {
    Listener listener;
    http::WebSocketConnection connection(listener, options(data[0]));
    std::uint64_t packet = 0;
    for (std::size_t at = 2; at + 2 <= size;) {
        const unsigned direction = data[at] & 1;
        const unsigned what = (data[at] >> 1) % 16;
        std::size_t length = data[at + 1];
        at += 2;
        const http::PiecePlace place{++packet, static_cast<TimeNs>(packet)};
        if (what == 14) {
            connection.gap(direction, length + 1, place);
        } else if (what == 15) {
            connection.fin(direction, place);
        } else {
            if (what == 13) length *= 64;
            length = std::min(length, size - at);
            const Bytes piece(data + at, length);
            at += length;
            bool fromClient = false;
            http::looksLikeWebSocket(piece, fromClient);
            for (std::size_t begin = 0; begin < length;) {
                std::size_t part = length - begin;
                if (random != 0) {
                    random = random * 1'664'525 + 1'013'904'223;
                    part = std::min<std::size_t>(part, 1 + (random >> 16) % 24);
                }
                // A copy of exactly that size, gone after the call.
                const std::vector<std::uint8_t> bytes(piece.begin() + static_cast<std::ptrdiff_t>(begin),
                                                      piece.begin() + static_cast<std::ptrdiff_t>(begin + part));
                require(connection.feed(direction, bytes, place) == part);
                begin += part;
            }
        }
    }
    connection.close();
    require(listener.ended);
    return listener.log;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    require(played(data, size, 0) == played(data, size, data[1] + 1U));
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/websocket_connection.h"

#include <QByteArrayList>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::test {

/// One frame of a WebSocket as RFC 6455, 5.2 draws it, written without looking at the reader.
struct FrameMaker {
    static std::string frame(unsigned first, std::string_view payload, bool masked,
                             std::string_view key = "\x37\xfa\x21\x3d") {
        std::string text(1, static_cast<char>(first));
        const std::uint64_t size = payload.size();
        const auto octet = [&](std::uint64_t value) { text += static_cast<char>(value & 0xff); };
        const unsigned mask = masked ? 0x80 : 0;
        if (size < 126) {
            octet(mask | size);
        } else if (size < 65'536) {
            octet(mask | 126U);
            octet(size >> 8);
            octet(size);
        } else {
            octet(mask | 127U);
            for (int shift = 56; shift >= 0; shift -= 8) octet(size >> shift);
        }
        if (!masked) return text.append(payload);
        text += key;
        for (std::size_t i = 0; i < payload.size(); ++i) text += static_cast<char>(payload[i] ^ key[i % 4]);
        return text;
    }
    static std::string client(unsigned first, std::string_view payload) { return frame(first, payload, true); }
    static std::string server(unsigned first, std::string_view payload) { return frame(first, payload, false); }
};

/// Plays octets of both directions into a WebSocketConnection and writes down what it tells, joined with " | ":
///
///     c text Hello    s binary 00ff    c close 1000 bye    s lost    (websocket.closed: client: 1011 Internal Error)
///
/// `~` behind a message means that it is cut. Direction 0 is the client.
class WebSocketDialogue final : private http::WebSocketListener {
public:
    /// `extensions`: of the response; nullptr: the handshake was not seen.
    explicit WebSocketDialogue(const char* extensions = "", bool middle = false)
        : connection(*this, options(extensions, middle)) {}

    WebSocketDialogue& client(std::string_view text) { return feed(0, text); }
    WebSocketDialogue& server(std::string_view text) { return feed(1, text); }
    WebSocketDialogue& feed(unsigned direction, std::string_view text) {
        ++packet;
        const std::vector<char> bytes(text.begin(), text.end());
        orderly &= connection.feed(direction, asBytes({bytes.data(), bytes.size()}), place()) == text.size();
        return *this;
    }
    WebSocketDialogue& gap(unsigned direction, std::uint64_t length) {
        ++packet;
        connection.gap(direction, length, place());
        return *this;
    }
    WebSocketDialogue& fin(unsigned direction) {
        ++packet;
        connection.fin(direction, place());
        return *this;
    }
    WebSocketDialogue& close() {
        connection.close();
        orderly &= ended == 1;
        return *this;
    }
    QByteArray log() {
        QByteArray text = m_log.join(" | ");
        m_log.clear();
        return text;
    }
    http::PiecePlace place() const { return {packet, static_cast<TimeNs>(packet) * 1'000}; }

    std::uint64_t packet = 0;
    http::WebSocketConnection connection;
    std::vector<http::WebSocketMessage> messages; ///< without their data
    std::vector<Finding> findings;
    int ended = 0;
    bool orderly = true;

private:
    static http::WebSocketOptions options(const char* extensions, bool middle) {
        http::WebSocketOptions result;
        result.middle = middle;
        if (extensions == nullptr) return result;
        auto handshake = std::make_shared<http::Exchange>();
        if (*extensions != '\0') handshake->response.headers.add("sec-websocket-extensions", extensions);
        result.handshake = std::move(handshake);
        return result;
    }
    void onMessage(const http::WebSocketMessage& message) override {
        orderly &= ended == 0;
        QByteArray data(message.data.data(), static_cast<qsizetype>(message.data.size()));
        if (!message.isText) data = data.toHex();
        if (data.size() > 200) data = '<' + QByteArray::number(data.size()) + '>';
        m_log += QByteArray(message.fromClient ? "c " : "s ") + (message.isText ? "text " : "binary ") + data +
                 (message.cut ? "~" : "");
        messages.push_back(message);
        messages.back().data = {};
    }
    void onMessagesLost(bool fromClient, const http::PiecePlace&) override {
        m_log += fromClient ? "c lost" : "s lost";
    }
    void onClosing(bool fromClient, std::uint16_t code, std::string_view reason, const http::PiecePlace&) override {
        m_log += QByteArray(fromClient ? "c close " : "s close ") + QByteArray::number(code) + ' ' +
                 QByteArray(reason.data(), static_cast<qsizetype>(reason.size()));
    }
    void onFinding(Finding&& finding) override {
        QByteArray text = '(' + QByteArray(finding.kind->id.data(), static_cast<qsizetype>(finding.kind->id.size()));
        for (const std::string& evidence : finding.evidence) text += ": " + QByteArray::fromStdString(evidence);
        m_log += text + ')';
        findings.push_back(std::move(finding));
    }
    void onEnded() override { ++ended; }

    QByteArrayList m_log;
};

} // namespace gatescope::test

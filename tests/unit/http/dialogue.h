// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/http1_connection.h"

#include <QByteArrayList>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Plays octets of both directions into an Http1Connection and writes down the exchanges, one a line:
///
///     POST /v1 [reqbody] 200 [respbody]
///
/// `-` stands for a head that was not seen; after a body `~` means that the message is not complete, `!` that octets of
/// it were lost. Findings follow in brackets. Direction 0 is the client unless the test says otherwise.
namespace gatescope::test {

class Dialogue final : private http::ExchangeListener {
public:
    explicit Dialogue(bool startSeen = true) : connection(*this, startSeen) {}

    Dialogue& client(std::string_view text) { return feed(0, text); }
    Dialogue& server(std::string_view text) { return feed(1, text); }
    Dialogue& feed(unsigned direction, std::string_view text) {
        ++packet;
        // A copy that is gone after the call: a view kept too long is seen by the address sanitizer.
        const std::vector<char> bytes(text.begin(), text.end());
        std::size_t taken = 0;
        if (!handover) {
            taken = connection.feed(direction, asBytes({bytes.data(), bytes.size()}), place());
            handover = connection.takeHandover();
            if (handover)
                for (unsigned side : {0U, 1U}) after[side] = handover->begun[side].octets;
            else
                orderly &= taken == text.size();
        }
        after[direction] += text.substr(taken);
        return *this;
    }
    Dialogue& gap(unsigned direction, std::uint64_t length) {
        ++packet;
        if (!handover) connection.gap(direction, length, place());
        return *this;
    }
    Dialogue& fin(unsigned direction) {
        ++packet;
        if (!handover) connection.fin(direction, place());
        return *this;
    }
    Dialogue& close() {
        if (!handover) connection.close();
        return *this;
    }
    /// Exchanges handed over since the last call, joined with " | ".
    QByteArray log() {
        QByteArray text = m_log.join(" | ");
        m_log.clear();
        return text;
    }
    http::PiecePlace place() const { return {packet, static_cast<TimeNs>(packet) * 1'000}; }

    std::uint64_t packet = 0;
    http::Http1Connection connection;
    std::vector<http::Exchange> exchanges;
    std::optional<http::Handover> handover;
    std::array<std::string, 2> after; ///< what the next protocol gets, by direction
    bool orderly = true;              ///< callbacks came in an order that makes sense

private:
    struct Active final : http::ActiveExchange {
        std::string requestBody, responseBody;
        int requestHeads = 0, requestEnds = 0, responseHeads = 0, responseEnds = 0;
    };
    static Active& of(http::ActiveExchange& exchange) { return static_cast<Active&>(exchange); }

    std::unique_ptr<http::ActiveExchange> make() override { return std::make_unique<Active>(); }
    void onRequestHead(http::ActiveExchange& e) override {
        orderly &= ++of(e).requestHeads == 1 && of(e).requestEnds == 0;
    }
    void onRequestBody(http::ActiveExchange& e, Bytes piece) override {
        orderly &= of(e).requestHeads == 1 && of(e).requestEnds == 0;
        of(e).requestBody += asText(piece);
    }
    void onRequestEnd(http::ActiveExchange& e) override { orderly &= ++of(e).requestEnds == 1; }
    void onResponseHead(http::ActiveExchange& e) override {
        orderly &= ++of(e).responseHeads == 1 && of(e).responseEnds == 0;
    }
    void onResponseBody(http::ActiveExchange& e, Bytes piece, TimeNs) override {
        orderly &= of(e).responseHeads == 1 && of(e).responseEnds == 0;
        of(e).responseBody += asText(piece);
    }
    void onResponseEnd(http::ActiveExchange& e) override { orderly &= ++of(e).responseEnds == 1; }
    void onDone(std::unique_ptr<http::ActiveExchange> done) override {
        Active& e = of(*done);
        http::Exchange& x = e.exchange;
        orderly &=
            e.requestBody.size() == x.requestTrace.bodyBytes && e.responseBody.size() == x.responseTrace.bodyBytes;
        orderly &= !x.requestTrace.complete || (x.requestTrace.seen && e.requestEnds == 1);
        orderly &= !x.responseTrace.complete || (x.responseTrace.seen && e.responseEnds == 1);
        orderly &=
            !(x.responseTrace.complete && x.responseTrace.gap) && !(x.requestTrace.complete && x.requestTrace.gap);
        std::string line = x.requestTrace.seen ? x.request.method + ' ' + x.request.target : "-";
        line += side(e.requestBody, x.requestTrace);
        line += x.responseTrace.seen ? ' ' + std::to_string(x.response.status) : " -";
        line += side(e.responseBody, x.responseTrace);
        for (const Finding& finding : x.findings) line += " (" + std::string(finding.kind->id) + ')';
        m_log += QByteArray::fromStdString(line);
        exchanges.push_back(std::move(x));
    }
    static std::string side(const std::string& body, const http::MessageTrace& trace) {
        std::string text;
        if (!body.empty()) text += " [" + body + ']';
        if (!trace.complete) text += '~';
        if (trace.gap) text += '!';
        return text;
    }

    QByteArrayList m_log;
};

} // namespace gatescope::test

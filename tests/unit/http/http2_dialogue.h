// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/http2_connection.h"

#include <QByteArrayList>
#include <initializer_list>
#include <memory>
#include <nghttp2/nghttp2.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Frames built by hand, header blocks by nghttp2's encoder, and a recorder of what comes of them.
namespace gatescope::test::h2 {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Big endian, `octets` long.
inline std::string number(std::uint64_t value, unsigned octets) {
    std::string text;
    for (unsigned i = octets; i-- > 0;) text += static_cast<char>(value >> (8 * i));
    return text;
}

/// RFC 9113, 4.1.
inline std::string frame(unsigned type, unsigned flags, std::uint32_t stream, std::string_view payload) {
    return number(payload.size(), 3) + number(type, 1) + number(flags, 1) + number(stream, 4) + std::string(payload);
}

inline std::string fromHex(std::string_view hex) {
    return QByteArray::fromHex(QByteArray(hex.data(), static_cast<qsizetype>(hex.size()))).toStdString();
}

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum : unsigned { EndStream = 1, EndHeaders = 4, Padded = 8, HasPriority = 0x20 };

/// Frames made by one encoder must be made in their order: in braces they are, as operands of `+` they need not be.
inline std::string joined(std::initializer_list<std::string> frames) {
    std::string octets;
    for (const std::string& one : frames) octets += one;
    return octets;
}

inline std::string data(std::uint32_t stream, std::string_view payload, unsigned flags = 0) {
    return frame(0, flags, stream, payload);
}
inline std::string padded(std::uint32_t stream, std::string_view payload, unsigned char padding, unsigned flags = 0) {
    return frame(0, flags | Padded, stream, number(padding, 1) + std::string(payload) + std::string(padding, '\0'));
}
inline std::string settings(std::string_view payload = {}) {
    return frame(4, 0, 0, payload);
}
inline std::string reset(std::uint32_t stream, std::uint32_t code) {
    return frame(3, 0, stream, number(code, 4));
}
inline std::string goAway(std::uint32_t last, std::uint32_t code, std::string_view debug = {}) {
    return frame(7, 0, 0, number(last, 4) + number(code, 4) + std::string(debug));
}

/// One direction's header compression.
class Encoder {
public:
    explicit Encoder(std::size_t tableBytes = 4096) { nghttp2_hd_deflate_new(&m_handle, tableBytes); }
    ~Encoder() { nghttp2_hd_deflate_del(m_handle); }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    void resize(std::size_t bytes) { nghttp2_hd_deflate_change_table_size(m_handle, bytes); }
    std::string block(const Fields& fields) {
        std::vector<nghttp2_nv> list;
        for (const auto& [name, value] : fields)
            list.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                            reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                            NGHTTP2_NV_FLAG_NONE});
        std::string text(nghttp2_hd_deflate_bound(m_handle, list.data(), list.size()), '\0');
        const auto length = nghttp2_hd_deflate_hd(m_handle, reinterpret_cast<std::uint8_t*>(text.data()), text.size(),
                                                  list.data(), list.size());
        text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
        return text;
    }
    std::string headers(std::uint32_t stream, const Fields& fields, unsigned flags = EndHeaders) {
        return frame(1, flags, stream, block(fields));
    }

private:
    nghttp2_hd_deflater* m_handle = nullptr;
};

inline Fields request(std::string_view method, std::string_view path, const Fields& more = {}) {
    Fields fields{{":method", std::string(method)}, {":scheme", "http"}, {":path", std::string(path)}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}
inline Fields response(int status, const Fields& more = {}) {
    Fields fields{{":status", std::to_string(status)}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

inline http::Http2Options fromMiddle() {
    http::Http2Options options;
    options.middle = true;
    return options;
}

/// Plays octets of both directions into an Http2Connection and writes down the exchanges, one a line:
///
///     3 POST /v1 [reqbody] 200 [respbody]
///
/// It begins with the stream; `-` stands for a head that was not seen, `?` for a method, target or status that is
/// unknown; after a body `~` means that the message is not complete, `!` that octets of it were lost. Who broke it off
/// and findings follow in brackets. Direction 0 is the client unless the test says otherwise.
class Dialogue final : private http::ExchangeListener {
public:
    explicit Dialogue(http::Http2Options options = {}) : connection(*this, std::move(options)) {}

    Dialogue& client(std::string_view octets) { return feed(0, octets); }
    Dialogue& server(std::string_view octets) { return feed(1, octets); }
    Dialogue& client(std::initializer_list<std::string> frames) { return feed(0, joined(frames)); }
    Dialogue& server(std::initializer_list<std::string> frames) { return feed(1, joined(frames)); }
    Dialogue& feed(unsigned direction, std::initializer_list<std::string> frames) {
        return feed(direction, joined(frames));
    }
    Dialogue& feed(unsigned direction, std::string_view octets) {
        ++packet;
        // A copy that is gone after the call: a view kept too long is seen by the address sanitizer.
        const std::vector<char> bytes(octets.begin(), octets.end());
        orderly &= connection.feed(direction, asBytes({bytes.data(), bytes.size()}), place()) == bytes.size();
        return *this;
    }
    Dialogue& gap(unsigned direction, std::uint64_t length) {
        ++packet;
        connection.gap(direction, length, place());
        return *this;
    }
    Dialogue& fin(unsigned direction) {
        ++packet;
        connection.fin(direction, place());
        return *this;
    }
    Dialogue& close() {
        connection.close();
        return *this;
    }
    /// Exchanges handed over since the last call, joined with " | ".
    QByteArray log() {
        QByteArray text = m_log.join(" | ");
        m_log.clear();
        return text;
    }
    http::PiecePlace place() const { return {packet, static_cast<TimeNs>(packet) * 1'000}; }
    std::unique_ptr<http::ActiveExchange> make() override {
        ++m_open;
        return std::make_unique<Active>();
    }
    std::size_t open() const { return m_open; } ///< exchanges that were not handed over

    std::uint64_t packet = 0;
    http::Http2Connection connection;
    std::vector<http::Exchange> exchanges;
    std::vector<std::string> requestBodies, responseBodies; ///< of `exchanges`
    bool orderly = true;                                    ///< callbacks came in an order that makes sense

private:
    struct Active final : http::ActiveExchange {
        std::string requestBody, responseBody;
        int requestHeads = 0, requestEnds = 0, responseHeads = 0, responseEnds = 0;
    };
    static Active& of(http::ActiveExchange& exchange) { return static_cast<Active&>(exchange); }

    void onRequestHead(http::ActiveExchange& e) override {
        orderly &= ++of(e).requestHeads == 1 && of(e).requestEnds == 0 && e.exchange.requestTrace.seen;
    }
    void onRequestBody(http::ActiveExchange& e, Bytes piece) override {
        orderly &= of(e).requestHeads == 1 && of(e).requestEnds == 0;
        of(e).requestBody += asText(piece);
    }
    void onRequestGap(http::ActiveExchange& e) override { of(e).requestBody += '#'; }
    void onRequestEnd(http::ActiveExchange& e) override { orderly &= ++of(e).requestEnds == 1 && e.requestEnded; }
    void onResponseHead(http::ActiveExchange& e) override {
        orderly &= ++of(e).responseHeads == 1 && of(e).responseEnds == 0 && e.responseBegan;
    }
    void onResponseBody(http::ActiveExchange& e, Bytes piece, TimeNs time) override {
        orderly &= of(e).responseHeads == 1 && of(e).responseEnds == 0 && time != kNoTime;
        of(e).responseBody += asText(piece);
    }
    void onResponseGap(http::ActiveExchange& e) override { of(e).responseBody += '#'; }
    void onResponseEnd(http::ActiveExchange& e) override { orderly &= ++of(e).responseEnds == 1 && e.responseEnded; }
    void onDone(std::unique_ptr<http::ActiveExchange> done) override {
        --m_open;
        Active& e = of(*done);
        http::Exchange& x = e.exchange;
        check(x.requestTrace, e.requestHeads, e.requestEnds);
        check(x.responseTrace, e.responseHeads, e.responseEnds);
        std::string line = std::to_string(x.streamId) + ' ';
        line += x.requestTrace.seen ? known(x.request.method) + ' ' + known(x.request.target) : "-";
        line += side(e.requestBody, x.requestTrace);
        line += !x.responseTrace.seen ? " -" : x.response.status == 0 ? " ?" : ' ' + std::to_string(x.response.status);
        line += side(e.responseBody, x.responseTrace);
        if (!e.closedBy.empty()) line += " (" + std::string(e.closedBy) + ')';
        for (const Finding& finding : x.findings) line += " (" + std::string(finding.kind->id) + ')';
        m_log += QByteArray::fromStdString(line);
        exchanges.push_back(std::move(x));
        requestBodies.push_back(std::move(e.requestBody));
        responseBodies.push_back(std::move(e.responseBody));
    }
    void check(const http::MessageTrace& trace, int heads, int ends) {
        orderly &= trace.seen == (heads == 1);
        orderly &= !trace.complete || (trace.seen && ends == 1 && !trace.gap);
        orderly &= !trace.seen || (trace.firstPacket != 0 && trace.firstByte <= trace.lastByte);
    }
    static std::string known(const std::string& text) { return text.empty() ? "?" : text; }
    static std::string side(const std::string& body, const http::MessageTrace& trace) {
        std::string text;
        if (!body.empty()) text += " [" + body + ']';
        if (!trace.complete) text += '~';
        if (trace.gap) text += '!';
        return text;
    }

    QByteArrayList m_log;
    std::size_t m_open = 0;
};

} // namespace gatescope::test::h2

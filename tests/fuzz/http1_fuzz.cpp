// SPDX-License-Identifier: Apache-2.0
// Input: one octet of settings, then pieces: an octet that says which direction and what (octets, gap, FIN), one that
// gives the length, then the octets.
#include "core/http/http1_connection.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

class Listener final : public http::ExchangeListener {
public:
    std::size_t made = 0, done = 0;

private:
    struct Active final : http::ActiveExchange {
        int requestHeads = 0, requestEnds = 0, responseHeads = 0, responseEnds = 0;
        std::uint64_t requestBody = 0, responseBody = 0;
    };
    static Active& of(http::ActiveExchange& exchange) { return static_cast<Active&>(exchange); }

    std::unique_ptr<http::ActiveExchange> make() override {
        ++made;
        return std::make_unique<Active>();
    }
    void onRequestHead(http::ActiveExchange& e) override {
        require(++of(e).requestHeads == 1 && of(e).requestEnds == 0);
    }
    void onRequestBody(http::ActiveExchange& e, Bytes piece) override {
        require(of(e).requestHeads == 1 && of(e).requestEnds == 0);
        of(e).requestBody += piece.size();
    }
    void onRequestEnd(http::ActiveExchange& e) override { require(++of(e).requestEnds == 1); }
    void onResponseHead(http::ActiveExchange& e) override {
        require(++of(e).responseHeads == 1 && of(e).responseEnds == 0);
    }
    void onResponseBody(http::ActiveExchange& e, Bytes piece, TimeNs) override {
        require(of(e).responseHeads == 1 && of(e).responseEnds == 0);
        of(e).responseBody += piece.size();
    }
    void onResponseEnd(http::ActiveExchange& e) override { require(++of(e).responseEnds == 1); }
    void onDone(std::unique_ptr<http::ActiveExchange> exchange) override {
        ++done;
        const Active& e = of(*exchange);
        const http::Exchange& x = exchange->exchange;
        require(x.requestTrace.bodyBytes == e.requestBody && x.responseTrace.bodyBytes == e.responseBody);
        require(!x.requestTrace.complete || (e.requestHeads == 1 && e.requestEnds == 1 && !x.requestTrace.gap));
        require(!x.responseTrace.complete || (e.responseHeads == 1 && e.responseEnds == 1 && !x.responseTrace.gap));
        require(x.request.headers.bytes() <= http::Http1Parser::kMaxHeadBytes);
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    Listener listener;
    http::Http1Connection connection(listener, (data[0] & 1) != 0);
    std::uint64_t packet = 0;
    for (std::size_t at = 1; at + 2 <= size;) {
        const unsigned direction = data[at] & 1;
        const unsigned what = (data[at] >> 1) % 16;
        const std::size_t length = data[at + 1];
        at += 2;
        const http::PiecePlace place{++packet, static_cast<TimeNs>(packet)};
        if (what == 14) {
            connection.gap(direction, length + 1, place);
        } else if (what == 15) {
            connection.fin(direction, place);
        } else {
            // A copy of exactly that size, gone after the call.
            const std::vector<std::uint8_t> bytes(data + at, data + at + std::min(length, size - at));
            at += bytes.size();
            connection.feed(direction, bytes, place);
        }
    }
    connection.close();
    require(listener.made == listener.done);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Input: one octet of settings, then pieces: an octet that says which direction and what (octets, gap, FIN), one that
// gives the length, then the octets. On a connection whose beginning was captured and that lost nothing, octet by octet
// gives the same.
#include "core/http/http1_connection.h"
#include "core/http/http1_start.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

class Listener final : public http::ExchangeListener {
public:
    std::size_t made = 0, done = 0;
    std::string log;

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
        log += x.request.method + ' ' + x.request.target + ' ' + std::to_string(e.requestBody) + ' ' +
               std::to_string(x.response.status) + ' ' + std::to_string(e.responseBody);
        for (const Finding& finding : x.findings) log.append(1, ' ').append(finding.kind->id);
        log += '\n';
    }
};

/// What a connection said, and whether it stayed in step with its octets.
struct Played {
    std::string log;
    bool inStep = true;
    std::array<std::string, 2> begins; ///< the first octets of each direction
};

/// A direction that begins like something else is searched as well.
bool beginsRight(const std::string& text) {
    const auto kind = http::classifyStart(text, true);
    return text.empty() || kind == http::StartKind::Request || kind == http::StartKind::Response;
}

Played played(const std::uint8_t* data, std::size_t size, bool octetByOctet) {
    Listener listener;
    http::Http1Connection connection(listener, (data[0] & 1) != 0);
    Played result;
    result.inStep = (data[0] & 1) != 0;
    bool handedOver = false;
    std::uint64_t packet = 0;
    for (std::size_t at = 1; at + 2 <= size && !handedOver;) {
        const unsigned direction = data[at] & 1;
        const unsigned what = (data[at] >> 1) % 16;
        const std::size_t length = data[at + 1];
        at += 2;
        const http::PiecePlace place{++packet, static_cast<TimeNs>(packet)};
        if (what == 14) {
            connection.gap(direction, length + 1, place);
            result.inStep = false;
        } else if (what == 15) {
            connection.fin(direction, place);
        } else {
            const std::size_t end = at + std::min(length, size - at);
            result.begins[direction].append(data + at, data + end);
            while (at < end && !handedOver) {
                // A copy of exactly that size, gone after the call.
                const std::vector<std::uint8_t> bytes(data + at, data + (octetByOctet ? at + 1 : end));
                const std::size_t taken = connection.feed(direction, bytes, place);
                require(taken <= bytes.size());
                at += bytes.size();
                if (auto handover = connection.takeHandover()) {
                    handedOver = true;
                    if (handover->exchange) ++listener.done;
                    result.log = std::to_string(static_cast<int>(handover->next)) + handover->name + '\n';
                    require(handover->name.size() <= http::Http1Connection::kMaxProtocolName);
                } else {
                    require(taken == bytes.size());
                }
            }
            at = end;
        }
    }
    if (!handedOver) connection.close();
    require(listener.made == listener.done);
    result.inStep = result.inStep && beginsRight(result.begins[0]) && beginsRight(result.begins[1]) &&
                    listener.log.find("http.malformed") == std::string::npos;
    result.log += listener.log;
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const Played whole = played(data, size, false);
    const Played parts = played(data, size, true);
    // Out of step, what is found depends on where pieces begin.
    require(!whole.inStep || !parts.inStep || whole.log == parts.log);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Input: one octet of settings, then pieces: an octet that says which direction and what (octets, gap, FIN), one that
// gives the length, then the octets. A connection that begins with its beginning, without loss and without broken
// frames, is played again octet by octet and must give the same.
#include "core/http/http2_connection.h"
#include "core/http/http2_exchanges.h"
#include "core/http/http2_findings.h"
#include "core/http/http2_start.h"

#include <algorithm>
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
    bool broken = false; ///< frames that the protocol forbids were met

private:
    struct Active final : http::ActiveExchange {
        int requestHeads = 0, requestEnds = 0, responseHeads = 0, responseEnds = 0;
        std::string body;
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
        of(e).body += asText(piece);
    }
    void onRequestEnd(http::ActiveExchange& e) override { require(++of(e).requestEnds == 1); }
    void onResponseHead(http::ActiveExchange& e) override {
        require(++of(e).responseHeads == 1 && of(e).responseEnds == 0 && e.responseBegan);
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
        require(x.requestTrace.bodyBytes >= e.requestBody && x.responseTrace.bodyBytes >= e.responseBody);
        require(!x.requestTrace.complete || (e.requestHeads == 1 && e.requestEnds == 1 && !x.requestTrace.gap));
        require(!x.responseTrace.complete || (e.responseHeads == 1 && e.responseEnds == 1 && !x.responseTrace.gap));
        require(x.request.headers.bytes() <= http::Http2Head::kMaxBytes + x.request.target.size() + 300'000);
        log += std::to_string(x.streamId) + ' ' + x.request.method + ' ' + x.request.target + ' ' +
               std::to_string(x.response.status) + ' ' + e.body + ' ' + std::to_string(x.requestTrace.bodyBytes) + ' ' +
               std::to_string(x.responseTrace.bodyBytes) + ' ' +
               std::to_string(x.request.unknownFields + x.response.unknownFields) + ' ' +
               std::to_string(x.indexInConnection);
        for (const auto* headers : {&x.request.headers, &x.response.headers})
            for (std::size_t i = 0; i < headers->size(); ++i)
                log.append((*headers)[i].name).append("=").append((*headers)[i].value).append(" ");
        for (const Finding& finding : x.findings) {
            log.append(finding.kind->id).append(finding.evidence.empty() ? "" : finding.evidence[0]);
            broken |= finding.kind == &http::kFrameError;
        }
        log += '\n';
    }
};

struct Play {
    Listener listener;
    bool lossy = false;
    std::vector<Finding> findings;

    Play(const std::uint8_t* data, std::size_t size, bool split) {
        http::Http2Options options;
        options.middle = (data[0] & 1) != 0;
        lossy = options.middle;
        if ((data[0] & 2) != 0) {
            http::ExchangeListener& maker = listener;
            options.upgraded = maker.make();
        }
        http::Http2Connection connection(listener, std::move(options));
        std::uint64_t packet = 0;
        for (std::size_t at = 1; at + 2 <= size;) {
            const unsigned direction = data[at] & 1;
            const unsigned what = (data[at] >> 1) % 16;
            const std::size_t length = data[at + 1];
            at += 2;
            const http::PiecePlace place{++packet, static_cast<TimeNs>(packet)};
            if (what == 14) {
                connection.gap(direction, length + 1, place);
                lossy = true;
            } else if (what == 15) {
                connection.fin(direction, place);
            } else {
                // A copy of exactly that size, gone after the call.
                const std::vector<std::uint8_t> bytes(data + at, data + at + std::min(length, size - at));
                at += bytes.size();
                if (split)
                    for (const std::uint8_t& octet : bytes) connection.feed(direction, {&octet, 1}, place);
                else
                    connection.feed(direction, bytes, place);
            }
        }
        connection.close();
        findings = connection.takeFindings();
        for (const Finding& finding : findings) listener.broken |= finding.kind == &http::kFrameError;
        require(listener.made == listener.done);
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    bool undecided = false;
    http::looksLikeHttp2(asText({data, size}));
    http::isServerPreface(asText({data, size}), undecided);
    const Play whole(data, size, false);
    const Play split(data, size, true);
    if (whole.lossy || whole.listener.broken) return 0;
    require(whole.listener.log == split.listener.log && whole.findings.size() == split.findings.size());
    return 0;
}

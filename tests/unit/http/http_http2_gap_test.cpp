// SPDX-License-Identifier: Apache-2.0
// Octets of HTTP/2 that were never captured: whatever is told is what was sent.
#include "tests/unit/http/http2_conversation.h"

#include <QTest>
#include <map>
#include <random>
#include <set>

using namespace gatescope;
using namespace gatescope::test::h2;

namespace {

struct Sent {
    std::string method, target;
    int status = 0;
    std::string requestBody, responseBody;
    std::set<std::string> fields; ///< of both messages, `name=value`
};

/// What `busy` sends, by stream, as written there.
const std::map<std::uint32_t, Sent>& sent() {
    static const std::set<std::string> kKey{"api-key=secret", "x-project=p-1", "host=h.example"};
    const auto with = [](std::set<std::string> more) {
        more.insert(kKey.begin(), kKey.end());
        return more;
    };
    static const std::map<std::uint32_t, Sent> kSent{
        {1, {"POST", "/one", 200, "firstsecond", "answer", with({"x-id=1", "content-length=6"})}},
        {2, {"GET", "/pushed", 200, "", "", with({"x-id=2"})}},
        {3, {"GET", "/three", 200, "", "abbccc", with({"x-id=3"})}},
        {5, {"POST", "/five", 0, "upload", "", {"x-long=" + std::string(300, 'l')}}},
        {7, {"PUT", "/seven", 429, "", "slow down", with({"x-id=7", "retry-after=1"})}},
        {9, {"GET", "/nine", 0, "", "", kKey}}};
    return kSent;
}

/// `part` is `all` with some left out; `#` marks where.
bool isLeftOf(const std::string& part, const std::string& all) {
    std::size_t at = 0;
    for (const char c : part) {
        if (c == '#') continue;
        at = all.find(c, at);
        if (at == std::string::npos) return false;
        ++at;
    }
    return true;
}

/// What is told of an exchange that was not sent so; empty: nothing.
QByteArray wrongIn(const Dialogue& d) {
    if (!d.orderly) return "disorder";
    std::set<std::pair<std::uint32_t, bool>> seen;
    for (std::size_t i = 0; i < d.exchanges.size(); ++i) {
        const http::Exchange& x = d.exchanges[i];
        const QByteArray where = "stream " + QByteArray::number(x.streamId) + ": ";
        const auto found = sent().find(x.streamId);
        if (found == sent().end()) return where + "was not sent";
        const Sent& s = found->second;
        if (!x.request.method.empty() && x.request.method != s.method) return where + x.request.method.c_str();
        if (!x.request.target.empty() && x.request.target != s.target) return where + x.request.target.c_str();
        if (x.response.status != 0 && x.response.status != s.status && x.response.status != 100)
            return where + "status";
        if (x.requestTrace.seen && !seen.emplace(x.streamId, true).second) return where + "two requests";
        if (x.responseTrace.seen && !seen.emplace(x.streamId, false).second) return where + "two responses";
        if (!isLeftOf(d.requestBodies[i], s.requestBody)) return where + d.requestBodies[i].c_str();
        if (!isLeftOf(d.responseBodies[i], s.responseBody)) return where + d.responseBodies[i].c_str();
        if (x.requestTrace.complete && d.requestBodies[i] != s.requestBody) return where + "request not complete";
        if (x.responseTrace.complete && d.responseBodies[i] != s.responseBody) return where + "response not complete";
        for (const auto* headers : {&x.request.headers, &x.response.headers})
            for (std::size_t n = 0; n < headers->size(); ++n) {
                const std::string field = std::string((*headers)[n].name) + '=' + std::string((*headers)[n].value);
                if (!s.fields.contains(field)) return where + field.c_str();
            }
    }
    return {};
}

/// One frame a turn; the client's preface stands alone.
Conversation framed(const Conversation& conversation) {
    Conversation frames;
    for (const Turn& turn : conversation) {
        std::string_view octets = turn.octets;
        while (!octets.empty()) {
            std::size_t length = kPreface.size();
            if (!octets.starts_with(kPreface))
                length = 9 + (std::size_t(static_cast<unsigned char>(octets[1])) << 8) +
                         static_cast<unsigned char>(octets[2]);
            frames.push_back({turn.direction, std::string(octets.substr(0, length))});
            octets.remove_prefix(length);
        }
    }
    return frames;
}

} // namespace

class HttpHttp2GapTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void insideData();
    void upToTheEndOfData();
    void insidePadding();
    void insideFramesWithoutFields();
    void insideAHeaderBlock();
    void beyondAFrame();
    void responseLost();
    void endOfARequestLost();
    void prefaceLost();
    void anyFrameLost();
    void anyRangeLost();
    void fromAnyFrame();
    void fromAnyOctet();
    void unknownFieldsAreCounted();
    void responseWithoutItsRequest();
    void trailersWithoutTheirHead();
    void whoIsTheClient();
    void searchInABody();
    void longFramesInTheMiddle();
    void searchIsGivenUp();
};

void HttpHttp2GapTest::insideData() {
    Dialogue d;
    Encoder up, down;
    d.client({std::string(kPreface), settings(), up.headers(1, request("POST", "/a", {{"x-a", "b"}})),
              data(1, "0123456789").substr(0, 13)});
    d.gap(0, 3).client({"789", data(1, "end", EndStream)});
    d.server({settings(), down.headers(1, response(200, {{"x-id", "1"}})), data(1, "x", EndStream)});
    d.client(up.headers(3, request("GET", "/b", {{"x-a", "b"}}), EndHeaders | EndStream)); // the table is whole
    d.server(down.headers(3, response(200, {{"x-id", "1"}}), EndHeaders | EndStream));
    QCOMPARE(d.log(), QByteArray("1 POST /a [0123#789end]~! 200 [x] (http.body-gap) | 3 GET /b 200"));
    QCOMPARE(d.exchanges[0].requestTrace.bodyBytes, std::uint64_t(10));
    QCOMPARE(d.exchanges[0].findings[0].evidence.at(0), std::string("3 octets"));
    QCOMPARE(d.exchanges[1].request.headers.find("x-a"), std::optional<std::string_view>("b"));
}

void HttpHttp2GapTest::upToTheEndOfData() {
    Dialogue d;
    Encoder up, down;
    d.client({std::string(kPreface), settings(), up.headers(1, request("POST", "/a")),
              data(1, "0123456789", EndStream).substr(0, 13)});
    d.gap(0, 6);
    d.server({settings(), down.headers(1, response(200)), data(1, "abc", EndStream).substr(0, 9)});
    d.gap(1, 3);
    QCOMPARE(d.log(), QByteArray("1 POST /a [0123#]~! 200 [#]~! (http.body-gap) (http.body-gap)"));
    d.client(up.headers(3, request("GET", "/b"), EndHeaders | EndStream))
        .server(down.headers(3, response(200), EndHeaders | EndStream));
    QCOMPARE(d.log(), QByteArray("3 GET /b 200"));
}

void HttpHttp2GapTest::insidePadding() {
    Dialogue d;
    Encoder up, down;
    const std::string frame = padded(1, "abcd", 4, EndStream); // 9 + 1 + 4 + 4
    d.client({std::string(kPreface), settings(), up.headers(1, request("POST", "/a")), frame.substr(0, 9)});
    d.gap(0, 3).client(frame.substr(12)); // how much of the rest is padding was lost
    d.server({settings(), down.headers(1, response(200)), frame.substr(0, 12)});
    d.gap(1, 4).server(frame.substr(16));
    QCOMPARE(d.log(), QByteArray("1 POST /a [#]~! 200 [ab#]~! (http.body-gap) (http.body-gap)"));
}

void HttpHttp2GapTest::insideFramesWithoutFields() {
    Dialogue d;
    Encoder up, down;
    d.client({std::string(kPreface), settings(number(3, 2) + number(1, 4)).substr(0, 11)})
        .gap(0, 2)
        .client(number(1, 2));
    d.client({up.headers(1, request("GET", "/a", {{"x-a", "b"}}), EndHeaders | EndStream),
              frame(6, 0, 0, "12345678").substr(0, 9)});
    d.gap(0, 8).client(
        {up.headers(3, request("GET", "/b", {{"x-a", "b"}}), EndHeaders | EndStream), reset(1, 8).substr(0, 9)});
    d.gap(0, 4);
    QCOMPARE(d.log(), QByteArray("1 GET /a -~ (client-rst-stream) (http2.stream-reset)"));
    QCOMPARE(d.exchanges[0].findings[0].evidence.at(0), std::string("client: not captured"));
    d.close();
    QCOMPARE(d.exchanges[1].request.headers.find("x-a"), std::optional<std::string_view>("b"));
}

void HttpHttp2GapTest::insideAHeaderBlock() {
    Dialogue d;
    Encoder up, down;
    const Fields more{{"x-a", "b"}, {"api-key", "k"}};
    d.client({std::string(kPreface), settings(), up.headers(1, request("GET", "/a", more), EndHeaders | EndStream)});
    const std::string block = up.block(request("GET", "/lost", {{"x-c", "d"}}));
    d.client({frame(1, EndStream, 3, block.substr(0, 5)).substr(0, 12)}).gap(0, 2);
    d.client(frame(9, EndHeaders, 3, block.substr(5)));
    d.client(
        up.headers(5, request("GET", "/c", {{"x-a", "b"}, {"api-key", "k"}, {"x-new", "e"}}), EndHeaders | EndStream));
    d.client(up.headers(7, request("GET", "/d", {{"x-new", "e"}}), EndHeaders | EndStream));
    d.server(settings());
    for (const std::uint32_t stream : {1U, 3U, 5U, 7U})
        d.server(down.headers(stream, response(200), EndHeaders | EndStream));
    QCOMPARE(
        d.log(),
        QByteArray("1 GET /a 200 | 3 -~! 200 (http.body-gap) | 5 GET /c 200 (http2.hpack-unknown) | 7 GET /d 200"));
    QCOMPARE(d.exchanges[2].request.unknownFields, 2U);
    QCOMPARE(d.exchanges[2].request.headers.size(), std::size_t(1));
    QCOMPARE(d.exchanges[3].request.headers.find("x-new"), std::optional<std::string_view>("e"));
}

void HttpHttp2GapTest::beyondAFrame() {
    Dialogue d;
    Encoder up, down;
    d.client({std::string(kPreface), settings(), up.headers(1, request("GET", "/s"), EndHeaders | EndStream),
              up.headers(3, request("GET", "/t", {{"x-a", "b"}}), EndHeaders | EndStream)});
    d.server({settings(), down.headers(1, response(200, {{"x-id", "1"}})), down.headers(3, response(200)),
              data(1, "data: 1\n")});
    d.gap(1, 17).server({data(1, "data: 3\n"), data(1, "data: 4\n")}); // one frame is lost
    d.server({data(1, "data: 5\n").substr(0, 12)}).gap(1, 30);         // the rest of one and what follows
    d.server({"ta: 6\n", data(1, "data: 7\n"), data(1, "data: 8\n")}); // the end of one first
    d.server({data(3, "", EndStream), data(1, "end", EndStream)});
    QCOMPARE(d.log(),
             QByteArray(
                 "3 GET /t 200 [##]~! (http.body-gap) | 1 GET /s 200 [data: 1\n#data: 3\ndata: 4\ndat##data: 7\ndata: "
                 "8\nend]~! (http.body-gap)"));
    d.client(up.headers(5, request("GET", "/u", {{"x-a", "b"}}),
                        EndHeaders | EndStream)); // the other direction knows its table
    d.server(down.headers(5, response(200, {{"x-id", "1"}}), EndHeaders | EndStream)); // this one does not
    QCOMPARE(d.log(), QByteArray("5 GET /u 200 (http2.hpack-unknown)"));
    QCOMPARE(d.exchanges[2].request.headers.find("x-a"), std::optional<std::string_view>("b"));
    QCOMPARE(d.exchanges[2].response.headers.size(), std::size_t(0));
    QVERIFY(d.orderly);
}

void HttpHttp2GapTest::responseLost() {
    Dialogue d;
    Encoder up, down;
    d.client({std::string(kPreface), settings(), up.headers(1, request("GET", "/1"), EndHeaders | EndStream),
              up.headers(3, request("GET", "/3"), EndHeaders | EndStream)});
    d.server(settings());
    d.gap(1, down.headers(1, response(200)).size());
    d.server({data(1, "rest"), data(1, "", EndStream), down.headers(3, response(200), EndHeaders | EndStream)});
    d.client(up.headers(5, request("GET", "/5"), EndHeaders | EndStream)).gap(1, 20).close();
    QCOMPARE(d.log(), QByteArray("1 GET /1 -~! (http.body-gap) | 3 GET /3 200 | 5 GET /5 -~! (http.response-lost)"));
    QVERIFY(d.orderly);
}

void HttpHttp2GapTest::endOfARequestLost() {
    Dialogue d;
    Encoder up, down;
    d.client({std::string(kPreface), settings(), up.headers(1, request("POST", "/1")), data(1, "a")});
    d.gap(0, data(1, "b", EndStream).size());
    d.server({settings(), down.headers(1, response(200), EndHeaders | EndStream)});
    QCOMPARE(d.log(), QByteArray("1 POST /1 [a#]~! 200 (http.body-gap)"));
}

void HttpHttp2GapTest::prefaceLost() {
    Dialogue d;
    Encoder up, down;
    d.gap(0, 33);
    d.client(
        {frame(8, 0, 0, number(1, 4)), up.headers(1, request("GET", "/1", {{"x-a", "b"}}), EndHeaders | EndStream)});
    d.server({settings(), down.headers(1, response(200), EndHeaders | EndStream)});
    QCOMPARE(d.log(), QByteArray("1 GET /1 200"));
    QCOMPARE(d.connection.clientDirection(), std::optional<unsigned>(0));
}

void HttpHttp2GapTest::anyFrameLost() {
    const Conversation frames = framed(busy());
    for (std::size_t lost = 0; lost < frames.size(); ++lost) {
        for (const bool joined : {false, true}) {
            Dialogue d;
            std::string waiting;
            for (std::size_t i = 0; i < frames.size(); ++i) {
                if (i == lost) {
                    if (!waiting.empty()) d.feed(frames[i].direction, std::exchange(waiting, {}));
                    d.gap(frames[i].direction, frames[i].octets.size());
                    continue;
                }
                waiting += frames[i].octets;
                const bool last = i + 1 == frames.size() || frames[i + 1].direction != frames[i].direction;
                if (last || !joined) d.feed(frames[i].direction, std::exchange(waiting, {}));
            }
            d.close();
            const QByteArray wrong = wrongIn(d);
            QVERIFY2(wrong.isEmpty(),
                     "without frame " + QByteArray::number(qulonglong(lost)) + ", " + wrong + ": " + d.log());
            // A frame alone does not take more than two exchanges with it.
            std::size_t whole = 0;
            for (const http::Exchange& x : d.exchanges) whole += x.requestTrace.seen;
            QVERIFY2(whole >= 5, "without frame " + QByteArray::number(qulonglong(lost)) + ": " + d.log());
            QCOMPARE(d.open(), std::size_t(0));
        }
    }
}

void HttpHttp2GapTest::anyRangeLost() {
    const Conversation turns = busy();
    std::mt19937 random(17);
    for (int round = 0; round < 4'000; ++round) {
        const std::size_t where = random() % turns.size();
        const std::size_t begin = random() % turns[where].octets.size();
        const std::size_t length = 1 + random() % (turns[where].octets.size() - begin);
        Dialogue d;
        for (std::size_t i = 0; i < turns.size(); ++i) {
            if (i != where) {
                d.feed(turns[i].direction, turns[i].octets);
                continue;
            }
            if (begin != 0) d.feed(turns[i].direction, turns[i].octets.substr(0, begin));
            d.gap(turns[i].direction, length);
            if (begin + length < turns[i].octets.size())
                d.feed(turns[i].direction, turns[i].octets.substr(begin + length));
        }
        d.close();
        const QByteArray wrong = wrongIn(d);
        QVERIFY2(wrong.isEmpty(), QByteArray::number(round) + ' ' + wrong + ": " + d.log());
    }
}

void HttpHttp2GapTest::fromAnyFrame() {
    const Conversation frames = framed(busy());
    for (std::size_t start = 1; start < frames.size(); ++start) {
        Dialogue d(fromMiddle());
        for (std::size_t i = start; i < frames.size(); ++i) d.feed(frames[i].direction, frames[i].octets);
        d.close();
        const QByteArray wrong = wrongIn(d);
        QVERIFY2(wrong.isEmpty(),
                 "from frame " + QByteArray::number(qulonglong(start)) + ", " + wrong + ": " + d.log());
        // The last request is told, with its path, from wherever the capture begins.
        if (start + 2 < frames.size())
            QVERIFY2(!d.exchanges.empty() && d.exchanges.back().request.target == "/nine",
                     "from frame " + QByteArray::number(qulonglong(start)) + ": " + d.log());
    }
}

void HttpHttp2GapTest::fromAnyOctet() {
    const Conversation turns = busy();
    for (std::size_t turn = 0; turn < turns.size(); ++turn) {
        for (std::size_t at = 1; at < turns[turn].octets.size(); ++at) {
            Dialogue d(fromMiddle());
            d.feed(turns[turn].direction, turns[turn].octets.substr(at));
            for (std::size_t i = turn + 1; i < turns.size(); ++i) d.feed(turns[i].direction, turns[i].octets);
            d.close();
            const QByteArray wrong = wrongIn(d);
            QVERIFY2(wrong.isEmpty(), QByteArray::number(qulonglong(turn)) + ' ' + QByteArray::number(qulonglong(at)) +
                                          ' ' + wrong + ": " + d.log());
        }
    }
}

void HttpHttp2GapTest::unknownFieldsAreCounted() {
    Encoder up, down;
    const Fields more{{":authority", "h"}, {"api-key", "k"}, {"x-agent", "a"}};
    up.headers(1, request("POST", "/v1", more));
    down.headers(1, response(429, {{"x-id", "1"}}));
    Dialogue d(fromMiddle());
    d.client(up.headers(3, request("POST", "/v1", {{":authority", "h"}, {"api-key", "k"}, {"x-agent", "b"}}),
                        EndHeaders | EndStream));
    d.server({down.headers(3, response(429, {{"x-id", "2"}})), data(3, "x", EndStream)});
    // Host and key of the first request, and the name `x-agent` (the encoder never puts paths into its table); the
    // status 429 and the name `x-id`.
    QCOMPARE(d.log(), QByteArray("3 POST /v1 ? [x] (http2.hpack-unknown) (http2.hpack-unknown)"));
    QCOMPARE(d.exchanges[0].request.unknownFields, 3U);
    QCOMPARE(d.exchanges[0].findings[0].evidence.at(0), std::string("request: 3 fields"));
    QCOMPARE(d.exchanges[0].findings[1].evidence.at(0), std::string("response: 2 fields"));
    QCOMPARE(d.exchanges[0].request.headers.size(), std::size_t(0));
    QCOMPARE(d.exchanges[0].response.unknownFields, 2U);
}

void HttpHttp2GapTest::responseWithoutItsRequest() {
    Encoder down;
    Dialogue d(fromMiddle());
    d.server({data(5, "never opened"), down.headers(7, response(200)), data(7, "a"), data(5, "", EndStream),
              data(7, "b", EndStream)});
    d.server(down.headers(9, response(103))).close();
    QCOMPARE(d.log(), QByteArray("7 -~ 200 [ab] (http.request-missing)"));
    QCOMPARE(d.connection.clientDirection(), std::optional<unsigned>(0));
}

void HttpHttp2GapTest::trailersWithoutTheirHead() {
    Encoder up, down;
    Dialogue d(fromMiddle());
    d.client({up.headers(3, request("GET", "/3"), EndHeaders | EndStream), data(1, "x"),
              up.headers(1, {{"x-sum", "1"}}, EndHeaders | EndStream)});
    d.server({data(1, "y"), down.headers(1, {{"grpc-status", "0"}}, EndHeaders | EndStream),
              down.headers(3, response(200), EndHeaders | EndStream)});
    d.server(down.headers(1, {{"grpc-status", "0"}}, EndHeaders | EndStream)).close();
    QCOMPARE(d.log(), QByteArray("3 GET /3 200"));
}

void HttpHttp2GapTest::whoIsTheClient() {
    const auto after = [](std::initializer_list<std::string> frames) {
        Dialogue d(fromMiddle());
        d.feed(1, frames);
        return d.connection.clientDirection();
    };
    Encoder one, two, three;
    using Answer = std::optional<unsigned>;
    QCOMPARE(after({data(1, "x"), frame(8, 0, 0, number(1, 4))}), Answer());
    QCOMPARE(after({one.headers(1, {{"a", "b"}})}), Answer());
    QCOMPARE(after({one.headers(1, request("GET", "/"))}), Answer(1));
    QCOMPARE(after({two.headers(1, response(500))}), Answer(0));
    QCOMPARE(after({frame(5, EndHeaders, 1, number(2, 4) + three.block(request("GET", "/")))}), Answer(0));
    QCOMPARE(after({std::string(kPreface), settings()}), Answer(1));
    http::Http2Options options = fromMiddle();
    options.client = 1;
    Dialogue told(std::move(options));
    told.feed(1, Encoder().headers(1, {{"x", "y"}})).close(); // neither pseudo-fields nor an end
    QCOMPARE(told.log(), QByteArray());
}

void HttpHttp2GapTest::searchInABody() {
    std::mt19937 random(19);
    for (int round = 0; round < 50; ++round) {
        Encoder up;
        std::string rest(random() % 3'000, '\0'); // of a compressed body
        for (char& octet : rest) octet = static_cast<char>(random());
        Dialogue d(fromMiddle());
        const std::string octets =
            joined({rest, data(1, "", EndStream), up.headers(3, request("GET", "/3"), EndHeaders | EndStream)});
        for (std::size_t at = 0; at < octets.size(); at += 1'400) d.client(std::string_view(octets).substr(at, 1'400));
        d.close();
        QCOMPARE(d.log(), QByteArray("3 GET /3 -~"));
    }
}

void HttpHttp2GapTest::longFramesInTheMiddle() {
    Encoder down;
    Dialogue d(fromMiddle());
    std::string octets(5'000, '\0'); // the end of a body of zeros
    for (int i = 0; i < 3; ++i) octets += data(1, std::string(16'384, 'z'));
    octets += down.headers(3, response(200)) + data(3, "found", EndStream) + data(1, "y");
    for (std::size_t at = 0; at < octets.size(); at += 1'448) d.server(std::string_view(octets).substr(at, 1'448));
    d.close();
    QCOMPARE(d.log(), QByteArray("3 -~ 200 [found] (http.request-missing)"));
}

void HttpHttp2GapTest::searchIsGivenUp() {
    Dialogue d(fromMiddle());
    const std::string noise(1U << 20, 'n');
    for (int i = 0; i < 5; ++i) d.client(noise);
    Encoder up;
    d.client(up.headers(1, request("GET", "/"), EndHeaders | EndStream)).close();
    QCOMPARE(d.log(), QByteArray());
}

QTEST_APPLESS_MAIN(HttpHttp2GapTest)
#include "http_http2_gap_test.moc"

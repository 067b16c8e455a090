// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/http/http2_dialogue.h"

/// A conversation for sweeps.
namespace gatescope::test::h2 {

struct Turn {
    unsigned direction;
    std::string octets;
};
using Conversation = std::vector<Turn>;

/// Uploads, streams, interim responses, trailers, padding, CONTINUATION, push, resets, tables that change.
inline Conversation busy() {
    Encoder up, down;
    Conversation turns;
    const auto client = [&](std::initializer_list<std::string> frames) { turns.push_back({0, joined(frames)}); };
    const auto server = [&](std::initializer_list<std::string> frames) { turns.push_back({1, joined(frames)}); };
    const Fields key{{":authority", "h.example"}, {"api-key", "secret"}, {"x-project", "p-1"}};
    server({settings(number(5, 2) + number(32'768, 4))});
    client({std::string(kPreface), settings(), up.headers(1, request("POST", "/one", key)), data(1, "first"),
            up.headers(3, request("GET", "/three", key), EndHeaders | EndStream)});
    server({frame(4, 1, 0, ""), down.headers(1, response(100)), down.headers(3, response(200, {{"x-id", "3"}})),
            data(3, "a")});
    const std::string five = up.block(request("POST", "/five", {{"x-long", std::string(300, 'l')}}));
    client({padded(1, "second", 9), data(1, "", EndStream),
            frame(1, Padded, 5, number(2, 1) + five.substr(0, 40) + std::string(2, '\0')),
            frame(9, 0, 5, five.substr(40, 100)), frame(9, EndHeaders, 5, five.substr(140))});
    server({frame(5, EndHeaders, 3, number(2, 4) + down.block(request("GET", "/pushed", key))), data(3, "bb"),
            down.headers(1, response(200, {{"x-id", "1"}, {"content-length", "6"}})), data(1, "answer", EndStream),
            down.headers(2, response(200, {{"x-id", "2"}}), EndHeaders | EndStream)});
    up.resize(100);
    down.resize(0);
    client({data(5, "upload"), reset(5, 8), up.headers(7, request("PUT", "/seven", key), EndHeaders | EndStream)});
    server({data(3, "", 0), padded(3, "ccc", 0), down.headers(3, {{"trailer", "t"}}, EndHeaders | EndStream),
            frame(0x42, 0xff, 7, "grease"), down.headers(7, response(429, {{"x-id", "7"}, {"retry-after", "1"}})),
            data(7, "slow down", EndStream), goAway(7, 0)});
    client({up.headers(9, request("GET", "/nine", key), EndHeaders | EndStream), frame(6, 0, 0, "12345678")});
    return turns;
}

} // namespace gatescope::test::h2

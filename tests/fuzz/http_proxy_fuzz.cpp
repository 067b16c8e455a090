// SPDX-License-Identifier: Apache-2.0
// Input: one octet that says how to split, then the first octets of a connection. A PROXY header that is taken off
// octet by octet, or in pieces, is the same as at once, and no other octet is lost.
#include "core/http/proxy_start.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct Played {
    std::size_t header = 0; ///< its octets
    std::string source;
    std::string rest;
};

Played played(Bytes input, std::size_t piece) {
    http::ProxyStart start;
    Played result;
    const auto note = [&](const http::ProxyStart::Taken& taken) {
        result.rest += taken.before;
        if (!taken.header) return;
        require(result.header == 0 && result.rest.empty());
        result.header = taken.header->size;
        if (taken.header->source) result.source = taken.header->source->toString();
    };
    for (std::size_t at = 0; at < input.size(); at += piece) {
        const Bytes part = input.subspan(at, std::min(piece, input.size() - at));
        const std::vector<std::uint8_t> copy(part.begin(), part.end());
        const http::ProxyStart::Taken taken = start.feed(0, copy, {1, 1});
        require(taken.octets <= copy.size());
        note(taken);
        result.rest += asText(Bytes(copy).subspan(taken.octets));
    }
    note(start.giveUp(0));
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Bytes input(data + 1, size - 1);
    const std::vector<std::uint8_t> copy(input.begin(), input.end());
    const auto header = http::parseProxyHeader(copy);
    require(!header || (header->size <= input.size() && header->size <= http::ProxyHeader::kMaxBytes));
    const Played whole = played(input, input.size());
    require(whole.header == (header ? header->size : 0));
    require(whole.rest == asText(input.subspan(whole.header)));
    for (const std::size_t piece : {std::size_t{1}, data[0] % 31 + std::size_t{1}}) {
        const Played split = played(input, piece);
        require(split.header == whole.header && split.source == whole.source && split.rest == whole.rest);
    }
    return 0;
}

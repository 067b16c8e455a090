// SPDX-License-Identifier: Apache-2.0
// Any bytes: the same events whole, octet by octet, and in pieces whose length the first octet chooses.
#include "core/base/hash.h"
#include "core/http/event_stream.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace gatescope;

namespace {

struct Outcome {
    std::uint64_t events = 0;
    std::uint64_t digest = 0;
    std::uint64_t oversized = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome decode(Bytes input, std::size_t pieceLength, std::size_t limit) {
    http::EventStreamDecoder decoder(limit);
    Outcome outcome;
    while (!input.empty()) {
        // A copy that dies with the call, so that a view kept too long is seen.
        const std::vector<std::uint8_t> piece(input.begin(), input.begin() + std::min(pieceLength, input.size()));
        decoder.feed(piece, [&](const http::ServerSentEvent& event) {
            ++outcome.events;
            outcome.digest = mix64(mix64(outcome.digest, hashBytes(event.name)), hashBytes(event.data));
        });
        input = input.subspan(piece.size());
    }
    outcome.oversized = decoder.oversizedEvents();
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Bytes text{data + 1, size - 1};
    for (const std::size_t limit : {std::size_t{32}, std::size_t{1} << 20}) {
        const Outcome whole = decode(text, text.size() + 1, limit);
        if (decode(text, 1, limit) != whole || decode(text, 1 + data[0], limit) != whole) std::abort();
    }
    return 0;
}

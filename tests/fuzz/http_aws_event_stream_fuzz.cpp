// SPDX-License-Identifier: Apache-2.0
// No crash, the same frames for any split, and no frame over the limit. The first octet is the length of a piece, the
// second says whether a loss comes behind the first piece.
#include "core/http/aws_event_stream.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace gatescope;

namespace {

constexpr std::size_t kLimit = 4096;

std::string read(Bytes body, std::size_t pieceLength, bool lost) {
    http::AwsEventStreamDecoder decoder(kLimit);
    std::string told;
    if (lost) decoder.gap();
    while (!body.empty()) {
        Bytes rest = body.first(std::min(pieceLength, body.size()));
        body = body.subspan(rest.size());
        while (const auto frame = decoder.take(rest)) {
            if (frame->payload.size() > kLimit) std::abort();
            for (const std::string_view part : {frame->messageType, frame->eventType, frame->payload})
                (told += part) += '|';
        }
        if (!rest.empty()) std::abort();
    }
    return told + std::to_string(decoder.damagedFrames()) + ' ' + std::to_string(decoder.oversizedFrames());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Bytes body{data + 2, size - 2};
    const bool lost = (data[1] & 1) != 0;
    if (read(body, 1 + data[0], lost) != read(body, body.size() + 1, lost)) std::abort();
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The first octet chooses a coding, the rest is the coded body: no crash, no more output than allowed, and the same
// result for the body at once and in pieces.
#include "core/http/content_decoder.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace gatescope;
using http::ContentDecoder;

namespace {

constexpr std::array<std::string_view, 8> kCodings{"gzip",     "deflate",      "br",       "zstd",
                                                   "gzip, br", "zstd,deflate", "identity", "compress"};
constexpr std::uint64_t kMaxOutput = 1 << 18;

struct Outcome {
    std::string text;
    ContentDecoder::Status status;
    bool finished;
    bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view coding, Bytes input, std::size_t pieceLength) {
    ContentDecoder decoder(coding, kMaxOutput);
    Outcome outcome{{}, decoder.status(), false};
    while (!input.empty()) {
        const Bytes piece = input.first(std::min(pieceLength, input.size()));
        outcome.status = decoder.feed(piece, [&](Bytes made) { outcome.text += asText(made); });
        input = input.subspan(piece.size());
    }
    outcome.finished = decoder.finished();
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view coding = kCodings[data[0] % kCodings.size()];
    const Bytes body{data + 1, size - 1};
    const Outcome whole = decode(coding, body, body.size() + 1);
    if (coding != "identity" && whole.text.size() > kMaxOutput) std::abort();
    const Outcome pieces = decode(coding, body, 1 + data[0] % 17);
    if (whole.status == ContentDecoder::Status::Ok ? whole != pieces : pieces.status == ContentDecoder::Status::Ok)
        std::abort();
    return 0;
}

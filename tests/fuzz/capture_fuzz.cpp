// SPDX-License-Identifier: Apache-2.0
// Any bytes, in any piece size and block size: no crash, no hang, and the same packets as with one large block.
#include "core/base/hash.h"
#include "core/capture/source_opening.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace gatescope;
using namespace gatescope::capture;

namespace {

struct Outcome {
    std::uint64_t packets = 0;
    std::uint64_t digest = 0;
    bool opened = false;
    bool damaged = false;

    bool operator==(const Outcome&) const = default;
};

Outcome readAll(Bytes input, const ReaderLimits& limits, std::size_t mostAtOnce) {
    Outcome outcome;
    const auto source = openCaptureFrom(openMemory(input, mostAtOnce), limits);
    if (!source) return outcome;
    outcome.opened = true;
    PacketBlock blocks[2];
    for (unsigned turn = 0;; ++turn) {
        PacketBlock& block = blocks[turn % 2];
        const auto more = (*source)->read(block);
        if (!more) outcome.damaged = true;
        if (!more || !*more) break;
        for (const Packet& packet : block.packets) {
            if (packet.data.size() > packet.originalLength) std::abort();
            ++outcome.packets;
            outcome.digest = mix64(outcome.digest, hashBytes(asText(packet.data)));
            outcome.digest = mix64(outcome.digest, static_cast<std::uint64_t>(packet.time));
            outcome.digest = mix64(outcome.digest, packet.number);
            outcome.digest = mix64(outcome.digest, packet.interfaceIndex);
        }
    }
    (*source)->takeFindings();
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kLimit = 1U << 20;
    const Bytes input{data, size};
    const ReaderLimits small{.blockBytes = 64, .maxPacketBytes = kLimit, .maxBlockBytes = kLimit};
    const ReaderLimits large{.blockBytes = 1U << 16, .maxPacketBytes = kLimit, .maxBlockBytes = kLimit};
    if (readAll(input, small, 7) != readAll(input, large, 0)) std::abort();
    return 0;
}

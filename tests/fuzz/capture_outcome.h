// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/hash.h"
#include "core/capture/source_opening.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gatescope::capture::fuzzing {

/// What reading a capture gave, for comparing one way of reading with another.
struct Outcome {
    std::uint64_t packets = 0;
    std::uint64_t digest = 0;
    bool opened = false;
    bool damaged = false;

    bool operator==(const Outcome&) const = default;
};

inline Outcome readAll(Bytes input, const ReaderLimits& limits, std::size_t mostAtOnce) {
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
    const SourceInfo& info = (*source)->info();
    if (info.comments.size() != info.commentPackets.size()) std::abort();
    return outcome;
}

/// The same in pieces of any size and blocks of any size.
inline void checkReading(Bytes input) {
    constexpr std::size_t kLimit = 1U << 20;
    const ReaderLimits small{.blockBytes = 64, .maxPacketBytes = kLimit, .maxBlockBytes = kLimit};
    const ReaderLimits large{.blockBytes = 1U << 16, .maxPacketBytes = kLimit, .maxBlockBytes = kLimit};
    if (readAll(input, small, 7) != readAll(input, large, 0)) std::abort();
}

} // namespace gatescope::capture::fuzzing

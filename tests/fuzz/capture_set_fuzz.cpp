// SPDX-License-Identifier: Apache-2.0
// A few captures read as one: nothing is lost or made up, each keeps its order, and blocks of another size change
// nothing. Input: an octet for each packet says its capture and how far the time moves on; the next one its length.
#include "core/capture/capture_set.h"
#include "tests/fuzz/capture_outcome.h"

#include <array>
#include <vector>

using namespace gatescope;
using namespace gatescope::capture;

namespace {

constexpr std::size_t kMembers = 4;

struct Files {
    std::array<std::string, kMembers> text;
    std::array<std::uint64_t, kMembers> packets{};
};

void little(std::string& file, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) file += static_cast<char>(value >> (8 * i) & 0xffU);
}

Files filesOf(Bytes input) {
    Files files;
    for (std::string& file : files.text) {
        for (const std::uint32_t word : {0xa1b23c4dU, 0x00040002U, 0U, 0U, 262'144U, 1U}) little(file, word);
    }
    std::uint32_t now = 100;
    for (std::size_t i = 0; i + 1 < input.size(); i += 2) {
        const std::size_t member = input[i] % kMembers;
        const std::uint32_t move = input[i] / kMembers;
        now = move < 60 ? now + move : now - 10; // sometimes back
        std::string& file = files.text[member];
        for (const std::uint32_t word : {now, 0U, std::uint32_t{input[i + 1]}, std::uint32_t{input[i + 1]}})
            little(file, word);
        file.append(input[i + 1], static_cast<char>(files.packets[member]++));
    }
    return files;
}

std::vector<std::pair<PacketRef, TimeNs>> read(const Files& files, std::size_t blockBytes) {
    const ReaderLimits limits{.blockBytes = blockBytes};
    std::vector<CaptureSet::Opened> members;
    for (std::uint32_t i = 0; i < kMembers; ++i) {
        auto source = openCaptureFrom(openMemory(asBytes(files.text[i])), limits);
        if (!source) std::abort();
        members.push_back({.member = {.input = i, .path = {}}, .source = *std::move(source)});
    }
    CaptureSet set(std::move(members), limits);
    std::vector<std::pair<PacketRef, TimeNs>> packets;
    std::array<std::uint64_t, kMembers> seen{};
    PacketBlock block;
    while (*set.read(block)) {
        if (block.packets.empty()) std::abort();
        for (const Packet& packet : block.packets) {
            const std::uint32_t input = inputOf(packet.number);
            if (input >= kMembers || numberOf(packet.number) != ++seen[input]) std::abort();
            for (const std::uint8_t octet : packet.data)
                if (octet != static_cast<std::uint8_t>(seen[input] - 1)) std::abort();
            packets.emplace_back(packet.number, packet.time);
        }
    }
    if (seen != files.packets || set.bytesRead() != set.totalBytes()) std::abort();
    return packets;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Files files = filesOf({data, size});
    if (read(files, 64) != read(files, 1U << 16)) std::abort();
    return 0;
}

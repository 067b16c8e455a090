// SPDX-License-Identifier: Apache-2.0
// Blocks of pcapng: each begins with an octet that chooses its type and one for its length, so that mutations change
// what is in blocks more than they break the chain of blocks.
#include "tests/fuzz/capture_outcome.h"

#include <algorithm>
#include <array>

using namespace gatescope;

namespace {

constexpr std::array<std::uint32_t, 12> kTypes{0x0a0d0d0a, 1, 2, 3, 4, 5, 6, 10, 0xbad, 0x40000bad, 9, 0x80000001};

void little(std::string& file, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) file += static_cast<char>(value >> (8 * i) & 0xffU);
}

void block(std::string& file, std::uint32_t type, std::string body) {
    body.resize((body.size() + 3) / 4 * 4);
    const auto length = static_cast<std::uint32_t>(body.size() + 12);
    little(file, type);
    little(file, length);
    file += body;
    little(file, length);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string file;
    std::string section;
    little(section, 0x1a2b3c4d);
    little(section, 1);
    little(section, 0xffffffff);
    little(section, 0xffffffff);
    block(file, kTypes[0], section);
    block(file, 1, std::string("\x01\0\0\0\0\0\0\0", 8));
    const std::string_view rest(reinterpret_cast<const char*>(data), size);
    for (std::size_t at = 0; at + 2 <= rest.size();) {
        const std::uint32_t type = kTypes[data[at] % kTypes.size()];
        const std::size_t length = std::min<std::size_t>(data[at + 1], rest.size() - at - 2);
        const std::string body(rest.substr(at + 2, length));
        block(file, type, type == kTypes[0] ? section + body : body);
        at += 2 + length;
    }
    capture::fuzzing::checkReading(asBytes(file));
    return 0;
}

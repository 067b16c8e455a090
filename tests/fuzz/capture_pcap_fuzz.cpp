// SPDX-License-Identifier: Apache-2.0
// Records of pcap behind a good file header, whose first octet chooses byte order, resolution and version.
#include "tests/fuzz/capture_outcome.h"

using namespace gatescope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool isBig = (data[0] & 1U) != 0;
    const std::uint32_t magic = (data[0] & 2U) != 0 ? 0xa1b23c4dU : 0xa1b2c3d4U;
    const std::uint16_t minor = (data[0] & 4U) != 0 ? 3 : 4;
    std::string file;
    const auto number = [&](std::uint32_t value, unsigned octets) {
        for (unsigned i = 0; i < octets; ++i)
            file += static_cast<char>(value >> (8 * (isBig ? octets - 1 - i : i)) & 0xffU);
    };
    number(magic, 4);
    number(2, 2);
    number(minor, 2);
    number(0, 4);
    number(0, 4);
    number(262'144, 4);
    number(1, 4);
    file.append(reinterpret_cast<const char*>(data) + 1, size - 1);
    capture::fuzzing::checkReading(asBytes(file));
    return 0;
}

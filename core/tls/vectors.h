// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gatescope::tls {

// Vectors of variable length (RFC 8446, 3.4). A vector that is longer than what is left gives nothing, and the reader
// has failed.

inline Bytes takeVector8(ByteReader& reader) {
    const std::size_t length = reader.u8();
    return reader.take(length);
}
inline Bytes takeVector16(ByteReader& reader) {
    const std::size_t length = reader.u16();
    return reader.take(length);
}
inline std::size_t takeNumber24(ByteReader& reader) {
    const std::size_t high = reader.u8();
    return high << 16 | reader.u16();
}
inline Bytes takeVector24(ByteReader& reader) {
    const std::size_t length = takeNumber24(reader);
    return reader.take(length);
}

/// Numbers of 16 bits; an odd octet at the end is left out.
inline std::vector<std::uint16_t> numbers16(Bytes bytes) {
    std::vector<std::uint16_t> numbers;
    numbers.reserve(bytes.size() / 2);
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2)
        numbers.push_back(loadBigEndian<std::uint16_t>(bytes.data() + at));
    return numbers;
}

/// The first name of a protocol_name_list (RFC 7301, 3.1); empty: there is none.
inline std::string firstProtocol(Bytes extension) {
    ByteReader reader(extension);
    ByteReader list(takeVector16(reader));
    return std::string(asText(takeVector8(list)));
}

/// Calls `each` with the type and content of every extension of a block, in order. False: one of them is cut.
template <typename Each>
bool forEachExtension(Bytes block, const Each& each) {
    ByteReader reader(block);
    while (reader.remaining() != 0) {
        const std::uint16_t type = reader.u16();
        const Bytes content = takeVector16(reader);
        if (reader.failed()) return false;
        each(type, content);
    }
    return true;
}

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

namespace gatescope::capture {

/// Unaligned loads in the byte order that a file or a section has. The caller has checked that the bytes are there.
class ByteOrder {
public:
    constexpr ByteOrder() = default;
    constexpr explicit ByteOrder(bool bigEndian) : m_bigEndian(bigEndian) {}

    std::uint16_t u16(const std::uint8_t* at) const { return load<std::uint16_t>(at); }
    std::uint32_t u32(const std::uint8_t* at) const { return load<std::uint32_t>(at); }
    std::uint64_t u64(const std::uint8_t* at) const { return load<std::uint64_t>(at); }

private:
    template <typename T>
    T load(const std::uint8_t* at) const {
        return m_bigEndian ? loadBigEndian<T>(at) : loadLittleEndian<T>(at);
    }

    bool m_bigEndian = false;
};

} // namespace gatescope::capture

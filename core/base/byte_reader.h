// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace gatescope {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view asText(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes asBytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Unaligned loads. The caller has checked that the bytes are there.
template <typename T>
inline T loadBigEndian(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    return value;
}
template <typename T>
inline T loadLittleEndian(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
    return value;
}

/// A bounded cursor over bytes that somebody else owns. A read past the end gives zero and sets `failed()`; the
/// cursor then stays failed, so a decoder may read a whole header and ask once.
class ByteReader {
public:
    explicit ByteReader(Bytes bytes) : m_bytes(bytes) {}

    bool failed() const { return m_failed; }
    std::size_t position() const { return m_position; }
    std::size_t remaining() const { return m_bytes.size() - m_position; }

    std::uint8_t u8() { return number<std::uint8_t>(); }
    std::uint16_t u16() { return number<std::uint16_t>(); }
    std::uint32_t u32() { return number<std::uint32_t>(); }
    std::uint64_t u64() { return number<std::uint64_t>(); }

    /// The next `count` bytes, or an empty span and `failed()` when there are fewer.
    Bytes take(std::size_t count) {
        if (!has(count)) return {};
        const Bytes part = m_bytes.subspan(m_position, count);
        m_position += count;
        return part;
    }
    void skip(std::size_t count) {
        if (has(count)) m_position += count;
    }

private:
    bool has(std::size_t count) {
        if (m_failed || remaining() < count) {
            m_failed = true;
            return false;
        }
        return true;
    }
    template <typename T>
    T number() {
        if (!has(sizeof(T))) return 0;
        const T value = loadBigEndian<T>(m_bytes.data() + m_position);
        m_position += sizeof(T);
        return value;
    }

    Bytes m_bytes;
    std::size_t m_position = 0;
    bool m_failed = false;
};

} // namespace gatescope

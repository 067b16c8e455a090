// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace gatescope::llm {

/// Bytes with readable room behind them, because simdjson reads past the end of a document in whole vectors.
class PaddedBuffer {
public:
    static constexpr std::size_t kPadding = 64;

    std::size_t size() const { return m_size; }
    std::size_t capacity() const { return m_capacity; }
    bool empty() const { return m_size == 0; }
    const char* data() const { return m_bytes.get(); }
    std::string_view view() const { return {m_bytes.get(), m_size}; }

    void clear() { m_size = 0; }
    void resize(std::size_t size) { // never grows
        if (size < m_size) m_size = size;
    }
    void append(std::string_view part) {
        if (part.empty()) return;
        if (m_size + part.size() > m_capacity) grow(m_size + part.size());
        std::memcpy(m_bytes.get() + m_size, part.data(), part.size());
        m_size += part.size();
    }
    void assign(std::string_view text) {
        clear();
        append(text);
    }
    /// Forgets `count` bytes at the front.
    void dropFront(std::size_t count) {
        if (count > m_size) count = m_size;
        if (count == 0) return;
        std::memmove(m_bytes.get(), m_bytes.get() + count, m_size - count);
        m_size -= count;
    }
    void release() {
        m_bytes.reset();
        m_size = m_capacity = 0;
    }

private:
    void grow(std::size_t needed) {
        std::size_t capacity = m_capacity < 2048 ? 4096 : m_capacity * 2;
        if (capacity < needed) capacity = needed;
        auto bytes = std::make_unique<char[]>(capacity + kPadding); // zeroed: the padding is read, never used
        if (m_size != 0) std::memcpy(bytes.get(), m_bytes.get(), m_size);
        m_bytes = std::move(bytes);
        m_capacity = capacity;
    }

    std::unique_ptr<char[]> m_bytes;
    std::size_t m_size = 0;
    std::size_t m_capacity = 0;
};

} // namespace gatescope::llm

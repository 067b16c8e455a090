// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/padded_buffer.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatescope::llm {

/// Buffers that wait for the next body, so that a connection holds one only while a body is under way.
class BufferPool {
public:
    PaddedBuffer take();
    /// A buffer that grew beyond kKeptCapacity is given back to the system.
    void give(PaddedBuffer buffer);

private:
    static constexpr std::size_t kKeptCapacity = 64 * 1024;
    static constexpr std::size_t kMaxWaiting = 8;
    std::vector<PaddedBuffer> m_waiting;
};

/// A body under way: whole as long as it is short, else its two ends.
class KeptBody {
public:
    struct Limits {
        std::size_t whole;
        std::size_t head;
        std::size_t tail;
    };

    void append(std::string_view part, const Limits& limits, BufferPool& pool);
    bool empty() const { return m_octets == 0; }
    bool isWhole() const { return m_tail.empty(); }
    std::uint64_t octets() const { return m_octets; }
    const PaddedBuffer& whole() const { return m_text; }
    std::string_view head() const { return m_text.view(); }
    std::string_view tail() const;
    void release(BufferPool& pool);

private:
    PaddedBuffer m_text;
    PaddedBuffer m_tail; ///< up to twice the limit, so that it is moved seldom
    std::size_t m_tailLimit = 0;
    std::uint64_t m_octets = 0;
};

} // namespace gatescope::llm

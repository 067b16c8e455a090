// SPDX-License-Identifier: Apache-2.0
#include "core/llm/kept_body.h"

#include <algorithm>
#include <utility>

namespace gatescope::llm {

PaddedBuffer BufferPool::take() {
    if (m_waiting.empty()) return {};
    PaddedBuffer buffer = std::move(m_waiting.back());
    m_waiting.pop_back();
    buffer.clear();
    return buffer;
}

void BufferPool::give(PaddedBuffer buffer) {
    if (buffer.capacity() == 0 || buffer.capacity() > kKeptCapacity || m_waiting.size() == kMaxWaiting) return;
    m_waiting.push_back(std::move(buffer));
}

void KeptBody::append(std::string_view part, const Limits& limits, BufferPool& pool) {
    if (part.empty()) return;
    if (m_octets == 0) {
        m_text = pool.take();
        m_tail.clear();
    }
    m_octets += part.size();
    if (m_tail.empty() && m_text.size() + part.size() <= limits.whole) {
        m_text.append(part);
        return;
    }
    if (m_tail.empty()) { // from here on only the ends are kept
        m_tailLimit = std::max<std::size_t>(limits.tail, 1);
        const std::string_view text = m_text.view();
        m_tail = pool.take();
        m_tail.append(text.substr(text.size() - std::min(text.size(), m_tailLimit)));
        if (m_text.size() < limits.head) m_text.append(part.substr(0, limits.head - m_text.size()));
        m_text.resize(limits.head);
    }
    if (part.size() > m_tailLimit) {
        m_tail.clear();
        part.remove_prefix(part.size() - m_tailLimit);
    }
    if (m_tail.size() + part.size() > 2 * m_tailLimit) m_tail.dropFront(m_tail.size() + part.size() - m_tailLimit);
    m_tail.append(part);
}

std::string_view KeptBody::tail() const {
    const std::string_view text = m_tail.view();
    return text.substr(text.size() - std::min(text.size(), m_tailLimit));
}

void KeptBody::release(BufferPool& pool) {
    pool.give(std::exchange(m_text, {}));
    pool.give(std::exchange(m_tail, {}));
    m_octets = 0;
}

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/quic_crypto_stream.h"

#include <algorithm>
#include <iterator>

namespace gatescope::tls {

void QuicCryptoStream::add(std::uint64_t offset, Bytes data, const std::function<void(Bytes)>& take) {
    if (offset >= m_limit) return;
    data = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), m_limit - offset)));
    if (offset + data.size() <= m_next) return;
    if (offset > m_next) return keep(offset, data);
    data = data.subspan(static_cast<std::size_t>(m_next - offset));
    m_next += data.size();
    take(data);
    while (!m_waiting.empty() && m_waiting.begin()->first <= m_next) {
        const auto first = m_waiting.extract(m_waiting.begin());
        const Bytes held = first.mapped();
        const std::uint64_t known = m_next - first.key();
        if (known >= held.size()) continue;
        m_next = first.key() + held.size();
        take(held.subspan(static_cast<std::size_t>(known)));
    }
}

void QuicCryptoStream::keep(std::uint64_t offset, Bytes data) {
    auto behind = m_waiting.upper_bound(offset);
    if (behind != m_waiting.begin()) {
        const auto before = std::prev(behind);
        const std::uint64_t end = before->first + before->second.size();
        if (end >= offset + data.size()) return;
        if (end > offset) {
            data = data.subspan(static_cast<std::size_t>(end - offset));
            offset = end;
        }
    }
    // What lies between the pieces that wait already.
    while (!data.empty() && m_waiting.size() < kMaxPieces) {
        const std::uint64_t free = behind == m_waiting.end() ? data.size() : behind->first - offset;
        const auto part = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(free, data.size())));
        if (!part.empty()) m_waiting.emplace_hint(behind, offset, std::vector(part.begin(), part.end()));
        if (part.size() == data.size()) return;
        const std::size_t known = part.size() + behind->second.size();
        if (known >= data.size()) return;
        data = data.subspan(known);
        offset += known;
        ++behind;
    }
}

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#include "core/http/proxy_start.h"

#include <algorithm>
#include <utility>

namespace gatescope::http {

ProxyStart::Taken ProxyStart::feed(unsigned direction, Bytes bytes, const PiecePlace& place) {
    Taken taken;
    if (m_isOver[direction] || bytes.empty()) return taken;
    std::string& kept = m_kept[direction];
    if (kept.empty()) m_places[direction] = place;
    const std::size_t keptBefore = kept.size();
    if (keptBefore != 0) kept += asText(bytes.first(std::min(bytes.size(), ProxyHeader::kMaxBytes - keptBefore)));
    auto header = parseProxyHeader(keptBefore != 0 ? asBytes(kept) : bytes);
    if (!header && header.error() == DecodeError::Truncated) {
        if (keptBefore == 0) kept = asText(bytes);
        taken.octets = bytes.size();
        return taken;
    }
    taken.place = m_places[direction];
    if (header) {
        taken.octets = header->size - keptBefore;
        taken.header = std::move(*header);
    } else {
        kept.resize(keptBefore);
        taken.before = std::move(kept);
    }
    m_isOver[direction] = true;
    kept.clear();
    return taken;
}

ProxyStart::Taken ProxyStart::giveUp(unsigned direction) {
    Taken taken;
    taken.before = std::exchange(m_kept[direction], {});
    taken.place = m_places[direction];
    m_isOver[direction] = true;
    return taken;
}

} // namespace gatescope::http

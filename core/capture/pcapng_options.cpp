// SPDX-License-Identifier: Apache-2.0
#include "core/capture/pcapng_options.h"

#include <algorithm>

namespace gatescope::capture {

bool OptionCursor::next(Option& option) {
    constexpr std::size_t kHeaderBytes = 4;
    if (m_bytes.empty()) return false;
    if (m_bytes.size() < kHeaderBytes) {
        m_damaged = true;
        return false;
    }
    option.code = m_order.u16(m_bytes.data());
    const std::size_t length = m_order.u16(m_bytes.data() + 2);
    m_bytes = m_bytes.subspan(kHeaderBytes);
    if (option.code == kOptEnd) return false;
    if (length > m_bytes.size()) {
        m_damaged = true;
        return false;
    }
    option.value = m_bytes.first(length);
    m_bytes = m_bytes.subspan(std::min(m_bytes.size(), (length + 3) / 4 * 4));
    return true;
}

} // namespace gatescope::capture

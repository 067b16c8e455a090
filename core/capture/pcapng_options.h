// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_order.h"

namespace gatescope::capture {

/// Option codes of draft-ietf-opsawg-pcapng that are used here.
enum OptionCode : std::uint16_t {
    kOptEnd = 0,
    kOptComment = 1,
    kIfName = 2,
    kEpbDropCount = 4,
    kIsbInterfaceDrops = 5,
    kIsbFilterAccepted = 6,
    kIsbSystemDrops = 7,
    kIfTsResolution = 9,
    kIfTsOffset = 14,
};

struct Option {
    std::uint16_t code = kOptEnd;
    Bytes value;
};

/// Walks the options at the end of a block: code, length, value padded to 32 bits.
class OptionCursor {
public:
    OptionCursor(Bytes bytes, ByteOrder order) : m_bytes(bytes), m_order(order) {}

    /// The next option into `option`; false at the end, which may be without an opt_endofopt, or when damaged.
    bool next(Option& option);
    bool damaged() const { return m_damaged; }

private:
    Bytes m_bytes;
    ByteOrder m_order;
    bool m_damaged = false;
};

} // namespace gatescope::capture

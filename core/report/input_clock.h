// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gatescope::report {

/// A capture's clock that was found to differ from another's, and corrected.
struct InputClock {
    TimeNs offset = 0;           ///< ahead of the other
    std::string reference;       ///< the other capture
    std::uint64_t packets = 0;   ///< seen in both
    std::optional<TimeNs> delay; ///< of a packet from one place to the other; absent: not known
};

/// `clock 1.234567 s ahead of a.pcap (212 packets seen in both, 0.250 ms apart), corrected`
std::string clockText(const InputClock& clock);

} // namespace gatescope::report

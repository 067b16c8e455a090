// SPDX-License-Identifier: Apache-2.0
#include "core/report/input_clock.h"

#include <fmt/format.h>

namespace gatescope::report {

std::string clockText(const InputClock& clock) {
    const double seconds = static_cast<double>(clock.offset) / 1e9;
    std::string text = fmt::format("clock {:.6f} s {} {} ({} packets seen in both", seconds < 0 ? -seconds : seconds,
                                   clock.offset < 0 ? "behind" : "ahead of", clock.reference, clock.packets);
    if (clock.delay) text += fmt::format(", {:.3f} ms apart", static_cast<double>(*clock.delay) / 1e6);
    return text + "), corrected";
}

} // namespace gatescope::report

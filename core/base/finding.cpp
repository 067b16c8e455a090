// SPDX-License-Identifier: Apache-2.0
#include "core/base/finding.h"

#include <array>

namespace gatescope {

namespace {
constexpr std::array<std::string_view, 4> kNames{"info", "low", "medium", "high"};
}

std::string_view toString(Severity severity) {
    return kNames[static_cast<std::size_t>(severity)];
}

std::optional<Severity> parseSeverity(std::string_view text) {
    for (std::size_t i = 0; i < kNames.size(); ++i)
        if (kNames[i] == text) return static_cast<Severity>(i);
    return std::nullopt;
}

} // namespace gatescope

// SPDX-License-Identifier: Apache-2.0
#include "core/llm/call_facts.h"

#include <array>

namespace gatescope::llm {

std::string_view toString(TokenSource source) {
    constexpr std::array<std::string_view, 5> kNames{"", "reported", "gateway", "log", "estimated"};
    return kNames[static_cast<std::size_t>(source)];
}

} // namespace gatescope::llm

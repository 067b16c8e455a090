// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/profile.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace gatescope::trust {

/// Where the list of one programme came from, and its date.
struct ProgrammeFacts {
    std::string_view asOf, origin;
};

// Beside what profile.h declares, the source made by tools/trust_tables.cpp defines:

/// One for each Programme, in its order.
std::span<const ProgrammeFacts> programmeFacts();
/// Indices into publicRoots(), sorted by the roots' digests.
std::span<const std::uint16_t> rootsByDigest();

} // namespace gatescope::trust

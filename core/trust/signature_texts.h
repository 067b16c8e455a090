// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/inference.h"

#include <string>
#include <vector>

namespace gatescope::trust {

/// What else leaves the same records behind, in words; the likeliest first.
std::vector<std::string> alternativesTo(Signature signature);
/// What would decide it.
std::vector<std::string> whatSettles(Signature signature);

} // namespace gatescope::trust

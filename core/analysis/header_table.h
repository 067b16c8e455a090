// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/masking.h"

#include <span>

namespace gatescope::analysis {

/// The catalogue, sorted by name; a name that ends with `*` stands for all that begin like it. A name stands twice when
/// requests and responses use it for different things.
std::span<const HeaderKnowledge> headerTable();

} // namespace gatescope::analysis

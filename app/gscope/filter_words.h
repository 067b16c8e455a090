// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gatescope::cli {

/// A filter as it may be written into a file for others: secrets in its values are masked, and one that names a secret
/// header is not shown at all.
std::string maskFilter(std::string_view filter);

} // namespace gatescope::cli

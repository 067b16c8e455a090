// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gatescope::cli {

/// A filter as it may be written into a file for others: values that it compares secret headers with are masked, and
/// secrets in all other values.
std::string maskFilter(std::string_view filter);

} // namespace gatescope::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gatescope::report {

/// RFC 4648, section 4, with padding.
std::string toBase64(std::string_view octets);

} // namespace gatescope::report

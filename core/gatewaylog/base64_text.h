// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

/// Octets of a text in base64 (RFC 4648, 4; blanks and line breaks are passed over). Nothing: it is none.
std::optional<std::string> fromBase64(std::string_view text);

} // namespace gatescope::gatewaylog

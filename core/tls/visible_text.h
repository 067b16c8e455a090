// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gatescope::tls {

/// Text of a peer for people: control characters and octets that are not UTF-8 become `\` and two hexadecimal digits
/// for each octet, as RFC 4514 escapes.
std::string visibleText(std::string_view text);

} // namespace gatescope::tls

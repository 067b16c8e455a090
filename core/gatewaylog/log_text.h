// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gatescope::gatewaylog {

/// Without the byte order mark of UTF-8.
constexpr std::string_view withoutMark(std::string_view text) {
    return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

} // namespace gatescope::gatewaylog

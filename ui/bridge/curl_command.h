// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::ui {

/// The request as a curl command for a POSIX shell. Credentials are masked, so it must be completed before it runs.
/// Headers that curl makes by itself (`Host`, `Content-Length`, `Connection`, ...) are left out.
std::string curlCommand(const analysis::Snapshot& snapshot, analysis::Row row,
                        std::optional<std::string_view> maskedBody);

} // namespace gatescope::ui

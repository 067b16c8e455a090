// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/sign.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::ui {

/// How an HTTP status is shown. Absent: no response was seen.
Sign statusSign(std::optional<std::int64_t> status);
/// How a call under way is shown: the field `state`.
Sign openSign(std::string_view state);

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/sign.h"

#include <cstdint>
#include <optional>

namespace gatescope::ui {

/// How an HTTP status is shown. Absent: no response was seen.
Sign statusSign(std::optional<std::int64_t> status);

} // namespace gatescope::ui

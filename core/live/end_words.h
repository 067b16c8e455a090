// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/live/capture_request.h"
#include "core/live/helper_protocol.h"

#include <optional>
#include <string>

namespace gatescope::live {

/// Why a capture ended, for a person: `60 s are over`.
std::string endWords(const EndedMessage& end, const StopConditions& stop);
/// Nothing: it ended as asked. `helper`: the program's path, for the command that gives it its right.
std::optional<Error> endError(const EndedMessage& end, const std::string& helper);

} // namespace gatescope::live

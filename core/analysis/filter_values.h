// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::analysis {

/// A whole number, with an optional minus sign.
std::optional<std::int64_t> parseInteger(std::string_view text);
/// A decimal number; no exponent.
std::optional<double> parseDecimal(std::string_view text);
/// Milliseconds with an optional fraction, as nanoseconds. Digits after the sixth of the fraction are dropped.
std::optional<std::int64_t> parseMilliseconds(std::string_view text);
/// RFC 3339, 5.6: date, `T` or blank, time, optional fraction, `Z` or offset. Digits after the ninth are dropped.
std::optional<TimeNs> parseTime(std::string_view text);

} // namespace gatescope::analysis

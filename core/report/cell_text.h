// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace gatescope::report {

/// `1234.568`: nanoseconds as milliseconds with three decimals, rounded half away from zero.
void appendDuration(std::string& out, std::int64_t nanoseconds);
/// RFC 3339 in UTC with nine digits, without quotes. Any 64-bit value.
void appendTime(std::string& out, std::int64_t nanoseconds);
void appendInteger(std::string& out, std::int64_t value);
/// A share or other small number with four decimals.
void appendDecimal(std::string& out, double value);

} // namespace gatescope::report

// SPDX-License-Identifier: Apache-2.0
#include "core/report/cell_text.h"

#include "core/base/time.h"

#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace gatescope::report {

void appendInteger(std::string& out, std::int64_t value) {
    const fmt::format_int digits(value);
    out.append(digits.data(), digits.size());
}

void appendDuration(std::string& out, std::int64_t nanoseconds) {
    const bool negative = nanoseconds < 0;
    std::uint64_t magnitude = static_cast<std::uint64_t>(nanoseconds);
    if (negative) magnitude = ~magnitude + 1;
    const std::uint64_t microseconds = (magnitude + 500) / 1000;
    if (negative && microseconds != 0) out += '-';
    const fmt::format_int whole(microseconds / 1000);
    out.append(whole.data(), whole.size());
    const auto rest = static_cast<unsigned>(microseconds % 1000);
    out += '.';
    out += static_cast<char>('0' + rest / 100);
    out += static_cast<char>('0' + rest / 10 % 10);
    out += static_cast<char>('0' + rest % 10);
}

void appendTime(std::string& out, std::int64_t nanoseconds) {
    out += formatTime(nanoseconds);
}

void appendDecimal(std::string& out, double value) {
    if (std::isfinite(value))
        fmt::format_to(std::back_inserter(out), "{:.4f}", value);
    else
        out += '0';
}

} // namespace gatescope::report

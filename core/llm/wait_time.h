// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::llm {

/// How long an answer asks to wait, in nanoseconds; absent when the text says nothing of the kind, or more than ten
/// years. Source: RFC 9110, 10.2.3, the vendors' SDKs, and the texts in resources of the gateways.

/// `retry-after-ms`: milliseconds, a fraction allowed.
std::optional<std::int64_t> waitOfMilliseconds(std::string_view value);

/// `Retry-After`: seconds, a fraction allowed, or a date, which is held against the answer's `Date` header because
/// decoders read no clock. A date that is past is no wait.
std::optional<std::int64_t> waitOfRetryAfter(std::string_view value, std::string_view date);

/// A sentence such as `Try again in 41 seconds`, `Please retry after 43 seconds`, `wait 1m30s`, `replenished in
/// 02:10:34`. Milliseconds to days.
std::optional<std::int64_t> waitInText(std::string_view text);

/// Seconds since 1970 of an HTTP date in its preferred form (RFC 9110, 5.6.7).
std::optional<std::int64_t> secondsOfHttpDate(std::string_view date);

} // namespace gatescope::llm

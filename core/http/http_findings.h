// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::http {

inline constexpr FindingKind kMalformed{"http.malformed", Severity::Medium, "A message that is not valid HTTP",
                                        "Reading of this message stopped there and goes on at the next start line.",
                                        ""};
inline constexpr FindingKind kBodyGap{"http.body-gap", Severity::Medium, "Part of a message was never captured",
                                      "The exchange is kept; its body, and what is read from it, may be incomplete.",
                                      ""};
inline constexpr FindingKind kResponseLost{"http.response-lost", Severity::Medium, "The response was never captured",
                                           "Octets of the server are missing where it must have been, and the "
                                           "response that came next answers a later request.",
                                           ""};
inline constexpr FindingKind kResponseCut{
    "http.response-cut", Severity::Medium, "The response ended before its end",
    "The connection was closed or reset, or the capture ended, while the response was under way.", ""};
inline constexpr FindingKind kRequestMissing{"http.request-missing", Severity::Low, "A response without its request",
                                             "The request was sent before the capture began or was not captured.", ""};
inline constexpr FindingKind kUpgraded{
    "http.upgraded", Severity::Info, "The connection changed its protocol",
    "After this exchange the connection carries something else (Upgrade or CONNECT).", ""};
inline constexpr FindingKind kTooManyWaiting{
    "http.too-many-waiting", Severity::Low, "Too many requests without a response",
    "The oldest of them was given up; its response, if it came, is counted alone.", ""};

} // namespace gatescope::http

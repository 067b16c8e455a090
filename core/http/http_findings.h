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

inline constexpr FindingKind kSmugglingBoth{
    "http.smuggling.cl-te", Severity::High, "Content-Length and Transfer-Encoding in one message",
    "Here the message was read by Transfer-Encoding, as RFC 9112, 6.3 says. A reader that goes by Content-Length sees "
    "another end of the body, and takes the rest for another message: that is how requests are smuggled past a "
    "gateway.",
    "Let the gateway refuse such requests. If a client of your own sends them, mend the client."};
inline constexpr FindingKind kSmugglingLengths{
    "http.smuggling.duplicate-length", Severity::High, "Content-Length twice, with different values",
    "Here the first one was used. A reader that uses the last one, or refuses the message, sees other messages behind "
    "it.",
    "Let the gateway refuse such requests. If a client of your own sends them, mend the client."};
inline constexpr FindingKind kSmugglingCodings{
    "http.smuggling.transfer-encoding", Severity::High, "A Transfer-Encoding that readers understand differently",
    "It does not end in a plain \"chunked\", or stands in a message of HTTP/1.0. Here the body of a request was read "
    "as "
    "chunked if one of the codings is exactly that, and by Content-Length otherwise; a response lasts until the close "
    "unless its last coding is chunked. A stricter or looser reader sees another end of the body.",
    "Let the gateway refuse such requests. If a client of your own sends them, mend the client."};
inline constexpr FindingKind kSmugglingName{
    "http.smuggling.field-name", Severity::High, "A blank before the colon of Content-Length or Transfer-Encoding",
    "Here the field was read as if the blank were not there. A reader that ignores such a field, or refuses the "
    "message "
    "as RFC 9112, 5.1 says, sees another end of the body.",
    "Let the gateway refuse such requests. If a client of your own sends them, mend the client."};
inline constexpr FindingKind kSmugglingLength{
    "http.smuggling.length", Severity::Medium, "A Content-Length that does not fit a signed number of 64 bits",
    "Here it was taken as it stands, so the body lasts as long as the connection. A reader whose number overflows sees "
    "a short or a negative length, and other messages behind it.",
    ""};

} // namespace gatescope::http

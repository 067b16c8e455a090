// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::http {

inline constexpr FindingKind kHpackUnknown{
    "http2.hpack-unknown", Severity::Low, "Header fields that refer to something not captured",
    "HTTP/2 sends a repeated header field as a reference to an earlier one. That one was sent before the capture began "
    "or was not captured, so the field is unknown. It is left out; nothing is guessed.",
    "Begin the capture before the connection is opened."};
inline constexpr FindingKind kHpackError{
    "http2.hpack-error", Severity::Medium, "Compressed header fields that cannot be read",
    "The header compression of one direction is damaged. Fields of later messages that refer to earlier ones are "
    "unknown from here on.",
    ""};
inline constexpr FindingKind kHeadersTooLong{
    "http2.headers-too-long", Severity::Medium, "Header fields beyond the limit",
    "The header fields of one message unpack to more than is kept. Those behind the limit are left out. A small block "
    "that unpacks to very much can be an attack on whoever unpacks it.",
    ""};
inline constexpr FindingKind kContinuationFlood{
    "http2.continuation-flood", Severity::High, "A header block beyond the limit",
    "The header fields of one message came in more or larger CONTINUATION frames than any server accepts, and were not "
    "read. This can be an attack on the receiver.",
    "Look up whether the server limits CONTINUATION frames (CERT/CC VU#421644)."};
inline constexpr FindingKind kMalformedHead{
    "http2.malformed-fields", Severity::Medium, "Header fields that HTTP/2 forbids",
    "Method, path or status are missing, repeated or out of place. The first value of each is kept.", ""};
inline constexpr FindingKind kContentLength{
    "http2.content-length", Severity::Medium, "The body is not as long as its Content-Length",
    "The message ended, whole, with another number of octets than its header announced. Receivers must reject it.", ""};
inline constexpr FindingKind kStreamReset{
    "http2.stream-reset", Severity::Medium, "The exchange was broken off with RST_STREAM",
    "One end ended this exchange and kept the connection. CANCEL from the client means that the answer was no longer "
    "wanted; REFUSED_STREAM from the server, that the request was not worked on and may be sent again.",
    ""};
inline constexpr FindingKind kGoAway{
    "http2.goaway", Severity::Medium, "The connection was ended with an error",
    "One end sent GOAWAY with an error. Requests that it had not begun to work on must be sent again on another "
    "connection.",
    ""};
inline constexpr FindingKind kStreamTunnel{
    "http2.tunnel", Severity::Info, "The stream became a tunnel",
    "After this answer the stream carries another protocol (CONNECT, or WebSocket over HTTP/2). Its octets are counted "
    "and not read.",
    ""};
inline constexpr FindingKind kTooManyStreams{
    "http2.too-many-streams", Severity::Low, "Too many exchanges at once on one connection",
    "The oldest of them was given up; what came for it later is not shown.", ""};
inline constexpr FindingKind kFrameError{
    "http2.frame-error", Severity::Medium, "Frames that are not valid HTTP/2",
    "A frame broke the rules of the protocol. It was skipped; where even its length could not be believed, reading "
    "went on at the next frame that could be found.",
    ""};

} // namespace gatescope::http

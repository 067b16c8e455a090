// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::http {

inline constexpr FindingKind kWebSocketClosed{
    "websocket.closed", Severity::Medium, "A WebSocket was closed for a reason other than being done",
    "The close frame carries the code given as evidence (RFC 6455, 7.4 and IANA's registry). Answers that were under "
    "way when it was sent are not complete.",
    "Look at the messages before it: policy violations (1008), refused sign-ins (3000) and errors of the server (1011) "
    "are told apart by the code."};
inline constexpr FindingKind kWebSocketNotClosed{
    "websocket.not-closed", Severity::Info, "A WebSocket ended without a close frame",
    "The TCP connection was closed first, which the ends see as code 1006. A process that was ended, or a proxy with a "
    "limit on the time of connections, does this.",
    ""};
inline constexpr FindingKind kWebSocketLost{
    "websocket.messages-lost", Severity::Medium, "Messages of a WebSocket were never captured",
    "Octets are missing. One message or more, with the tokens they report, are not in the result; reading goes on at "
    "the next message that can be recognised.",
    "Capture with a larger buffer, or closer to one of the ends."};
inline constexpr FindingKind kWebSocketMalformed{
    "websocket.malformed", Severity::Medium, "Octets that are not a frame of a WebSocket",
    "A frame has a reserved bit, a reserved opcode or a length that RFC 6455, 5.2 does not allow. A receiver must fail "
    "the connection; here reading goes on at the next message that can be recognised.",
    ""};
inline constexpr FindingKind kWebSocketMasking{
    "websocket.masking", Severity::Low, "Frames that are masked the wrong way round",
    "A client must mask its frames and a server must not (RFC 6455, 5.1). The frames were read as they are; another "
    "receiver fails the connection.",
    ""};
inline constexpr FindingKind kWebSocketFragments{
    "websocket.fragments", Severity::Low, "Fragments of messages in the wrong order",
    "A message began inside another, or a fragment continues none (RFC 6455, 5.4). The message under way is kept up to "
    "there.",
    ""};
inline constexpr FindingKind kWebSocketTooLarge{
    "websocket.message-too-large", Severity::Low, "A message longer than is read",
    "What is read from it comes from its beginning; see the limits in the documentation.", ""};
inline constexpr FindingKind kWebSocketInflate{
    "websocket.cannot-inflate", Severity::Medium, "Compressed messages that cannot be read",
    "Messages are compressed with what was sent before them (RFC 7692, context takeover), and part of that is missing "
    "or damaged. Nothing is guessed: messages are left out until one can be read by itself.",
    "Capture from the beginning of the connection, or switch off compression or context takeover at one of the ends."};
inline constexpr FindingKind kWebSocketExtension{
    "websocket.unknown-extension", Severity::Low, "An extension that is not known changes the messages",
    "The handshake agreed on an extension other than permessage-deflate. Messages that it marks are left out.", ""};

} // namespace gatescope::http

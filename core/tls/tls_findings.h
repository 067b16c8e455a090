// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::tls {

inline constexpr FindingKind kHandshakeFailed{
    "tls.handshake-failed", Severity::High, "A TLS handshake failed",
    "The connection was given up before both ends had agreed, so no request could be sent on it. The evidence says who "
    "gave up and how; an alert names the reason in the words of the program that sent it.",
    "Look at the session in `gscope tls` or on the TLS page: the last step shows where it stopped."};
inline constexpr FindingKind kClosedUnused{
    "tls.closed-unused", Severity::Low, "A TLS session was closed before anything was sent on it",
    "Both ends finished the handshake, and then the connection was closed without a request. Some clients check the "
    "certificate only now and leave without a word; health probes and spare connections look the same.",
    "If all sessions of a client to this name end so, it probably does not trust the certificate."};
inline constexpr FindingKind kNotTls{
    "tls.not-tls", Severity::Medium, "Something that is not TLS answered, or followed, TLS",
    "One end spoke TLS and the other sent octets that are no TLS records, for example an HTTP error in the clear. From "
    "there on the connection is not decoded.",
    "Check the port and the scheme that the client uses."};
inline constexpr FindingKind kDoesNotVerify{
    "tls.does-not-verify", Severity::Medium, "Records could not be verified with the secrets at hand",
    "There are secrets for this session, but records do not open with them: the secrets belong to another session, the "
    "records were changed on their way, or packets are missing that the capture does not show to be missing. What was "
    "in those records is not in the results.",
    "Check that the key log was written by the client or server of this very connection."};
inline constexpr FindingKind kOldVersion{
    "tls.old-version", Severity::Low, "An outdated version of TLS was agreed",
    "TLS 1.1 and older are forbidden by RFC 8996; Azure services and current clients refuse them.",
    "Let client and gateway offer TLS 1.2 or 1.3."};
inline constexpr FindingKind kWeakCipher{
    "tls.weak-cipher", Severity::Medium, "A weak cipher suite was agreed",
    "The suite encrypts not at all, with RC4, DES or an export key, or does not prove who the server is.",
    "Remove such suites from the configuration of the server."};
inline constexpr FindingKind kFingerprintDiffers{
    "tls.ja4-differs", Severity::Info, "X-Azure-JA4-Fingerprint does not describe this connection's client",
    "The header names the fingerprint of the TLS client that reached Azure's edge. This connection's own client hello "
    "has another one, so the request passed another TLS client (a proxy or gateway) between there and here.",
    ""};
inline constexpr FindingKind kMessageTooLong{
    "tls.message-too-long", Severity::Medium, "A handshake message is longer than the limit",
    "It was skipped; what it would have said of the session is not known.", ""};

} // namespace gatescope::tls

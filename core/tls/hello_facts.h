// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/hello.h"
#include "core/tls/session_facts.h"

namespace gatescope::tls {

/// What the first ClientHello of a session says of it. `facts.overQuic` must be set before: it is part of JA4.
void noteClientHello(SessionFacts& facts, const ClientHello& hello);
/// Also of a HelloRetryRequest. A resumption by pre-shared key is told by TLS 1.3 only (RFC 8446, 4.2.11).
void noteServerHello(SessionFacts& facts, const ServerHello& hello);

} // namespace gatescope::tls

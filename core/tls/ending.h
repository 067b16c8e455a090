// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"

namespace gatescope::tls {

/// Sets `outcome` and `ended` from the steps and what else is known; who spoke first decides, what follows is a
/// reaction. The words:
///
/// - `complete`, `resumed`: both ends finished the handshake.
/// - `client-alert:NAME`, `server-alert:NAME`: a fatal alert, in the clear or decrypted, with its name;
///   `client-alert:encrypted`, `server-alert:encrypted`: a record that can be nothing else, before the handshake was
///   over.
/// - `client-closed-after-X`, `client-reset-after-X`, `server-closed-after-X`, `server-reset-after-X`: no alert, and
///   the handshake was not over. X is what the other side had last: `client-hello`, `client-flight`,
///   `server-hello`, `server-flight`.
/// - `client-closed-after-finished`, `client-reset-after-finished` (and `server-...`): the handshake was complete, and
///   the connection was closed without any application data.
/// - `no-answer`: the server sent nothing, and did not close either before the client or the capture gave up.
/// - `not-tls`: the other side answered with something else.
/// - `began-before-capture`: the handshake was not captured.
/// - `cut`: the capture ended first.
void judgeEnding(SessionFacts& facts, bool captureEnded);

} // namespace gatescope::tls

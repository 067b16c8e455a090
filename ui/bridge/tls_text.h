// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"

#include <QString>

#include <string>
#include <vector>

namespace gatescope::ui {

/// Whether what a session carries could be read.
enum class TlsReadable { Yes, Partly, No };
TlsReadable readableOf(const tls::SessionFacts& facts);
/// `no: no secrets for this client random`
QString readableText(const tls::SessionFacts& facts);
/// Secrets that the user could add would make more of it readable.
bool wantsSecrets(const tls::SessionFacts& facts);

/// `1.3`, `QUIC, 1.3`; empty: not known.
QString tlsVersionText(const tls::SessionFacts& facts);
/// Empty: not known.
QString tlsCipherText(const tls::SessionFacts& facts);
/// `Client Hello` for `client_hello`.
QString titleWords(const std::string& name);
/// `h2, http/1.1`
QString listText(const std::vector<std::string>& texts);

} // namespace gatescope::ui

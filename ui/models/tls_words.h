// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/exchange_record.h"
#include "ui/widgets/icon.h"

#include <QString>

namespace gatescope::ui {

/// Sign and tone of something about a TLS session, with the words that go with it.
struct TlsSign {
    Glyph glyph;
    Tone tone;
    QString words;
};

/// How a session ended: `words` explain it in a sentence.
TlsSign endedSign(const tls::SessionFacts& facts);

/// Whether what it carries could be read.
enum class TlsReadable { Yes, Partly, No };
TlsReadable readableOf(const tls::SessionFacts& facts);
/// `yes`, `in part`, `no`, with the reason.
TlsSign readableSign(const tls::SessionFacts& facts);
/// `no: no secrets for this client random`
QString readableText(const tls::SessionFacts& facts);
/// Secrets that the user could add would make more of it readable.
bool wantsSecrets(const tls::SessionFacts& facts);

/// `1.3`, `QUIC 1.3`; empty: not known.
QString tlsVersionText(const tls::SessionFacts& facts);
/// Empty: not known.
QString tlsCipherText(const tls::SessionFacts& facts);
/// `Client Hello` for `client_hello`.
QString titleWords(const std::string& name);
/// `h2, http/1.1`
QString listText(const std::vector<std::string>& texts);

} // namespace gatescope::ui

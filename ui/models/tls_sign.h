// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"
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

/// Whether its content could be read: `words` give the reason why not.
TlsSign readableSign(const tls::SessionFacts& facts);

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"
#include "ui/models/sign.h"

namespace gatescope::ui {

/// How a session ended: `words` explain it in a sentence.
Sign endedSign(const tls::SessionFacts& facts);

/// Whether its content could be read: `words` give the reason why not.
Sign readableSign(const tls::SessionFacts& facts);

} // namespace gatescope::ui

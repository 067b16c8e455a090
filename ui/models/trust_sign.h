// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/chain.h"
#include "core/trust/inference.h"
#include "ui/models/sign.h"

namespace gatescope::ui {

Sign verdictSign(trust::Verdict verdict);
/// Of one profile's clients: a trusted chain that some of them refuse is a warning.
Sign verdictSign(const trust::ProfileVerdict& verdict);
Sign outcomeSign(trust::TrustOutcome outcome);
Sign weightSign(trust::Weight weight);

/// Where a certificate came from: `sent`, `seen in the capture`, ...
QString originWords(trust::Origin origin);
/// Which clients ask a profile, by its id: `managed agents; any public client`. Empty: not known.
QString profileClients(std::string_view id);
/// The part of a name that people know it by: its CN, else its first part.
QString shortName(std::string_view distinguishedName);

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"

#include <string>
#include <vector>

namespace gatescope::tls {

/// The steps as one line, as somebody without secrets sees them; for comparing sessions and for tests:
/// `C:CH | S:SH,CCS,app23,app955 | C:CCS,app69 | C:FIN`. Turns are parted by ` | `; `appN` is a record of application
/// data of N octets (of TLS 1.3 anything encrypted), `hs(enc)N` and `alert(enc)N` those of TLS 1.2. Messages: CH, SH,
/// HRR, Cert, CertStatus, SKE, CertReq, SHD, CKE, CV, NST, Fin, and other ones by name. `x3` behind a record: three of
/// its kind. `gapN`: N octets were never captured.
std::string recordLine(const std::vector<Step>& steps, bool helloRetried);

} // namespace gatescope::tls

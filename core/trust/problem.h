// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/trust/certificate.h"

#include <string>
#include <vector>

namespace gatescope::trust {

/// What a problem means for a client that checks certificates.
enum class Weight : std::uint8_t {
    Rejects,        ///< every client that checks refuses the path
    StricterStacks, ///< some refuse: those at a higher security level, or with a rule of their own
    Repairable,     ///< some clients mend it by themselves (a missing intermediate), others refuse
    Remark          ///< nobody refuses because of it
};
std::string_view toString(Weight weight); ///< `rejects`, `stricter-stacks`, `repairable`, `remark`

/// Something wrong with a chain: what (kind), which certificate, details. Kinds stand in trust_findings.h.
struct Problem {
    const FindingKind* kind = nullptr; ///< never null; static lifetime
    Weight weight = Weight::Rejects;
    CertificatePtr certificate;        ///< null: of the chain as a whole, or known by name only
    int depth = -1;                    ///< of that certificate on the path, leaf 0; -1: not on it
    std::vector<std::string> evidence; ///< in words; the certificate's subject first where there is one
    std::string concerns;              ///< which clients, in words: `OpenSSL at level 2 (Debian, Python)`; empty: all
};

using Problems = std::vector<Problem>;

} // namespace gatescope::trust

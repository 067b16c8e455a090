// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/problem.h"

#include <optional>
#include <string_view>

namespace gatescope::trust {

/// What one of OpenSSL's X509_V_ERR_* means here.
struct ErrorMeaning {
    const FindingKind* kind = nullptr; ///< null: judged elsewhere (dates), or it says nothing of its own
    Weight weight = Weight::Rejects;
    std::string_view words;    ///< for the evidence
    std::string_view concerns; ///< as in Problem
};

/// Never fails: a code that no table has is `kInvalid` without words.
ErrorMeaning meaningOf(int code);

/// Why a certificate is not fit for its purpose (X509_V_ERR_INVALID_PURPOSE), which OpenSSL does not say.
ErrorMeaning meaningOfPurpose(const Certificate& certificate, bool isIssuer, bool clientPurpose);

/// Its extended key usage has no serverAuth, and one of the two old purposes that OpenSSL takes for it.
bool isForGatedCryptoOnly(const Certificate& certificate);

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
// Rules on keys: CA/Browser Forum, Baseline Requirements, 6.1.5 and 6.1.6.
#include "core/trust/certificate_access.h"
#include "core/trust/lint_rules.h"
#include "core/trust/openssl_object.h"
#include "core/trust/trust_findings.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace gatescope::trust {

namespace {

/// The public exponent is 1, or even: then it encrypts nothing, or cannot be undone.
bool hasBadExponent(const Certificate& certificate) {
    EVP_PKEY* key = X509_get0_pubkey(x509Of(certificate));
    BIGNUM* raw = nullptr;
    ERR_set_mark();
    const bool known = key != nullptr && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw) == 1;
    ERR_pop_to_mark();
    const OpenSslPtr<BIGNUM, BN_free> exponent(raw);
    return known && (BN_is_one(exponent.get()) || !BN_is_odd(exponent.get()));
}

} // namespace

void lintKey(const LintSubject& subject, Problems& problems) {
    if (subject->key == KeyKind::Dsa)
        note(subject, problems, kLint, Weight::StricterStacks, "a DSA key",
             "Go, rustls, browsers and everybody with TLS 1.3, which has no DSA");
    if (subject->key != KeyKind::Rsa && subject->key != KeyKind::RsaPss) return;
    if (subject->keyBits % 8 != 0)
        note(subject, problems, kLint, Weight::Remark,
             "an RSA key of " + std::to_string(subject->keyBits) + " bits, which is no multiple of 8", kRulesOnly);
    if (hasBadExponent(*subject))
        note(subject, problems, kLint, Weight::StricterStacks, "an RSA key whose exponent is 1 or even",
             "Go, BoringSSL, rustls; it protects nothing");
}

} // namespace gatescope::trust

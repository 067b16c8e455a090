// SPDX-License-Identifier: Apache-2.0
#include "core/trust/path_errors.h"

#include "core/trust/trust_findings.h"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>

namespace gatescope::trust {

namespace {

struct Row {
    int code;
    ErrorMeaning meaning;
};

constexpr ErrorMeaning invalid(std::string_view words) {
    return {&kInvalid, Weight::Rejects, words, {}};
}
constexpr ErrorMeaning constraints(std::string_view words) {
    return {&kNameConstraints, Weight::Rejects, words, {}};
}
constexpr ErrorMeaning revocation(std::string_view words) {
    return {&kRevocationUnknown, Weight::Remark, words, {}};
}

constexpr std::array kRows{
    Row{X509_V_ERR_UNSPECIFIED, invalid("it has more names and name constraints than are compared")},
    Row{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, {&kUnknownIssuer, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, {&kUnknownIssuer, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, {&kUnknownIssuer, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        {&kSelfSignedLeaf, Weight::Rejects, "it signed itself, and nobody else vouches for it", {}}},
    Row{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
        {&kUntrustedRoot, Weight::Rejects, "the chain ends here, and it is in no list that was asked", {}}},
    Row{X509_V_ERR_CERT_UNTRUSTED, {&kUntrustedRoot, Weight::Rejects, "it is not trusted for this purpose", {}}},
    Row{X509_V_ERR_CERT_REJECTED, {&kUntrustedRoot, Weight::Rejects, "it is marked as rejected", {}}},
    Row{X509_V_ERR_NO_ISSUER_PUBLIC_KEY, invalid("its public key cannot be read")},
    Row{X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, invalid("its public key cannot be read")},
    Row{X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE,
        {&kBadSignature, Weight::Rejects, "its signature cannot be verified", {}}},
    Row{X509_V_ERR_CERT_SIGNATURE_FAILURE,
        {&kBadSignature, Weight::Rejects, "the key of its issuer does not verify its signature", {}}},
    Row{X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH,
        {&kBadSignature, Weight::Rejects, "its signature is of another kind than the key of its issuer", {}}},
    Row{X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY,
        {&kBadSignature, Weight::Rejects, "it names two different signature algorithms", {}}},
    Row{X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM,
        {&kBadSignature, Weight::Rejects, "its signature algorithm is not known", {}}},
    // Dates are compared by checkPath itself, for each certificate, the topmost included.
    Row{X509_V_ERR_CERT_NOT_YET_VALID, {nullptr, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_CERT_HAS_EXPIRED, {nullptr, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, invalid("the begin of its validity cannot be read")},
    Row{X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, invalid("the end of its validity cannot be read")},
    Row{X509_V_ERR_INVALID_CA, {&kNotACa, Weight::Rejects, "it issued another and is no CA (basicConstraints)", {}}},
    Row{X509_V_ERR_PATH_LENGTH_EXCEEDED,
        {&kPathLength, Weight::Rejects, "more CA certificates follow below it than its path length allows", {}}},
    Row{X509_V_ERR_CERT_CHAIN_TOO_LONG, {&kPathLength, Weight::Rejects, "the chain is too long", {}}},
    Row{X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED,
        {&kPathLength, Weight::Rejects, "more proxy certificates than it allows", {}}},
    Row{X509_V_ERR_KEYUSAGE_NO_CERTSIGN,
        {&kKeyUsage, Weight::Rejects, "it issued another, and its key usage does not allow that (keyCertSign)", {}}},
    Row{X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE,
        {&kKeyUsage, Weight::Rejects, "its key usage lacks digitalSignature", {}}},
    Row{X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION,
        {&kCriticalExtension, Weight::Rejects, "an extension marked critical is not known to clients", {}}},
    Row{X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED, invalid("it is a proxy certificate (RFC 3820)")},
    Row{X509_V_ERR_PROXY_SUBJECT_NAME_VIOLATION, invalid("the name of a proxy certificate breaks RFC 3820")},
    Row{X509_V_ERR_INVALID_NON_CA, invalid("it is a CA where none is expected")},
    Row{X509_V_ERR_INVALID_EXTENSION, invalid("an extension cannot be read, or stands there twice")},
    Row{X509_V_ERR_INVALID_POLICY_EXTENSION, invalid("an extension about policies is malformed")},
    Row{X509_V_ERR_NO_EXPLICIT_POLICY,
        invalid("a CA demands a certificate policy, and no policy holds on all the way")},
    Row{X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE, invalid("an extension uses a feature that is not supported")},
    Row{X509_V_ERR_UNNESTED_RESOURCE, invalid("its address resources are not those of its issuer (RFC 3779)")},
    Row{X509_V_ERR_PERMITTED_VIOLATION, constraints("a name is not among those that a CA above it may certify")},
    Row{X509_V_ERR_EXCLUDED_VIOLATION, constraints("a name is among those that a CA above it must not certify")},
    Row{X509_V_ERR_SUBTREE_MINMAX, constraints("a name constraint uses minimum or maximum")},
    Row{X509_V_ERR_APPLICATION_VERIFICATION, invalid("it was refused")},
    Row{X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, constraints("a name constraint is of a kind that is not supported")},
    Row{X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, constraints("a name constraint is malformed")},
    Row{X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, constraints("a name that is constrained is malformed")},
    Row{X509_V_ERR_HOSTNAME_MISMATCH, {&kHostMismatch, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_IP_ADDRESS_MISMATCH, {&kHostMismatch, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_EE_KEY_TOO_SMALL, {&kWeakKey, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_CA_KEY_TOO_SMALL, {&kWeakKey, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_CA_MD_TOO_WEAK, {&kWeakSignature, Weight::Rejects, {}, {}}},
    Row{X509_V_ERR_CERT_REVOKED, {&kRevoked, Weight::Rejects, "a revocation list names it", {}}},
    Row{X509_V_ERR_UNABLE_TO_GET_CRL, revocation("no revocation list of its issuer is at hand")},
    Row{X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, revocation("who signed the revocation list is not at hand")},
    Row{X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, revocation("the revocation list's signature cannot be verified")},
    Row{X509_V_ERR_CRL_SIGNATURE_FAILURE, revocation("the revocation list's signature does not verify")},
    Row{X509_V_ERR_CRL_NOT_YET_VALID, revocation("the revocation list is not valid yet")},
    Row{X509_V_ERR_CRL_HAS_EXPIRED, revocation("the revocation list is out of date")},
    Row{X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, revocation("a date of the revocation list cannot be read")},
    Row{X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, revocation("a date of the revocation list cannot be read")},
    Row{X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, revocation("who signed the revocation list may not sign lists")},
    Row{X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION,
        revocation("the revocation list has a critical extension that is not known")},
    Row{X509_V_ERR_DIFFERENT_CRL_SCOPE, revocation("the revocation lists at hand are about other certificates")},
    Row{X509_V_ERR_CRL_PATH_VALIDATION_ERROR, revocation("who signed the revocation list is not trusted")},
    Row{X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA, invalid("it has a path length and is no CA")},
    Row{X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN,
        invalid("it has a path length and its key may not sign certificates")},
    Row{X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA, invalid("its key may sign certificates and it is no CA")},
    Row{X509_V_ERR_ISSUER_NAME_EMPTY, invalid("it does not name its issuer")},
    Row{X509_V_ERR_SUBJECT_NAME_EMPTY, invalid("it is a CA without a name")},
    Row{X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, invalid("it lacks the key id of its issuer")},
    Row{X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER, invalid("it is a CA without a key id")},
    Row{X509_V_ERR_EMPTY_SUBJECT_ALT_NAME, invalid("its list of alternative names is empty")},
    Row{X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL,
        invalid("it has no subject, and its alternative names are not marked critical")},
    Row{X509_V_ERR_CA_BCONS_NOT_CRITICAL, invalid("it is a CA and does not mark basicConstraints critical")},
    Row{X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL, invalid("it marks the key id of its issuer critical")},
    Row{X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL, invalid("it marks its key id critical")},
    Row{X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, invalid("it is a CA and has no key usage")},
    Row{X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3, invalid("it has extensions and is not of version 3")},
    Row{X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, invalid("its key describes a curve of its own instead of naming one")},
};

bool holds(const std::vector<std::string>& purposes, std::string_view purpose) {
    return std::ranges::find(purposes, purpose) != purposes.end();
}

} // namespace

ErrorMeaning meaningOf(int code) {
    const auto* row = std::ranges::find(kRows, code, &Row::code);
    return row == kRows.end() ? ErrorMeaning{&kInvalid, Weight::Rejects, "a rule of X.509 is broken", {}}
                              : row->meaning;
}

bool isForGatedCryptoOnly(const Certificate& certificate) {
    constexpr std::string_view kServer = "1.3.6.1.5.5.7.3.1";
    constexpr std::string_view kNetscape = "2.16.840.1.113730.4.1", kMicrosoft = "1.3.6.1.4.1.311.10.3.3";
    if (!certificate.extendedKeyUsage || holds(*certificate.extendedKeyUsage, kServer)) return false;
    return holds(*certificate.extendedKeyUsage, kNetscape) || holds(*certificate.extendedKeyUsage, kMicrosoft);
}

ErrorMeaning meaningOfPurpose(const Certificate& certificate, bool isIssuer, bool clientPurpose) {
    constexpr std::string_view kServer = "1.3.6.1.5.5.7.3.1", kClient = "1.3.6.1.5.5.7.3.2", kAny = "2.5.29.37.0";
    const std::string_view wanted = clientPurpose ? kClient : kServer;
    if (certificate.extendedKeyUsage && !holds(*certificate.extendedKeyUsage, wanted)) {
        if (holds(*certificate.extendedKeyUsage, kAny))
            return {&kExtendedKeyUsage, Weight::StricterStacks, "it names any purpose instead of serverAuth",
                    "OpenSSL; Go, Java and Chrome accept that"};
        return {&kExtendedKeyUsage,
                Weight::Rejects,
                clientPurpose ? "its purposes do not include clientAuth" : "its purposes do not include serverAuth",
                {}};
    }
    if (isIssuer && certificate.hasBasicConstraints && !certificate.isCa) return {}; // told as kNotACa
    if (isIssuer && !certificate.allowsKeyUsage(Certificate::kKeyCertSign))
        return {
            &kKeyUsage, Weight::Rejects, "it issued another, and its key usage does not allow that (keyCertSign)", {}};
    constexpr auto kTls = Certificate::kDigitalSignature | Certificate::kKeyEncipherment | Certificate::kKeyAgreement;
    if (!isIssuer && !certificate.allowsKeyUsage(kTls))
        return {&kKeyUsage,
                Weight::Rejects,
                "its key usage allows neither signatures nor key exchange, which a TLS server needs",
                {}};
    if (isIssuer) return {&kNotACa, Weight::Rejects, "it issued another and is no CA for TLS", {}};
    return {&kExtendedKeyUsage, Weight::Rejects, "it is not meant for TLS servers", {}};
}

} // namespace gatescope::trust

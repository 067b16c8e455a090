// SPDX-License-Identifier: Apache-2.0
#include "core/trust/certificate_access.h"
#include "core/trust/certificate_fields.h"
#include "core/trust/days.h"
#include "core/trust/openssl_object.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr std::size_t kMaxResponse = 1U << 20;
/// A clock may be off by this much (RFC 6960, 4.2.2.1 leaves it open).
constexpr TimeNs kTolerance = TimeNs{300} * 1'000'000'000;
constexpr std::string_view kWhoLooks = "GnuTLS, browsers, curl with --cert-status; most agent stacks ignore staples";

void freeStack(STACK_OF(X509) * stack) {
    sk_X509_free(stack);
}

std::string statusText(int status) {
    constexpr std::array<std::string_view, 7> kNames = {"successful", "malformedRequest", "internalError", "tryLater",
                                                        "4",          "sigRequired",      "unauthorized"};
    const bool known = status >= 0 && static_cast<std::size_t>(status) < kNames.size();
    return known ? std::string(kNames[static_cast<std::size_t>(status)]) : std::to_string(status);
}

class StapleCheck {
public:
    StapleCheck(std::span<const CertificateSet::Entry> path, TimeNs at)
        : m_leaf(path.front().certificate), m_issuer(issuerOf(path)), m_at(at) {}

    Problems run(std::string_view response) {
        ERR_set_mark();
        check(response);
        ERR_pop_to_mark();
        return std::move(m_problems);
    }

private:
    static CertificatePtr issuerOf(std::span<const CertificateSet::Entry> path) {
        if (path.size() > 1) return path[1].certificate;
        return path.front().certificate->selfSigned ? path.front().certificate : nullptr;
    }

    void add(const FindingKind& kind, Weight weight, std::vector<std::string> text) {
        text.insert(text.begin(), m_leaf->subject);
        m_problems.push_back({&kind, weight, m_leaf, 0, std::move(text), std::string(kWhoLooks)});
    }
    void bad(std::string text) { add(kStapleBad, Weight::StricterStacks, {std::move(text)}); }

    void check(std::string_view response) {
        if (response.size() > kMaxResponse) return bad("longer than is looked at");
        const auto* at = reinterpret_cast<const unsigned char*>(response.data());
        const OpenSslPtr<OCSP_RESPONSE, OCSP_RESPONSE_free> parsed(
            d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
        if (!parsed) return bad("it is no OCSP response");
        const int status = OCSP_response_status(parsed.get());
        if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) return bad("the responder answered " + statusText(status));
        const OpenSslPtr<OCSP_BASICRESP, OCSP_BASICRESP_free> basic(OCSP_response_get1_basic(parsed.get()));
        if (!basic) return bad("it is of a kind that is not known");
        OCSP_SINGLERESP* single = singleOf(basic.get());
        if (single == nullptr) return bad("it is for another certificate");
        const bool verified = checkSignature(basic.get());
        checkStatus(single, verified);
    }

    /// The answer on this leaf: names and key of the issuer count where the issuer is at hand, else the serial alone.
    OCSP_SINGLERESP* singleOf(OCSP_BASICRESP* basic) const {
        constexpr int kMostAnswers = 64;
        for (int index = 0; index < std::min(OCSP_resp_count(basic), kMostAnswers); ++index) {
            OCSP_SINGLERESP* single = OCSP_resp_get0(basic, index);
            auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
            ASN1_OBJECT* digest = nullptr;
            ASN1_INTEGER* serial = nullptr;
            if (OCSP_id_get0_info(nullptr, &digest, nullptr, &serial, id) != 1) continue;
            if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(x509Of(*m_leaf))) != 0) continue;
            if (!m_issuer) return single;
            const EVP_MD* method = EVP_get_digestbyobj(digest);
            if (method == nullptr) continue;
            const OpenSslPtr<OCSP_CERTID, OCSP_CERTID_free> expected(
                OCSP_cert_to_id(method, x509Of(*m_leaf), x509Of(*m_issuer)));
            if (expected && OCSP_id_cmp(expected.get(), id) == 0) return single;
        }
        return nullptr;
    }

    /// Who signed is the issuer, or somebody whom the issuer named for it (RFC 6960, 4.2.2.2).
    bool checkSignature(OCSP_BASICRESP* basic) {
        if (!m_issuer) {
            bad("the issuer is not at hand, so its signature could not be checked");
            return false;
        }
        const OpenSslPtr<STACK_OF(X509), freeStack> issuers(sk_X509_new_null());
        if (!issuers || sk_X509_push(issuers.get(), x509Of(*m_issuer)) == 0) return false;
        X509* signer = nullptr;
        if (OCSP_resp_get0_signer(basic, &signer, issuers.get()) != 1) {
            bad("who signed it is not at hand");
            return false;
        }
        if (!maySign(signer)) return false;
        // Without a store: only the signature itself.
        if (OCSP_basic_verify(basic, issuers.get(), nullptr, OCSP_NOVERIFY) == 1) return true;
        bad("its signature does not verify");
        return false;
    }

    bool maySign(X509* signer) {
        if (X509_cmp(signer, x509Of(*m_issuer)) == 0) return true;
        X509* issuer = x509Of(*m_issuer);
        const bool issued = X509_NAME_cmp(X509_get_issuer_name(signer), X509_get_subject_name(issuer)) == 0 &&
                            X509_verify(signer, X509_get0_pubkey(issuer)) == 1;
        const bool named = (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0 &&
                           (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0;
        if (!issued || !named) {
            bad(issued ? "who signed it is not named for OCSP (no OCSPSigning in extendedKeyUsage)"
                       : "who signed it was not named by the issuer");
            return false;
        }
        const TimeNs from = timeOf(X509_get0_notBefore(signer)), to = timeOf(X509_get0_notAfter(signer));
        if (m_at != kNoTime && from != kNoTime && to != kNoTime && (m_at < from || m_at > to)) {
            bad("the certificate of who signed it was valid from " + dayOf(from) + " to " + dayOf(to));
            return false;
        }
        return true;
    }

    void checkStatus(OCSP_SINGLERESP* single, bool verified) {
        int reason = -1;
        ASN1_GENERALIZEDTIME *revoked = nullptr, *thisUpdate = nullptr, *nextUpdate = nullptr;
        const int status = OCSP_single_get0_status(single, &reason, &revoked, &thisUpdate, &nextUpdate);
        checkDates(timeOf(thisUpdate), timeOf(nextUpdate));
        if (status == V_OCSP_CERTSTATUS_GOOD) return;
        if (status != V_OCSP_CERTSTATUS_REVOKED)
            return add(kRevocationUnknown, Weight::Remark, {"the responder does not know this certificate"});
        std::string text = "revoked on " + dayOf(timeOf(revoked));
        if (reason >= 0) text += std::string(", reason: ") + OCSP_crl_reason_str(reason);
        std::vector<std::string> facts{"by the stapled OCSP response", std::move(text)};
        if (!verified) facts.emplace_back("the response itself could not be verified");
        add(kRevoked, Weight::StricterStacks, std::move(facts));
    }

    void checkDates(TimeNs thisUpdate, TimeNs nextUpdate) {
        if (thisUpdate == kNoTime) return bad("it has no date");
        if (m_at == kNoTime) return;
        if (elapsed(m_at, thisUpdate) > kTolerance)
            bad("it is of " + formatTime(thisUpdate) + ", later than the handshake");
        if (nextUpdate != kNoTime && elapsed(nextUpdate, m_at) > kTolerance)
            bad("it was good until " + formatTime(nextUpdate));
    }

    CertificatePtr m_leaf, m_issuer;
    TimeNs m_at;
    Problems m_problems;
};

} // namespace

Problems checkStaple(std::string_view response, std::span<const CertificateSet::Entry> path, TimeNs at) {
    if (path.empty()) return {};
    const CertificatePtr& leaf = path.front().certificate;
    if (!response.empty()) return StapleCheck(path, at).run(response);
    if (!leaf->mustStaple) return {};
    return {{&kStapleMissing,
             Weight::StricterStacks,
             leaf,
             0,
             {leaf->subject, "it demands a staple (RFC 7633)"},
             std::string(kWhoLooks)}};
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#include "core/trust/path_check.h"

#include "core/trust/certificate_access.h"
#include "core/trust/openssl_object.h"
#include "core/trust/path_errors.h"
#include "core/trust/trust_findings.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace gatescope::trust {

class ParsedRevocationLists {
public:
    std::vector<OpenSslPtr<X509_CRL, X509_CRL_free>> lists;
};

namespace {

constexpr TimeNs kSecond = 1'000'000'000;

struct Seen {
    int code;
    int depth;
};

/// What the callbacks of one verification share.
struct Verification {
    std::vector<X509*> path;
    std::vector<Seen> errors;
};

Verification* verificationOf(X509_STORE_CTX* context) {
    return static_cast<Verification*>(X509_STORE_CTX_get_app_data(context));
}

/// The error is taken down and forgotten: otherwise OpenSSL repeats it in place of what it would say next.
int recordError(int ok, X509_STORE_CTX* context) {
    Verification* verification = verificationOf(context);
    if (verification == nullptr || ok == 1) return ok; // null: the path of who signed a revocation list
    constexpr std::size_t kMaxErrors = 256;
    if (verification->errors.size() < kMaxErrors)
        verification->errors.push_back({X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context)});
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

/// Each certificate was issued by the next one of the path, and by nothing else that has the same name.
int isNextOnPath(X509_STORE_CTX* context, X509* certificate, X509* issuer) {
    const Verification* verification = verificationOf(context);
    if (verification == nullptr) return X509_check_issued(issuer, certificate) == X509_V_OK ? 1 : 0;
    const std::vector<X509*>& path = verification->path;
    const auto at = std::ranges::find(path, certificate);
    const auto issuerAt = std::ranges::find(path, issuer);
    if (at == path.end() || issuerAt == path.end()) return 0;
    if (at == issuerAt) return X509_self_signed(certificate, 0) == 1 ? 1 : 0;
    return issuerAt == at + 1 ? 1 : 0;
}

int verifyNothing(X509_STORE_CTX*) {
    return 1;
}

std::string withoutFinalDot(std::string_view host) {
    if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
    if (host.size() > 2 && host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return std::string(host);
}

/// False: no certificate can be for this host.
bool setHost(X509_VERIFY_PARAM* parameters, const std::string& host) {
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return true;
    return host.find('\0') == std::string::npos &&
           X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) == 1;
}

std::string shortTime(TimeNs time) {
    return formatTime(time).substr(0, 19) + 'Z';
}

class PathChecker {
public:
    PathChecker(const CandidatePath& path, const PathQuestion& question) : m_path(path), m_question(question) {}

    Problems run() {
        verify();
        for (const Seen& seen : m_verification.errors) addError(seen);
        for (int depth = 0; depth < count(); ++depth) addDates(depth);
        addTopmostSignature();
        return std::move(m_problems);
    }
    Problems runDates() {
        for (int depth = 0; depth < count(); ++depth) addDates(depth);
        return std::move(m_problems);
    }

private:
    int count() const { return static_cast<int>(m_path.certificates.size()); }
    const CertificatePtr& at(int depth) const {
        return m_path.certificates[static_cast<std::size_t>(depth)].certificate;
    }

    void verify() {
        ERR_set_mark();
        const OpenSslPtr<X509_STORE, X509_STORE_free> store(X509_STORE_new());
        const OpenSslPtr<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
        OpenSslPtr<STACK_OF(X509), freeStack> others(sk_X509_new_null());
        if (store && context && others) verifyWith(store.get(), context.get(), others.get());
        ERR_pop_to_mark();
    }
    static void freeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }

    void verifyWith(X509_STORE* store, X509_STORE_CTX* context, STACK_OF(X509) * others) {
        for (const CertificateSet::Entry& entry : m_path.certificates)
            m_verification.path.push_back(x509Of(*entry.certificate));
        X509* top = m_verification.path.back();
        if (m_path.anchored) X509_STORE_add_cert(store, top);
        for (std::size_t i = 1; i + (m_path.anchored ? 1 : 0) < m_verification.path.size(); ++i)
            sk_X509_push(others, m_verification.path[i]);
        X509_STORE_set_check_issued(store, isNextOnPath);
        if (!m_question.verifySignatures) X509_STORE_set_verify(store, verifyNothing);
        if (m_question.revocations)
            for (const auto& list : m_question.revocations->lists) X509_STORE_add_crl(store, list.get());
        if (m_question.revocations)
            for (const CertificatePtr& signer : m_question.listSigners) sk_X509_push(others, x509Of(*signer));
        if (X509_STORE_CTX_init(context, store, m_verification.path.front(), others) != 1) return;
        X509_STORE_CTX_set_app_data(context, &m_verification);
        X509_STORE_CTX_set_verify_cb(context, recordError);
        const bool canNameHost = setParameters(X509_STORE_CTX_get0_param(context), at(count() - 1)->selfSigned);
        if (X509_verify_cert(context) <= 0) {
            // Nothing that the callback could pass over, such as a key that cannot be read.
            const int code = X509_STORE_CTX_get_error(context);
            m_verification.errors.push_back({code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code,
                                             std::max(X509_STORE_CTX_get_error_depth(context), 0)});
        }
        if (!canNameHost) m_verification.errors.push_back({X509_V_ERR_HOSTNAME_MISMATCH, 0});
    }

    bool setParameters(X509_VERIFY_PARAM* parameters, bool topIsRoot) const {
        X509_VERIFY_PARAM_set_purpose(parameters,
                                      m_question.clientPurpose ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
        X509_VERIFY_PARAM_set_auth_level(parameters, m_question.securityLevel);
        X509_VERIFY_PARAM_set_depth(parameters, 64);
        X509_VERIFY_PARAM_set_hostflags(parameters,
                                        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        unsigned long flags = X509_V_FLAG_POLICY_CHECK;
        if (m_path.anchored && !topIsRoot) flags |= X509_V_FLAG_PARTIAL_CHAIN;
        if (m_question.strict) flags |= X509_V_FLAG_X509_STRICT;
        if (m_question.revocations)
            flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_EXTENDED_CRL_SUPPORT |
                     X509_V_FLAG_USE_DELTAS;
        // OpenSSL's dates of lists of revocations count; those of certificates are compared here.
        if (m_question.at == kNoTime)
            flags |= X509_V_FLAG_NO_CHECK_TIME;
        else
            X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(m_question.at / kSecond));
        X509_VERIFY_PARAM_set_flags(parameters, flags);
        // Any policy will do; without this a CA that demands one could not be satisfied.
        X509_VERIFY_PARAM_add0_policy(parameters, OBJ_nid2obj(NID_any_policy));
        return m_question.host.empty() || setHost(parameters, withoutFinalDot(m_question.host));
    }

    void addError(const Seen& seen) {
        const int depth = std::clamp(seen.depth, 0, count() - 1);
        ErrorMeaning meaning = meaningOf(seen.code);
        // A CA without keyCertSign has both codes: it is one, and its key usage is what is wrong.
        const bool isCaInName = seen.code == X509_V_ERR_INVALID_CA && at(depth)->isCa;
        if (seen.code == X509_V_ERR_INVALID_PURPOSE || isCaInName)
            meaning = meaningOfPurpose(*at(depth), depth > 0, m_question.clientPurpose);
        if (meaning.kind == nullptr) return;
        if (meaning.kind == &kUnknownIssuer) return addUnknownIssuer();
        std::string words(meaning.words);
        if (meaning.kind == &kWeakKey)
            words = fmt::format("{}: less than {} bits of security", at(depth)->keyText, securityBits());
        if (meaning.kind == &kWeakSignature)
            words = fmt::format("{}: less than {} bits of security", at(depth)->signature, securityBits());
        if (meaning.kind == &kHostMismatch) words = "it does not name " + m_question.host;
        if (meaning.kind == &kPathLength && at(depth)->pathLength)
            words += fmt::format(" ({})", *at(depth)->pathLength);
        if (meaning.kind == &kCriticalExtension) words = criticalWords(*at(depth));
        add(*meaning.kind, meaning.weight, depth, std::move(words), std::string(meaning.concerns));
    }

    /// OpenSSL has three codes for it and may use all of them; the certificate is always the last.
    void addUnknownIssuer() {
        const Certificate& top = *at(count() - 1);
        if (top.selfSigned) return;
        add(kUnknownIssuer, Weight::Rejects, count() - 1, "issued by " + top.issuer, {});
    }

    static std::string criticalWords(const Certificate& certificate) {
        std::string words = "critical extensions:";
        for (const Certificate::Extension& extension : certificate.extensions)
            if (extension.critical && words.size() < 256) words += ' ' + extension.oid;
        return words;
    }

    void addDates(int depth) {
        const Certificate& certificate = *at(depth);
        if (m_question.at == kNoTime) return;
        const std::string concerns =
            depth > 0 && m_path.anchored && depth == count() - 1
                ? "OpenSSL, Go, Node, Python and .NET; Java, rustls and Chrome do not look at a root's dates"
                : "";
        const TimeNs second = m_question.at / kSecond;
        if (certificate.notBefore != kNoTime && second < certificate.notBefore / kSecond)
            add(kNotYetValid, Weight::Rejects, depth,
                fmt::format("valid from {}, looked at on {}", shortTime(certificate.notBefore),
                            shortTime(m_question.at)),
                concerns);
        if (certificate.notAfter != kNoTime && second > certificate.notAfter / kSecond)
            add(kExpired, Weight::Rejects, depth,
                fmt::format("valid until {}, looked at on {}", shortTime(certificate.notAfter),
                            shortTime(m_question.at)),
                concerns);
    }

    /// OpenSSL takes the topmost for a root, whose signature nobody needs.
    void addTopmostSignature() {
        const Certificate& top = *at(count() - 1);
        if (m_path.anchored || top.selfSigned) return;
        int bits = -1;
        if (X509_get_signature_info(x509Of(top), nullptr, nullptr, &bits, nullptr) != 1 || bits >= securityBits())
            return;
        add(kWeakSignature, Weight::Rejects, count() - 1,
            fmt::format("{}: less than {} bits of security", top.signature, securityBits()), {});
    }

    int securityBits() const { return m_question.securityLevel >= 2 ? 112 : 80; }

    void add(const FindingKind& kind, Weight weight, int depth, std::string words, std::string concerns) {
        Problem problem;
        problem.kind = &kind;
        problem.weight = weight;
        problem.certificate = at(depth);
        problem.depth = depth;
        problem.evidence = {at(depth)->subject.empty() ? "a certificate without a subject" : at(depth)->subject};
        if (!words.empty()) problem.evidence.push_back(std::move(words));
        problem.concerns = std::move(concerns);
        const bool known = std::ranges::any_of(m_problems, [&](const Problem& other) {
            return other.kind == problem.kind && other.depth == depth && other.evidence == problem.evidence;
        });
        if (!known) m_problems.push_back(std::move(problem));
    }

    const CandidatePath& m_path;
    const PathQuestion& m_question;
    Verification m_verification;
    Problems m_problems;
};

/// Two runs may word the same thing differently (`80 bits`, `112 bits`), except that kInvalid has many causes.
bool isSame(const Problem& one, const Problem& other) {
    return one.kind == other.kind && one.depth == other.depth &&
           (one.kind != &kInvalid || one.evidence == other.evidence);
}

std::string strictConcerns(const Problem& problem) {
    if (problem.kind == &kWeakKey || problem.kind == &kWeakSignature)
        return "OpenSSL at security level 2 (Debian, Ubuntu, Python)";
    return "clients that insist on the form of RFC 5280 (Python 3.13 and newer)";
}

/// OpenSSL takes Server Gated Crypto for serverAuth; nobody else does any more.
void addGatedCrypto(const CandidatePath& path, Problems& problems) {
    for (std::size_t i = 0; i < path.certificates.size(); ++i) {
        const CertificatePtr& certificate = path.certificates[i].certificate;
        if (!isForGatedCryptoOnly(*certificate)) continue;
        Problem problem;
        problem.kind = &kExtendedKeyUsage;
        problem.weight = Weight::StricterStacks;
        problem.certificate = certificate;
        problem.depth = static_cast<int>(i);
        problem.evidence = {certificate->subject, "its purposes include Server Gated Crypto in place of serverAuth"};
        problem.concerns = "all clients but those that use OpenSSL";
        problems.push_back(std::move(problem));
    }
}

} // namespace

std::shared_ptr<const ParsedRevocationLists> parseRevocationLists(const RevocationLists& lists) {
    auto parsed = std::make_shared<ParsedRevocationLists>();
    std::size_t octets = 0;
    ERR_set_mark();
    for (const std::string& der : lists.der) {
        octets += der.size();
        if (parsed->lists.size() >= RevocationLists::kMaxLists || octets > RevocationLists::kMaxBytes) break;
        const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
        OpenSslPtr<X509_CRL, X509_CRL_free> list(d2i_X509_CRL(nullptr, &begin, static_cast<long>(der.size())));
        if (list) parsed->lists.push_back(std::move(list));
    }
    ERR_pop_to_mark();
    return parsed;
}

Problems checkPath(const CandidatePath& path, const PathQuestion& question) {
    if (path.certificates.empty()) return {};
    return PathChecker(path, question).run();
}

Problems checkPathForAll(const CandidatePath& path, const PathQuestion& question) {
    PathQuestion asked = question;
    asked.securityLevel = 1;
    asked.strict = false;
    Problems problems = checkPath(path, asked);
    asked.securityLevel = 2;
    asked.strict = true;
    asked.verifySignatures = false;
    asked.revocations = nullptr;
    asked.host.clear();
    for (Problem& problem : checkPath(path, asked)) {
        if (std::ranges::any_of(problems, [&](const Problem& other) { return isSame(problem, other); })) continue;
        problem.weight = std::max(problem.weight, Weight::StricterStacks);
        problem.concerns = strictConcerns(problem);
        problems.push_back(std::move(problem));
    }
    if (!question.clientPurpose) addGatedCrypto(path, problems);
    return problems;
}

Problems checkDates(const CandidatePath& path, TimeNs at) {
    PathQuestion question;
    question.at = at;
    return PathChecker(path, question).runDates();
}

std::uint64_t checkCost(const CandidatePath& path) {
    constexpr std::uint64_t kMaxComparisons = 1U << 20; // OpenSSL's own limit
    constexpr std::uint64_t kSmallestName = 6, kSmallestConstraint = 8;
    std::uint64_t cost = 300;
    std::uint64_t names = 0;
    for (const CertificateSet::Entry& entry : path.certificates) {
        const Certificate& certificate = *entry.certificate;
        cost += signatureCost(certificate);
        if (certificate.hasNameConstraints)
            cost += 2 * std::min(kMaxComparisons, names * (certificate.der.size() / kSmallestConstraint)) / 50;
        names += certificate.namesCut ? certificate.der.size() / kSmallestName : certificate.names.size() + 2;
    }
    return cost;
}

} // namespace gatescope::trust

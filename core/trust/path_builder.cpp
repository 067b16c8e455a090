// SPDX-License-Identifier: Apache-2.0
#include "core/trust/path_builder.h"

#include "core/trust/certificate_access.h"
#include "core/trust/openssl_object.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <set>

namespace gatescope::trust {

namespace {

using Entry = CertificateSet::Entry;

/// How many issuers whose signature does not verify are followed from one certificate.
constexpr std::size_t kMaxBrokenIssuers = 2;

std::uint64_t exponentBits(const Certificate& issuer) {
    EVP_PKEY* key = X509_get0_pubkey(x509Of(issuer));
    BIGNUM* exponent = nullptr;
    if (key == nullptr || EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) return 17;
    const int bits = BN_num_bits(exponent);
    BN_free(exponent);
    return static_cast<std::uint64_t>(std::max(bits, 1));
}

class Search {
public:
    Search(std::span<const CertificatePtr> sent, std::span<const CertificateSet* const> pools,
           const std::function<bool(const Certificate&)>& isAnchor, const PathLimits& limits, IssuerMemory& memory)
        : m_sent(sent), m_pools(pools), m_isAnchor(isAnchor), m_limits(limits), m_memory(memory) {}

    CandidatePaths run(const CertificatePtr& leaf) {
        m_way.push_back({leaf, Origin::Sent});
        visit(false);
        CandidatePaths found;
        found.paths = std::move(m_anchored);
        found.paths.insert(found.paths.end(), std::make_move_iterator(m_others.begin()),
                           std::make_move_iterator(m_others.end()));
        found.limitReached = m_limitReached;
        std::ranges::stable_sort(found.paths, {}, [](const CandidatePath& path) {
            return std::tuple(!path.anchored, path.broken, path.certificates.size());
        });
        return found;
    }

private:
    struct Issuers {
        std::vector<Entry> verified, broken;
        CertificatePtr namesake;
    };

    void visit(bool isBroken) {
        const Certificate& last = *m_way.back().certificate;
        const bool isAnchor = m_isAnchor(last);
        if (isAnchor) keep(m_anchored, true, isBroken);
        // Beyond an anchor that is no root another anchor may lie, with other dates and constraints.
        if (last.selfSigned || (isAnchor && last.selfIssued)) {
            if (!isAnchor) keep(m_others, false, isBroken);
            return;
        }
        if (m_way.size() >= m_limits.depth) {
            m_limitReached = true;
            if (!isAnchor) keep(m_others, false, isBroken);
            return;
        }
        const Issuers issuers = issuersOf(last);
        for (const Entry& issuer : issuers.verified) follow(issuer, isBroken);
        if (!issuers.verified.empty() || isAnchor) return;
        for (const Entry& issuer : issuers.broken) follow(issuer, true);
        keep(m_others, false, isBroken);
        if (!m_others.empty() && issuers.broken.empty()) m_others.back().namesake = issuers.namesake;
    }

    void follow(const Entry& issuer, bool isBroken) {
        m_way.push_back(issuer);
        visit(isBroken);
        m_way.pop_back();
    }

    void keep(std::vector<CandidatePath>& paths, bool isAnchored, bool isBroken) {
        if (paths.size() >= m_limits.paths) {
            m_limitReached = true;
            return;
        }
        paths.push_back({m_way, isAnchored, isBroken, {}});
    }

    Issuers issuersOf(const Certificate& certificate) {
        Issuers issuers;
        std::set<std::array<std::uint8_t, 32>> seen;
        for (const CertificatePtr& sent : m_sent)
            if (sent->subjectKey == certificate.issuerKey) look(certificate, {sent, Origin::Sent}, seen, issuers);
        for (const CertificateSet* pool : m_pools)
            for (const Entry* entry : pool->withSubject(certificate.issuerKey)) {
                if (m_steps >= m_limits.steps) break;
                look(certificate, *entry, seen, issuers);
            }
        std::ranges::stable_sort(issuers.verified, {},
                                 [this](const Entry& entry) { return !m_isAnchor(*entry.certificate); });
        return issuers;
    }

    void look(const Certificate& certificate, const Entry& entry, std::set<std::array<std::uint8_t, 32>>& seen,
              Issuers& issuers) {
        if (m_steps >= m_limits.steps) {
            m_limitReached = true;
            return;
        }
        ++m_steps;
        const Certificate& issuer = *entry.certificate;
        if (!seen.insert(issuer.sha256).second || isOnTheWay(issuer)) return;
        if (!couldBeIssuedBy(certificate, issuer)) {
            if (entry.origin == Origin::Sent || m_isAnchor(issuer)) issuers.namesake = entry.certificate;
            return;
        }
        const std::optional<bool> issued = m_memory.isIssuedBy(certificate, issuer, m_limits.signatureCost);
        if (!issued) {
            m_limitReached = true;
        } else if (*issued) {
            issuers.verified.push_back(entry);
        } else if (issuers.broken.size() < kMaxBrokenIssuers) {
            issuers.broken.push_back(entry);
        }
    }

    /// The same certificate, or another of the same name and key, which could only lead in a circle.
    bool isOnTheWay(const Certificate& issuer) const {
        return std::ranges::any_of(m_way, [&](const Entry& entry) {
            const Certificate& other = *entry.certificate;
            return other.sha256 == issuer.sha256 ||
                   (other.subjectKey == issuer.subjectKey && other.publicKeySha1 == issuer.publicKeySha1);
        });
    }

    std::span<const CertificatePtr> m_sent;
    std::span<const CertificateSet* const> m_pools;
    const std::function<bool(const Certificate&)>& m_isAnchor;
    const PathLimits& m_limits;
    IssuerMemory& m_memory;
    std::vector<Entry> m_way;
    std::vector<CandidatePath> m_anchored, m_others;
    std::size_t m_steps = 0;
    bool m_limitReached = false;
};

} // namespace

std::uint64_t signatureCost(const Certificate& issuer) {
    // Square of the modulus in units of 2,048 bits; a multiplication of that size costs about 1.5 microseconds.
    const std::uint64_t bits = std::min(issuer.keyBits, 16'384U);
    const std::uint64_t square = bits * bits * 3 / 2;
    constexpr std::uint64_t kUnit = 2'048 * 2'048;
    switch (issuer.key) {
    case KeyKind::Rsa:
    case KeyKind::RsaPss:
        return 10 + exponentBits(issuer) * square / kUnit;
    case KeyKind::Dsa:
        return 100 + 512 * square / kUnit;
    case KeyKind::Ec:
        return issuer.keyText == "EC P-256" ? 100 : 2'000;
    case KeyKind::Ed25519:
    case KeyKind::Ed448:
        return 300;
    case KeyKind::Other:
        break;
    }
    return 100;
}

std::optional<bool> IssuerMemory::isIssuedBy(const Certificate& certificate, const Certificate& issuer,
                                             std::uint64_t limit) {
    const auto known = m_known.find({&certificate, &issuer});
    if (known != m_known.end()) return known->second;
    if (m_cost >= limit) return std::nullopt;
    m_cost += signatureCost(issuer);
    const bool issued = trust::isIssuedBy(certificate, issuer);
    m_known.emplace(std::pair(&certificate, &issuer), issued);
    return issued;
}

CandidatePaths buildPaths(const CertificatePtr& leaf, std::span<const CertificatePtr> sent,
                          std::span<const CertificateSet* const> pools,
                          const std::function<bool(const Certificate&)>& isAnchor, const PathLimits& limits,
                          IssuerMemory& memory) {
    return Search(sent, pools, isAnchor, limits, memory).run(leaf);
}

CandidatePaths buildPaths(const CertificatePtr& leaf, std::span<const CertificatePtr> sent,
                          std::span<const CertificateSet* const> pools,
                          const std::function<bool(const Certificate&)>& isAnchor, const PathLimits& limits) {
    IssuerMemory memory;
    return buildPaths(leaf, sent, pools, isAnchor, limits, memory);
}

} // namespace gatescope::trust

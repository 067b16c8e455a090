// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/trust_chains.h"

#include "core/trust/chain_size.h"
#include "core/trust/sent_chain.h"

#include <algorithm>
#include <span>
#include <utility>

namespace gatescope::analysis {

namespace {

using trust::CertificatePtr;
using trust::SizeMatch;

/// What makes two chains the same question, apart from the host: certificates, staple, and how each stands in time.
std::string chainKey(const std::vector<CertificatePtr>& sent, const std::string& ocspResponse, TimeNs at) {
    std::string key;
    for (const CertificatePtr& certificate : sent) {
        key.append(reinterpret_cast<const char*>(certificate->sha256.data()), certificate->sha256.size());
        key += at < certificate->notBefore ? '<' : at > certificate->notAfter ? '>' : '=';
    }
    return key + ocspResponse;
}

bool namesHost(const trust::Certificate& leaf, const std::string& host) {
    return std::ranges::none_of(trust::checkHost(leaf, host),
                                [](const trust::Problem& problem) { return problem.weight == trust::Weight::Rejects; });
}

} // namespace

TrustChain judgedChain(std::vector<CertificatePtr> sent, const std::string& ocspResponse, const std::string& host,
                       TimeNs at, std::string source, const trust::CertificateSet* pool,
                       const TrustSettings& settings) {
    trust::ChainQuestion question;
    question.sent = std::move(sent);
    question.host = host;
    question.at = at;
    question.now = settings.now;
    question.pool = pool;
    question.profiles = settings.profiles;
    question.revocations = settings.revocations.get();
    question.ocspResponse = ocspResponse;
    TrustChain chain;
    chain.host = host;
    chain.source = std::move(source);
    chain.at = at;
    chain.ocspResponse = ocspResponse;
    chain.answer = trust::judgeChain(question);
    return chain;
}

TrustChains::TrustChains(const TrustSettings& settings) : m_settings(settings) {
    if (settings.pool) m_pool = *settings.pool;
    for (const auto& chain : settings.knownChains)
        for (const CertificatePtr& certificate : chain) m_pool.add(certificate, trust::Origin::User);
}

CertificatePtr TrustChains::certificateOf(const std::string& der) {
    const auto [at, isNew] = m_parsed.try_emplace(der);
    if (isNew) at->second = trust::readCertificate(der).value_or(nullptr);
    return at->second;
}

const std::vector<CertificatePtr>& TrustChains::certificatesOf(const tls::CertificatesSeen& seen) {
    const auto [at, isNew] = m_lists.try_emplace(&seen);
    if (isNew)
        for (const std::string& der : seen.der)
            if (CertificatePtr certificate = certificateOf(der)) at->second.push_back(std::move(certificate));
    return at->second;
}

void TrustChains::learn(const tls::CertificatesSeen& seen) {
    for (const CertificatePtr& certificate : certificatesOf(seen)) m_pool.add(certificate, trust::Origin::Capture);
}

std::optional<std::size_t> TrustChains::append(TrustChain chain) {
    if (m_chains.size() >= kMaxChains) return std::nullopt;
    chain.number = m_chains.size() + 1;
    m_chains.push_back(std::move(chain));
    return m_chains.size() - 1;
}

std::optional<std::size_t> TrustChains::add(const tls::CertificatesSeen& seen, const std::string& host, TimeNs at) {
    const auto& certificates = certificatesOf(seen);
    if (certificates.empty()) return std::nullopt;
    const auto index = add(certificates, seen.ocspResponse, host, at, "handshake");
    if (!index) return index;
    const auto [known, end] = m_byHost.equal_range(host);
    if (std::none_of(known, end, [&](const auto& entry) { return entry.second == *index; }))
        m_byHost.emplace(host, *index);
    return index;
}

std::optional<std::size_t> TrustChains::add(std::vector<CertificatePtr> sent, const std::string& ocspResponse,
                                            const std::string& host, TimeNs at, std::string source) {
    at = timeFor(at);
    const auto key = std::tuple(chainKey(sent, ocspResponse, at), host, source);
    if (const auto known = m_index.find(key); known != m_index.end()) return known->second;
    if (m_chains.size() >= kMaxChains) return std::nullopt;
    const auto index =
        append(judgedChain(std::move(sent), ocspResponse, host, at, std::move(source), &m_pool, m_settings));
    if (index) m_index.emplace(key, *index);
    return index;
}

std::optional<std::size_t> TrustChains::add(const trust::NamedCertificate& named, const std::string& host, TimeNs at) {
    const auto key = std::tuple(named.issuer + '\n' + named.subject, host, named.source);
    if (const auto known = m_index.find(key); known != m_index.end()) return known->second;
    if (m_chains.size() >= kMaxChains) return std::nullopt;
    TrustChain chain;
    chain.host = host;
    chain.source = "header " + named.source;
    chain.at = timeFor(at);
    chain.answer = trust::judgeNames(named, host, chain.at, m_settings.profiles);
    const auto index = append(std::move(chain));
    if (index) m_index.emplace(key, *index);
    return index;
}

std::optional<std::size_t> TrustChains::knownFor(const tls::SessionFacts& facts) const {
    if (facts.serverName.empty()) return std::nullopt;
    constexpr std::size_t kMostTried = 16; // a name with more chains than that has none that one could call its own
    std::optional<std::size_t> fitting;
    const auto [begin, end] = m_byHost.equal_range(facts.serverName);
    std::size_t tried = 0;
    for (auto at = begin; at != end && tried < kMostTried; ++at, ++tried) {
        const SizeMatch match =
            facts.resumed ? SizeMatch::Unknown : trust::matchChainSize(facts, m_chains[at->second].answer.sent);
        if (match == SizeMatch::Exact) return at->second;
        if (match == SizeMatch::Unknown) fitting = fitting ? std::min(*fitting, at->second) : at->second;
    }
    return fitting;
}

std::optional<std::size_t> TrustChains::givenFor(const tls::SessionFacts& facts) {
    for (const auto& chain : m_settings.knownChains) {
        if (chain.empty()) continue;
        std::vector<CertificatePtr> sent = chain;
        const SizeMatch match = trust::matchChainSize(facts, chain);
        if (match == SizeMatch::LeafOnly) sent.resize(1);
        if (match == SizeMatch::WithoutRoot) sent.pop_back();
        if (match == SizeMatch::Different) continue;
        if (match == SizeMatch::Unknown && (facts.serverName.empty() || !namesHost(*chain.front(), facts.serverName)))
            continue;
        return add(std::move(sent), {}, facts.serverName, facts.firstTime,
                   match == SizeMatch::Unknown ? "file" : "by length");
    }
    return std::nullopt;
}

} // namespace gatescope::analysis

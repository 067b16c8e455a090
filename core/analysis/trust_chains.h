// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace gatescope::analysis {

/// A chain with its answer, and no number yet.
TrustChain judgedChain(std::vector<trust::CertificatePtr> sent, const std::string& ocspResponse,
                       const std::string& host, TimeNs at, std::string source, const trust::CertificateSet* pool,
                       const TrustSettings& settings);

/// The chains that sessions and headers showed, each judged once for a name and a time in which nothing of it begins
/// or ends to be valid.
class TrustChains {
public:
    /// Different chains that are judged: each costs milliseconds. Sessions with others have none.
    static constexpr std::size_t kMaxChains = 2'000;

    explicit TrustChains(const TrustSettings& settings);

    /// Certificates that others may need as issuers; all of a capture before the first chain is judged.
    void learn(const tls::CertificatesSeen& seen);

    std::optional<std::size_t> add(const tls::CertificatesSeen& seen, const std::string& host, TimeNs at);
    std::optional<std::size_t> add(std::vector<trust::CertificatePtr> sent, const std::string& ocspResponse,
                                   const std::string& host, TimeNs at, std::string source);
    std::optional<std::size_t> add(const trust::NamedCertificate& named, const std::string& host, TimeNs at);
    /// That sessions which could be read showed for this name, as far as the lengths of this session do not
    /// contradict it.
    std::optional<std::size_t> knownFor(const tls::SessionFacts& facts) const;
    /// One that the user gave and whose lengths, or name, fit a session that nobody can read.
    std::optional<std::size_t> givenFor(const tls::SessionFacts& facts);

    TrustChain& operator[](std::size_t index) { return m_chains[index]; }
    std::vector<TrustChain> take() { return std::move(m_chains); }

private:
    const std::vector<trust::CertificatePtr>& certificatesOf(const tls::CertificatesSeen& seen);
    trust::CertificatePtr certificateOf(const std::string& der);
    TimeNs timeFor(TimeNs at) const { return m_settings.at.value_or(at); }
    std::optional<std::size_t> append(TrustChain chain);

    const TrustSettings& m_settings;
    trust::CertificateSet m_pool;
    std::unordered_map<std::string, trust::CertificatePtr> m_parsed; ///< by DER; null: cannot be read
    std::unordered_map<const tls::CertificatesSeen*, std::vector<trust::CertificatePtr>> m_lists;
    /// By what decides the answer: certificates, staple, name, source, and which of the certificates are valid.
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> m_index;
    std::unordered_multimap<std::string, std::size_t> m_byHost; ///< sent in handshakes
    std::vector<TrustChain> m_chains;
};

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/certificate_pool.h"

#include <functional>
#include <string_view>
#include <utility>

namespace gatescope::tls {

std::shared_ptr<const CertificatesSeen> CertificatePool::share(CertificateMessage&& message) {
    std::uint64_t hash = std::hash<std::string_view>()(message.ocspResponse);
    for (const std::string& der : message.der) hash = hash * 31 + std::hash<std::string_view>()(der);
    const auto [from, to] = m_lists.equal_range(hash);
    for (auto at = from; at != to; ++at)
        if (at->second->der == message.der && at->second->ocspResponse == message.ocspResponse &&
            at->second->cut == message.cut)
            return at->second;

    CertificatesSeen seen{std::move(message.der), std::move(message.ocspResponse), {}, {}, message.cut};
    if (!seen.der.empty()) {
        if (auto names = certificateNames(seen.der.front())) {
            seen.leafSubject = std::move(names->subject);
            seen.leafIssuer = std::move(names->issuer);
        }
    }
    auto shared = std::make_shared<const CertificatesSeen>(std::move(seen));
    if (m_lists.size() < kMaxLists) m_lists.emplace(hash, shared);
    return shared;
}

} // namespace gatescope::tls

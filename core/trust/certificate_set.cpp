// SPDX-License-Identifier: Apache-2.0
#include "core/trust/certificate_set.h"

#include <algorithm>
#include <utility>

namespace gatescope::trust {

std::string_view toString(Origin origin) {
    switch (origin) {
    case Origin::Sent:
        return "sent";
    case Origin::Capture:
        return "capture";
    case Origin::User:
        return "user";
    case Origin::System:
        return "system";
    }
    return {};
}

bool CertificateSet::add(CertificatePtr certificate, Origin origin) {
    const auto index = static_cast<std::uint32_t>(m_entries.size());
    const auto known = m_byDigest.find(certificate->sha256);
    if (known != m_byDigest.end()) {
        Origin& kept = m_entries[known->second].origin;
        kept = std::min(kept, origin);
        return true;
    }
    if (m_entries.size() >= kMaxCertificates) return false;
    m_byDigest.emplace(certificate->sha256, index);
    m_bySubject[certificate->subjectKey].push_back(index);
    m_entries.push_back({std::move(certificate), origin});
    return true;
}

std::vector<const CertificateSet::Entry*> CertificateSet::withSubject(const std::string& subjectKey) const {
    std::vector<const Entry*> found;
    const auto known = m_bySubject.find(subjectKey);
    if (known == m_bySubject.end()) return found;
    found.reserve(known->second.size());
    for (const std::uint32_t index : known->second) found.push_back(&m_entries[index]);
    return found;
}

const CertificateSet::Entry* CertificateSet::find(const std::array<std::uint8_t, 32>& sha256) const {
    const auto known = m_byDigest.find(sha256);
    return known == m_byDigest.end() ? nullptr : &m_entries[known->second];
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/certificate.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatescope::trust {

/// Where a certificate came from; the better source first.
enum class Origin : std::uint8_t {
    Sent,    ///< by the server in the handshake in question
    Capture, ///< seen elsewhere in what was opened
    User,    ///< from a file that the user gave
    System   ///< the system's store
};
std::string_view toString(Origin origin); ///< `sent`, `capture`, `user`, `system`

/// Different certificates, found by subject: what a path is built from. Not safe to change while others read.
class CertificateSet {
public:
    static constexpr std::size_t kMaxCertificates = 20'000;

    struct Entry {
        CertificatePtr certificate;
        Origin origin = Origin::User;
    };

    /// False: full. One that is there already keeps the better origin.
    bool add(CertificatePtr certificate, Origin origin);
    /// With this subject (`Certificate::subjectKey`), in the order in which they came.
    std::vector<const Entry*> withSubject(const std::string& subjectKey) const;
    const Entry* find(const std::array<std::uint8_t, 32>& sha256) const;
    const std::vector<Entry>& entries() const { return m_entries; }
    std::size_t size() const { return m_entries.size(); }

private:
    std::vector<Entry> m_entries;
    std::unordered_map<std::string, std::vector<std::uint32_t>> m_bySubject; ///< indices
    std::map<std::array<std::uint8_t, 32>, std::uint32_t> m_byDigest;
};

} // namespace gatescope::trust

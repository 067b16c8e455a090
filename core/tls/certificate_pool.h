// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/handshake_messages.h"
#include "core/tls/session_facts.h"

#include <cstdint>
#include <memory>
#include <unordered_map>

namespace gatescope::tls {

/// Keeps each list of certificates once, however many sessions show it. Used by one thread at a time.
class CertificatePool {
public:
    /// Different lists that are kept in mind; more only means that equal ones are kept twice.
    static constexpr std::size_t kMaxLists = 4096;

    std::shared_ptr<const CertificatesSeen> share(CertificateMessage&& message);

private:
    std::unordered_multimap<std::uint64_t, std::shared_ptr<const CertificatesSeen>> m_lists; ///< by hash
};

} // namespace gatescope::tls

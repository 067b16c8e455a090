// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"
#include "core/trust/certificate.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace gatescope::trust {

/// Length of an encrypted Certificate record of TLS 1.3 that carries exactly these, nothing stapled, no padding:
/// 17 + 4 + 1 + 3 + sum(3 + DER + 2).
std::uint32_t certificateRecordLength(std::span<const CertificatePtr> chain);

/// Whether a session that nobody can read sent this chain, by lengths alone.
enum class SizeMatch : std::uint8_t {
    Exact,       ///< one record has exactly that length, or the flight exactly that sum
    LeafOnly,    ///< the leaf without the rest
    WithoutRoot, ///< all but the self-signed last one
    Different,
    Unknown ///< not TLS 1.3, coalesced in a way that fits several, padded, or stapled
};
std::string_view toString(SizeMatch match);
SizeMatch matchChainSize(const tls::SessionFacts& facts, std::span<const CertificatePtr> chain);

/// `RSA 2048`, `EC P-256` ...: the leaf's key by the length of CertificateVerify, where it has a record of its own.
std::optional<std::string> leafKeyBySize(const tls::SessionFacts& facts);

} // namespace gatescope::trust

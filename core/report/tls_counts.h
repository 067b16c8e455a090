// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <map>
#include <string>

namespace gatescope::report {

/// TLS sessions of an analysis, counted.
struct TlsCounts {
    std::uint64_t sessions = 0;
    std::uint64_t decrypted = 0; ///< all of what they carried
    std::uint64_t failed = 0;    ///< handshakes
    std::uint64_t quic = 0;
    /// By the reason why something stayed closed, without what differs from session to session (the lost packet).
    std::map<std::string, std::uint64_t> closed;
};

TlsCounts countTls(const analysis::Snapshot& snapshot);
/// `12, of them 10 decrypted, 1 failed; not decrypted: 1 no secrets for this client random`
std::string describe(const TlsCounts& counts);

} // namespace gatescope::report

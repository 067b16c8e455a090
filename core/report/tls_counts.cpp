// SPDX-License-Identifier: Apache-2.0
#include "core/report/tls_counts.h"

#include <fmt/format.h>

namespace gatescope::report {

namespace {

std::string kindOf(const std::string& reason) {
    const std::size_t packet = reason.find(" at packet ");
    return reason.substr(0, packet);
}

} // namespace

TlsCounts countTls(const analysis::Snapshot& snapshot) {
    TlsCounts counts;
    for (const analysis::TlsSession& session : snapshot.tlsSessions()) {
        const tls::SessionFacts& facts = session.record->facts;
        ++counts.sessions;
        if (facts.overQuic) ++counts.quic;
        if (facts.outcome == tls::Outcome::Failed) ++counts.failed;
        if (!facts.notDecryptedBecause.empty())
            ++counts.closed[kindOf(facts.notDecryptedBecause)];
        else if (facts.decrypted)
            ++counts.decrypted;
    }
    return counts;
}

std::string describe(const TlsCounts& counts) {
    std::string text =
        fmt::format("{} sessions, {} decrypted, {} failed", counts.sessions, counts.decrypted, counts.failed);
    if (counts.quic != 0) text += fmt::format(", {} over QUIC", counts.quic);
    std::string reasons;
    for (const auto& [reason, count] : counts.closed)
        reasons += fmt::format("{}{} {}", reasons.empty() ? "; not decrypted: " : ", ", count, reason);
    return text + reasons;
}

} // namespace gatescope::report

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/trust_answer.h"

#include "core/analysis/trust_chains.h"
#include "core/analysis/trust_groups.h"
#include "core/analysis/trust_header_chains.h"
#include "core/analysis/trust_issuers.h"

#include <algorithm>
#include <utility>

namespace gatescope::analysis {

namespace {

/// Sessions whose certificates can be read first: what they showed is then known for the others.
void findChains(const Snapshot& snapshot, TrustChains& chains, TrustAnswer& answer, const std::stop_token& stop) {
    const auto& sessions = snapshot.tlsSessions();
    for (const TlsSession& session : sessions)
        if (session.record->facts.serverCertificates) chains.learn(*session.record->facts.serverCertificates);
    for (TrustSession& session : answer.sessions) {
        if (stop.stop_requested()) return;
        const tls::SessionFacts& facts = sessions[session.session].record->facts;
        if (facts.serverCertificates)
            session.chain = chains.add(*facts.serverCertificates, facts.serverName, facts.firstTime);
    }
    for (TrustSession& session : answer.sessions) {
        if (stop.stop_requested()) return;
        const tls::SessionFacts& facts = sessions[session.session].record->facts;
        if (facts.serverCertificates) continue;
        session.chain = chains.givenFor(facts);
        if (!session.chain) session.chain = chains.knownFor(facts);
        session.chainIsKnownOnly = session.chain.has_value();
    }
}

} // namespace

TrustSettings publicTrust() {
    TrustSettings settings;
    settings.profiles = trust::makeProfiles({});
    settings.profiles.resize(std::min<std::size_t>(settings.profiles.size(), 1)); // the default is the first
    return settings;
}

std::optional<TrustAnswer> trustAnswer(const Snapshot& snapshot, const TrustSettings& settings, std::stop_token stop) {
    TrustAnswer answer;
    const auto& sessions = snapshot.tlsSessions();
    answer.sessions.reserve(sessions.size());
    for (std::size_t index = 0; index < sessions.size(); ++index)
        answer.sessions.push_back({index, trust::judgeSession(sessions[index].record->facts), {}, false});

    TrustChains chains(settings);
    findChains(snapshot, chains, answer, stop);
    addHeaderChains(snapshot, chains, stop);
    answer.chains = chains.take();
    addSharedIssuers(answer.chains);
    for (std::size_t index = 0; index < answer.sessions.size(); ++index)
        if (answer.sessions[index].chain) answer.chains[*answer.sessions[index].chain].sessions.push_back(index);
    judgeGroups(snapshot, answer, stop);
    if (stop.stop_requested()) return std::nullopt;
    return answer;
}

} // namespace gatescope::analysis

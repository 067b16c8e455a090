// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/trust_groups.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <utility>

namespace gatescope::analysis {

namespace {

using trust::GroupMember;
using trust::SessionContext;
using trust::TrustOutcome;

/// From where Azure's own health probes come (learn.microsoft.com, "What is IP address 168.63.129.16?").
constexpr std::string_view kAzureProbe = "168.63.129.16";

/// Connections that closed at one moment although they began at different ones: a process that ended, not a verdict.
class ClosedTogether {
public:
    static constexpr std::size_t kMany = 10;
    static constexpr TimeNs kMoment = 100'000'000;
    static constexpr TimeNs kSpread = 2'000'000'000;

    explicit ClosedTogether(const std::vector<TlsSession>& sessions) {
        for (const TlsSession& session : sessions) {
            const auto& facts = session.record->facts;
            if (facts.lastTime == kNoTime || facts.firstTime == kNoTime) continue;
            m_byClient[session.record->client.address].push_back({facts.lastTime, facts.firstTime});
        }
        for (auto& [client, ends] : m_byClient) std::ranges::sort(ends);
    }

    bool includes(const TlsRecord& record) const {
        const auto known = m_byClient.find(record.client.address);
        if (known == m_byClient.end() || record.facts.lastTime == kNoTime) return false;
        const auto& ends = known->second;
        const auto begin = std::ranges::lower_bound(ends, std::pair(record.facts.lastTime - kMoment / 2, kNoTime));
        TimeNs first = record.facts.firstTime, last = first;
        std::size_t count = 0;
        // More than some hundred would only confirm what these say.
        for (auto at = begin; at != ends.end() && count < 20 * kMany; ++at, ++count) {
            if (elapsed(record.facts.lastTime, at->first) > kMoment / 2) break;
            first = std::min(first, at->second);
            last = std::max(last, at->second);
        }
        return count >= kMany && elapsed(first, last) > kSpread;
    }

private:
    std::map<IpAddress, std::vector<std::pair<TimeNs, TimeNs>>> m_byClient; ///< (end, begin), sorted
};

const TlsRecord& recordOf(const Snapshot& snapshot, const TrustSession& session) {
    return *snapshot.tlsSessions()[session.session].record;
}

/// The issuer that the leaf names an address for, when it was not sent.
void addChain(const TrustChain& chain, SessionContext& context) {
    const trust::ChainAnswer& answer = chain.answer;
    if (!answer.verdicts.empty()) {
        const trust::ProfileVerdict& verdict = answer.verdicts.front();
        if (verdict.verdict != trust::Verdict::Undecided)
            context.chainTrusted = verdict.verdict == trust::Verdict::Trusted;
        context.chainReason = verdict.reason;
    }
    context.chainSendsIntermediates =
        std::ranges::none_of(answer.missing, [](const trust::MissingIssuer& missing) { return !missing.isRoot; });
    if (!answer.sent.empty() && !answer.sent.front()->caIssuers.empty())
        context.caIssuers = answer.sent.front()->caIssuers.front();
}

std::string hostOfAddress(std::string_view address) {
    const std::size_t scheme = address.find("://");
    if (scheme == std::string_view::npos) return {};
    address.remove_prefix(scheme + 3);
    return std::string(address.substr(0, address.find_first_of(":/")));
}

/// Hosts that were asked for over HTTP, and clients whose connections to port 80 nobody answered: signs that a client
/// went for a missing certificate.
class IssuerLookups {
public:
    explicit IssuerLookups(const Snapshot& snapshot) : m_snapshot(snapshot) {
        constexpr std::uint16_t kHttp = 80;
        for (const Flow& flow : snapshot.flows())
            if (flow.record.server.port == kHttp && flow.record.payloadBytes == 0 && flow.record.firstTime != kNoTime)
                m_unanswered[flow.record.client.address].push_back(flow.record.firstTime);
        for (auto& [client, times] : m_unanswered) std::ranges::sort(times);
        for (const Row row : snapshot.order()) m_hosts.insert(snapshot.code(FieldId::Host, row));
    }
    bool has(const TlsRecord& record, const std::string& caIssuers) const {
        if (caIssuers.empty()) return false;
        const auto code = m_snapshot.textCode(hostOfAddress(caIssuers));
        if (code != StringPool::kNone && m_hosts.contains(code)) return true;
        const auto known = m_unanswered.find(record.client.address);
        if (known == m_unanswered.end()) return false;
        const auto at = std::ranges::lower_bound(known->second, record.facts.firstTime);
        return at != known->second.end() && *at <= record.facts.lastTime;
    }

private:
    const Snapshot& m_snapshot;
    std::map<IpAddress, std::vector<TimeNs>> m_unanswered;
    std::set<StringPool::Code> m_hosts;
};

/// What the profiles say of the chain, to stand in the group's sentence.
std::string chainSentence(const TrustAnswer& answer, std::optional<std::size_t> chain) {
    if (!chain) return {};
    std::size_t asked = 0;
    std::vector<std::string> failing;
    for (const trust::ProfileVerdict& verdict : answer.chains[*chain].answer.verdicts) {
        if (!verdict.profile || !verdict.profile->isPublic()) continue;
        ++asked;
        if (verdict.verdict == trust::Verdict::Untrusted) failing.push_back(verdict.profile->title);
    }
    if (asked == 0) return {};
    if (failing.empty()) return "the chain fails in no public profile";
    if (failing.size() == asked) return "the chain fails in every public profile";
    return fmt::format("the chain fails for {}", fmt::join(failing, ", "));
}

std::string nameOf(const TlsRecord& record) {
    return record.facts.serverName.empty() ? record.server.toString() : record.facts.serverName;
}

void judgeGroup(const Snapshot& snapshot, TrustAnswer& answer, TrustGroup& group, const ClosedTogether& closed,
                const IssuerLookups& lookups) {
    std::vector<GroupMember> members;
    for (const std::size_t index : group.sessions) {
        const TlsRecord& record = recordOf(snapshot, answer.sessions[index]);
        members.push_back({&record.facts, answer.sessions[index].verdict, record.exchanges});
        if (!group.chain) group.chain = answer.sessions[index].chain;
    }
    std::vector<SessionContext> contexts = trust::siblingContexts(members);
    for (std::size_t i = 0; i < members.size(); ++i) {
        TrustSession& session = answer.sessions[group.sessions[i]];
        const TlsRecord& record = recordOf(snapshot, session);
        SessionContext& context = contexts[i];
        if (session.chain) addChain(answer.chains[*session.chain], context);
        context.closedTogether = closed.includes(record);
        context.knownProbe = record.client.address.toString() == kAzureProbe;
        context.issuerLookup = lookups.has(record, context.caIssuers);
        trust::weigh(session.verdict, context);
        members[i].verdict = session.verdict;
    }
    group.judgement = trust::judgeGroup(members, group.client, group.name, chainSentence(answer, group.chain));
}

int rankOf(TrustOutcome outcome) {
    switch (outcome) {
    case TrustOutcome::Rejected:
        return 0;
    case TrustOutcome::ClientCertificateRequired:
        return 1;
    case TrustOutcome::NegotiationFailed:
        return 2;
    case TrustOutcome::Undecided:
        return 3;
    case TrustOutcome::NotEvaluated:
        return 4;
    case TrustOutcome::Accepted:
        return 5;
    }
    return 6;
}

} // namespace

void judgeGroups(const Snapshot& snapshot, TrustAnswer& answer, const std::stop_token& stop) {
    std::map<std::pair<IpAddress, std::string>, std::size_t> known;
    for (std::size_t index = 0; index < answer.sessions.size(); ++index) {
        const TlsRecord& record = recordOf(snapshot, answer.sessions[index]);
        const auto [at, isNew] = known.try_emplace({record.client.address, nameOf(record)}, answer.groups.size());
        if (isNew) answer.groups.push_back({record.client.address.toString(), nameOf(record), {}, {}, {}});
        answer.groups[at->second].sessions.push_back(index);
    }
    const ClosedTogether closed(snapshot.tlsSessions());
    const IssuerLookups lookups(snapshot);
    for (TrustGroup& group : answer.groups) {
        if (stop.stop_requested()) return;
        judgeGroup(snapshot, answer, group, closed, lookups);
    }
    std::ranges::stable_sort(answer.groups, [](const TrustGroup& a, const TrustGroup& b) {
        const int ranks[] = {rankOf(a.judgement.outcome), rankOf(b.judgement.outcome)};
        return ranks[0] != ranks[1] ? ranks[0] < ranks[1] : a.sessions.size() > b.sessions.size();
    });
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/trust/judgement.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr TimeNs kMillisecond = 1'000'000;
/// From here on a rejection counts as one.
constexpr double kLikely = 0.5;
/// From here on it is told without a `probably`.
constexpr double kSure = 0.8;
/// One outcome speaks for the group when it has that share of what was decided.
constexpr double kMostly = 0.8;

/// What a member counts as.
TrustOutcome countedAs(const GroupMember& member) {
    const bool isUnlikely = member.verdict.outcome == TrustOutcome::Rejected && member.verdict.confidence < kLikely;
    return isUnlikely ? TrustOutcome::Undecided : member.verdict.outcome;
}

template <typename Key>
Key mostFrequent(const std::map<Key, std::size_t>& counts, Key otherwise) {
    const auto at = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
    return at == counts.end() ? otherwise : at->first;
}

class Group {
public:
    explicit Group(std::span<const GroupMember> members) : m_members(members) {}

    GroupJudgement judge(std::string_view client, std::string_view name, std::string_view chainSentence) {
        count();
        m_judgement.outcome = decide();
        summarise();
        m_judgement.sentence = sentence(client, name, chainSentence);
        return std::move(m_judgement);
    }

private:
    void count() {
        m_judgement.sessions = m_members.size();
        for (const GroupMember& member : m_members) {
            const TrustOutcome outcome = countedAs(member);
            ++m_counts[outcome];
            if (outcome == TrustOutcome::Accepted) ++m_judgement.accepted;
            if (outcome == TrustOutcome::Rejected) ++m_judgement.rejected;
            if (outcome == TrustOutcome::Undecided) ++m_judgement.undecided;
            if (member.exchanges != 0) ++m_judgement.withRequests;
        }
    }

    /// Sessions that nobody looked at, or that nobody can tell of, leave the decision to the others.
    TrustOutcome decide() const {
        std::size_t decided = 0;
        std::pair<TrustOutcome, std::size_t> most{TrustOutcome::Undecided, 0};
        for (const auto& [outcome, sessions] : m_counts) {
            if (outcome == TrustOutcome::Undecided || outcome == TrustOutcome::NotEvaluated) continue;
            decided += sessions;
            if (sessions > most.second) most = {outcome, sessions};
        }
        if (decided == 0) return m_counts.size() == 1 ? m_counts.begin()->first : TrustOutcome::Undecided;
        const bool isMost = static_cast<double>(most.second) >= kMostly * static_cast<double>(decided);
        // A few verdicts among many open ones do not speak for all, unless nothing else would explain them.
        return isMost ? most.first : TrustOutcome::Undecided;
    }

    bool isOfOutcome(const GroupMember& member) const { return countedAs(member) == m_judgement.outcome; }

    void summarise() {
        std::map<Signature, std::size_t> signatures;
        for (const GroupMember& member : m_members) {
            if (!isOfOutcome(member)) continue;
            ++signatures[member.verdict.signature];
            m_judgement.confidence = std::max(m_judgement.confidence, member.verdict.confidence);
            if (!member.verdict.reason.empty()) ++m_reasons[member.verdict.reason];
            if (!member.verdict.stack.empty()) ++m_stacks[member.verdict.stack];
        }
        m_judgement.signature = mostFrequent(signatures, Signature::None);
        std::vector<TimeNs> gaps;
        for (const GroupMember& member : m_members) {
            if (!isOfOutcome(member) || member.verdict.signature != m_judgement.signature) continue;
            ++m_alike;
            if (member.verdict.gap != kNoTime && member.verdict.gap >= 0) gaps.push_back(member.verdict.gap);
            take(member.verdict);
        }
        if (gaps.empty()) return;
        const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
        std::ranges::nth_element(gaps, middle);
        m_judgement.medianGap = *middle;
        m_longestGap = *std::ranges::max_element(gaps);
    }

    /// Of the surest one; the others say the same.
    void take(const SessionVerdict& verdict) {
        if (m_taken && verdict.confidence <= m_taken->confidence) return;
        m_taken = &verdict;
        m_judgement.because = verdict.because;
        m_judgement.wouldSettle = verdict.wouldSettle;
    }

    static std::string milliseconds(TimeNs time) {
        constexpr TimeNs kLong = 10'000 * kMillisecond;
        const TimeNs whole = time / kMillisecond + (time % kMillisecond != 0 ? 1 : 0); // within is never too little
        return time > kLong ? fmt::format("{:.1f} s", static_cast<double>(whole) / 1000) : fmt::format("{} ms", whole);
    }

    std::string sentence(std::string_view client, std::string_view name, std::string_view chainSentence) const {
        std::string words = fmt::format("{} of {} {} from {} to {} {}", m_alike, m_members.size(),
                                        m_members.size() == 1 ? "handshake" : "handshakes", client, name, ended());
        words += "; " + requests();
        if (!chainSentence.empty()) words += "; " + asPart(chainSentence);
        const std::string conclusion = concluded();
        return words + (conclusion.empty() ? "." : ": " + conclusion + ".");
    }

    std::string ended() const {
        if (m_judgement.signature == Signature::None) return "cannot be told apart by their records";
        std::string words = fmt::format("ended {}", toString(m_judgement.signature));
        if (m_longestGap != kNoTime && m_judgement.outcome == TrustOutcome::Rejected)
            words += " within " + milliseconds(m_longestGap);
        const std::string reason = mostFrequent(m_reasons, std::string());
        const bool isAlert = !reason.empty() && reason.find(' ') == std::string::npos &&
                             reason.find('.') == std::string::npos && reason.find('-') == std::string::npos;
        if (isAlert) words += " (" + reason + ")";
        return words;
    }

    std::string requests() const {
        const std::size_t accepted = m_judgement.accepted, read = m_judgement.withRequests;
        const std::size_t carried = std::max(accepted, read);
        if (carried == 0) return "none carried a request";
        return carried == m_members.size() ? "all carried data" : fmt::format("{} carried data", carried);
    }

    /// A sentence of its own becomes a part of ours.
    static std::string asPart(std::string_view sentence) {
        while (sentence.ends_with('.')) sentence.remove_suffix(1);
        std::string words(sentence);
        for (const std::string_view begin : {"The ", "A ", "An ", "No ", "This ", "It "})
            if (words.starts_with(begin))
                words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
        return words;
    }

    std::string concluded() const {
        switch (m_judgement.outcome) {
        case TrustOutcome::Rejected:
            return m_judgement.confidence >= kSure ? "the agent runtime rejects the certificate"
                                                   : "the agent runtime probably rejects the certificate";
        case TrustOutcome::Accepted:
            return "the client accepts the certificate";
        case TrustOutcome::ClientCertificateRequired:
            return "the server wants a client certificate";
        case TrustOutcome::NegotiationFailed:
            return "client and server could not agree, and the certificate is not the reason";
        case TrustOutcome::NotEvaluated:
            return "nobody looked at a certificate here";
        case TrustOutcome::Undecided:
            break;
        }
        if (m_judgement.accepted != 0 && m_judgement.rejected != 0)
            return fmt::format("{} accepted the certificate and {} rejected it", m_judgement.accepted,
                               m_judgement.rejected);
        return "more than one reading is possible";
    }

    std::span<const GroupMember> m_members;
    GroupJudgement m_judgement;
    std::map<TrustOutcome, std::size_t> m_counts;
    std::map<std::string, std::size_t> m_reasons, m_stacks;
    const SessionVerdict* m_taken = nullptr;
    std::size_t m_alike = 0; ///< sessions with outcome and signature of the group
    TimeNs m_longestGap = kNoTime;
};

} // namespace

GroupJudgement judgeGroup(std::span<const GroupMember> group, std::string_view client, std::string_view name,
                          std::string_view chainSentence) {
    return Group(group).judge(client, name, chainSentence);
}

} // namespace gatescope::trust

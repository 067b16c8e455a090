// SPDX-License-Identifier: Apache-2.0
#include "core/trust/inference.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::trust {

namespace {

// Factors of the odds. They are judgements, rounded to what they are worth: much, more, some, and the same against.
constexpr double kMuch = 8, kMore = 4, kSome = 2, kHalf = 0.5, kLess = 1.0 / 3;
/// What a chain that fails is worth when a probe or a time limit would leave the same records: those do not look at
/// the chain, so its failure does not speak against them.
constexpr double kFailsForProbesToo = 2.5;
/// No sum of hints is certain, either way.
constexpr double kLeast = 0.02, kMost = 0.98;
/// Less than that, and other readings are likelier than the one by which the signature is named.
constexpr double kStillNamed = 0.25;
constexpr std::size_t kRepeats = 3;
constexpr TimeNs kQuick = 500'000'000;

bool isWeighed(Signature signature) {
    return signature == Signature::S3 || signature == Signature::S4 || signature == Signature::S5 ||
           signature == Signature::S6;
}

const ClientStack* stackNamed(std::string_view name) {
    const auto stacks = clientStacks();
    const auto at = std::ranges::find(stacks, name, &ClientStack::name);
    return at == stacks.end() ? nullptr : &*at;
}

bool behavesSo(const ClientStack& stack, Signature signature) {
    std::string_view list = stack.signatures;
    while (!list.empty()) {
        const std::size_t space = list.find(' ');
        if (list.substr(0, space) == toString(signature)) return true;
        list.remove_prefix(space == std::string_view::npos ? list.size() : space + 1);
    }
    return false;
}

class Weighing {
public:
    Weighing(SessionVerdict& verdict, const SessionContext& context)
        : m_verdict(verdict), m_context(context), m_stack(verdict.stack.empty() ? nullptr : stackNamed(verdict.stack)) {
    }

    void weigh() {
        m_odds = m_verdict.confidence / (1 - m_verdict.confidence);
        const bool isProbe = m_context.fixedPeriod || m_context.knownProbe;
        // The same client takes the same certificate elsewhere: whatever speaks for a rejection is then explained away.
        if (m_context.siblingsAccepted == 0) {
            if (!isProbe) addRepeats();
            addStack();
            addChain();
        }
        if (m_verdict.signature == Signature::S6) addFetching();
        addDoubts();
        const double confidence = m_odds / (1 + m_odds);
        m_verdict.confidence = std::clamp(confidence, kLeast, kMost);
        m_verdict.outcome = m_verdict.confidence < kStillNamed ? TrustOutcome::Undecided : TrustOutcome::Rejected;
    }

private:
    void apply(double factor, std::string because) {
        m_odds *= factor;
        m_verdict.because.push_back(std::move(because));
    }

    void addRepeats() {
        if (m_context.siblings >= kRepeats) {
            m_distinct = true;
            apply(kMore,
                  fmt::format("{} connections of this client to this name, and none was used", m_context.siblings));
        }
        if (m_context.growingGaps) {
            m_distinct = true;
            apply(kSome, "they follow each other at growing distances, as retries do");
        }
    }

    /// A stack that many programs share says little; what is known of one that always ends so says much. A silent close
    /// before the Finished must be quick, or a time limit is as good a reason with this stack as with any other.
    void addStack() {
        if (!m_stack || !behavesSo(*m_stack, m_verdict.signature)) return;
        const bool isLate = m_verdict.signature == Signature::S3 && m_verdict.gap > kQuick;
        const bool isShared = m_verdict.signature == Signature::S5;
        if (isLate || isShared || m_verdict.signature == Signature::S6) return;
        m_distinct = m_distinct || m_stack->fetchesIssuers || m_verdict.signature == Signature::S3;
        apply(m_stack->fetchesIssuers || m_verdict.signature == Signature::S3 ? kMore : kSome,
              fmt::format("{} ends so when it rejects", m_stack->name));
    }

    void addChain() {
        const bool isAmbiguous = m_verdict.signature == Signature::S4 || m_verdict.signature == Signature::S5 ||
                                 (m_verdict.signature == Signature::S3 && m_verdict.gap > kQuick);
        const double failing = isAmbiguous && !m_distinct ? kFailsForProbesToo : kMuch;
        if (m_context.chainTrusted == false) return apply(failing, "the chain fails in the profile that was asked");
        if (!m_context.chainSendsIntermediates && m_stack && !m_stack->fetchesIssuers)
            return apply(failing, "an intermediate was not sent, and this client does not fetch it");
        if (m_context.chainTrusted == true)
            apply(kHalf, "the chain is good in the profile that was asked; this client may use another");
    }

    void addFetching() {
        if (m_context.issuerLookup) apply(kMore, "the issuer's address was looked up or connected to");
        const bool isKnown = m_context.chainTrusted.has_value() || !m_context.caIssuers.empty();
        if (!m_context.chainSendsIntermediates && !m_context.caIssuers.empty())
            apply(kMore, "an intermediate was not sent, and the certificate names an address for it");
        else if (isKnown && m_context.chainSendsIntermediates)
            apply(kHalf, "no intermediate was missing");
    }

    void addDoubts() {
        if (m_context.siblingsAccepted != 0)
            apply(kLess, fmt::format("{} of {} connections of this client were used", m_context.siblingsAccepted,
                                     m_context.siblings));
        if (m_context.fixedPeriod) apply(kLess, "they come at a fixed distance, as probes do");
        if (m_context.knownProbe) apply(kLess, "the client's address is that of a health probe");
        if (m_context.closedTogether) apply(kLess, "many connections closed at this moment");
    }

    SessionVerdict& m_verdict;
    const SessionContext& m_context;
    const ClientStack* m_stack;
    double m_odds = 1;
    bool m_distinct = false; ///< something tells it from a probe
};

} // namespace

void weigh(SessionVerdict& verdict, const SessionContext& context) {
    const bool isRejection = verdict.outcome == TrustOutcome::Rejected;
    if (isRejection && verdict.reason.empty() && context.chainTrusted == false) verdict.reason = context.chainReason;
    if (verdict.signature == Signature::S10 && context.siblingsResumedUnused != 0)
        verdict.because.push_back(
            fmt::format("{} resumed sessions of this client were not used: it may have refused the certificate of the "
                        "first one, and refuse again",
                        context.siblingsResumedUnused));
    // What the client said itself (its readable alert) needs no hints.
    if (!isRejection || !isWeighed(verdict.signature) || verdict.confidence >= kMost) return;
    Weighing(verdict, context).weigh();
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#include "core/report/trust_rows.h"

#include "core/report/escape.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>

namespace gatescope::report {

namespace {

using analysis::TrustChain;
using trust::ChainAnswer;
using trust::ProfileVerdict;

/// Names in certificates may be anything; on a terminal they are one harmless line.
std::string shown(std::string_view text) {
    std::string safe;
    appendTerminalText(safe, text);
    return safe;
}

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string dayOf(TimeNs time) {
    constexpr std::size_t kDate = 10;
    return time == kNoTime ? std::string("an unknown day") : formatTime(time).substr(0, kDate);
}

/// Why there is no root, told once: one reason often holds for all.
std::string reasonOf(const ProfileVerdict& verdict, std::string& told) {
    if (verdict.reasonText == told && !told.empty()) return "for the same reason";
    told = verdict.reasonText;
    std::string reason = shown(told);
    if (reason.ends_with('.')) reason.pop_back();
    return reason;
}

/// What stands beside the verdict: the root, or why there is none.
std::string detailOf(const ProfileVerdict& verdict, std::string& told) {
    const bool isTrusted = verdict.verdict == trust::Verdict::Trusted;
    std::string detail = isTrusted ? shown(verdict.root) : reasonOf(verdict, told);
    if (isTrusted && verdict.byName) detail += " (by name and key id, signature not checked)";
    if (verdict.needsRepair) detail += "; a certificate that was not sent is needed";
    if (verdict.strictRefuse) detail += "; refused at security level 2";
    if (verdict.now) detail += fmt::format("; today: {}", toString(*verdict.now));
    return detail;
}

std::string matrix(const ChainAnswer& answer) {
    std::size_t width = 0;
    for (const ProfileVerdict& verdict : answer.verdicts)
        width = std::max(width, verdict.profile ? verdict.profile->title.size() : 0);
    std::string text = "Who would trust it\n";
    std::string told;
    for (const ProfileVerdict& verdict : answer.verdicts)
        text += fmt::format("  {:<{}}  {:<9}  {}\n", verdict.profile ? verdict.profile->title : std::string(), width,
                            toString(verdict.verdict), detailOf(verdict, told));
    return text + '\n';
}

std::string certificateLine(const trust::CertificateSet::Entry& entry) {
    const trust::Certificate& certificate = *entry.certificate;
    return fmt::format("{}\n       {}, signed with {}; {} to {}; {}", shown(certificate.subject), certificate.keyText,
                       shown(certificate.signature), dayOf(certificate.notBefore), dayOf(certificate.notAfter),
                       toString(entry.origin));
}

std::string missingLine(const trust::MissingIssuer& missing) {
    std::string text = fmt::format("  ?  {}: {}", shown(missing.name),
                                   missing.isRoot ? "the root, which clients have themselves" : "not sent");
    if (missing.certificate && !missing.isRoot) text += fmt::format(", at hand ({})", toString(missing.origin));
    if (missing.known != nullptr) text += ", a public intermediate";
    for (const std::string& address : missing.addresses) text += "\n       " + shown(address);
    return text + '\n';
}

std::string chainText(const ChainAnswer& answer) {
    if (answer.bestPath.empty()) return {};
    std::string text = "Chain\n";
    for (std::size_t depth = 0; depth < answer.bestPath.size(); ++depth)
        text += fmt::format("  {}  {}\n", depth, certificateLine(answer.bestPath[depth]));
    for (const trust::MissingIssuer& missing : answer.missing) text += missingLine(missing);
    return text + '\n';
}

std::string problemText(const trust::Problem& problem) {
    std::string text =
        fmt::format("  {} [{}, {}]\n", problem.kind->title, toString(problem.kind->severity), problem.kind->id);
    for (const std::string& evidence : problem.evidence) text += "    - " + shown(evidence) + '\n';
    if (!problem.kind->explain.empty()) text += fmt::format("    {}\n", problem.kind->explain);
    if (!problem.concerns.empty()) text += fmt::format("    Who cares: {}.\n", problem.concerns);
    if (!problem.kind->fix.empty()) text += fmt::format("    To do: {}\n", problem.kind->fix);
    return text;
}

} // namespace

std::string chainReport(const TrustChain& chain) {
    const ChainAnswer& answer = chain.answer;
    std::string text = shown(answer.headline) + '\n';
    text += fmt::format("Source: {}", chain.source);
    if (!chain.host.empty()) text += "; asked for " + shown(chain.host);
    if (chain.at != kNoTime) text += "; judged at " + formatTime(chain.at);
    if (!chain.sessions.empty()) text += "; " + counted(chain.sessions.size(), "session");
    if (!chain.rows.empty()) text += "; " + counted(chain.rows.size(), "request");
    text += "\n\n" + matrix(answer) + chainText(answer);
    if (answer.problems.empty()) return text + "Nothing is wrong with it.\n";
    text += answer.problems.size() == 1 ? "1 problem\n" : fmt::format("{} problems\n", answer.problems.size());
    for (const trust::Problem& problem : answer.problems) text += problemText(problem);
    return text;
}

std::string trustReport(const analysis::TrustAnswer& answer) {
    std::string text;
    for (const analysis::TrustGroup& group : answer.groups) {
        const trust::GroupJudgement& judgement = group.judgement;
        text += fmt::format("{} -> {}: {}", group.client, shown(group.name), toString(judgement.outcome));
        if (judgement.confidence > 0) text += fmt::format(" (confidence {:.2f})", judgement.confidence);
        text += "\n  " + shown(judgement.sentence) + '\n';
        for (const std::string& because : judgement.because) text += "  - " + shown(because) + '\n';
        for (const std::string& settle : judgement.wouldSettle) text += "  would settle it: " + shown(settle) + '\n';
        if (group.chain) text += fmt::format("  chain {}\n", answer.chains[*group.chain].number);
        text += '\n';
    }
    for (const TrustChain& chain : answer.chains)
        text += fmt::format("Chain {}\n", chain.number) + chainReport(chain) + '\n';
    return text;
}

} // namespace gatescope::report

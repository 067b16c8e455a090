// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/trust_answer.h"

#include "ui/bridge/text.h"

#include <QFileInfo>

#include <algorithm>
#include <map>

namespace gatescope::ui {
using namespace analysis;
using trust::TrustOutcome;
using trust::Verdict;
namespace {

/// Worse ones are greater.
int badness(Verdict verdict) {
    return verdict == Verdict::Untrusted ? 2 : verdict == Verdict::Undecided ? 1 : 0;
}

Verdict worstOf(const trust::ChainAnswer& answer) {
    Verdict worst = answer.verdicts.empty() ? Verdict::Undecided : Verdict::Trusted;
    for (const auto& each : answer.verdicts) {
        if (badness(each.verdict) > badness(worst)) worst = each.verdict;
    }
    return worst;
}

ChainLine lineOf(const TrustChain& chain) {
    ChainLine line;
    line.chain = &chain;
    line.host = toText(chain.host);
    line.from = toText(chain.source);
    line.worst = worstOf(chain.answer);
    line.sessions = chain.sessions;
    return line;
}

void addCaptureLines(CertificatesAnswer& answer) {
    const std::size_t first = answer.lines.size();
    for (const auto& chain : answer.trust.chains) answer.lines.push_back(lineOf(chain));
    std::map<std::string, std::size_t> hidden; // by name
    for (std::size_t i = 0; i < answer.trust.groups.size(); ++i) {
        const auto& group = answer.trust.groups[i];
        if (group.chain) {
            answer.lines[first + *group.chain].groups.push_back(i);
            continue;
        }
        const auto [place, fresh] = hidden.try_emplace(group.name, answer.lines.size());
        if (fresh) {
            ChainLine line;
            line.host = toText(group.name);
            line.from = QStringLiteral("hidden");
            answer.lines.push_back(std::move(line));
        }
        auto& line = answer.lines[place->second];
        line.groups.push_back(i);
        line.sessions.insert(line.sessions.end(), group.sessions.begin(), group.sessions.end());
        answer.hidden += group.sessions.size();
    }
    // A group may be listed with the chain that most of its sessions showed, and a session with another one.
    for (auto line = answer.lines.begin() + static_cast<std::ptrdiff_t>(first); line != answer.lines.end(); ++line) {
        for (const auto group : line->groups) {
            const auto& sessions = answer.trust.groups[group].sessions;
            if (line->chain) line->sessions.insert(line->sessions.end(), sessions.begin(), sessions.end());
        }
        std::sort(line->sessions.begin(), line->sessions.end());
        line->sessions.erase(std::unique(line->sessions.begin(), line->sessions.end()), line->sessions.end());
        line->handshakes = line->sessions.size();
        line->rejected = static_cast<std::size_t>(
            std::count_if(line->sessions.begin(), line->sessions.end(), [&](std::size_t session) {
                return answer.trust.sessions[session].verdict.outcome == TrustOutcome::Rejected;
            }));
    }
    std::stable_sort(answer.lines.begin() + static_cast<std::ptrdiff_t>(first), answer.lines.end(),
                     [](const ChainLine& a, const ChainLine& b) {
                         if ((a.rejected > 0) != (b.rejected > 0)) return a.rejected > 0;
                         if (badness(a.worst) != badness(b.worst)) return badness(a.worst) > badness(b.worst);
                         return a.handshakes > b.handshakes;
                     });
}

/// Chains of files are held against the sessions that nobody can read.
std::vector<std::vector<trust::CertificatePtr>> chainsOf(const std::vector<JudgedFile>& files) {
    std::vector<std::vector<trust::CertificatePtr>> chains;
    for (const auto& file : files) {
        for (const auto& chain : file.chains) {
            if (!chain.answer.sent.empty()) chains.push_back(chain.answer.sent);
        }
    }
    return chains;
}

} // namespace

std::optional<std::size_t> CertificatesAnswer::lineOfRow(Row row) const {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].isFile || !lines[i].chain) continue;
        const auto& rows = lines[i].chain->rows;
        if (std::find(rows.begin(), rows.end(), row) != rows.end()) return i;
    }
    return std::nullopt;
}

std::optional<std::size_t> CertificatesAnswer::lineOfSession(std::uint64_t number) const {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& sessions = lines[i].sessions;
        if (lines[i].isFile) continue;
        if (std::any_of(sessions.begin(), sessions.end(),
                        [&](std::size_t session) { return sessionAt(session).number == number; })) {
            return i;
        }
    }
    return std::nullopt;
}

std::shared_ptr<const CertificatesAnswer> answerTrust(const TrustQuestion& question, const TrustEngine& engine,
                                                      std::stop_token stop) {
    auto answer = std::make_shared<CertificatesAnswer>();
    answer->snapshot = question.snapshot;
    answer->settings = question.settings;
    for (const auto& path : question.files) {
        if (stop.stop_requested()) return nullptr;
        answer->files.push_back(judgeFile(path, question.host, question.settings, engine, stop));
    }
    for (const auto& file : answer->files) {
        for (const auto& chain : file.chains) {
            auto line = lineOf(chain);
            line.isFile = true;
            line.from = QFileInfo(file.path).fileName();
            line.sessions.clear();
            answer->lines.push_back(std::move(line));
        }
    }
    if (question.snapshot) {
        answer->settings.knownChains = chainsOf(answer->files);
        auto judged = engine.answer(*question.snapshot, answer->settings, stop);
        if (!judged) return nullptr;
        answer->trust = std::move(*judged);
        addCaptureLines(*answer);
    }
    return stop.stop_requested() ? nullptr : answer;
}

} // namespace gatescope::ui

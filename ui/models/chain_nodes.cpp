// SPDX-License-Identifier: Apache-2.0
// A judged chain as lines of a tree, with what is missing and what is wrong in its place.
#include "ui/bridge/text.h"
#include "ui/models/chain_tree_model.h"
#include "ui/models/trust_sign.h"

#include <QStringList>

#include <algorithm>

namespace gatescope::ui {
using namespace trust;
namespace {

constexpr TimeNs kDay = 86'400LL * 1'000'000'000LL;

QString dayText(TimeNs time) {
    return toText(formatTime(time)).left(10);
}

QString nameOf(const Certificate& certificate) {
    const QString name = shortName(certificate.subject);
    return name.isEmpty() ? QStringLiteral("(no subject)") : name;
}

QString tipOf(const Certificate& certificate) {
    QStringList lines{toText(certificate.subject), QStringLiteral("issued by %1").arg(toText(certificate.issuer)),
                      QStringLiteral("serial %1").arg(toText(certificate.serial))};
    if (certificate.notBefore != kNoTime && certificate.notAfter != kNoTime)
        lines << QStringLiteral("valid %1 to %2").arg(dayText(certificate.notBefore), dayText(certificate.notAfter));
    QStringList names;
    constexpr std::size_t kMostNames = 12;
    for (std::size_t i = 0; i < std::min(kMostNames, certificate.names.size()); ++i)
        names << toText(certificate.names[i].text);
    if (certificate.names.size() > kMostNames) names << QStringLiteral("…");
    if (!names.isEmpty()) lines << QStringLiteral("names: %1").arg(names.join(QStringLiteral(", ")));
    lines << QStringLiteral("SHA-256 %1").arg(toText(certificate.sha256Text()));
    for (auto& line : lines) line = line.toHtmlEscaped();
    return QStringLiteral("<p style=\"white-space:pre-line\">%1</p>").arg(lines.join(QChar('\n')));
}

bool sameCertificate(const CertificatePtr& a, const CertificatePtr& b) {
    return a && b && a->sha256 == b->sha256;
}

class TreeWriter {
public:
    TreeWriter(const ChainAnswer& answer, const ProfileVerdict* verdict, TimeNs at)
        : m_answer(answer), m_verdict(verdict), m_at(at), m_problems(answer.problems) {
        if (!verdict) return;
        for (const auto& each : verdict->problems) {
            const bool known = std::any_of(m_problems.begin(), m_problems.end(), [&](const Problem& problem) {
                return problem.kind == each.kind && (sameCertificate(problem.certificate, each.certificate) ||
                                                     (!problem.certificate && !each.certificate));
            });
            if (!known) m_problems.push_back(each);
        }
    }

    std::vector<ChainNode> write() {
        const bool own = m_verdict && !m_verdict->path.empty();
        const auto& path = own ? m_verdict->path : m_answer.bestPath;
        int up = -1;
        for (const auto& entry : path) up = addCertificate(entry, up);
        for (const auto& missing : m_answer.missing) {
            const bool onPath = std::any_of(path.begin(), path.end(), [&](const auto& entry) {
                return sameCertificate(entry.certificate, missing.certificate);
            });
            if (!onPath) up = addMissing(missing, up);
        }
        addAnchor(up);
        addExtras(path);
        return std::move(m_nodes);
    }

private:
    int add(ChainNode node) {
        m_nodes.push_back(std::move(node));
        return static_cast<int>(m_nodes.size()) - 1;
    }

    ChainNode nodeFor(const CertificatePtr& certificate, Origin origin) const {
        ChainNode node;
        node.name = nameOf(*certificate);
        node.key = toText(certificate->keyText);
        node.signature = toText(certificate->signature);
        node.valid = daysText(*certificate, m_at);
        node.origin = originWords(origin);
        node.tip = tipOf(*certificate);
        node.copy = toText(certificate->subject);
        node.glyph = Glyph::Check;
        node.tone = Tone::Good;
        for (const auto& problem : m_problems) {
            if (!sameCertificate(problem.certificate, certificate) || problem.weight == Weight::Remark) continue;
            const Sign sign = weightSign(problem.weight);
            if (node.tone != Tone::Bad) node.glyph = sign.glyph;
            if (node.tone != Tone::Bad) node.tone = sign.tone;
        }
        return node;
    }

    void addProblems(const CertificatePtr& certificate, int parent) {
        for (const auto& problem : m_problems) {
            if (sameCertificate(problem.certificate, certificate)) addProblem(problem, parent);
        }
    }

    void addProblem(const Problem& problem, int parent) {
        const Sign sign = weightSign(problem.weight);
        ChainNode node;
        node.kind = ChainNode::Kind::Problem;
        node.parent = parent;
        node.glyph = sign.glyph;
        node.tone = sign.tone;
        node.name = toText(problem.kind->title);
        QStringList evidence;
        for (const auto& each : problem.evidence) evidence << toText(each);
        node.tip = sign.words + QChar('\n') + evidence.join(QChar('\n'));
        node.copy =
            node.name + (evidence.isEmpty() ? QString() : QStringLiteral(": ")) + evidence.join(QStringLiteral("; "));
        add(std::move(node));
    }

    int addCertificate(const CertificateSet::Entry& entry, int parent) {
        auto node = nodeFor(entry.certificate, entry.origin);
        node.parent = parent;
        const bool sent = entry.origin == Origin::Sent;
        // A root need not be sent: clients have their own.
        const bool needed = !sent && !entry.certificate->selfIssued;
        if (!sent) {
            node.kind = ChainNode::Kind::Absent;
            node.name += needed ? QStringLiteral("  (not sent)") : QStringLiteral("  (root, need not be sent)");
        }
        if (needed) {
            node.glyph = Glyph::Warning;
            node.tone = Tone::Warning;
            node.copy = QString::fromStdString(toPem(*entry.certificate));
            node.signature.clear(); // its place is the button's
        }
        const int index = add(std::move(node));
        if (needed) addAddresses(entry.certificate, index);
        addProblems(entry.certificate, index);
        return index;
    }

    void addAddresses(const CertificatePtr& certificate, int parent) {
        for (const auto& missing : m_answer.missing) {
            if (sameCertificate(missing.certificate, certificate)) addAddressesOf(missing, parent);
        }
    }

    void addAddressesOf(const MissingIssuer& missing, int parent) {
        for (const auto& address : missing.addresses) {
            ChainNode node;
            node.kind = ChainNode::Kind::Address;
            node.parent = parent;
            node.glyph = Glyph::Info;
            node.tone = Tone::Muted;
            node.name = toText(address);
            node.tip = QStringLiteral("Where the certificate below it says that this one lies. Nothing is fetched by "
                                      "itself.");
            node.copy = node.name;
            add(std::move(node));
        }
    }

    int addMissing(const MissingIssuer& missing, int parent) {
        ChainNode node;
        node.kind = ChainNode::Kind::Missing;
        node.parent = parent;
        node.glyph = missing.isRoot ? Glyph::Info : Glyph::Cross;
        node.tone = missing.isRoot ? Tone::Muted : Tone::Bad;
        const QString what = missing.isRoot ? QStringLiteral("  (root, not at hand)") : QStringLiteral("  (missing)");
        node.name = shortName(missing.name) + what;
        node.origin = QStringLiteral("not at hand");
        node.copy = toText(missing.name);
        QStringList tip{toText(missing.name)};
        if (missing.certificate) {
            node.key = toText(missing.certificate->keyText);
            node.signature = toText(missing.certificate->signature);
            node.valid = daysText(*missing.certificate, m_at);
            node.origin = originWords(missing.origin);
            node.copy = QString::fromStdString(toPem(*missing.certificate));
        } else if (missing.known) {
            node.key = toText(missing.known->key);
            node.origin = QStringLiteral("known by name");
            tip << QStringLiteral("A public intermediate, issued by %1, valid to %2")
                       .arg(toText(missing.known->issuer), dayText(missing.known->notAfter));
        }
        node.tip = tip.join(QChar('\n'));
        const int index = add(std::move(node));
        addAddressesOf(missing, index);
        return index;
    }

    void addAnchor(int parent) {
        if (!m_verdict || !m_verdict->profile) return;
        const auto sign = verdictSign(m_verdict->verdict);
        ChainNode node;
        node.kind = ChainNode::Kind::Anchor;
        node.parent = parent;
        node.glyph = sign.glyph;
        node.tone = sign.tone;
        const QString title = toText(m_verdict->profile->title);
        if (m_verdict->root.empty()) {
            node.name = m_verdict->verdict == Verdict::Untrusted
                            ? QStringLiteral("Broken here: no root of “%1” is above").arg(title)
                            : QStringLiteral("No root of “%1” was found").arg(title);
        } else {
            const QString root = shortName(m_verdict->root);
            node.name = m_verdict->byName
                            ? QStringLiteral("%1, a root of “%2” by name and key id; its signature was not checked")
                                  .arg(root, title)
                            : QStringLiteral("%1 is a root of “%2”").arg(root, title);
        }
        node.tip = toText(m_verdict->reasonText);
        node.copy = node.name;
        add(std::move(node));
    }

    void addExtras(const std::vector<CertificateSet::Entry>& path) {
        int parent = -1;
        for (const auto& certificate : m_answer.sent) {
            const bool onPath = std::any_of(path.begin(), path.end(), [&](const auto& entry) {
                return sameCertificate(entry.certificate, certificate);
            });
            if (onPath) continue;
            if (parent < 0) {
                ChainNode group;
                group.kind = ChainNode::Kind::Extras;
                group.name = QStringLiteral("Sent, and not on this path");
                group.copy = group.name;
                parent = add(std::move(group));
            }
            auto node = nodeFor(certificate, Origin::Sent);
            node.parent = parent;
            addProblems(certificate, add(std::move(node)));
        }
    }

    const ChainAnswer& m_answer;
    const ProfileVerdict* m_verdict;
    TimeNs m_at;
    Problems m_problems;
    std::vector<ChainNode> m_nodes;
};

} // namespace

QString daysText(const Certificate& certificate, TimeNs at) {
    if (at == kNoTime || certificate.notAfter == kNoTime || certificate.notBefore == kNoTime) return {};
    const auto days = [](TimeNs from, TimeNs to) {
        return counted(static_cast<std::uint64_t>(std::max<TimeNs>(0, elapsed(from, to) / kDay)), "day", "days");
    };
    if (at < certificate.notBefore) return QStringLiteral("valid in %1").arg(days(at, certificate.notBefore));
    if (at > certificate.notAfter) return QStringLiteral("expired %1 ago").arg(days(certificate.notAfter, at));
    return QStringLiteral("%1 left").arg(days(at, certificate.notAfter));
}

std::vector<ChainNode> chainNodes(const ChainAnswer& answer, const ProfileVerdict* verdict, TimeNs at) {
    return TreeWriter(answer, verdict, at).write();
}

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
// What is said of a chain, its problems and its handshakes, as HTML and as text.
#include "ui/bridge/text.h"
#include "ui/models/tls_shapes.h"
#include "ui/models/trust_shapes.h"
#include "ui/models/trust_sign.h"

#include <QStringList>

namespace gatescope::ui {
using namespace analysis;
using namespace trust;
namespace {

/// Text in the colours of a palette.
class Page {
public:
    explicit Page(const QPalette& palette) : m_palette(palette) {}

    QString span(const QString& text, Tone tone) const {
        if (tone == Tone::Text) return text.toHtmlEscaped();
        return QStringLiteral("<span style=\"color:%1\">%2</span>")
            .arg(colour(tone, m_palette).name(), text.toHtmlEscaped());
    }
    void title(const QString& text) {
        html += QStringLiteral("<p style=\"margin:0; font-size:large\"><b>%1</b></p>").arg(text.toHtmlEscaped());
    }
    /// Already HTML.
    void line(const QString& inside) { html += QStringLiteral("<p style=\"margin:2px 0 0 0\">%1</p>").arg(inside); }
    void muted(const QString& text) {
        if (!text.isEmpty()) line(span(text, Tone::Muted));
    }
    /// A title in the margin, and its lines beside it.
    void list(const QString& title, const std::vector<std::string>& texts) {
        QStringList shown;
        for (const auto& text : texts) {
            if (!text.empty()) shown << toText(text).toHtmlEscaped();
        }
        if (!shown.isEmpty()) row(title, shown.join(QStringLiteral("<br>")));
    }
    void row(const QString& title, const QString& inside) {
        if (inside.isEmpty()) return;
        html += QStringLiteral("<table cellspacing=\"0\" cellpadding=\"0\"><tr><td width=\"%1\">%2</td><td>%3</td>"
                               "</tr></table>")
                    .arg(kMargin)
                    .arg(span(title, Tone::Muted), inside);
    }
    void gap() { html += QStringLiteral("<p style=\"margin:0; font-size:4pt\">&nbsp;</p>"); }

    QString html;

private:
    static constexpr int kMargin = 110;
    const QPalette& m_palette;
};

QString joined(const std::vector<std::string>& texts, const QString& between) {
    QStringList list;
    for (const auto& text : texts) list << toText(text);
    return list.join(between);
}

QString percentText(double confidence) {
    return QStringLiteral("%1 %").arg(confidence * 100, 0, 'f', 0);
}

QString whenText(TimeNs time) {
    return time == kNoTime ? QString() : toText(formatTime(time)).left(19).replace(QChar('T'), QChar(' ')) + " UTC";
}

QString sourceLine(const CertificatesAnswer& answer, const ChainLine& line) {
    QStringList parts;
    if (line.chain && line.isFile)
        parts << QStringLiteral("From the file %1").arg(line.from);
    else if (line.chain && line.chain->answer.namesOnly)
        parts << QStringLiteral("From the %1, on %2: claimed, nothing was verified")
                     .arg(line.from, counted(line.chain->rows.size(), "call", "calls"));
    else if (line.chain)
        parts << QStringLiteral("From the %1").arg(line.from);
    if (!line.isFile && line.handshakes > 0) parts << counted(line.handshakes, "handshake", "handshakes");
    if (line.chain) {
        if (!line.host.isEmpty()) parts << QStringLiteral("asked for %1").arg(line.host);
        if (line.host.isEmpty()) parts << QStringLiteral("no host is given, so names are not judged");
        if (line.chain->at != kNoTime) parts << QStringLiteral("judged for %1").arg(whenText(line.chain->at));
    }
    (void)answer;
    return parts.join(QStringLiteral("; "));
}

void addProblem(Page& page, const Problem& problem) {
    const Sign sign = weightSign(problem.weight);
    page.line(QStringLiteral("<b>%1</b>").arg(page.span(toText(problem.kind->title), sign.tone)));
    QString where = problem.certificate ? shortName(problem.certificate->subject) : QString();
    // The subject stands in front of the evidence; its short form is enough here.
    QStringList evidence;
    for (const auto& each : problem.evidence) {
        const QString text = toText(each);
        if (!problem.certificate || each != problem.certificate->subject) evidence << text;
    }
    page.row(QStringLiteral("Certificate"), where.toHtmlEscaped());
    page.row(QStringLiteral("Found"), evidence.join(QStringLiteral("; ")).toHtmlEscaped());
    page.row(QStringLiteral("Who refuses"),
             page.span(problem.concerns.empty() ? sign.words
                                                : QStringLiteral("%1: %2").arg(sign.words, toText(problem.concerns)),
                       sign.tone));
    page.row(QStringLiteral("Why it matters"), toText(problem.kind->explain).toHtmlEscaped());
    page.row(QStringLiteral("What to do"), toText(problem.kind->fix).toHtmlEscaped());
    page.gap();
}

} // namespace

Sign headlineSign(const CertificatesAnswer& answer, const ChainLine& line) {
    if (line.chain && !line.chain->answer.verdicts.empty()) return verdictSign(line.chain->answer.verdicts.front());
    if (!line.groups.empty()) return outcomeSign(answer.trust.groups[line.groups.front()].judgement.outcome);
    return {Glyph::Lock, Tone::Muted, QStringLiteral("hidden")};
}

QString headlinePage(const CertificatesAnswer& answer, const ChainLine& line, const QPalette& palette) {
    Page page(palette);
    if (line.chain) {
        const auto& chain = line.chain->answer;
        page.title(chain.headline.empty() ? headlineSign(answer, line).words : toText(chain.headline));
        if (chain.privateCa && !chain.topName.empty())
            page.line(page.span(
                QStringLiteral("Private CA: chains to %1, in no public programme.").arg(toText(chain.topName)),
                Tone::Bad));
    } else {
        page.title(QStringLiteral("The certificates of %1 could not be read")
                       .arg(line.host.isEmpty() ? QStringLiteral("this server") : line.host));
        page.line(QStringLiteral("TLS 1.3 encrypts them, and in a resumed session none are sent. What the clients did "
                                 "afterwards is judged below. To judge the chain itself, add a key log, drop the "
                                 "server's certificates as a file here, or drop a dump of headers with x-arr-ssl. "
                                 "Gatescope opens no connection to fetch them.")
                      .toHtmlEscaped());
    }
    // The worst of what clients did, in one sentence.
    if (!line.groups.empty())
        page.line(toText(answer.trust.groups[line.groups.front()].judgement.sentence).toHtmlEscaped());
    page.muted(sourceLine(answer, line));
    return page.html;
}

QString problemsPage(const ChainAnswer& answer, const QPalette& palette) {
    Page page(palette);
    for (const auto& problem : answer.problems) {
        if (problem.kind) addProblem(page, problem);
    }
    return page.html;
}

QString groupPage(const GroupJudgement& judgement, const QPalette& palette) {
    Page page(palette);
    page.line(toText(judgement.sentence).toHtmlEscaped());
    page.list(QStringLiteral("Because"), judgement.because);
    page.list(QStringLiteral("Would settle it"), judgement.wouldSettle);
    return page.html;
}

QString sessionPage(const CertificatesAnswer& answer, const TrustSession& session, const QPalette& palette) {
    const auto& verdict = session.verdict;
    const Sign sign = outcomeSign(verdict.outcome);
    Page page(palette);
    const auto number = answer.snapshot->tlsSessions()[session.session].number;
    QString head = QStringLiteral("Session %1: ").arg(number) + page.span(sign.words, sign.tone);
    if (verdict.confidence > 0) head += QStringLiteral(", confidence %1").arg(percentText(verdict.confidence));
    page.line(QStringLiteral("<b>%1</b>").arg(head));
    if (verdict.signature != Signature::None)
        page.row(toText(toString(verdict.signature)), toText(meaningOf(verdict.signature)).toHtmlEscaped());
    page.row(QStringLiteral("Reason"), toText(verdict.reason).toHtmlEscaped());
    page.list(QStringLiteral("Because"), verdict.because);
    page.list(QStringLiteral("Could also be"), verdict.alternatives);
    page.list(QStringLiteral("Would settle it"), verdict.wouldSettle);
    QStringList packets;
    for (const auto packet : verdict.packets) packets << tlsPacketText(packet);
    page.row(QStringLiteral("Packets"), packets.join(QStringLiteral(", ")).toHtmlEscaped());
    return page.html;
}

QString evidenceText(const CertificatesAnswer& answer, const ChainLine& line) {
    QStringList lines;
    for (const auto index : line.groups) {
        const auto& judged = answer.trust.groups[index].judgement;
        lines << toText(judged.sentence);
        for (const auto& each : judged.because) lines << QStringLiteral("  ") + toText(each);
        if (!judged.wouldSettle.empty())
            lines << QStringLiteral("  would settle it: ") + joined(judged.wouldSettle, QStringLiteral("; "));
    }
    return lines.isEmpty() ? QString() : lines.join(QChar('\n')) + QChar('\n');
}

} // namespace gatescope::ui

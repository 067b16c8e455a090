// SPDX-License-Identifier: Apache-2.0
#include "ui/models/trust_sign.h"

#include "ui/bridge/text.h"

namespace gatescope::ui {
using namespace trust;

Sign verdictSign(Verdict verdict) {
    switch (verdict) {
    case Verdict::Trusted:
        return {Glyph::Check, Tone::Good, QStringLiteral("trusted")};
    case Verdict::Untrusted:
        return {Glyph::Cross, Tone::Bad, QStringLiteral("not trusted")};
    case Verdict::Undecided:
        break;
    }
    return {Glyph::Info, Tone::Muted, QStringLiteral("undecided")};
}

Sign verdictSign(const ProfileVerdict& verdict) {
    Sign sign = verdictSign(verdict.verdict);
    if (verdict.verdict != Verdict::Trusted) return sign;
    if (verdict.needsRepair || verdict.strictRefuse) {
        sign.glyph = Glyph::Warning;
        sign.tone = Tone::Warning;
        sign.words = verdict.needsRepair ? QStringLiteral("trusted by some") : QStringLiteral("not by strict ones");
    }
    return sign;
}

Sign outcomeSign(TrustOutcome outcome) {
    switch (outcome) {
    case TrustOutcome::Accepted:
        return {Glyph::Check, Tone::Good, QStringLiteral("accepted")};
    case TrustOutcome::Rejected:
        return {Glyph::Cross, Tone::Bad, QStringLiteral("rejected")};
    case TrustOutcome::ClientCertificateRequired:
        return {Glyph::Key, Tone::Bad, QStringLiteral("client certificate required")};
    case TrustOutcome::NegotiationFailed:
        return {Glyph::Cross, Tone::Warning, QStringLiteral("negotiation failed")};
    case TrustOutcome::NotEvaluated:
        return {Glyph::Info, Tone::Muted, QStringLiteral("not evaluated")};
    case TrustOutcome::Undecided:
        break;
    }
    return {Glyph::NoAnswer, Tone::Muted, QStringLiteral("undecided")};
}

Sign weightSign(Weight weight) {
    switch (weight) {
    case Weight::Rejects:
        return {Glyph::Cross, Tone::Bad, QStringLiteral("every client that checks refuses")};
    case Weight::StricterStacks:
        return {Glyph::Warning, Tone::Warning, QStringLiteral("stricter clients refuse")};
    case Weight::Repairable:
        return {Glyph::Warning, Tone::Warning, QStringLiteral("some clients mend it, others refuse")};
    case Weight::Remark:
        break;
    }
    return {Glyph::Info, Tone::Muted, QStringLiteral("nobody refuses because of it")};
}

QString originWords(Origin origin) {
    switch (origin) {
    case Origin::Sent:
        return QStringLiteral("sent");
    case Origin::Capture:
        return QStringLiteral("seen in the capture");
    case Origin::User:
        return QStringLiteral("from your files");
    case Origin::System:
        return QStringLiteral("from the system");
    }
    return {};
}

QString profileClients(std::string_view id) {
    static constexpr std::pair<std::string_view, const char*> kClients[] = {
        {"strict-common", "managed agents, any public client"},
        {"mozilla", "Linux, curl, Python, Node.js, Firefox"},
        {"microsoft", "Windows, .NET on Windows, Edge"},
        {"apple", "macOS, iOS, Safari"},
        {"android", "Android"},
        {"openjdk", "Java 17"},
        {"openjdk-old", "Java 13 and older"},
        {"system", "programs on this computer"},
        {"custom", "clients with your roots"},
    };
    for (const auto& [profile, clients] : kClients) {
        if (profile == id) return QLatin1String(clients);
    }
    return {};
}

QString shortName(std::string_view distinguishedName) {
    const QString whole = toText(distinguishedName);
    // RFC 4514: a comma inside a value is escaped; what follows `CN=` ends at the first that is not.
    qsizetype begin = 0;
    qsizetype first = -1;
    for (qsizetype i = 0; i <= whole.size(); ++i) {
        const bool end = i == whole.size() || ((whole[i] == QChar(',') || whole[i] == QChar(';')) &&
                                               (i == 0 || whole[i - 1] != QChar('\\')));
        if (!end) continue;
        const QString part = whole.mid(begin, i - begin).trimmed();
        if (part.startsWith(QStringLiteral("CN="), Qt::CaseInsensitive)) return part.mid(3).remove(QChar('\\'));
        if (first < 0) first = i;
        begin = i + 1;
    }
    return first < 0 ? whole : whole.left(first);
}

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
// What is known of a TLS session, in groups of name and value.
#include "core/tls/names.h"
#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"
#include "ui/models/tls_shapes.h"
#include "ui/models/tls_sign.h"

#include <QStringList>

namespace gatescope::ui {
using namespace analysis;
using namespace tls;
namespace {

struct Fact {
    QString name, value;
    Tone tone = Tone::Text;
};
struct Group {
    QString title;
    std::vector<Fact> facts;
};

/// Leaves out what is not known.
class Groups {
public:
    void begin(const QString& title) { m_groups.push_back({title, {}}); }
    void add(const QString& name, const QString& value, Tone tone = Tone::Text) {
        if (!value.isEmpty()) m_groups.back().facts.push_back({name, value, tone});
    }
    std::vector<Group> take() {
        std::erase_if(m_groups, [](const Group& group) { return group.facts.empty(); });
        return std::move(m_groups);
    }

private:
    std::vector<Group> m_groups;
};

template <typename Name>
QString namesOf(const std::vector<std::uint16_t>& values, Name name) {
    QStringList list;
    for (const auto value : values) {
        if (!isGrease(value)) list << toText(name(value));
    }
    return list.join(QStringLiteral(", "));
}

QString clientCertificateText(ClientCertificate state) {
    switch (state) {
    case ClientCertificate::Unknown:
        return {};
    case ClientCertificate::NotAsked:
        return QStringLiteral("not asked for");
    case ClientCertificate::Asked:
        return QStringLiteral("asked for; the session ended before the answer");
    case ClientCertificate::Sent:
        return QStringLiteral("sent");
    case ClientCertificate::Refused:
        return QStringLiteral("asked for, and the client sent none");
    }
    return {};
}

QString earlyDataText(EarlyData state) {
    switch (state) {
    case EarlyData::NotOffered:
        return {};
    case EarlyData::Offered:
        return QStringLiteral("offered");
    case EarlyData::Accepted:
        return QStringLiteral("accepted: the first request came without a round trip");
    case EarlyData::Rejected:
        return QStringLiteral("offered, and the server rejected it");
    }
    return {};
}

QString alertLine(const AlertSeen& alert) {
    constexpr std::uint8_t kFatal = 2;
    return QStringLiteral("%1 from the %2: %3")
        .arg(alert.level == kFatal ? QStringLiteral("fatal") : QStringLiteral("warning"),
             alert.from == Peer::Client ? QStringLiteral("client") : QStringLiteral("server"),
             toText(alertName(alert.description)));
}

QString goodbyes(const std::array<bool, 2>& said) {
    if (said[0] && said[1]) return QStringLiteral("both ends");
    if (said[0]) return QStringLiteral("the client only");
    return said[1] ? QStringLiteral("the server only") : QString();
}

void addCertificates(Groups& groups, const QString& title, const CertificatesSeen* seen) {
    groups.begin(title);
    if (!seen) return;
    groups.add(QStringLiteral("Subject"), toText(seen->leafSubject));
    groups.add(QStringLiteral("Issuer"), toText(seen->leafIssuer));
    groups.add(QStringLiteral("Sent"), counted(seen->der.size(), "certificate", "certificates") +
                                           (seen->cut ? QStringLiteral(", more were left out") : QString()));
    if (!seen->ocspResponse.empty())
        groups.add(QStringLiteral("OCSP"), QStringLiteral("stapled, ") + bytesText(seen->ocspResponse.size()));
}

void addAgreed(Groups& groups, const SessionFacts& facts) {
    groups.begin(QStringLiteral("Agreed"));
    groups.add(QStringLiteral("Version"), tlsVersionText(facts));
    groups.add(QStringLiteral("Cipher"), tlsCipherText(facts));
    if (facts.group != 0) groups.add(QStringLiteral("Group"), toText(groupName(facts.group)));
    if (facts.signatureScheme != 0)
        groups.add(QStringLiteral("Signature"), toText(signatureSchemeName(facts.signatureScheme)));
    groups.add(QStringLiteral("ALPN"), toText(facts.alpn));
    if (facts.resumed) groups.add(QStringLiteral("Resumed"), QStringLiteral("yes, on an earlier session"));
    groups.add(QStringLiteral("Early data"), earlyDataText(facts.earlyData));
    if (facts.helloRetried)
        groups.add(QStringLiteral("Hello retry"), QStringLiteral("yes: the server asked for another key share"));

    if (!facts.laterRandoms.empty())
        groups.add(QStringLiteral("Renegotiated"), counted(facts.laterRandoms.size(), "time", "times"));
    if (facts.keyUpdates > 0) groups.add(QStringLiteral("Key updates"), countText(facts.keyUpdates));
    if (facts.tickets > 0) groups.add(QStringLiteral("Tickets"), countText(facts.tickets));
}

void addOffered(Groups& groups, const SessionFacts& facts) {
    groups.begin(QStringLiteral("Client"));
    groups.add(QStringLiteral("Server name"), toText(facts.serverName));
    if (facts.encryptedClientHello)
        groups.add(QStringLiteral("ECH"), QStringLiteral("offered: the name may be that of a front only"));
    groups.add(QStringLiteral("ALPN offered"), listText(facts.alpnOffered));
    groups.add(QStringLiteral("Versions"), namesOf(facts.versionsOffered, versionName));
    groups.add(QStringLiteral("Key shares"), namesOf(facts.keyShares, groupName));
    groups.add(QStringLiteral("JA4"), toText(facts.ja4));
    groups.add(QStringLiteral("JA3"), toText(facts.ja3));
    groups.add(QStringLiteral("JA3S"), toText(facts.ja3s));
    groups.add(QStringLiteral("Certificate"), clientCertificateText(facts.clientCertificate));
}

void addReading(Groups& groups, const SessionFacts& facts) {
    groups.begin(QStringLiteral("Reading"));
    const auto sign = readableSign(facts);
    groups.add(QStringLiteral("Readable"), readableText(facts), sign.tone == Tone::Muted ? Tone::Text : sign.tone);
    if (facts.recordsDecrypted > 0)
        groups.add(QStringLiteral("Decrypted"), counted(facts.recordsDecrypted, "record", "records"));
    if (facts.recordsNotDecrypted > 0)
        groups.add(QStringLiteral("Not decrypted"), counted(facts.recordsNotDecrypted, "record", "records"));
    if (facts.recordsDamaged > 0)
        groups.add(QStringLiteral("Do not verify"), counted(facts.recordsDamaged, "record", "records"), Tone::Warning);
    if (facts.lostOctets > 0)
        groups.add(QStringLiteral("Never captured"), counted(facts.lostOctets, "octet", "octets"), Tone::Warning);
    if (facts.applicationOctets[0] + facts.applicationOctets[1] > 0) {
        groups.add(QStringLiteral("Data"),
                   QStringLiteral("%1 from the client, %2 from the server")
                       .arg(bytesText(facts.applicationOctets[0]), bytesText(facts.applicationOctets[1])));
    }
}

std::vector<Group> groupsOf(const TlsSession& session) {
    const auto& record = *session.record;
    const auto& facts = record.facts;
    Groups groups;
    groups.begin(QStringLiteral("Session %1").arg(session.number));
    const auto ended = endedSign(facts);
    groups.add(QStringLiteral("Ended"), toText(facts.ended), ended.tone == Tone::Muted ? Tone::Text : ended.tone);
    groups.add(QString(), ended.words);
    for (const auto& alert : facts.alerts) groups.add(QStringLiteral("Alert"), alertLine(alert));
    groups.add(QStringLiteral("Close notify"), goodbyes(facts.closeNotify));
    groups.add(QStringLiteral("From"), toText(record.client.toString()));
    groups.add(QStringLiteral("To"), toText(record.server.toString()));
    if (facts.firstTime != kNoTime) groups.add(QStringLiteral("Began"), toText(formatTime(facts.firstTime)));
    if (facts.firstTime != kNoTime && facts.lastTime != kNoTime)
        groups.add(QStringLiteral("Lasted"), durationText(facts.lastTime - facts.firstTime));
    groups.add(QStringLiteral("Exchanges"), countText(record.exchanges));
    addAgreed(groups, facts);
    addOffered(groups, facts);
    const bool hidden = !facts.serverCertificates && facts.version >= kTls13;
    addCertificates(groups, QStringLiteral("Server certificates"), facts.serverCertificates.get());
    if (hidden && !facts.resumed)
        groups.add(QStringLiteral("Hidden"), QStringLiteral("TLS 1.3 encrypts them; a key log would show them"));
    addCertificates(groups, QStringLiteral("Client certificates"), facts.clientCertificates.get());
    addReading(groups, facts);
    return groups.take();
}

} // namespace

QString tlsFactsPage(const TlsSession& session, const QPalette& palette) {
    const QString muted = colour(Tone::Muted, palette).name();
    QString page = QStringLiteral("<table cellspacing=\"0\" cellpadding=\"1\">");
    for (const auto& group : groupsOf(session)) {
        page += QStringLiteral("<tr><td colspan=\"2\" style=\"padding-top:6px\"><b>%1</b></td></tr>")
                    .arg(group.title.toHtmlEscaped());
        for (const auto& fact : group.facts) {
            const QString value = fact.tone == Tone::Text
                                      ? fact.value.toHtmlEscaped()
                                      : QStringLiteral("<span style=\"color:%1\">%2</span>")
                                            .arg(colour(fact.tone, palette).name(), fact.value.toHtmlEscaped());
            page += QStringLiteral("<tr><td style=\"color:%1; padding-right:8px\"><nobr>%2</nobr></td><td>%3</td></tr>")
                        .arg(muted, fact.name.toHtmlEscaped(), value);
        }
    }
    return page + QStringLiteral("</table>");
}

QString tlsFactsText(const TlsSession& session) {
    QStringList lines;
    for (const auto& group : groupsOf(session)) {
        lines << group.title;
        for (const auto& fact : group.facts) {
            lines << QStringLiteral("  ") +
                         (fact.name.isEmpty() ? fact.value : fact.name + QStringLiteral(": ") + fact.value);
        }
    }
    return lines.join(QChar('\n')) + QChar('\n');
}

} // namespace gatescope::ui

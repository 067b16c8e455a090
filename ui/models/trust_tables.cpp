// SPDX-License-Identifier: Apache-2.0
// Chains, verdicts, groups and sessions as tables.
#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"
#include "ui/models/trust_shapes.h"
#include "ui/models/trust_sign.h"

#include <QStringList>

namespace gatescope::ui {
using namespace analysis;
using namespace trust;
namespace {

TableColumn column(const char* title, const char* meaning, const char* csvName, bool numeric = false) {
    return {QString::fromLatin1(title), QString::fromLatin1(meaning), QString::fromLatin1(csvName), numeric};
}

TableCell signCell(const Sign& sign, const QString& more = {}) {
    auto cell = TableCell::of(sign.words);
    cell.glyph = sign.glyph;
    cell.tone = sign.tone;
    cell.more = more;
    return cell;
}

TableCell textCell(const QString& text, const QString& more = {}) {
    if (text.isEmpty()) return TableCell::missing();
    auto cell = TableCell::of(text);
    cell.more = more;
    return cell;
}

QString lines(const std::vector<std::string>& texts) {
    QStringList list;
    for (const auto& text : texts) list << toText(text);
    return list.join(QChar('\n'));
}

Sign chainSign(const ChainLine& line) {
    if (line.chain) return verdictSign(line.worst);
    return {Glyph::Lock, Tone::Muted, QStringLiteral("hidden")};
}

TableCell confidenceCell(double confidence) {
    if (confidence <= 0) return TableCell::missing();
    const double percent = confidence * 100;
    return {percent, QStringLiteral("%1 %").arg(percent, 0, 'f', 0), Tone::Text};
}

QString ageText(const TrustProfile& profile, TimeNs now) {
    const QString date = profile.asOf.empty() ? QStringLiteral("read now") : toText(profile.asOf);
    return isOutdated(profile, now) ? QStringLiteral("%1, older than a year").arg(date) : date;
}

QString rootsText(const TrustProfile& profile) {
    return QStringLiteral("%1 of %2 roots at hand")
        .arg(countText(profile.certificates.size()), countText(profile.roots()));
}

QString profileMore(const TrustProfile& profile, TimeNs now) {
    QStringList more{QStringLiteral("List of %1, %2").arg(ageText(profile, now), rootsText(profile))};
    if (!profile.origin.empty()) more << toText(profile.origin);
    if (!profile.licence.empty()) more << toText(profile.licence);
    if (!profile.note.empty()) more << toText(profile.note);
    return more.join(QChar('\n'));
}

QString verdictDetail(const ProfileVerdict& verdict) {
    if (verdict.verdict == Verdict::Trusted && !verdict.root.empty()) {
        const QString root = shortName(verdict.root);
        return verdict.byName ? QStringLiteral("%1 (by name, signature not checked)").arg(root) : root;
    }
    return verdict.reasonText.empty() ? toText(verdict.reason) : toText(verdict.reasonText);
}

} // namespace

std::vector<TableColumn> chainColumns() {
    return {column("Host", "The name that was asked for, and the worst verdict of all profiles", "host"),
            column("Shakes", "Handshakes that showed this chain, or are known to", "handshakes", true),
            column("Rejected", "Handshakes after which the client gave up because of it", "rejected", true),
            column("From", "Where the chain was found", "source"),
            column("Worst", "The worst verdict of all profiles", "verdict")};
}

std::vector<CellTableModel::Row> chainRows(const CertificatesAnswer& answer) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& line : answer.lines) {
        const Sign sign = chainSign(line);
        QString name = line.host;
        if (name.isEmpty() && line.chain) name = shortName(line.chain->answer.topName);
        auto host = textCell(name.isEmpty() ? QStringLiteral("(no name)") : name,
                             line.chain ? toText(line.chain->answer.headline)
                                        : QStringLiteral("Its certificates could not be read"));
        host.glyph = sign.glyph;
        auto shakes = line.isFile ? TableCell::missing() : TableCell::count(line.handshakes);
        rows.push_back({std::move(host), std::move(shakes),
                        line.isFile ? TableCell::missing() : TableCell::warning(line.rejected), textCell(line.from),
                        signCell(sign)});
    }
    return rows;
}

std::vector<TableColumn> verdictColumns() {
    return {column("Clients that trust", "A list of roots that clients use", "profile"),
            column("Verdict", "What they make of the chain", "verdict"),
            column("Root, or why not", "The root found, else the worst problem", "detail"),
            column("Used by", "Clients that use this list as a rule", "clients"),
            column("Today", "The verdict of today, where it differs from that of the time judged", "today")};
}

std::vector<CellTableModel::Row> verdictRows(const ChainAnswer& answer, TimeNs now) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& each : answer.verdicts) {
        if (!each.profile) continue;
        auto profile = textCell(toText(each.profile->title), profileMore(*each.profile, now));
        if (isOutdated(*each.profile, now)) {
            profile.glyph = Glyph::History;
            profile.more.prepend(QStringLiteral("This list is older than a year.\n"));
        }
        rows.push_back({std::move(profile), signCell(verdictSign(each), toText(each.reasonText)),
                        textCell(verdictDetail(each), toText(each.root)), textCell(profileClients(each.profile->id)),
                        each.now ? signCell(verdictSign(*each.now)) : TableCell::missing()});
    }
    return rows;
}

std::vector<TableColumn> trustGroupColumns() {
    return {column("Client", "Whose handshakes they are", "client"),
            column("Name", "The server's name that was asked for", "name"),
            column("Outcome", "What came of them together", "outcome"),
            column("Signature", "The most frequent end of a handshake among them", "signature"),
            column("Shakes", "Handshakes", "sessions", true),
            column("Rejected", "Handshakes in which the certificate was rejected", "rejected", true),
            column("Accepted", "Handshakes in which it was accepted", "accepted", true),
            column("Requests", "Handshakes that carried a request", "with_requests", true),
            column("Gap", "Median time from the server's flight to what the client did", "median_gap_ms", true),
            column("Confidence", "How sure that is, by what was measured of known clients", "confidence", true)};
}

std::vector<CellTableModel::Row> trustGroupRows(const CertificatesAnswer& answer,
                                                const std::vector<std::size_t>& groups) {
    std::vector<CellTableModel::Row> rows;
    for (const auto index : groups) {
        const auto& group = answer.trust.groups[index];
        const auto& judged = group.judgement;
        rows.push_back(
            {textCell(toText(group.client)), textCell(toText(group.name)),
             signCell(outcomeSign(judged.outcome), toText(judged.sentence)),
             textCell(toText(toString(judged.signature)), toText(meaningOf(judged.signature))),
             TableCell::count(judged.sessions), TableCell::warning(judged.rejected), TableCell::count(judged.accepted),
             TableCell::count(judged.withRequests),
             TableCell::duration(judged.medianGap == kNoTime ? std::nullopt : std::optional<TimeNs>(judged.medianGap)),
             confidenceCell(judged.confidence)});
    }
    return rows;
}

std::vector<TableColumn> trustSessionColumns() {
    return {column("#", "Number of the session on the page of TLS", "session", true),
            column("Time (UTC)", "When it began", "time"),
            column("Client", "Who opened the connection", "client"),
            column("Outcome", "What came of the client's look at the certificate", "outcome"),
            column("Signature", "The shape of the handshake's end", "signature"),
            column("Reason", "The alert, or what is wrong with the chain", "reason"),
            column("Confidence", "How sure that is, by what was measured of known clients", "confidence", true),
            column("Gap", "From the server's last record to what the client did", "gap_ms", true),
            column("Client's stack", "By its JA4 fingerprint", "stack"),
            column("TLS", "Version agreed on", "version"),
            column("Chain", "Whether this session showed the chain, or another one of the name", "chain"),
            column("JA4", "Fingerprint of the client", "ja4")};
}

std::vector<CellTableModel::Row> trustSessionRows(const CertificatesAnswer& answer,
                                                  const std::vector<std::size_t>& sessions) {
    std::vector<CellTableModel::Row> rows;
    for (const auto index : sessions) {
        if (rows.size() == CellTableModel::kMaxRows) break;
        const auto& judged = answer.trust.sessions[index];
        const auto& verdict = judged.verdict;
        const auto& session = answer.sessionAt(index);
        const auto& facts = session.record->facts;
        const QString why = lines(verdict.because);
        QString chain;
        if (judged.chain)
            chain = judged.chainIsKnownOnly ? QStringLiteral("known of the name") : QStringLiteral("read");
        auto time = facts.firstTime == kNoTime
                        ? TableCell::missing()
                        : TableCell{toText(formatTime(facts.firstTime)), clockText(facts.firstTime, false)};
        rows.push_back({TableCell::count(session.number), std::move(time),
                        textCell(toText(session.record->client.toString())),
                        signCell(outcomeSign(verdict.outcome), why),
                        textCell(toText(toString(verdict.signature)), toText(meaningOf(verdict.signature))),
                        textCell(toText(verdict.reason)), confidenceCell(verdict.confidence),
                        TableCell::duration(verdict.gap == kNoTime ? std::nullopt : std::optional<TimeNs>(verdict.gap)),
                        textCell(toText(verdict.stack)), textCell(tlsVersionText(facts)), textCell(chain),
                        textCell(toText(facts.ja4))});
    }
    return rows;
}

bool endedBadly(const TrustSession& session) {
    return session.verdict.outcome != TrustOutcome::Accepted && session.verdict.outcome != TrustOutcome::NotEvaluated;
}

std::vector<TableColumn> profileColumns() {
    return {column("Profile", "A list of roots that clients use", "profile"),
            column("Used by", "Clients that use this list as a rule", "clients"),
            column("Of", "When the list was made", "as_of"),
            column("Roots", "Roots in it", "roots", true),
            column("At hand", "Roots whose certificates are here, so that signatures are checked", "at_hand", true),
            column("From", "Where the list comes from", "origin"),
            column("Licence", "Under what terms", "licence")};
}

std::vector<CellTableModel::Row> profileRows(const std::vector<ProfilePtr>& profiles, TimeNs now) {
    std::vector<CellTableModel::Row> rows;
    for (const auto& profile : profiles) {
        auto of = textCell(ageText(*profile, now));
        if (isOutdated(*profile, now)) {
            of.glyph = Glyph::Warning;
            of.tone = Tone::Warning;
        }
        rows.push_back({textCell(toText(profile->title), profileMore(*profile, now)),
                        textCell(profileClients(profile->id)), std::move(of), TableCell::count(profile->roots()),
                        TableCell::count(profile->certificates.size()), textCell(toText(profile->origin)),
                        textCell(toText(profile->licence))});
    }
    return rows;
}

} // namespace gatescope::ui

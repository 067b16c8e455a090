// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/analysis/trust_answer.h"
#include "core/analysis/trust_simulation.h"
#include "core/trust/chain_size.h"
#include "core/trust/trust_findings.h"
#include "tests/support/certificate_maker.h"
#include "tests/unit/analysis/records.h"

#include <algorithm>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;
using gatescope::test::MadeCertificate;
using gatescope::test::makeCertificate;
using trust::CertificatePtr;

namespace {

constexpr TimeNs kSecond = 1'000 * kMs;
constexpr const char* kHost = "gw.contoso.example";

CertificatePtr readMade(const MadeCertificate& made) {
    return trust::readCertificate(made.der).value();
}

/// A private authority with an intermediate, and a leaf for kHost.
struct Authority {
    MadeCertificate root = makeCertificate({.subject = "CN=Contoso Root", .ca = true});
    MadeCertificate other = makeCertificate({.subject = "CN=Another Root", .ca = true});
    MadeCertificate intermediate = makeCertificate({.subject = "CN=Contoso Issuing CA", .ca = true}, &root);
    MadeCertificate leaf =
        makeCertificate({.subject = std::string("CN=") + kHost,
                         .notAfter = 1'780'000'000, // 2026-05-28
                         .extensions = {{"subjectAltName", std::string("DNS:") + kHost},
                                        {"extendedKeyUsage", "serverAuth"},
                                        {"authorityInfoAccess", "caIssuers;URI:http://ca.contoso.example/i.crt"}}},
                        &intermediate);

    /// A kind of client that trusts these.
    static trust::ProfilePtr profile(std::string id, const std::vector<const MadeCertificate*>& roots) {
        auto profile = std::make_shared<trust::TrustProfile>();
        profile->id = profile->title = std::move(id);
        for (const MadeCertificate* root : roots) profile->certificates.add(readMade(*root), trust::Origin::User);
        return profile;
    }
    TrustSettings settings(bool trusted) const {
        TrustSettings settings;
        settings.profiles = {trusted ? profile("custom", {&root}) : profile("public", {&other})};
        return settings;
    }
};

const Authority& authority() {
    static const Authority made;
    return made;
}

std::shared_ptr<const tls::CertificatesSeen> seenOf(std::initializer_list<const MadeCertificate*> chain) {
    auto seen = std::make_shared<tls::CertificatesSeen>();
    for (const MadeCertificate* certificate : chain) seen->der.push_back(certificate->der);
    return seen;
}

/// Begins a session of TLS 1.3 as sealed records show it: hellos, and the server's flight, one message a record.
TlsRecord sealedSession(TimeNs time, std::uint32_t certificateLength, std::uint64_t number) {
    TlsRecord record;
    record.flowStart = record.packet = number;
    record.client = *Endpoint::parse("100.64.9.87:40000");
    record.server = *Endpoint::parse("10.0.9.213:443");
    auto& facts = record.facts;
    facts.clientHelloSeen = true;
    facts.serverName = kHost;
    facts.version = 0x0304;
    facts.cipherSuite = 0x1301;
    facts.firstTime = facts.lastTime = time;
    const auto add = [&](tls::Peer from, std::uint8_t type, std::uint32_t length, bool encrypted,
                         std::optional<tls::HandshakeType> message = {}) {
        tls::Step step;
        step.from = from;
        step.recordType = step.contentType = type;
        if (encrypted) step.contentType = 0;
        step.encrypted = encrypted;
        step.length = length;
        step.octets = length + 5;
        step.packet = number;
        step.time = facts.lastTime;
        if (message) step.messages[step.messageCount++] = *message;
        facts.steps.push_back(step);
    };
    constexpr std::uint8_t kHandshake = 22, kData = 23, kCcs = 20;
    add(tls::Peer::Client, kHandshake, 512, false, tls::HandshakeType::ClientHello);
    add(tls::Peer::Server, kHandshake, 122, false, tls::HandshakeType::ServerHello);
    add(tls::Peer::Server, kCcs, 1, false);
    for (const std::uint32_t length : {23U, certificateLength, 96U, 53U}) add(tls::Peer::Server, kData, length, true);
    return record;
}

/// The client leaves without a word, as Node does.
TlsRecord silentRejection(TimeNs time, std::uint64_t number, std::uint32_t certificateLength = 955) {
    TlsRecord record = sealedSession(time, certificateLength, number);
    tls::Step fin;
    fin.kind = tls::Step::Kind::Fin;
    fin.packet = number;
    fin.time = record.facts.lastTime = time + 20 * kMs;
    record.facts.steps.push_back(fin);
    record.facts.outcome = tls::Outcome::Failed;
    record.facts.ended = "client-closed-after-server-flight";
    return record;
}

TlsRecord readable(TimeNs time, std::uint64_t number, std::shared_ptr<const tls::CertificatesSeen> seen,
                   std::string host = kHost) {
    TlsRecord record = silentRejection(time, number);
    record.facts.serverCertificates = std::move(seen);
    record.facts.serverName = std::move(host);
    return record;
}

Snapshot snapshotWith(std::vector<TlsRecord> sessions, std::vector<ExchangeRecord> exchanges = {}) {
    Dataset dataset({"a.pcap"});
    Batch batch;
    batch.sessions = std::move(sessions);
    batch.exchanges = std::move(exchanges);
    dataset.append(std::move(batch));
    dataset.finish();
    return dataset.snapshot();
}

TrustAnswer answerFor(const Snapshot& snapshot, const TrustSettings& settings) {
    return trustAnswer(snapshot, settings, {}).value();
}

std::vector<CertificatePtr> wholeChain() {
    return {readMade(authority().leaf), readMade(authority().intermediate)};
}

bool hasFinding(const std::vector<PlacedFinding>& findings, const FindingKind& kind) {
    return std::ranges::any_of(findings, [&](const auto& placed) { return placed.finding.kind == &kind; });
}

} // namespace

class TrustTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneChainIsJudgedOnceForAllSessions();
    void whatClientsTrustDecides();
    void otherNamesAreOtherQuestions();
    void expiryDividesSessionsOfOneChain();
    void sealedSessionsTakeTheChainOfTheirName();
    void sealedSessionsFitAGivenChainByLength();
    void lengthsThatContradictRuleAChainOut();
    void silentClientsAreJudgedTogether();
    void headersNameChains();
    void anAddedIntermediateMakesTheDifference();
    void problemsOfManyChainsAreToldOnce();
    void oneIssuerOfUnrelatedNamesIsAnInspectingProxy();
    void certificatesThatCannotBeReadAreNoChain();
    void stoppingGivesNothing();
};

void TrustTest::oneChainIsJudgedOnceForAllSessions() {
    const auto seen = seenOf({&authority().leaf, &authority().intermediate});
    const auto again = seenOf({&authority().leaf, &authority().intermediate}); // the same in another list
    const Snapshot snapshot = snapshotWith({readable(kStart, 1, seen), readable(kStart + kSecond, 2, again)});
    const TrustAnswer answer = answerFor(snapshot, authority().settings(true));
    QCOMPARE(answer.chains.size(), std::size_t{1});
    QCOMPARE(answer.chains[0].sessions, (std::vector<std::size_t>{0, 1}));
    QCOMPARE(answer.chains[0].number, std::uint64_t{1});
    QCOMPARE(answer.chains[0].at, kStart);
}

void TrustTest::whatClientsTrustDecides() {
    const Snapshot snapshot =
        snapshotWith({readable(kStart, 1, seenOf({&authority().leaf, &authority().intermediate}))});
    const auto verdictBy = [&](bool trusted) {
        return answerFor(snapshot, authority().settings(trusted)).chains.at(0).answer.verdicts.at(0).verdict;
    };
    QVERIFY(verdictBy(true) == trust::Verdict::Trusted);
    QVERIFY(verdictBy(false) == trust::Verdict::Untrusted);
}

void TrustTest::otherNamesAreOtherQuestions() {
    const auto seen = seenOf({&authority().leaf, &authority().intermediate});
    const Snapshot snapshot =
        snapshotWith({readable(kStart, 1, seen), readable(kStart + kSecond, 2, seen, "other.contoso.example")});
    const TrustAnswer answer = answerFor(snapshot, authority().settings(true));
    QCOMPARE(answer.chains.size(), std::size_t{2});
    QVERIFY(answer.chains[0].answer.verdicts[0].verdict == trust::Verdict::Trusted);
    QVERIFY(answer.chains[1].answer.verdicts[0].verdict == trust::Verdict::Untrusted);
    QCOMPARE(answer.chains[1].answer.verdicts[0].reason, std::string(trust::kHostMismatch.id));
}

void TrustTest::expiryDividesSessionsOfOneChain() {
    const auto seen = seenOf({&authority().leaf, &authority().intermediate});
    constexpr TimeNs kAfter = 1'790'000'000 * kSecond; // 2026-09-21: the leaf ended on 2026-05-28
    const Snapshot snapshot = snapshotWith({readable(kStart, 1, seen), readable(kAfter, 2, seen)});
    const TrustAnswer answer = answerFor(snapshot, authority().settings(true));
    QCOMPARE(answer.chains.size(), std::size_t{2});
    QVERIFY(answer.chains[0].answer.verdicts[0].verdict == trust::Verdict::Trusted);
    QCOMPARE(answer.chains[1].answer.verdicts[0].reason, std::string(trust::kExpired.id));
}

void TrustTest::sealedSessionsTakeTheChainOfTheirName() {
    const auto seen = seenOf({&authority().leaf, &authority().intermediate});
    const std::uint32_t length = trust::certificateRecordLength(wholeChain());
    const Snapshot snapshot = snapshotWith({silentRejection(kStart, 1, length), readable(kStart + kSecond, 2, seen)});
    const TrustAnswer answer = answerFor(snapshot, authority().settings(true));
    QVERIFY(answer.sessions[0].chain == std::optional<std::size_t>(0));
    QVERIFY(answer.sessions[0].chainIsKnownOnly);
    QVERIFY(!answer.sessions[1].chainIsKnownOnly);
}

void TrustTest::sealedSessionsFitAGivenChainByLength() {
    TrustSettings settings = authority().settings(true);
    settings.knownChains = {wholeChain()};
    const std::uint32_t whole = trust::certificateRecordLength(wholeChain());
    const std::uint32_t leafAlone = trust::certificateRecordLength(std::vector{readMade(authority().leaf)});
    const Snapshot snapshot =
        snapshotWith({silentRejection(kStart, 1, whole), silentRejection(kStart + kSecond, 2, leafAlone)});
    const TrustAnswer answer = answerFor(snapshot, settings);
    QCOMPARE(answer.chains.size(), std::size_t{2});
    QCOMPARE(answer.chains[0].source, std::string("by length"));
    QCOMPARE(answer.chains[0].answer.sent.size(), std::size_t{2});
    QCOMPARE(answer.chains[1].answer.sent.size(), std::size_t{1}); // the intermediate was not sent
    QVERIFY(answer.chains[0].answer.verdicts[0].verdict == trust::Verdict::Trusted);
}

void TrustTest::lengthsThatContradictRuleAChainOut() {
    const auto seen = seenOf({&authority().leaf, &authority().intermediate});
    const std::uint32_t length = trust::certificateRecordLength(wholeChain());
    const Snapshot snapshot =
        snapshotWith({silentRejection(kStart, 1, length - 100), readable(kStart + kSecond, 2, seen)});
    QVERIFY(!answerFor(snapshot, authority().settings(true)).sessions[0].chain);
}

void TrustTest::silentClientsAreJudgedTogether() {
    const std::uint32_t length = trust::certificateRecordLength(wholeChain());
    std::vector<TlsRecord> sessions;
    for (std::uint64_t i = 0; i < 5; ++i)
        sessions.push_back(silentRejection(kStart + static_cast<TimeNs>(i * i) * kSecond, i + 1, length));
    TrustSettings settings = authority().settings(false);
    settings.knownChains = {wholeChain()};
    const Snapshot snapshot = snapshotWith(std::move(sessions));
    const TrustAnswer answer = answerFor(snapshot, settings);
    QCOMPARE(answer.groups.size(), std::size_t{1});
    const trust::GroupJudgement& judgement = answer.groups[0].judgement;
    QVERIFY(judgement.outcome == trust::TrustOutcome::Rejected);
    QCOMPARE(judgement.sessions, std::size_t{5});
    QCOMPARE(judgement.rejected, std::size_t{5});
    // S3 alone is 0.8 by the reference; a chain that fails and four others that never succeed can only add to it.
    QVERIFY(judgement.confidence > 0.8);
    QVERIFY(judgement.sentence.find("5 of 5") != std::string::npos);
    QVERIFY(hasFinding(trustFindings(snapshot, answer), trust::kClientRejects));
}

void TrustTest::headersNameChains() {
    const std::string value = "2048|256|CN=Contoso Issuing CA, O=Contoso|CN=gw.contoso.example";
    const Snapshot snapshot =
        snapshotWith({}, {exchangeAt(kStart, "/a", {{"Host", kHost}, {"x-arr-ssl", value}}),
                          exchangeAt(kStart + kMs, "/b", {{"Host", kHost}, {"x-arr-ssl", value}}),
                          exchangeAt(kStart + 2 * kMs, "/c", {{"Host", kHost}, {"x-arr-ssl", "true"}})});
    const TrustAnswer answer = answerFor(snapshot, authority().settings(false));
    QCOMPARE(answer.chains.size(), std::size_t{1});
    QVERIFY(answer.chains[0].answer.namesOnly);
    QCOMPARE(answer.chains[0].rows.size(), std::size_t{2});
    QCOMPARE(answer.chains[0].source, std::string("header x-arr-ssl"));
}

void TrustTest::anAddedIntermediateMakesTheDifference() {
    const TrustSettings settings = authority().settings(true);
    const TrustChain alone = judgeFile({readMade(authority().leaf)}, kHost, kStart, settings);
    QVERIFY(alone.answer.verdicts[0].verdict != trust::Verdict::Trusted);
    ChainChange change;
    change.add = {readMade(authority().intermediate)};
    const auto changed = withChange({alone}, settings, change);
    QCOMPARE(changed.size(), std::size_t{1});
    QVERIFY(changed[0].answer.verdicts[0].verdict == trust::Verdict::Trusted);
    QCOMPARE(changed[0].source, std::string("file, changed"));
}

void TrustTest::problemsOfManyChainsAreToldOnce() {
    const auto seen = seenOf({&authority().leaf, &authority().intermediate});
    const Snapshot snapshot = snapshotWith({readable(kStart, 1, seen), readable(kStart + kSecond, 2, seen, "")});
    const auto findings = trustFindings(snapshot, answerFor(snapshot, authority().settings(false)));
    QCOMPARE(
        std::ranges::count_if(findings, [](const auto& placed) { return placed.finding.kind == &trust::kPrivateCa; }),
        1);
}

void TrustTest::oneIssuerOfUnrelatedNamesIsAnInspectingProxy() {
    const auto findingsFor = [](const std::vector<std::string>& hosts) {
        std::vector<TlsRecord> sessions;
        for (const std::string& host : hosts) {
            const auto leaf =
                makeCertificate({.subject = "CN=" + host, .extensions = {{"subjectAltName", "DNS:" + host}}},
                                &authority().intermediate);
            sessions.push_back(readable(kStart, sessions.size() + 1, seenOf({&leaf, &authority().intermediate}), host));
        }
        const Snapshot snapshot = snapshotWith(std::move(sessions));
        return trustFindings(snapshot, answerFor(snapshot, authority().settings(false)));
    };
    QVERIFY(hasFinding(findingsFor({"a.first.example", "b.second.example", "c.third.test"}), trust::kInspection));
    // One owner, however many hosts.
    QVERIFY(!hasFinding(findingsFor({"a.first.example", "b.first.example", "c.first.example"}), trust::kInspection));
}

void TrustTest::certificatesThatCannotBeReadAreNoChain() {
    auto seen = std::make_shared<tls::CertificatesSeen>();
    seen->der = {"no certificate", ""};
    const Snapshot snapshot = snapshotWith({readable(kStart, 1, seen)});
    const TrustAnswer answer = answerFor(snapshot, authority().settings(true));
    QVERIFY(answer.chains.empty());
    QVERIFY(!answer.sessions[0].chain);
}

void TrustTest::stoppingGivesNothing() {
    std::stop_source source;
    source.request_stop();
    QVERIFY(!trustAnswer(snapshotWith({silentRejection(kStart, 1)}), authority().settings(true), source.get_token()));
}

QTEST_APPLESS_MAIN(TrustTest)
#include "analysis_trust_test.moc"

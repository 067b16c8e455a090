// SPDX-License-Identifier: Apache-2.0
// The chains of other people's test suites, each with what they expect of it: x509-limbo and BetterTLS, NIST's PKITS,
// Chromium's and badssl's. Where Gatescope says something else, the case stands in
// tests/recordings/trust_differences.tsv with the reason, and nothing else may.
#include <QTest>

#include "core/trust/trust_findings.h"
#include "tests/support/corpus.h"
#include "tests/support/trust_case.h"

#include <QElapsedTimer>
#include <QMap>
#include <QSet>

#include <algorithm>
#include <array>

using namespace gatescope;
using namespace gatescope::test;

namespace {

bool wantsAll() {
    return qEnvironmentVariableIsSet("GATESCOPE_TRUST_ALL");
}

/// A file of a tar archive (POSIX ustar: blocks of 512 octets, name first, size in octal at 124).
QByteArray fileOfArchive(const QByteArray& archive, const QByteArray& name) {
    for (qsizetype at = 0; at + 512 <= archive.size();) {
        const QByteArray path(archive.constData() + at, qstrnlen(archive.constData() + at, 100));
        const qsizetype size = archive.mid(at + 124, 11).toLongLong(nullptr, 8);
        at += 512;
        if (path == name || path.endsWith('/' + name)) return archive.mid(at, size);
        at += (size + 511) / 512 * 512;
    }
    return {};
}

/// Known differences of one suite: id to what Gatescope says.
QMap<QString, QString> knownDifferences(const QString& suite) {
    QMap<QString, QString> known;
    QFile file(QStringLiteral(GATESCOPE_SOURCE_DIR "/tests/recordings/trust_differences.tsv"));
    if (!file.open(QIODevice::ReadOnly)) return known;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const QByteArrayList columns = line.split('\t');
        if (columns.size() >= 4 && columns[0] == suite.toUtf8())
            known.insert(QString::fromUtf8(columns[1]), QString::fromUtf8(columns[3]));
    }
    return known;
}

/// What the suites of RFC 5280 call failure: some client refuses, the strictest included.
QString resultOf(const TrustCase& made, const trust::ProfileVerdict& verdict) {
    if (verdict.verdict != trust::Verdict::Trusted) return QStringLiteral("refused");
    // The case's own limit (RFC 5280, 6.1.4, l) does not count certificates that only change a CA's key.
    const auto intermediates = std::ranges::count_if(
        verdict.path, [](const auto& entry) { return !entry.certificate->selfIssued && entry.certificate->isCa; });
    const bool topCounts = !verdict.path.empty() && !verdict.path.back().certificate->selfIssued;
    if (made.maxIntermediates >= 0 && intermediates - (topCounts ? 1 : 0) > made.maxIntermediates)
        return QStringLiteral("refused");
    for (const trust::Problem& problem : verdict.problems)
        if (problem.weight == trust::Weight::StricterStacks) return QStringLiteral("refused by stricter clients");
    return QStringLiteral("accepted");
}

QString wordsOf(const trust::Problems& problems) {
    QString words;
    for (const trust::Problem& problem : problems) {
        words += QStringLiteral(" [%1 %2").arg(trust::toString(problem.weight).data(), problem.kind->id.data());
        for (const std::string& line : problem.evidence) words += QStringLiteral("; ") + QString::fromStdString(line);
        words += QLatin1Char(']');
    }
    return words;
}

/// Suites that give lists want the status of every certificate to be known; TLS clients do not.
bool isRevocationUnknown(const trust::Problems& problems) {
    return std::ranges::any_of(
        problems, [](const trust::Problem& problem) { return problem.kind == &trust::kRevocationUnknown; });
}

/// What Chromium writes about a certificate, and the kinds of problem that say the same.
struct ChromiumText {
    const char* text;
    std::vector<const FindingKind*> kinds;
};
const std::vector<ChromiumText>& chromiumTexts() {
    using namespace trust;
    static const std::vector<ChromiumText> texts{
        {"ERROR: The extended key usage does not", {&kExtendedKeyUsage, &kLint}},
        {"ERROR: Certificate does not have extended key usage", {&kExtendedKeyUsage, &kLint}},
        {"ERROR: Unconsumed critical extension", {&kCriticalExtension}},
        {"ERROR: No valid policy", {&kInvalid}},
        {"ERROR: Too many name constraints checks", {&kInvalid, &kNameConstraints}},
        {"ERROR: Not permitted by name constraints", {&kNameConstraints}},
        {"ERROR: Time is after notAfter", {&kExpired}},
        {"ERROR: Time is before notBefore", {&kNotYetValid}},
        {"ERROR: VerifySignedData failed", {&kBadSignature}},
        {"ERROR: Certificate is not a trust anchor", {&kUnknownIssuer, &kUntrustedRoot, &kSelfSignedLeaf, &kPrivateCa}},
        {"ERROR: Distrusted by trust store", {&kUnknownIssuer, &kUntrustedRoot, &kSelfSignedLeaf, &kPrivateCa}},
        {"ERROR: Certificate has Basic Constraints indicating it is a CA", {&kKeyUsage}},
        {"ERROR: Basic Constraints indicates not a CA", {&kNotACa}},
        {"ERROR: Does not have Basic Constraints", {&kNotACa}},
        {"ERROR: keyCertSign bit is not set", {&kKeyUsage}},
        {"ERROR: Unacceptable signature algorithm", {&kWeakSignature}},
        {"ERROR: Unacceptable public key", {&kWeakKey}},
        {"ERROR: max_path_length reached", {&kPathLength}},
        {"ERROR: Couldn't parse SubjectPublicKeyInfo", {&kInvalid}},
    };
    return texts;
}

/// Lines of errors that no problem of that certificate covers; `depth` counts as Chromium does, from the leaf.
QStringList uncoveredErrors(const QString& expected, const trust::Problems& problems) {
    QStringList uncovered;
    int depth = -1;
    for (const QString& line : expected.split(QLatin1Char('\n'))) {
        if (line.startsWith(QStringLiteral("----- Certificate i=")))
            depth = line.mid(20).section(QLatin1Char(' '), 0, 0).toInt();
        if (!line.startsWith(QStringLiteral("ERROR"))) continue;
        const auto text = std::ranges::find_if(
            chromiumTexts(), [&](const ChromiumText& each) { return line.startsWith(QLatin1String(each.text)); });
        const bool isCovered =
            text != chromiumTexts().end() && std::ranges::any_of(problems, [&](const trust::Problem& problem) {
                // Chromium blames the certificate that is one too many; Gatescope that which allows no more.
                const bool isThere =
                    problem.depth == depth || problem.depth < 0 || depth < 0 || problem.kind == &trust::kPathLength;
                const bool isOther = problem.kind == &trust::kLint &&
                                     std::ranges::none_of(problem.evidence, [](const std::string& words) {
                                         return words.find("extendedKeyUsage") != std::string::npos;
                                     });
                return isThere && !isOther && std::ranges::find(text->kinds, problem.kind) != text->kinds.end();
            });
        if (!isCovered) uncovered << QStringLiteral("i=%1 ").arg(depth) + line;
    }
    return uncovered;
}

class Tally {
public:
    explicit Tally(const QString& suite) : m_suite(suite), m_known(knownDifferences(suite)) {}

    void add(const TrustCase& made, const QString& result, const QString& words) {
        ++m_cases;
        const bool agrees = (result == QStringLiteral("accepted")) == made.expectsTrust;
        const QString id = QString::fromStdString(made.id);
        m_refusedByAll += (result != QStringLiteral("refused")) == made.expectsTrust ? 1 : 0;
        m_seen.insert(id);
        if (agrees) return;
        m_different.insert(id);
        if (m_known.value(id) == result) return;
        m_unexpected << QStringLiteral("%1\t%2\t%3\t%4\t%5")
                            .arg(m_suite, id, made.expectsTrust ? "accepted" : "refused", result, words);
    }
    void report() const {
        qInfo("%s: %lld of %lld cases agree; %lld when only what every client refuses counts", qPrintable(m_suite),
              (long long)(m_cases - m_different.size()), (long long)m_cases, (long long)m_refusedByAll);
    }
    QStringList unexpected() const {
        QStringList lines = m_unexpected;
        for (auto known = m_known.begin(); known != m_known.end(); ++known)
            if (m_seen.contains(known.key()) && !m_different.contains(known.key()))
                lines << QStringLiteral("%1\t%2 agrees now").arg(m_suite, known.key());
        return lines;
    }
    double share() const { return 1.0 - double(m_different.size()) / double(m_cases); }
    qsizetype cases() const { return m_cases; }
    qsizetype agreeing() const { return m_cases - m_different.size(); }

private:
    QString m_suite;
    QMap<QString, QString> m_known;
    QSet<QString> m_seen, m_different;
    QStringList m_unexpected;
    qsizetype m_cases = 0, m_refusedByAll = 0;
};

} // namespace

class TrustCorpusTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void limbo();
    void betterTls();
    void pkits();
    void chromium();
    void badssl_data();
    void badssl();

private:
    nlohmann::json cases(const QString& file);
    static void check(const Tally& tally);
};

nlohmann::json TrustCorpusTest::cases(const QString& file) {
    const QString folder = corpusFolder();
    if (folder.isEmpty()) return nullptr;
    const QByteArray text = unpackedFile(folder + QStringLiteral("/trust/") + file);
    if (text.isEmpty()) return nullptr;
    return nlohmann::json::parse(text.begin(), text.end())["testcases"];
}

void TrustCorpusTest::check(const Tally& tally) {
    tally.report();
    const QStringList unexpected = tally.unexpected();
    for (const QString& line : unexpected) qWarning("%s", qPrintable(line));
    QCOMPARE(unexpected.size(), 0);
}

void TrustCorpusTest::limbo() {
    const nlohmann::json all = cases(QStringLiteral("limbo/limbo-core.json.xz"));
    if (all.is_null()) QSKIP("the corpus is not there");
    Tally tally(QStringLiteral("limbo"));
    for (const auto& json : all) {
        if (json.at("validation_kind") != "SERVER") continue;
        TrustCase made;
        fillCase(made, json, QDateTime::currentSecsSinceEpoch() * 1'000'000'000);
        if (made.question.sent.empty() || made.unreadable) {
            tally.add(made, QStringLiteral("refused"), QStringLiteral("unreadable"));
            continue;
        }
        const trust::ChainAnswer answer = trust::judgeChain(made.question);
        const bool isUnknown = !made.revocations.der.empty() && isRevocationUnknown(answer.verdicts[0].problems);
        tally.add(made, isUnknown ? QStringLiteral("refused") : resultOf(made, answer.verdicts[0]),
                  wordsOf(answer.verdicts[0].problems));
    }
    QCOMPARE(tally.cases(), 198);
    check(tally);
}

/// All of them with GATESCOPE_TRUST_ALL; else those about path building and each fortieth of the others.
void TrustCorpusTest::betterTls() {
    const nlohmann::json all = cases(QStringLiteral("limbo/limbo-bettertls.json.xz"));
    if (all.is_null()) QSKIP("the corpus is not there");
    Tally tally(QStringLiteral("bettertls"));
    std::size_t number = 0;
    qint64 slowest = 0;
    QElapsedTimer whole;
    whole.start();
    for (const auto& json : all) {
        const bool isPathBuilding = json.at("id").get<std::string>().find("pathbuilding") != std::string::npos;
        if (++number % 40 != 0 && !isPathBuilding && !wantsAll()) continue;
        TrustCase made;
        fillCase(made, json, kNoTime);
        QVERIFY(!made.unreadable);
        QElapsedTimer timer;
        timer.start();
        const trust::ChainAnswer answer = trust::judgeChain(made.question);
        slowest = std::max(slowest, timer.nsecsElapsed());
        tally.add(made, resultOf(made, answer.verdicts[0]), wordsOf(answer.verdicts[0].problems));
    }
    qInfo("%lld ms, slowest %lld us", (long long)whole.elapsed(), (long long)slowest / 1'000);
    check(tally);
}

/// Those that need no settings of policies, which TLS clients have not.
void TrustCorpusTest::pkits() {
    const nlohmann::json all = cases(QStringLiteral("boringssl-pki/pkits.limbo.json.xz"));
    if (all.is_null()) QSKIP("the corpus is not there");
    Tally tally(QStringLiteral("pkits"));
    for (const auto& json : all) {
        if (!json.at("pkits_inputs").empty()) continue;
        TrustCase made;
        fillCase(made, json, kNoTime);
        QVERIFY(!made.unreadable);
        const trust::ChainAnswer answer = trust::judgeChain(made.question);
        const trust::ProfileVerdict& verdict = answer.verdicts[0];
        // Its certificates are of 2011, 2048-bit keys and SHA-256, and follow no rule of TLS: only what refuses counts.
        const bool isRefused = isRevocationUnknown(verdict.problems) || verdict.verdict != trust::Verdict::Trusted;
        tally.add(made, isRefused ? QStringLiteral("refused") : QStringLiteral("accepted"), wordsOf(verdict.problems));
    }
    QCOMPARE(tally.cases(), 177);
    check(tally);
    QVERIFY2(tally.agreeing() >= 161, qPrintable(QString::number(tally.agreeing())));
}

/// Purposes of TLS only; what a server's chain is judged for, and the same for a client's by path alone.
void TrustCorpusTest::chromium() {
    const nlohmann::json all = cases(QStringLiteral("boringssl-pki/chromium-chain.limbo.json.xz"));
    if (all.is_null()) QSKIP("the corpus is not there");
    const QMap<QString, QString> known = knownDifferences(QStringLiteral("chromium"));
    qsizetype failures = 0, covered = 0, plainFailures = 0, plainCovered = 0, verdicts = 0, agreeing = 0;
    QStringList unexpected;
    for (const auto& json : all) {
        const std::string purpose = textOr(json, "key_purpose");
        const bool isClient = purpose.starts_with("CLIENT_AUTH");
        if (!isClient && !purpose.starts_with("SERVER_AUTH") && purpose != "ANY_EKU") continue;
        // Settings of Chromium's own trust store and of its stricter modes, which no chain shows.
        const std::string trust = textOr(json.at("chromium"), "last_cert_trust");
        const bool isSetting = trust.find("LEAF") != std::string::npos ||
                               trust.find("CONSTRAINTS") != std::string::npos || purpose.ends_with("STRICT") ||
                               purpose.ends_with("STRICT_LEAF");
        TrustCase made;
        fillCase(made, json, kNoTime);
        trust::Problems problems;
        bool isTrusted = false;
        if (made.question.sent.empty()) continue;
        if (isClient) {
            const std::array<const trust::CertificateSet*, 1> pools{&made.profile->certificates};
            const trust::CandidatePaths paths =
                trust::buildPaths(made.question.sent[0], made.question.sent, pools,
                                  [&](const auto& each) { return made.profile->isAnchor(each); });
            trust::PathQuestion asked;
            asked.at = made.question.at;
            asked.clientPurpose = true;
            problems = trust::checkPathForAll(paths.paths[0], asked);
            isTrusted = std::ranges::find(problems, trust::Weight::Rejects, &trust::Problem::weight) == problems.end();
        } else {
            const trust::ChainAnswer answer = trust::judgeChain(made.question);
            problems = answer.verdicts[0].problems;
            isTrusted = answer.verdicts[0].verdict == trust::Verdict::Trusted;
        }
        ++verdicts;
        agreeing += isTrusted == made.expectsTrust ? 1 : 0;
        const QString expected = QString::fromStdString(textOr(json, "expected_errors"));
        if (made.expectsTrust || !expected.contains(QStringLiteral("ERROR"))) continue;
        ++failures;
        plainFailures += isSetting ? 0 : 1;
        const QStringList missing = uncoveredErrors(expected, problems);
        covered += missing.isEmpty() ? 1 : 0;
        plainCovered += missing.isEmpty() && !isSetting ? 1 : 0;
        const QString id = QString::fromStdString(made.id);
        if (missing.isEmpty() == known.contains(id))
            unexpected << QStringLiteral("chromium\t%1\t%2\t%3\t%4")
                              .arg(id, missing.join(QStringLiteral("; ")),
                                   missing.isEmpty() ? QStringLiteral("covered") : QStringLiteral("not told"),
                                   wordsOf(problems));
    }
    qInfo("chromium: the errors of %lld of %lld cases are told; %lld of %lld verdicts agree", (long long)covered,
          (long long)failures, (long long)agreeing, (long long)verdicts);
    qInfo("without the settings of its own: %lld of %lld", (long long)plainCovered, (long long)plainFailures);
    for (const QString& line : unexpected) qWarning("%s", qPrintable(line));
    QVERIFY(plainCovered * 10 >= plainFailures * 9);
    QCOMPARE(unexpected.size(), 0);
}

/// What badssl.com says of each, by hand. The list of roots is one of those years, known by name alone.
void TrustCorpusTest::badssl_data() {
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("time");
    QTest::addColumn<bool>("trusted");
    QTest::addColumn<QString>("kinds"); // one of them must be there
    const auto row = [](const char* file, const char* host, const char* time, bool trusted, const char* kinds) {
        QTest::newRow(qPrintable(QStringLiteral("%1 %2").arg(QLatin1String(file), QLatin1String(host))))
            << QString::fromLatin1(host) << QString::fromLatin1(time) << trusted << QString::fromLatin1(kinds);
    };
    constexpr const char* kUnknown = "trust.chain.private-ca trust.chain.unknown-issuer trust.chain.untrusted-root";
    row("fallback.pem", "", "2017-06-01", false, kUnknown);
    row("subdomain-1000-sans.pem", "1000-sans.badssl.com", "2020-06-01", true, "");
    row("subdomain-captive-portal.pem", "login.captive-portal.badssl.com", "2020-06-01", true, "");
    row("subdomain-dsdtestprovider.pem", "dsdtestprovider.badssl.com", "2019-01-01", false, kUnknown);
    row("subdomain-edellroot.pem", "edellroot.badssl.com", "2019-01-01", false, kUnknown);
    row("subdomain-superfish.pem", "superfish.badssl.com", "2019-01-01", false, kUnknown);
    row("subdomain-extended-validation.pem", "extended-validation.badssl.com", "2021-01-01", true, "");
    row("subdomain-invalid-expected-sct.pem", "invalid-expected-sct.badssl.com", "2017-06-01", true, "");
    row("subdomain-no-common-name.pem", "no-common-name.badssl.com", "2018-01-01", true, "");
    row("subdomain-no-sct.pem", "no-sct.badssl.com", "2022-01-01", true, "");
    row("subdomain-no-subject.pem", "no-subject.badssl.com", "2018-01-01", true, "");
    row("subdomain-preloaded-expect-ct.pem", "preloaded-expect-ct.badssl.com", "2018-01-01", true, "");
    // Without a revocation list nothing shows that it is revoked; most clients do not ask for one either.
    row("subdomain-revoked.pem", "revoked.badssl.com", "2022-01-01", true, "");
    row("subdomain-sha384.pem", "sha384.badssl.com", "2018-01-01", true, "");
    row("subdomain-sha512.pem", "sha512.badssl.com", "2018-01-01", true, "");
    row("subdomain-xn--n1aae7f7o.pem", "xn--n1aae7f7o.badssl.com", "2018-01-01", true, "");
    row("wildcard-ecc256.pem", "ecc256.badssl.com", "2021-01-01", true, "");
    row("wildcard-ecc384.pem", "ecc384.badssl.com", "2021-01-01", true, "");
    row("wildcard-expired.pem", "expired.badssl.com", "2018-01-01", false, "trust.certificate.expired");
    row("wildcard-incomplete-chain.pem", "incomplete-chain.badssl.com", "2021-01-01", false,
        "trust.chain.missing-intermediate trust.chain.unknown-issuer");
    row("wildcard-main-old.pem", "www.badssl.com", "2016-01-01", true, "");
    row("wildcard-preloaded-expect-ct.pem", "preloaded-expect-ct.badssl.com", "2018-01-01", true, "");
    row("wildcard-rsa2048.pem", "rsa2048.badssl.com", "2021-01-01", true, "");
    row("wildcard-rsa2048.pem", "wrong.host.badssl.com", "2021-01-01", false, "trust.certificate.host-mismatch");
    row("wildcard-rsa4096.pem", "rsa4096.badssl.com", "2021-01-01", true, "");
    row("wildcard-rsa8192.pem", "rsa8192.badssl.com", "2022-06-01", true, "");
    row("wildcard-self-signed.pem", "self-signed.badssl.com", "2017-01-01", false, "trust.chain.self-signed-leaf");
    row("wildcard-sha1-2016.pem", "sha1-2016.badssl.com", "2016-01-01", false, "trust.certificate.weak-signature");
    row("wildcard-sha1-2017.pem", "sha1-2017.badssl.com", "2016-01-01", false, "trust.certificate.weak-signature");
    row("wildcard-sha1-intermediate.pem", "sha1-intermediate.badssl.com", "2018-01-01", false,
        "trust.certificate.weak-signature");
    row("wildcard-sha256-rsa2048-embeded-sct.crt", "sha256.badssl.com", "2018-01-01", true, "");
    row("wildcard-sha384.pem", "sha384.badssl.com", "2021-01-01", true, "");
    row("wildcard-sha512.pem", "sha512.badssl.com", "2021-01-01", true, "");
    for (const char* file : {"ca-dsdtestprovider.crt", "ca-edellroot.crt", "ca-superfish.crt"})
        row(file, "", "2018-01-01", false, "trust.chain.self-signed-leaf");
    for (const char* file : {"ca-mitm-software.crt", "ca-preact-cli.crt", "ca-webpack-dev-server.crt"})
        row(file, "", "2018-03-01", false, "trust.chain.self-signed-leaf");
}

void TrustCorpusTest::badssl() {
    const QString folder = corpusFolder();
    const QByteArray archive = folder.isEmpty()
                                   ? QByteArray()
                                   : unpackedFile(folder + QStringLiteral("/trust/badssl/badssl-prod-chains.tar.xz"));
    if (archive.isEmpty()) QSKIP("the corpus is not there");
    QFETCH(QString, host);
    QFETCH(QString, time);
    QFETCH(bool, trusted);
    QFETCH(QString, kinds);
    const QString name = QString::fromLatin1(QTest::currentDataTag()).section(QLatin1Char(' '), 0, 0);
    trust::ChainQuestion question;
    for (const std::string& der : pemBlocks(fileOfArchive(archive, name.toUtf8())))
        if (const auto certificate = trust::readCertificate(der)) question.sent.push_back(*certificate);
    QVERIFY(!question.sent.empty());
    question.host = host.toStdString();
    question.at =
        QDateTime::fromString(time + QStringLiteral("T12:00:00Z"), Qt::ISODate).toSecsSinceEpoch() * 1'000'000'000;
    const auto profiles = trust::makeProfiles({});
    question.profiles = {trust::findProfile(profiles, "openjdk-old")};
    const trust::ChainAnswer answer = trust::judgeChain(question);
    const trust::ProfileVerdict& verdict = answer.verdicts[0];
    const QByteArray words = wordsOf(verdict.problems).toUtf8() + ' ' + answer.headline.c_str();
    QVERIFY2((verdict.verdict == trust::Verdict::Trusted) == trusted, words.constData());
    const bool isTold =
        kinds.isEmpty() || std::ranges::any_of(verdict.problems, [&](const trust::Problem& problem) {
            return kinds.split(QLatin1Char(' ')).contains(QString::fromStdString(std::string(problem.kind->id)));
        });
    QVERIFY2(isTold, words.constData());
}

QTEST_GUILESS_MAIN(TrustCorpusTest)
#include "trust_corpus_test.moc"

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

using namespace gatescope;
using namespace gatescope::test;

namespace {

bool wantsAll() {
    return qEnvironmentVariableIsSet("GATESCOPE_TRUST_ALL");
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
        tally.add(made, resultOf(made, answer.verdicts[0]), wordsOf(answer.verdicts[0].problems));
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
        // PKITS wants the status of every certificate to be known; TLS clients do not.
        const bool isUnknown = std::ranges::any_of(
            verdict.problems, [](const trust::Problem& problem) { return problem.kind == &trust::kRevocationUnknown; });
        // Its certificates are of 2011, 2048-bit keys and SHA-256, and follow no rule of TLS: only what refuses counts.
        const bool isRefused = isUnknown || verdict.verdict != trust::Verdict::Trusted;
        tally.add(made, isRefused ? QStringLiteral("refused") : QStringLiteral("accepted"), wordsOf(verdict.problems));
    }
    QCOMPARE(tally.cases(), 177);
    check(tally);
    QVERIFY2(tally.agreeing() >= 161, qPrintable(QString::number(tally.agreeing())));
}

QTEST_GUILESS_MAIN(TrustCorpusTest)
#include "trust_corpus_test.moc"

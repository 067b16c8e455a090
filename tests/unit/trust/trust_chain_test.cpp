// SPDX-License-Identifier: Apache-2.0
// Chains as a whole: which path is taken for which list of roots, what the verdict is and why, what should be served.
#include <QTest>

#include "core/trust/chain.h"
#include "core/trust/chain_words.h"
#include "core/trust/trust_findings.h"
#include "tests/support/certificate_maker.h"

#include <algorithm>

using namespace gatescope;
using namespace gatescope::trust;
using test::CertificateRecipe;
using test::MadeCertificate;
using test::makeCertificate;

namespace {

constexpr TimeNs kNow = test::atSecond(1'735'689'600); // 2025-01-01

CertificatePtr read(const MadeCertificate& made) {
    return readCertificate(made.der).value_or(nullptr);
}

CertificateRecipe caRecipe(const std::string& name) {
    CertificateRecipe recipe;
    recipe.subject = "CN=" + name + ",O=Made Nowhere";
    recipe.ca = true;
    return recipe;
}

CertificateRecipe leafRecipe() {
    CertificateRecipe recipe;
    recipe.subject = "CN=gw.example";
    recipe.notAfter = 1'767'139'200; // 2025-12-31
    recipe.extensions = {{"subjectAltName", "DNS:gw.example"},
                         {"extendedKeyUsage", "serverAuth"},
                         {"keyUsage", "critical,digitalSignature"}};
    return recipe;
}

ProfilePtr profileOf(const std::string& id, const std::vector<const MadeCertificate*>& roots) {
    auto profile = std::make_shared<TrustProfile>();
    profile->id = id;
    profile->title = id;
    for (const MadeCertificate* root : roots) profile->certificates.add(read(*root), Origin::User);
    return profile;
}

bool has(const Problems& problems, const FindingKind& kind) {
    return std::ranges::find(problems, &kind, &Problem::kind) != problems.end();
}

/// A root, an intermediate and a leaf that hold.
struct Chain {
    MadeCertificate root = makeCertificate(caRecipe("root"));
    MadeCertificate intermediate = makeCertificate(caRecipe("intermediate"), &root);
    MadeCertificate leaf = makeCertificate(leafRecipe(), &intermediate);
    ChainQuestion question() const {
        ChainQuestion question;
        question.sent = {read(leaf), read(intermediate)};
        question.host = "gw.example";
        question.at = kNow;
        question.profiles = {profileOf("custom", {&root})};
        return question;
    }
};

} // namespace

class TrustChainTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goodChainIsTrusted();
    void nothingSentHasNoVerdict();
    void missingIntermediateIsRepaired();
    void missingIntermediateThatNobodyHas();
    void rootOfSomeOnly();
    void privateCaIsNamed();
    void expiredCrossSignDoesNotMatterWhereTheRootIsTrusted();
    void verdictNowDiffers();
    void strictStacksRefuse();
    void hostMismatchIsToldOnce();
    void problemsAreSortedAndOnce();
    void leafIsFoundBehindItsIssuers();
    void emptyListDecidesNothing();
    void tooManySentAreLeftOut();
    void truncatedChainsNeverBreak();
    void servedChainHasNoRootAndNoExtras();
    void servedChainNeedsEveryIntermediate();
};

void TrustChainTest::goodChainIsTrusted() {
    const Chain chain;
    const ChainAnswer answer = judgeChain(chain.question());
    QCOMPARE(answer.verdicts.size(), std::size_t{1});
    const ProfileVerdict& verdict = answer.verdicts[0];
    QVERIFY(verdict.verdict == Verdict::Trusted);
    QCOMPARE(verdict.root, std::string("O=Made Nowhere,CN=root"));
    QVERIFY(!verdict.byName && !verdict.needsRepair && !verdict.strictRefuse && verdict.reason.empty());
    QCOMPARE(answer.bestPath.size(), std::size_t{3});
    QVERIFY(answer.complete);
    QVERIFY(answer.privateCa); // in none of the public lists, whoever trusts it
    QCOMPARE(answer.headline, std::string("The chain for gw.example is trusted by all that were asked (1)."));
}

void TrustChainTest::nothingSentHasNoVerdict() {
    ChainQuestion question;
    question.profiles = {profileOf("custom", {})};
    const ChainAnswer answer = judgeChain(question);
    QCOMPARE(answer.verdicts.size(), std::size_t{1});
    QVERIFY(answer.verdicts[0].verdict == Verdict::Undecided);
    QVERIFY(answer.bestPath.empty());
    QCOMPARE(answer.headline, std::string("There is no certificate to judge."));
    QVERIFY(!servedChain(answer));
}

void TrustChainTest::missingIntermediateIsRepaired() {
    const Chain chain;
    ChainQuestion question = chain.question();
    question.sent.pop_back();
    CertificateSet pool;
    pool.add(read(chain.intermediate), Origin::Capture);
    question.pool = &pool;
    const ChainAnswer answer = judgeChain(question);
    const ProfileVerdict& verdict = answer.verdicts[0];
    QVERIFY(verdict.verdict == Verdict::Untrusted);
    QVERIFY(verdict.needsRepair);
    QCOMPARE(verdict.reason, std::string("trust.chain.missing-intermediate"));
    QVERIFY(!verdict.root.empty());
    const auto problem = std::ranges::find(answer.problems, &kMissingIntermediate, &Problem::kind);
    QVERIFY(problem != answer.problems.end());
    QVERIFY(problem->weight == Weight::Repairable);
    for (const char* client : {"curl", "Go", "Java", "Python", "Node", "rustls"})
        QVERIFY(problem->concerns.find(client) != std::string::npos);
    // With it, the chain would hold.
    const auto served = servedChain(answer);
    QVERIFY(served);
    question.sent = *served;
    QVERIFY(judgeChain(question).verdicts[0].verdict == Verdict::Trusted);
}

void TrustChainTest::missingIntermediateThatNobodyHas() {
    const Chain chain;
    ChainQuestion question = chain.question();
    question.sent.pop_back();
    const ChainAnswer answer = judgeChain(question);
    QVERIFY(answer.verdicts[0].verdict == Verdict::Untrusted);
    QVERIFY(!answer.complete);
    QCOMPARE(answer.topName, std::string("O=Made Nowhere,CN=intermediate"));
    QVERIFY(answer.verdicts[0].root.empty());
}

void TrustChainTest::rootOfSomeOnly() {
    const Chain chain;
    const MadeCertificate other = makeCertificate(caRecipe("other"));
    ChainQuestion question = chain.question();
    question.profiles.push_back(profileOf("elsewhere", {&other}));
    const ChainAnswer answer = judgeChain(question);
    QVERIFY(answer.verdicts[0].verdict == Verdict::Trusted);
    QVERIFY(answer.verdicts[1].verdict == Verdict::Untrusted);
    QVERIFY(answer.verdicts[1].root.empty());
    QVERIFY(!answer.verdicts[1].reasonText.empty());
    QCOMPARE(answer.headline, std::string("The chain for gw.example is trusted by 1 of 2: not by elsewhere."));
}

void TrustChainTest::privateCaIsNamed() {
    const Chain chain;
    const MadeCertificate other = makeCertificate(caRecipe("other"));
    ChainQuestion question = chain.question();
    question.sent.push_back(read(chain.root));
    question.profiles = {profileOf("mozilla", {&other})};
    const ChainAnswer answer = judgeChain(question);
    QVERIFY(answer.privateCa);
    QCOMPARE(answer.verdicts[0].reason, std::string("private-ca"));
    QVERIFY(has(answer.problems, kPrivateCa));
    QVERIFY(!has(answer.problems, kUntrustedRoot)); // said already
    QVERIFY(answer.headline.starts_with("Private CA: the chain for gw.example leads to O=Made Nowhere,CN=root"));
}

/// As AddTrust in 2020: a root, cross-signed by an older one whose certificates have expired.
void TrustChainTest::expiredCrossSignDoesNotMatterWhereTheRootIsTrusted() {
    CertificateRecipe oldRecipe = caRecipe("old root");
    oldRecipe.notAfter = 1'717'200'000; // 2024-06-01
    const MadeCertificate old = makeCertificate(oldRecipe), root = makeCertificate(caRecipe("root"));
    CertificateRecipe crossRecipe = caRecipe("root");
    crossRecipe.notAfter = 1'717'200'000;
    const MadeCertificate cross = makeCertificate(crossRecipe, &old, &root);
    const MadeCertificate leaf = makeCertificate(leafRecipe(), &root);
    ChainQuestion question;
    question.sent = {read(leaf), read(cross)};
    question.host = "gw.example";
    question.at = kNow;
    question.profiles = {profileOf("new", {&root, &old}), profileOf("old", {&old})};
    const ChainAnswer answer = judgeChain(question);
    QVERIFY(answer.verdicts[0].verdict == Verdict::Trusted);
    QCOMPARE(answer.verdicts[0].root, std::string("O=Made Nowhere,CN=root"));
    QVERIFY(answer.verdicts[1].verdict == Verdict::Untrusted);
    QCOMPARE(QByteArray::fromStdString(answer.verdicts[1].reason), QByteArray("trust.certificate.expired"));
    QVERIFY(!has(answer.problems, kExpired)); // not on the best path
}

void TrustChainTest::verdictNowDiffers() {
    const Chain chain;
    ChainQuestion question = chain.question();
    question.now = kNow;
    QVERIFY(!judgeChain(question).verdicts[0].now);
    question.now = test::atSecond(1'767'139'201); // a second after the leaf's end
    QVERIFY(judgeChain(question).verdicts[0].now == std::optional(Verdict::Untrusted));
}

void TrustChainTest::strictStacksRefuse() {
    Chain chain;
    CertificateRecipe weak = leafRecipe();
    weak.key = "rsa1024";
    chain.leaf = makeCertificate(weak, &chain.intermediate);
    const ChainAnswer answer = judgeChain(chain.question());
    QVERIFY(answer.verdicts[0].verdict == Verdict::Trusted);
    QVERIFY(answer.verdicts[0].strictRefuse);
    QVERIFY(has(answer.problems, kWeakKey));
}

void TrustChainTest::hostMismatchIsToldOnce() {
    const Chain chain;
    ChainQuestion question = chain.question();
    question.host = "other.example";
    const ChainAnswer answer = judgeChain(question);
    QVERIFY(answer.verdicts[0].verdict == Verdict::Untrusted);
    QCOMPARE(answer.verdicts[0].reason, std::string("trust.certificate.host-mismatch"));
    QCOMPARE(std::ranges::count(answer.problems, &kHostMismatch, &Problem::kind), 1);
}

void TrustChainTest::problemsAreSortedAndOnce() {
    Chain chain;
    CertificateRecipe bad = leafRecipe();
    bad.key = "rsa1024";
    bad.notAfter = 1'717'200'000;
    chain.leaf = makeCertificate(bad, &chain.intermediate);
    ChainQuestion question = chain.question();
    question.host = "other.example";
    question.sent.push_back(question.sent.back()); // twice
    const ChainAnswer answer = judgeChain(question);
    for (const FindingKind* kind : {&kExpired, &kHostMismatch, &kDuplicate})
        QVERIFY2(std::ranges::count(answer.problems, kind, &Problem::kind) == 1, kind->id.data());
    QVERIFY(std::ranges::is_sorted(answer.problems, {}, &Problem::weight));
}

void TrustChainTest::leafIsFoundBehindItsIssuers() {
    const Chain chain;
    const std::vector<CertificatePtr> reversed{read(chain.root), read(chain.intermediate), read(chain.leaf)};
    QCOMPARE(leafOf(reversed)->commonName, std::string("gw.example"));
    const std::vector<CertificatePtr> caOnly{read(chain.intermediate), read(chain.root)};
    QCOMPARE(leafOf(caOnly)->commonName, std::string("intermediate"));
    QVERIFY(leafOf({}) == nullptr);
    ChainQuestion question = chain.question();
    question.sent = reversed;
    QVERIFY(has(judgeChain(question).problems, kLeafNotFirst));
}

void TrustChainTest::emptyListDecidesNothing() {
    const Chain chain;
    ChainQuestion question = chain.question();
    question.profiles = {profileOf("system", {})};
    QVERIFY(judgeChain(question).verdicts[0].verdict == Verdict::Undecided);
}

void TrustChainTest::tooManySentAreLeftOut() {
    const Chain chain;
    ChainQuestion question = chain.question();
    question.sent = std::vector<CertificatePtr>(ChainQuestion::kMaxSent, question.sent[0]);
    question.sent.push_back(read(chain.intermediate)); // one too many
    QVERIFY(judgeChain(question).verdicts[0].verdict == Verdict::Untrusted);
}

/// Each beginning of each certificate: none is one, and what is left of the chain is still judged.
void TrustChainTest::truncatedChainsNeverBreak() {
    const Chain chain;
    for (std::size_t length = 0; length < chain.leaf.der.size(); ++length) {
        QVERIFY(!readCertificate(std::string_view(chain.leaf.der).substr(0, length)));
        QVERIFY(
            !readCertificate(std::string_view(chain.root.der).substr(0, std::min(length, chain.root.der.size() - 1))));
    }
    QVERIFY(!readCertificate(chain.leaf.der + '\0'));
    ChainQuestion question = chain.question();
    for (std::size_t kept = 0; kept <= 2; ++kept) {
        ChainQuestion part = question;
        part.sent.resize(kept);
        const ChainAnswer answer = judgeChain(part);
        QCOMPARE(answer.verdicts.size(), std::size_t{1});
        QCOMPARE(answer.verdicts[0].verdict == Verdict::Trusted, kept == 2);
    }
}

void TrustChainTest::servedChainHasNoRootAndNoExtras() {
    const Chain chain;
    const MadeCertificate extra = makeCertificate(caRecipe("extra"));
    ChainQuestion question = chain.question();
    question.sent = {read(chain.leaf), read(chain.root), read(extra), read(chain.intermediate), read(chain.leaf)};
    const auto served = servedChain(judgeChain(question));
    QVERIFY(served);
    QCOMPARE(served->size(), std::size_t{2});
    QCOMPARE((*served)[0]->commonName, std::string("gw.example"));
    QCOMPARE((*served)[1]->commonName, std::string("intermediate"));
}

void TrustChainTest::servedChainNeedsEveryIntermediate() {
    const Chain chain;
    ChainAnswer answer = judgeChain(chain.question());
    answer.missing.emplace_back().name = "CN=somebody"; // not at hand
    QVERIFY(servedChain(answer));                       // and may well be the root
    answer.missing.back().addresses = {"http://ca.example/somebody.crt"};
    const auto served = servedChain(answer);
    QVERIFY(!served);
    QVERIFY(served.error() == DecodeError::Unsupported);
    answer.missing.back().isRoot = true;
    QVERIFY(servedChain(answer));
}

QTEST_APPLESS_MAIN(TrustChainTest)
#include "trust_chain_test.moc"

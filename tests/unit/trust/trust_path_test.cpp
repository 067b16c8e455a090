// SPDX-License-Identifier: Apache-2.0
// Paths through certificates made here, and everything that one path can have wrong. What is expected is what RFC 5280
// says of the defect that the recipe has.
#include <QTest>

#include "core/trust/path_builder.h"
#include "core/trust/path_check.h"
#include "core/trust/path_errors.h"
#include "core/trust/trust_findings.h"
#include "tests/support/certificate_maker.h"

#include <algorithm>
#include <array>

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
    recipe.subject = "CN=" + name;
    recipe.ca = true;
    return recipe;
}

CertificateRecipe leafRecipe() {
    CertificateRecipe recipe;
    recipe.subject = "CN=gw.example";
    recipe.extensions = {{"subjectAltName", "DNS:gw.example,IP:10.0.0.1"},
                         {"extendedKeyUsage", "serverAuth"},
                         {"keyUsage", "critical,digitalSignature"}};
    return recipe;
}

/// Root, intermediate, leaf: each test spoils one of them.
struct Three {
    MadeCertificate root, intermediate, leaf;
    Three(const CertificateRecipe& rootRecipe, const CertificateRecipe& intermediateRecipe,
          const CertificateRecipe& leafRecipe)
        : root(makeCertificate(rootRecipe)), intermediate(makeCertificate(intermediateRecipe, &root)),
          leaf(makeCertificate(leafRecipe, &intermediate)) {}
    CandidatePath path() const {
        CandidatePath path;
        path.certificates = {
            {read(leaf), Origin::Sent}, {read(intermediate), Origin::Sent}, {read(root), Origin::User}};
        path.anchored = true;
        return path;
    }
};

PathQuestion at(TimeNs time, std::string host = {}) {
    PathQuestion question;
    question.at = time;
    question.host = std::move(host);
    return question;
}

std::string namesOf(const Problems& problems) {
    std::string names;
    for (const Problem& problem : problems)
        names += std::string(problem.kind->id) + '@' + std::to_string(problem.depth) + ' ';
    return names;
}

std::function<bool(const Certificate&)> anchors(const CertificateSet& set) {
    return [&set](const Certificate& certificate) { return set.find(certificate.sha256) != nullptr; };
}

std::string wayOf(const CandidatePath& path) {
    std::string way;
    for (const CertificateSet::Entry& entry : path.certificates) way += entry.certificate->commonName + ' ';
    return way + (path.anchored ? "anchored" : "open") + (path.broken ? " broken" : "");
}

} // namespace

class TrustPathTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goodChainHasNoProblem();
    void crossSignsGiveEveryPath();
    void circlesEnd();
    void brokenSignatureIsFollowedLast();
    void namesakeIsTold();
    void anchorThatIsNoRootEndsAPath();
    void leafMayBeTheAnchor();
    void limitOfDepth();
    void limitOfSteps();
    void limitOfPaths();
    void limitOfSignatureCost();
    void defects_data();
    void defects();
    void datesOfTheTopCountWithoutItsIssuer();
    void lastSecondIsValid();
    void unknownTimeChecksNoDates();
    void hosts_data();
    void hosts();
    void severalDefectsAtOnce();
    void revocationLists();
    void everyCodeHasWords();
    void strictRulesAreForSome();
    void costGrowsWithKeysAndNames();
};

void TrustPathTest::goodChainHasNoProblem() {
    const Three three(caRecipe("root"), caRecipe("intermediate"), leafRecipe());
    QCOMPARE(namesOf(checkPathForAll(three.path(), at(kNow, "gw.example"))), std::string());
}

/// leaf <- A (key 1), A by R1, A by R2, R1 cross-signed by R2: the three ways are written out.
void TrustPathTest::crossSignsGiveEveryPath() {
    const MadeCertificate r1 = makeCertificate(caRecipe("R1")), r2 = makeCertificate(caRecipe("R2"));
    const MadeCertificate a1 = makeCertificate(caRecipe("A"), &r1);
    CertificateRecipe again = caRecipe("A");
    again.serial = "02";
    const MadeCertificate a2 = makeCertificate(again, &r2, &a1);
    const MadeCertificate cross = makeCertificate(caRecipe("R1"), &r2, &r1);
    const MadeCertificate leaf = makeCertificate(leafRecipe(), &a1);
    CertificateSet pool;
    for (const MadeCertificate* each : {&r1, &r2, &a2, &cross}) pool.add(read(*each), Origin::User);
    CertificateSet trusted;
    trusted.add(read(r1), Origin::User);
    trusted.add(read(r2), Origin::User);
    const std::vector<CertificatePtr> sent{read(leaf), read(a1)};
    const std::array<const CertificateSet*, 1> pools{&pool};
    const CandidatePaths found = buildPaths(sent[0], sent, pools, anchors(trusted));
    std::vector<std::string> ways;
    for (const CandidatePath& path : found.paths) ways.push_back(wayOf(path));
    std::ranges::sort(ways);
    QCOMPARE(ways, (std::vector<std::string>{"gw.example A R1 R2 anchored", "gw.example A R1 anchored",
                                             "gw.example A R2 anchored"}));
    QCOMPARE(found.paths.back().certificates.size(), std::size_t{4}); // shorter ones first
    QVERIFY(!found.limitReached);
}

void TrustPathTest::circlesEnd() {
    // A signs B and B signs A: no root anywhere.
    MadeCertificate a = makeCertificate(caRecipe("A"));
    const MadeCertificate b = makeCertificate(caRecipe("B"), &a);
    const MadeCertificate aByB = makeCertificate(caRecipe("A"), &b, &a);
    const MadeCertificate leaf = makeCertificate(leafRecipe(), &b);
    const std::vector<CertificatePtr> sent{read(leaf), read(b), read(aByB)};
    const CertificateSet none;
    const CandidatePaths found = buildPaths(sent[0], sent, {}, anchors(none));
    QCOMPARE(found.paths.size(), std::size_t{1});
    QCOMPARE(wayOf(found.paths[0]), std::string("gw.example B A open"));
}

void TrustPathTest::brokenSignatureIsFollowedLast() {
    CertificateRecipe recipe = leafRecipe();
    recipe.breakSignature = true;
    const Three three(caRecipe("root"), caRecipe("intermediate"), recipe);
    CertificateSet trusted;
    trusted.add(read(three.root), Origin::User);
    const std::vector<CertificatePtr> sent{read(three.leaf), read(three.intermediate)};
    const std::array<const CertificateSet*, 1> pools{&trusted};
    const CandidatePaths found = buildPaths(sent[0], sent, pools, anchors(trusted));
    QCOMPARE(wayOf(found.paths.front()), std::string("gw.example intermediate root anchored broken"));
    QCOMPARE(wayOf(found.paths.back()), std::string("gw.example open"));
    QCOMPARE(namesOf(checkPath(found.paths.front(), at(kNow))), std::string("trust.certificate.bad-signature@0 "));
}

void TrustPathTest::namesakeIsTold() {
    const MadeCertificate other = makeCertificate(caRecipe("root"));
    const Three three(caRecipe("root"), caRecipe("intermediate"), leafRecipe());
    CertificateSet trusted;
    trusted.add(read(other), Origin::User);
    const std::vector<CertificatePtr> sent{read(three.leaf), read(three.intermediate)};
    const std::array<const CertificateSet*, 1> pools{&trusted};
    const CandidatePaths found = buildPaths(sent[0], sent, pools, anchors(trusted));
    QCOMPARE(wayOf(found.paths.front()), std::string("gw.example intermediate open"));
    QVERIFY(found.paths.front().namesake);
    QCOMPARE(found.paths.front().namesake->sha256, read(other)->sha256);
}

void TrustPathTest::anchorThatIsNoRootEndsAPath() {
    const Three three(caRecipe("root"), caRecipe("intermediate"), leafRecipe());
    CertificateSet trusted;
    trusted.add(read(three.intermediate), Origin::User);
    const std::vector<CertificatePtr> sent{read(three.leaf)};
    const std::array<const CertificateSet*, 1> pools{&trusted};
    const CandidatePaths found = buildPaths(sent[0], sent, pools, anchors(trusted));
    QCOMPARE(wayOf(found.paths.front()), std::string("gw.example intermediate anchored"));
    QCOMPARE(namesOf(checkPath(found.paths.front(), at(kNow))), std::string());
}

void TrustPathTest::leafMayBeTheAnchor() {
    const MadeCertificate self = makeCertificate(leafRecipe());
    CertificateSet trusted;
    trusted.add(read(self), Origin::User);
    const std::vector<CertificatePtr> sent{read(self)};
    const CandidatePaths found = buildPaths(sent[0], sent, {}, anchors(trusted));
    QCOMPARE(found.paths.size(), std::size_t{1});
    QCOMPARE(namesOf(checkPath(found.paths[0], at(kNow, "gw.example"))), std::string());
    const CertificateSet none;
    const CandidatePaths untrusted = buildPaths(sent[0], sent, {}, anchors(none));
    QCOMPARE(namesOf(checkPath(untrusted.paths[0], at(kNow))), std::string("trust.chain.self-signed-leaf@0 "));
}

void TrustPathTest::limitOfDepth() {
    // 14 certificates in a row: two more than the limit.
    std::vector<MadeCertificate> row{makeCertificate(caRecipe("CA 0"))};
    for (int i = 1; i < 13; ++i) row.push_back(makeCertificate(caRecipe("CA " + std::to_string(i)), &row.back()));
    const MadeCertificate leaf = makeCertificate(leafRecipe(), &row.back());
    std::vector<CertificatePtr> sent{read(leaf)};
    for (const MadeCertificate& each : row) sent.push_back(read(each));
    const CertificateSet none;
    const CandidatePaths found = buildPaths(sent[0], sent, {}, anchors(none));
    QVERIFY(found.limitReached);
    QCOMPARE(found.paths.front().certificates.size(), PathLimits().depth);
}

void TrustPathTest::limitOfSteps() {
    const Three three(caRecipe("root"), caRecipe("intermediate"), leafRecipe());
    const std::vector<CertificatePtr> sent{read(three.leaf), read(three.intermediate), read(three.root)};
    const CertificateSet none;
    PathLimits limits;
    limits.steps = 1;
    const CandidatePaths found = buildPaths(sent[0], sent, {}, anchors(none), limits);
    QVERIFY(found.limitReached);
    QCOMPARE(wayOf(found.paths.front()), std::string("gw.example intermediate open"));
}

void TrustPathTest::limitOfPaths() {
    const MadeCertificate first = makeCertificate(caRecipe("root"));
    const MadeCertificate leaf = makeCertificate(leafRecipe(), &first);
    CertificateSet trusted;
    for (int i = 0; i < 5; ++i) {
        CertificateRecipe recipe = caRecipe("root");
        recipe.serial = "0" + std::to_string(i + 1);
        trusted.add(read(makeCertificate(recipe, nullptr, &first)), Origin::User);
    }
    const std::vector<CertificatePtr> sent{read(leaf)};
    const std::array<const CertificateSet*, 1> pools{&trusted};
    QCOMPARE(buildPaths(sent[0], sent, pools, anchors(trusted)).paths.size(), std::size_t{5});
    PathLimits limits;
    limits.paths = 3;
    const CandidatePaths found = buildPaths(sent[0], sent, pools, anchors(trusted), limits);
    QCOMPARE(found.paths.size(), std::size_t{3});
    QVERIFY(found.limitReached);
}

void TrustPathTest::limitOfSignatureCost() {
    const Three three(caRecipe("root"), caRecipe("intermediate"), leafRecipe());
    const std::vector<CertificatePtr> sent{read(three.leaf), read(three.intermediate), read(three.root)};
    const CertificateSet none;
    PathLimits limits;
    limits.signatureCost = 1; // the first signature is verified, the second is not
    const CandidatePaths found = buildPaths(sent[0], sent, {}, anchors(none), limits);
    QVERIFY(found.limitReached);
    QCOMPARE(wayOf(found.paths.front()), std::string("gw.example intermediate open"));
}

void TrustPathTest::defects_data() {
    QTest::addColumn<int>("which"); // 0 leaf, 1 intermediate, 2 root
    QTest::addColumn<QString>("extension");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected"); // kind@depth, refused by everybody
    QTest::newRow("EKU of another purpose") << 0 << "extendedKeyUsage" << "clientAuth"
                                            << "trust.certificate.extended-key-usage@0 ";
    QTest::newRow("EKU of the intermediate")
        << 1 << "extendedKeyUsage" << "clientAuth" << "trust.certificate.extended-key-usage@1 ";
    QTest::newRow("key usage without signatures")
        << 0 << "keyUsage" << "critical,cRLSign" << "trust.certificate.key-usage@0 ";
    QTest::newRow("no keyCertSign") << 1 << "keyUsage" << "critical,cRLSign" << "trust.certificate.key-usage@1 ";
    QTest::newRow("CA:FALSE") << 1 << "basicConstraints" << "critical,CA:FALSE" << "trust.certificate.not-a-ca@1 ";
    QTest::newRow("path length") << 2 << "basicConstraints" << "critical,CA:TRUE,pathlen:0"
                                 << "trust.certificate.path-length@2 ";
    QTest::newRow("names outside") << 1 << "nameConstraints" << "critical,permitted;DNS:other.example"
                                   << "trust.certificate.name-constraints@0 ";
    QTest::newRow("names excluded") << 1 << "nameConstraints" << "critical,excluded;DNS:example"
                                    << "trust.certificate.name-constraints@0 ";
    QTest::newRow("critical and unknown")
        << 0 << "1.3.6.1.4.1.99999.1" << "critical,DER:0500" << "trust.certificate.critical-extension@0 ";
}

void TrustPathTest::defects() {
    QFETCH(int, which);
    QFETCH(QString, extension);
    QFETCH(QString, value);
    QFETCH(QString, expected);
    std::array<CertificateRecipe, 3> recipes{leafRecipe(), caRecipe("intermediate"), caRecipe("root")};
    auto& extensions = recipes[static_cast<std::size_t>(which)].extensions;
    std::erase_if(extensions, [&](const auto& each) { return each.first == extension.toStdString(); });
    extensions.emplace_back(extension.toStdString(), value.toStdString());
    const Three three(recipes[2], recipes[1], recipes[0]);
    const Problems problems = checkPath(three.path(), at(kNow, "gw.example"));
    QCOMPARE(QString::fromStdString(namesOf(problems)), expected);
    QCOMPARE(problems[0].weight, Weight::Rejects);
    QVERIFY(problems[0].evidence.size() >= 2); // which certificate, and why
}

void TrustPathTest::datesOfTheTopCountWithoutItsIssuer() {
    CertificateRecipe old = caRecipe("intermediate");
    old.notAfter = 1'717'200'000; // 2024-06-01
    const Three three(caRecipe("root"), old, leafRecipe());
    CandidatePath path = three.path();
    path.certificates.pop_back();
    path.anchored = false;
    QCOMPARE(namesOf(checkPath(path, at(kNow))),
             std::string("trust.chain.unknown-issuer@1 trust.certificate.expired@1 "));
}

/// RFC 5280, 4.1.2.5: the period includes both dates.
void TrustPathTest::lastSecondIsValid() {
    const Three three(caRecipe("root"), caRecipe("intermediate"), leafRecipe());
    constexpr std::int64_t kBegin = 1'704'067'200, kEnd = 1'893'456'000;
    QCOMPARE(namesOf(checkPath(three.path(), at(test::atSecond(kEnd)))), std::string());
    QCOMPARE(namesOf(checkDates(three.path(), test::atSecond(kEnd + 1))),
             std::string("trust.certificate.expired@0 trust.certificate.expired@1 trust.certificate.expired@2 "));
    QCOMPARE(namesOf(checkPath(three.path(), at(test::atSecond(kBegin)))), std::string());
    QCOMPARE(checkDates(three.path(), test::atSecond(kBegin - 1)).size(), std::size_t{3});
}

void TrustPathTest::unknownTimeChecksNoDates() {
    CertificateRecipe old = leafRecipe();
    old.notAfter = 1'704'067'300;
    const Three three(caRecipe("root"), caRecipe("intermediate"), old);
    QCOMPARE(namesOf(checkPath(three.path(), at(kNoTime))), std::string());
}

void TrustPathTest::hosts_data() {
    QTest::addColumn<QString>("names");
    QTest::addColumn<QString>("host");
    QTest::addColumn<bool>("matches");
    QTest::newRow("same") << "DNS:gw.example" << "gw.example" << true;
    QTest::newRow("case") << "DNS:gw.example" << "GW.Example" << true;
    QTest::newRow("final dot") << "DNS:gw.example" << "gw.example." << true;
    QTest::newRow("wildcard") << "DNS:*.gw.example" << "a.gw.example" << true;
    QTest::newRow("wildcard two deep") << "DNS:*.gw.example" << "b.a.gw.example" << false;
    QTest::newRow("wildcard not for the name itself") << "DNS:*.gw.example" << "gw.example" << false;
    QTest::newRow("part of a label") << "DNS:g*.example.net" << "gw.example.net" << false; // RFC 9525, 6.3
    QTest::newRow("address") << "IP:10.0.0.1" << "10.0.0.1" << true;
    QTest::newRow("IPv6 in brackets") << "IP:2001:db8::1" << "[2001:DB8:0::1]" << true;
    QTest::newRow("address as a name") << "DNS:10.0.0.1" << "10.0.0.1" << false; // RFC 9525, 6.5
    QTest::newRow("common name only") << "DNS:other.example" << "common.example" << false;
}

void TrustPathTest::hosts() {
    QFETCH(QString, names);
    QFETCH(QString, host);
    QFETCH(bool, matches);
    CertificateRecipe recipe = leafRecipe();
    recipe.subject = "CN=common.example";
    recipe.extensions[0].second = names.toStdString();
    const Three three(caRecipe("root"), caRecipe("intermediate"), recipe);
    QCOMPARE(namesOf(checkPath(three.path(), at(kNow, host.toStdString()))),
             std::string(matches ? "" : "trust.certificate.host-mismatch@0 "));
}

void TrustPathTest::severalDefectsAtOnce() {
    CertificateRecipe leaf = leafRecipe();
    leaf.key = "rsa1024";
    leaf.notAfter = 1'717'200'000;
    leaf.extensions = {{"subjectAltName", "DNS:other.example"}, {"extendedKeyUsage", "clientAuth"}};
    CertificateRecipe intermediate = caRecipe("intermediate");
    intermediate.digest = "SHA1";
    const Three three(caRecipe("root"), intermediate, leaf);
    std::string names = namesOf(checkPathForAll(three.path(), at(kNow, "gw.example")));
    for (const char* each : {"host-mismatch@0", "expired@0", "extended-key-usage@0", "weak-key@0", "weak-signature@1"})
        QVERIFY2(names.find(each) != std::string::npos, names.c_str());
}

void TrustPathTest::revocationLists() {
    CertificateRecipe recipe = leafRecipe();
    recipe.serial = "0b";
    const Three three(caRecipe("root"), caRecipe("intermediate"), recipe);
    RevocationLists lists;
    lists.der = {test::makeRevocationList(three.intermediate, {"0B"}), test::makeRevocationList(three.root, {}),
                 "noise"};
    PathQuestion question = at(kNow);
    question.revocations = parseRevocationLists(lists);
    QCOMPARE(namesOf(checkPath(three.path(), question)), std::string("trust.certificate.revoked@0 "));
    lists.der = {test::makeRevocationList(three.intermediate, {"0C"})};
    question.revocations = parseRevocationLists(lists);
    const Problems problems = checkPath(three.path(), question);
    QVERIFY(!problems.empty()); // nothing is known of the intermediate
    for (const Problem& problem : problems) {
        QCOMPARE(problem.kind, &kRevocationUnknown);
        QCOMPARE(problem.weight, Weight::Remark);
        QVERIFY(problem.depth > 0);
    }
}

/// X509_V_ERR_* go from 1 to 94 in OpenSSL 3.0.
void TrustPathTest::everyCodeHasWords() {
    for (int code = 1; code <= 94; ++code) {
        const ErrorMeaning meaning = meaningOf(code);
        if (code == 9 || code == 10)
            QVERIFY(meaning.kind == nullptr); // dates are compared elsewhere
        else
            QVERIFY2(meaning.kind != nullptr, qPrintable(QString::number(code)));
    }
    QCOMPARE(meaningOf(4'711).kind, &kInvalid);
}

void TrustPathTest::strictRulesAreForSome() {
    CertificateRecipe intermediate = caRecipe("intermediate");
    intermediate.extensions = {{"basicConstraints", "CA:TRUE"}}; // not critical: RFC 5280, 4.2.1.9 wants it
    CertificateRecipe leaf = leafRecipe();
    leaf.key = "rsa1024"; // 80 bits of security
    const Three three(caRecipe("root"), intermediate, leaf);
    QCOMPARE(namesOf(checkPath(three.path(), at(kNow))), std::string());
    const Problems problems = checkPathForAll(three.path(), at(kNow));
    QCOMPARE(problems.size(), std::size_t{2});
    for (const Problem& problem : problems) {
        QCOMPARE(problem.weight, Weight::StricterStacks);
        QVERIFY(!problem.concerns.empty());
    }
    PathQuestion strict = at(kNow);
    strict.securityLevel = 2;
    QCOMPARE(namesOf(checkPath(three.path(), strict)), std::string("trust.certificate.weak-key@0 "));
}

void TrustPathTest::costGrowsWithKeysAndNames() {
    const Three three(caRecipe("root"), caRecipe("intermediate"), leafRecipe());
    CertificateRecipe heavy = leafRecipe();
    heavy.extensions[0].second = "DNS:gw.example";
    for (int i = 0; i < 400; ++i) heavy.extensions[0].second += ",DNS:n" + std::to_string(i) + ".example";
    CertificateRecipe constrained = caRecipe("intermediate");
    constrained.extensions = {{"nameConstraints", "permitted;DNS:example"}};
    const Three more(caRecipe("root"), constrained, heavy);
    QVERIFY(checkCost(more.path()) > 2 * checkCost(three.path()));
    CertificateRecipe rsa = caRecipe("root");
    rsa.key = "rsa4096";
    // Twice the length, four times the work.
    CertificateRecipe half = rsa;
    half.key = "rsa2048";
    const auto large = static_cast<double>(signatureCost(*read(makeCertificate(rsa))) - 10);
    const auto small = static_cast<double>(signatureCost(*read(makeCertificate(half))) - 10);
    QVERIFY(large / small > 3.5 && large / small < 4.5);
}

QTEST_APPLESS_MAIN(TrustPathTest)
#include "trust_path_test.moc"

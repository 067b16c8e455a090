// SPDX-License-Identifier: Apache-2.0
// The lists of public roots and intermediates, and the profiles made of them. Expected counts come from the lists of
// the origin, by a few lines of Python over its YAML files:
//   sets = {p: {c["fingerprint"] for c in yaml.safe_load(open(p + ".yaml"))["trusted_certificates"]} for p in
//   programmes} len(sets["mozilla_nss"]) is 121, and so on; len(mozilla & microsoft & apple & google_aosp) is 83.
#include <QTest>

#include "core/trust/certificate_file.h"
#include "core/trust/profile.h"
#include "tests/support/certificate_maker.h"
#include "tests/support/corpus.h"

#include <QCryptographicHash>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <map>
#include <set>

using namespace gatescope;
using namespace gatescope::trust;
using test::makeCertificate;

namespace {

constexpr TimeNs kDay = 86'400'000'000'000;
constexpr TimeNs at2026 = 1'795'305'600'000'000'000; // 2026-11-22

std::map<std::string, std::size_t> rootsById(const std::vector<ProfilePtr>& profiles) {
    std::map<std::string, std::size_t> counts;
    for (const ProfilePtr& profile : profiles) counts[profile->id] = profile->roots();
    return counts;
}

/// A PEM file of the corpus, unpacked. Empty: not there.
QByteArray unpacked(const QString& name) {
    const QString corpus = test::corpusFolder();
    if (corpus.isEmpty() || QStandardPaths::findExecutable("xz").isEmpty()) return {};
    QProcess xz;
    xz.start("xz", {"-dc", corpus + "/trust/" + name});
    xz.waitForFinished();
    return xz.exitCode() == 0 ? xz.readAllStandardOutput() : QByteArray();
}

std::string_view view(const QByteArray& bytes) {
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

std::string digestText(const std::array<std::uint8_t, 32>& digest) {
    const auto hex = QByteArray(reinterpret_cast<const char*>(digest.data()), 32).toHex();
    return hex.toStdString();
}

const PublicRoot& rootNamed(std::string_view subject) {
    const auto roots = publicRootsNamed(subject);
    if (roots.empty()) throw std::runtime_error("no such root");
    return roots.front();
}

} // namespace

class TrustProfileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsAreThoseOfTheLists() {
        const auto counts = rootsById(makeProfiles({}));
        const std::map<std::string, std::size_t> expected{
            {"strict-common", 83}, {"mozilla", 121}, {"microsoft", 331},  {"apple", 156},
            {"android", 145},      {"openjdk", 89},  {"openjdk-old", 93},
        };
        QVERIFY(counts == expected);
        QCOMPARE(publicRoots().size(), std::size_t{398});
        QCOMPARE(publicIntermediates().size(), std::size_t{2854}); // lines of the file without its head
    }

    void defaultComesFirstWithItsDates() {
        const auto profiles = makeProfiles({});
        QCOMPARE(profiles.front()->id, std::string("strict-common"));
        // The oldest of the four: Apple's article is of 2025-12-28.
        QCOMPARE(profiles.front()->asOf, std::string("2025-12-28"));
        QCOMPARE(findProfile(profiles, "openjdk")->asOf, std::string("2022-01-23"));
        for (const ProfilePtr& profile : profiles) {
            QVERIFY(!profile->origin.empty() && !profile->licence.empty() && !profile->note.empty());
            QVERIFY(!profile->title.empty());
        }
    }

    void membershipIsThatOfTheOrigin() {
        const QString corpus = test::corpusFolder();
        if (corpus.isEmpty()) QSKIP("the corpus is not here");
        QFile file(corpus + "/trust/roots/membership.tsv");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto lines = file.readAll().trimmed().split('\n');
        QCOMPARE(lines.size(), 399);
        for (const QByteArray& line : lines.mid(1)) {
            const auto columns = line.split('\t'); // sha256, six programmes in the order of Programme, ...
            std::array<std::uint8_t, 32> digest{};
            const QByteArray octets = QByteArray::fromHex(columns[0]);
            std::copy(octets.begin(), octets.end(), digest.begin());
            const PublicRoot* root = publicRootOf(digest);
            QVERIFY(root != nullptr);
            for (int programme = 0; programme < 6; ++programme)
                QCOMPARE(root->programmes >> programme & 1, columns[programme + 1].toInt());
        }
    }

    void tablesAgreeWithTheCertificates_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("isRoots");
        QTest::addColumn<std::size_t>("count");
        QTest::newRow("roots") << "roots/all-roots.pem.xz" << true << std::size_t{398};
        QTest::newRow("intermediates") << "intermediates/ccadb-tls-intermediates.pem.xz" << false << std::size_t{2845};
    }
    /// Subjects as the origin writes them are the same texts as ours, so that names find their rows.
    void tablesAgreeWithTheCertificates() {
        QFETCH(QString, file);
        QFETCH(bool, isRoots);
        QFETCH(std::size_t, count);
        const QByteArray pem = unpacked(file);
        if (pem.isEmpty()) QSKIP("the corpus or xz is not here");
        const auto read = readCertificateFile(view(pem));
        QVERIFY(read.has_value());
        QCOMPARE(read->certificates.size(), count);
        for (const CertificatePtr& certificate : read->certificates) {
            const auto isRow = [&](const auto& row) {
                return row.sha256 == certificate->sha256 && row.subject == certificate->subject &&
                       row.notBefore / kDay == certificate->notBefore / kDay &&
                       row.notAfter / kDay == certificate->notAfter / kDay;
            };
            if (isRoots) {
                const auto rows = publicRootsNamed(certificate->subject);
                const auto row = std::ranges::find_if(rows, isRow);
                QVERIFY2(row != rows.end(), certificate->subject.c_str());
                QVERIFY(row->keyId == certificate->subjectKeyId.value_or(""));
            } else {
                const auto rows = publicIntermediatesNamed(certificate->subject);
                const auto row = std::ranges::find_if(rows, isRow);
                QVERIFY2(row != rows.end(), certificate->subject.c_str());
                QVERIFY(row->issuer == certificate->issuer);
                QVERIFY(row->subjectKeyId == certificate->subjectKeyId.value_or(""));
                QVERIFY(row->authorityKeyId == certificate->authorityKeyId.value_or(""));
                if (!row->caIssuers.empty())
                    QVERIFY2(std::ranges::find(certificate->caIssuers, row->caIssuers) != certificate->caIssuers.end(),
                             certificate->sha256Text().c_str());
            }
        }
    }

    void certificatesAtHandTakeTheirPlaces() {
        const QByteArray pem = unpacked("roots/all-roots.pem.xz");
        if (pem.isEmpty()) QSKIP("the corpus or xz is not here");
        ProfileSources sources;
        const auto read = readCertificateFile(view(pem));
        for (const CertificatePtr& certificate : read->certificates) sources.atHand.add(certificate, Origin::User);
        for (const ProfilePtr& profile : makeProfiles(sources)) {
            QCOMPARE(profile->byName.size(), std::size_t{0});
            QCOMPARE(profile->roots(), rootsById(makeProfiles({}))[profile->id]);
        }
    }

    void tablesAreSortedWithoutRegardToCase() {
        const auto folded = [](std::string_view text) { return QByteArray(text.data(), int(text.size())).toLower(); };
        for (std::size_t row = 1; row < publicIntermediates().size(); ++row)
            QVERIFY(folded(publicIntermediates()[row - 1].subject) <= folded(publicIntermediates()[row].subject));
        // Both issues under two roots, and the one under the newer root (reference of this issue, finding 5).
        QCOMPARE(
            publicIntermediatesNamed("cn=microsoft azure rsa tls issuing ca 04,o=Microsoft Corporation,c=us").size(),
            std::size_t{3});
        QVERIFY(publicRootsNamed("CN=Nobody").empty());
        QVERIFY(publicRootsNamed("").empty());
        QCOMPARE(publicRootOf({}), nullptr);
    }

    void issuerByNameNeedsKeyAndTime() {
        const PublicRoot& root = rootNamed("CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US");
        const auto profiles = makeProfiles({});
        const TrustProfile& common = *profiles.front();
        Certificate certificate;
        certificate.issuer = "CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US";
        QCOMPARE(common.issuerByName(certificate, at2026), &root); // it names no key: the name alone counts
        certificate.authorityKeyId = std::string(root.keyId);
        QCOMPARE(common.issuerByName(certificate, kNoTime), &root);
        // Valid from 2013-08-01 to 2038-01-15; the table has days, and the last one counts.
        QCOMPARE(common.issuerByName(certificate, root.notBefore - 1), nullptr);
        QCOMPARE(common.issuerByName(certificate, root.notAfter + kDay - 1), &root);
        QCOMPARE(common.issuerByName(certificate, root.notAfter + kDay), nullptr);
        certificate.authorityKeyId = "another key";
        QCOMPARE(common.issuerByName(certificate, at2026), nullptr);
        // Of no programme's common list: Microsoft's alone.
        certificate.authorityKeyId.reset();
        certificate.issuer = "CN=ZETES TSP ROOT CA 001,2.5.4.5=001,O=ZETES SA (VATBE-0408425626),C=BE";
        QCOMPARE(common.issuerByName(certificate, at2026), nullptr);
        QVERIFY(findProfile(profiles, "microsoft")->issuerByName(certificate, at2026) != nullptr);
    }

    void rootByDigestIsOfThisProfile() {
        Certificate certificate;
        certificate.sha256 =
            rootNamed("CN=ZETES TSP ROOT CA 001,2.5.4.5=001,O=ZETES SA (VATBE-0408425626),C=BE").sha256;
        const auto profiles = makeProfiles({});
        QVERIFY(findProfile(profiles, "microsoft")->rootByDigest(certificate) != nullptr);
        QVERIFY(findProfile(profiles, "apple")->rootByDigest(certificate) == nullptr);
        QVERIFY(!findProfile(profiles, "microsoft")->isAnchor(certificate)); // its certificate is not at hand
    }

    void customRootsAreAddedOrAlone() {
        const auto made = makeCertificate({.subject = "CN=Contoso Root", .ca = true});
        const CertificatePtr root = *readCertificate(made.der);
        ProfileSources sources;
        sources.custom.add(root, Origin::User);
        auto profiles = makeProfiles(sources);
        QVERIFY(!profiles.front()->isAnchor(*root));
        QVERIFY(findProfile(profiles, "custom")->isAnchor(*root));
        sources.customAdds = true;
        profiles = makeProfiles(sources);
        QCOMPARE(profiles.size(), std::size_t{8});
        for (const ProfilePtr& profile : profiles) QVERIFY(profile->isAnchor(*root));
        QCOMPARE(findProfile(profiles, "mozilla")->roots(), std::size_t{122});
        sources.customOnly = true;
        profiles = makeProfiles(sources);
        QCOMPARE(profiles.size(), std::size_t{1});
        QCOMPARE(profiles.front()->roots(), std::size_t{1});
    }

    void systemIsThereWhenItHasRoots() {
        QCOMPARE(findProfile(makeProfiles({}), "system"), nullptr);
        ProfileSources sources;
        sources.system.add(*readCertificate(makeCertificate({.ca = true}).der), Origin::System);
        const ProfilePtr system = findProfile(makeProfiles(sources), "SYSTEM");
        QVERIFY(system);
        QVERIFY(system->asOf.empty() && !isOutdated(*system, at2026));
        QVERIFY(system->certificates.entries().front().origin == Origin::System);
    }

    void idsAndTheirOtherNames() {
        const auto profiles = makeProfiles({});
        const std::pair<const char*, const char*> names[] = {
            {"Java", "openjdk"},      {"debian", "mozilla"},    {"CERTIFI", "mozilla"},
            {"windows", "microsoft"}, {"ios", "apple"},         {"aosp", "android"},
            {"jdk", "openjdk"},       {"jdk13", "openjdk-old"}, {"mozilla", "mozilla"}};
        for (const auto& [name, id] : names) QCOMPARE(findProfile(profiles, name)->id, std::string(id));
        QCOMPARE(findProfile(profiles, "chrome"), nullptr); // no list of Chrome's is here: no other stands in for it
        QCOMPARE(findProfile(profiles, ""), nullptr);
    }

    void outdatedAfterAYear() {
        TrustProfile profile;
        profile.asOf = "2025-11-22";
        QVERIFY(!isOutdated(profile, at2026)); // 365 days
        QVERIFY(isOutdated(profile, at2026 + kDay));
        QVERIFY(!isOutdated(profile, kNoTime));
        for (const char* odd : {"", "2025", "2025-13-01", "2025-02-30", "later", "2025-1x-01"}) {
            profile.asOf = odd;
            QVERIFY(!isOutdated(profile, at2026));
        }
        QVERIFY(isOutdated(*findProfile(makeProfiles({}), "openjdk"), at2026));
    }

    void refreshedListReplacesTheTables() {
        const auto kept = makeCertificate({.subject = "CN=New Root", .ca = true});
        CertificateFile file;
        file.format = "PEM";
        file.certificates = {*readCertificate(kept.der),
                             *readCertificate(makeCertificate({.subject = "CN=Not a root"}, &kept).der)};
        const auto refreshed = refreshedProfile("nss", file, {}, {.name = "new.pem", .fileDate = "2026-11-01"});
        QVERIFY(refreshed.has_value());
        QCOMPARE((*refreshed)->asOf, std::string("2026-11-01"));
        QVERIFY((*refreshed)->note.find("1 certificates that are no roots") != std::string::npos);
        const std::vector<ProfilePtr> newer{*refreshed};
        const auto profiles = makeProfiles({}, newer);
        QCOMPARE(findProfile(profiles, "mozilla")->roots(), std::size_t{1});
        QCOMPARE(findProfile(profiles, "microsoft")->roots(), std::size_t{331});
        // Nothing is common to a list of one unknown root and the others.
        QCOMPARE(findProfile(profiles, "strict-common")->roots(), std::size_t{0});
        QVERIFY(!refreshedProfile("chrome", file, {}, {}).has_value());
        QVERIFY(!refreshedProfile("system", file, {}, {}).has_value());
        QVERIFY(!refreshedProfile("mozilla", {}, {}, {}).has_value());
    }

    void trustListFindsRootsByDigest() {
        const auto made = makeCertificate({.subject = "CN=At Hand", .ca = true});
        ProfileSources sources;
        sources.atHand.add(*readCertificate(made.der), Origin::User);
        CertificateFile file;
        file.format = "certificate trust list";
        file.asOf = "2026-10-01";
        const PublicRoot& known = publicRoots()[7];
        const QByteArray sha1 = QCryptographicHash::hash(QByteArray::fromStdString(made.der), QCryptographicHash::Sha1);
        ListedRoot atHand;
        std::copy(sha1.begin(), sha1.end(), atHand.sha1.begin());
        file.listed = {{{}, known.sha256}, {{}, known.sha256}, atHand, {{1}, {}}};
        const auto profile = refreshedProfile("windows", file, sources, {.name = "authroot.stl", .fileDate = ""});
        QVERIFY(profile.has_value());
        QCOMPARE((*profile)->asOf, std::string("2026-10-01"));
        QVERIFY((*profile)->byName == std::vector{&known});
        QCOMPARE((*profile)->certificates.size(), std::size_t{1});
        QVERIFY((*profile)->note.find("1 listed roots") != std::string::npos);
    }

    void digestsAreDistinct() {
        std::set<std::string> digests;
        for (const PublicRoot& root : publicRoots()) {
            digests.insert(digestText(root.sha256));
            QCOMPARE(publicRootOf(root.sha256), &root);
        }
        QCOMPARE(digests.size(), publicRoots().size());
    }
};

QTEST_APPLESS_MAIN(TrustProfileTest)
#include "trust_profile_test.moc"

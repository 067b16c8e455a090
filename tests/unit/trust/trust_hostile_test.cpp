// SPDX-License-Identifier: Apache-2.0
// Certificates that somebody made to harm: mutations of good ones, and those that cost most. Nothing crashes, nothing
// takes over 200 ms from octets to verdict. With GATESCOPE_TRUST_ALL there are 10,000 mutations, of the corpus'
// certificates too.
#include <QTest>

#include "core/trust/chain.h"
#include "tests/support/certificate_maker.h"
#include "tests/support/corpus.h"

#include <QElapsedTimer>
#include <QFile>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <random>

using namespace gatescope;
using namespace gatescope::trust;
using test::CertificateRecipe;
using test::MadeCertificate;
using test::makeCertificate;

namespace {

constexpr TimeNs kNow = test::atSecond(1'735'689'600);

bool wantsAll() {
    return qEnvironmentVariableIsSet("GATESCOPE_TRUST_ALL");
}

/// CPU time of this thread: other programs must not decide.
qint64 cpuMicroseconds() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}
long peakKilobytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/// Microseconds from octets to verdict. The first is the leaf, the last is trusted.
qint64 judge(const std::vector<std::string>& ders, const std::string& host = "gw.example") {
    const qint64 begin = cpuMicroseconds();
    ChainQuestion question;
    for (const std::string& der : ders)
        if (const auto certificate = readCertificate(der)) question.sent.push_back(*certificate);
    auto profile = std::make_shared<TrustProfile>();
    profile->id = "custom";
    if (!question.sent.empty()) profile->certificates.add(question.sent.back(), Origin::User);
    question.profiles = {profile};
    question.host = host;
    question.at = kNow;
    question.now = kNow + 1;
    const ChainAnswer answer = judgeChain(question);
    (void)servedChain(answer);
    return cpuMicroseconds() - begin;
}

CertificateRecipe caRecipe(const std::string& name, const std::string& key = "ec256") {
    CertificateRecipe recipe;
    recipe.subject = "CN=" + name;
    recipe.key = key;
    recipe.ca = true;
    return recipe;
}

CertificateRecipe leafRecipe() {
    CertificateRecipe recipe;
    recipe.subject = "CN=gw.example";
    recipe.extensions = {{"subjectAltName", "DNS:gw.example"}, {"extendedKeyUsage", "serverAuth"}};
    return recipe;
}

/// The same certificate with an RSA key of 16,384 bits and an exponent of 64, the most that OpenSSL works with; nobody
/// sees that the modulus is not the product of two primes.
std::string withHugeKey(const MadeCertificate& made) {
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> modulus(BN_new(), BN_free), exponent(BN_new(), BN_free);
    BN_rand(modulus.get(), 16'384, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
    BN_rand(exponent.get(), 64, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
    const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(),
                                                                                  OSSL_PARAM_BLD_free);
    OSSL_PARAM_BLD_push_BN(builder.get(), "n", modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), "e", exponent.get());
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(builder.get()),
                                                                             OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata_init(context.get());
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return {};
    const std::unique_ptr<X509, decltype(&X509_free)> copy(X509_dup(static_cast<X509*>(made.x509.get())), X509_free);
    X509_set_pubkey(copy.get(), key);
    EVP_PKEY_free(key);
    X509_sign(copy.get(), static_cast<EVP_PKEY*>(made.key.get()), EVP_sha256());
    unsigned char* der = nullptr;
    const int size = i2d_X509(copy.get(), &der);
    std::string octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(std::max(size, 0)));
    OPENSSL_free(der);
    return octets;
}

class Mutator {
public:
    explicit Mutator(unsigned seed) : m_random(seed) {}

    std::string mutate(std::string der) {
        const std::size_t times = 1 + pick(4);
        for (std::size_t i = 0; i < times && der.size() > 8; ++i) once(der);
        return der;
    }

private:
    std::size_t pick(std::size_t below) { return m_random() % below; }
    void once(std::string& der) {
        const std::size_t at = pick(der.size());
        switch (pick(7)) {
        case 0: // a bit
            der[at] = static_cast<char>(der[at] ^ (1 << pick(8)));
            break;
        case 1: // an octet
            der[at] = static_cast<char>(pick(256));
            break;
        case 2: // cut, with the outer length mended so that it is still read
            der.resize(at + 4);
            mendLength(der);
            break;
        case 3: { // an element's length
            const std::size_t element = der.find(static_cast<char>(0x30), at);
            if (element != std::string::npos && element + 1 < der.size())
                der[element + 1] = static_cast<char>(pick(256));
            break;
        }
        case 4: { // two pieces change places
            const std::size_t length = 1 + pick(16), other = pick(der.size());
            for (std::size_t i = 0; i < length && at + i < der.size() && other + i < der.size(); ++i)
                std::swap(der[at + i], der[other + i]);
            break;
        }
        case 5: // a piece twice
            der.insert(at, der.substr(at, 1 + pick(64)));
            mendLength(der);
            break;
        default: // all ones
            for (std::size_t i = at; i < std::min(at + 1 + pick(8), der.size()); ++i) der[i] = '\xff';
            break;
        }
    }
    static void mendLength(std::string& der) {
        if (der.size() < 260 || der.size() > 65'000) return;
        der[1] = '\x82';
        der[2] = static_cast<char>((der.size() - 4) >> 8);
        der[3] = static_cast<char>(der.size() - 4);
    }
    std::mt19937 m_random;
};

/// Certificates of the handshakes' corpus, where it is there.
std::vector<std::string> corpusCertificates() {
    std::vector<std::string> ders;
    const QString folder = test::corpusFolder() + QStringLiteral("/trust/handshakes/certs");
    for (const QString& name : QDir(folder).entryList({QStringLiteral("*.pem")}, QDir::Files)) {
        QFile file(folder + QLatin1Char('/') + name);
        if (!file.open(QIODevice::ReadOnly)) continue;
        const QByteArray text = file.readAll();
        const qsizetype begin = text.indexOf("-----BEGIN CERTIFICATE-----");
        const qsizetype end = text.indexOf("-----END CERTIFICATE-----");
        if (begin >= 0 && end > begin)
            ders.push_back(QByteArray::fromBase64(text.mid(begin + 27, end - begin - 27)).toStdString());
    }
    return ders;
}

} // namespace

class TrustHostileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mutations();
    void largeKeys();
    void manyCertificatesOfOneName();
    void manyNamesAndConstraints();
    void deepConstraints();
    void longIdentifiers();

private:
    static constexpr qint64 kMostMicroseconds = 200'000;
};

void TrustHostileTest::mutations() {
    CertificateRecipe ca = caRecipe("intermediate", "rsa2048");
    ca.extensions = {{"nameConstraints", "permitted;DNS:example,permitted;IP:10.0.0.0/255.0.0.0"},
                     {"authorityInfoAccess", "caIssuers;URI:http://ca.example/i.crt"}};
    const MadeCertificate root = makeCertificate(caRecipe("root"));
    const MadeCertificate intermediate = makeCertificate(ca, &root);
    const MadeCertificate leaf = makeCertificate(leafRecipe(), &intermediate);
    std::vector<std::string> originals{leaf.der, intermediate.der, root.der};
    for (std::string& der : corpusCertificates()) originals.push_back(std::move(der));
    Mutator mutator(7);
    qint64 slowest = 0;
    std::size_t readable = 0;
    const std::size_t count = wantsAll() ? 10'000 : 300;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string mutated = mutator.mutate(originals[i % originals.size()]);
        readable += readCertificate(mutated) ? 1 : 0;
        std::vector<std::string> chain{leaf.der, intermediate.der, root.der};
        chain[i % chain.size()] = mutated;
        slowest = std::max(slowest, judge(chain));
    }
    qInfo("%zu mutations, %zu still certificates, slowest %lld us, peak memory %ld KiB", count, readable,
          (long long)slowest, peakKilobytes());
    QVERIFY2(slowest < kMostMicroseconds, qPrintable(QString::number(slowest)));
    QVERIFY(readable > count / 20); // else nothing was tried
    QVERIFY(peakKilobytes() < 512 * 1'024);
}

void TrustHostileTest::largeKeys() {
    const MadeCertificate root = makeCertificate(caRecipe("root", "rsa4096"));
    std::string der = root.der;
    const MadeCertificate leaf = makeCertificate(leafRecipe(), &root);
    qint64 slowest = judge({leaf.der, root.der});
    // The exponent 65537 (02 03 01 00 01) made three octets of ones: odd, and the signature no longer verifies.
    const std::size_t exponent = der.find(std::string("\x02\x03\x01\x00\x01", 5));
    QVERIFY(exponent != std::string::npos);
    der.replace(exponent + 2, 3, "\x7f\xff\xff");
    slowest = std::max(slowest, judge({leaf.der, der}));
    CertificateRecipe plain = caRecipe("CA");
    plain.plain = true;
    CertificateRecipe plainLeaf = leafRecipe();
    plainLeaf.plain = true;
    const MadeCertificate ca = makeCertificate(plain);
    std::vector<std::string> huge{makeCertificate(plainLeaf, &ca).der};
    for (int i = 0; i < 20; ++i) huge.push_back(withHugeKey(ca));
    slowest = std::max(slowest, judge(huge));
    const MadeCertificate p521 = makeCertificate(caRecipe("root", "ec521"));
    std::vector<std::string> row{makeCertificate(leafRecipe(), &p521).der};
    for (int i = 0; i < 20; ++i) {
        CertificateRecipe again = caRecipe("root", "ec521");
        again.serial = std::to_string(10 + i);
        row.push_back(makeCertificate(again, nullptr, &p521).der);
    }
    slowest = std::max(slowest, judge(row));
    qInfo("slowest %lld us", (long long)slowest);
    QVERIFY2(slowest < kMostMicroseconds, qPrintable(QString::number(slowest)));
}

/// 60 CAs of one name and 60 keys, without key ids: each could have issued each.
void TrustHostileTest::manyCertificatesOfOneName() {
    const MadeCertificate root = makeCertificate(caRecipe("CA"));
    std::vector<std::string> sent;
    CertificateRecipe leaf = leafRecipe();
    leaf.plain = true;
    sent.push_back(makeCertificate(leaf, &root).der);
    CertificateRecipe plain = caRecipe("CA");
    plain.plain = true;
    std::vector<MadeCertificate> made{root};
    for (int i = 0; i < 60; ++i) {
        made.push_back(makeCertificate(plain, &made[static_cast<std::size_t>(i) / 2]));
        sent.push_back(made.back().der);
    }
    const qint64 took = judge(sent);
    QVERIFY2(took < kMostMicroseconds, qPrintable(QString::number(took)));
}

void TrustHostileTest::manyNamesAndConstraints() {
    CertificateRecipe ca = caRecipe("CA");
    std::string constraints = "permitted;DNS:example";
    for (int i = 0; i < 3'000; ++i) constraints += ",excluded;DNS:x" + std::to_string(i) + ".example";
    ca.extensions = {{"nameConstraints", constraints}};
    const MadeCertificate root = makeCertificate(caRecipe("root"));
    const MadeCertificate intermediate = makeCertificate(ca, &root);
    CertificateRecipe leaf = leafRecipe();
    for (int i = 0; i < 3'000; ++i) leaf.extensions[0].second += ",DNS:n" + std::to_string(i) + ".example";
    const MadeCertificate made = makeCertificate(leaf, &intermediate);
    const qint64 took = judge({made.der, intermediate.der, root.der}, "absent.example");
    QVERIFY2(took < kMostMicroseconds, qPrintable(QString::number(took)));
}

/// A constraint on a name of 200 labels, in each of ten CAs.
void TrustHostileTest::deepConstraints() {
    std::string deep = "example";
    for (int i = 0; i < 120; ++i) deep = "a." + deep;
    std::vector<MadeCertificate> row{makeCertificate(caRecipe("CA 0"))};
    for (int i = 1; i < 10; ++i) {
        CertificateRecipe recipe = caRecipe("CA " + std::to_string(i));
        recipe.extensions = {{"nameConstraints", "permitted;DNS:" + deep + ",excluded;DNS:b." + deep}};
        row.push_back(makeCertificate(recipe, &row.back()));
    }
    std::vector<std::string> ders{makeCertificate(leafRecipe(), &row.back()).der};
    for (auto each = row.rbegin(); each != row.rend(); ++each) ders.push_back(each->der);
    const qint64 took = judge(ders);
    QVERIFY2(took < kMostMicroseconds, qPrintable(QString::number(took)));
}

/// An object identifier with an arc of thousands of bits: turning it into digits would be quadratic.
void TrustHostileTest::longIdentifiers() {
    std::string arc = "06:82:20:00:2a"; // OBJECT IDENTIFIER of 8,192 octets
    for (int i = 0; i < 8'190; ++i) arc += ":ff";
    arc += ":7f";
    CertificateRecipe leaf = leafRecipe();
    // certificatePolicies: SEQUENCE { SEQUENCE { identifier } }
    leaf.extensions.emplace_back("2.5.29.32", "DER:30:82:20:08:30:82:20:04:" + arc);
    const MadeCertificate root = makeCertificate(caRecipe("root"));
    const MadeCertificate made = makeCertificate(leaf, &root);
    const qint64 took = judge({made.der, root.der});
    QVERIFY2(took < kMostMicroseconds, qPrintable(QString::number(took)));
}

QTEST_APPLESS_MAIN(TrustHostileTest)
#include "trust_hostile_test.moc"

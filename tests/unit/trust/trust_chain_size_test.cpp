// SPDX-License-Identifier: Apache-2.0
// Figures measured with a leaf of 504 octets and an intermediate of 416: a Certificate record of 534 and of 955, a
// CertificateVerify of 281 (RSA 2048), 153 (RSA 1024), 95 to 97 (P-256), a Finished of 53 or 69. Others by hand.
#include <QTest>

#include "core/trust/chain_size.h"
#include "step_lines.h"

using namespace gatescope;
using namespace gatescope::trust;
using gatescope::test::factsOf;

namespace {

CertificatePtr made(std::size_t octets, char fill, bool selfSigned = false) {
    auto certificate = std::make_shared<Certificate>();
    certificate->der.assign(octets, fill);
    certificate->key = KeyKind::Ec;
    certificate->keyBits = 256;
    certificate->selfSigned = selfSigned;
    return certificate;
}

const std::vector<CertificatePtr> kChain{made(504, 'l'), made(416, 'i')};

SizeMatch match(const std::string& flight, const std::vector<CertificatePtr>& chain = kChain,
                std::uint16_t suite = 0x1302) {
    return matchChainSize(factsOf("C:CH | S:SH,CCS," + flight + " | C:CCS,app69", tls::kTls13, suite), chain);
}

} // namespace

class TrustChainSizeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void lengthsAreThoseMeasured() {
        QCOMPARE(certificateRecordLength(std::span(kChain).first(1)), 534U);
        QCOMPARE(certificateRecordLength(kChain), 955U);
        // An inspecting proxy's and an expired leaf of the same laboratory: 955 + (der - 504).
        QCOMPARE(certificateRecordLength(std::vector{made(507, 'h'), made(416, 'i')}), 958U);
    }

    void separateRecordsTellExactly() {
        QVERIFY(match("app23,app955,app96,app69") == SizeMatch::Exact);
        QVERIFY(match("app23,app955,app96,app53", kChain, 0x1301) == SizeMatch::Exact);
        QVERIFY(match("app23,app534,app96,app69") == SizeMatch::LeafOnly);
        QVERIFY(match("app23,app958,app96,app69") == SizeMatch::Different);
        QVERIFY(match("app49,app94,app955,app96,app69") == SizeMatch::Exact);  // asks for a client certificate, too
        QVERIFY(match("app39,app971,app112,app85") == SizeMatch::Exact);       // JSSE: 16 more each
        QVERIFY(match("app23,app955,app96,app69,app250") == SizeMatch::Exact); // and a ticket at once
        const std::vector<CertificatePtr> withRoot{kChain[0], kChain[1], made(390, 'r', true)};
        QVERIFY(match("app23,app955,app96,app69", withRoot) == SizeMatch::WithoutRoot);
        QVERIFY(match("app23,app534,app96,app69", withRoot) == SizeMatch::LeafOnly);
        QVERIFY(match("app23,app1350,app96,app69", withRoot) == SizeMatch::Exact); // 955 + 3 + 390 + 2
    }

    void aStapleIsNotADifference() {
        QVERIFY(match("app23,app1743,app96,app69") == SizeMatch::Unknown); // + 788, as measured
        QVERIFY(match("app23,app60000,app96,app69") == SizeMatch::Different);
    }

    void oneRecordIsASum() {
        // EncryptedExtensions 6, Certificate 938, CertificateVerify 78 to 80, Finished 52; inner type and tag 17.
        QVERIFY(match("app1093") == SizeMatch::Exact); // 6 + 938 + 80 + 52 + 17
        QVERIFY(match("app1091") == SizeMatch::Exact);
        QVERIFY(match("app672") == SizeMatch::LeafOnly); // 421 less
        QVERIFY(match("app1110") == SizeMatch::Unknown); // extensions that nobody knows
        QVERIFY(match("app900") == SizeMatch::Different);
        QVERIFY(match("app600,app510") == SizeMatch::Exact); // cut in two: 17 more
        // The protocol that was chosen is one of those offered: 4 + 2 + 1 + 2 for h2.
        auto facts = factsOf("C:CH | S:SH,CCS,app1102 | C:CCS,app69");
        facts.alpnOffered = {"h2", "http/1.1"};
        QVERIFY(matchChainSize(facts, kChain) == SizeMatch::Exact);
        facts.alpnOffered.clear();
        QVERIFY(matchChainSize(facts, kChain) == SizeMatch::Unknown);
    }

    void whatCannotBeToldIsUnknown() {
        QVERIFY(match("gap20,app955,app96,app69") == SizeMatch::Unknown);
        QVERIFY(match("app23,app955,app96,app69", {}) == SizeMatch::Unknown);
        auto facts = factsOf("C:CH | S:SH,CCS,app23,app955,app96,app69 | C:CCS,app69");
        facts.resumed = true;
        QVERIFY(matchChainSize(facts, kChain) == SizeMatch::Unknown);
        QVERIFY(!leafKeyBySize(facts));
        facts.resumed = false;
        facts.overQuic = true;
        QVERIFY(matchChainSize(facts, kChain) == SizeMatch::Unknown);
        QVERIFY(matchChainSize(factsOf("C:CH | S:SH,Cert,SKE,SHD", tls::kTls12), kChain) == SizeMatch::Unknown);
        QVERIFY(matchChainSize(factsOf("C:CH | S:SH,CCS"), kChain) == SizeMatch::Unknown);
    }

    void aReadableChainIsCompared() {
        auto facts = factsOf("C:CH | S:SH,Cert,SKE,SHD", tls::kTls12);
        auto seen = std::make_shared<tls::CertificatesSeen>();
        seen->der = {kChain[0]->der};
        facts.serverCertificates = seen;
        QVERIFY(matchChainSize(facts, kChain) == SizeMatch::LeafOnly);
        seen->der.push_back(std::string(416, 'x'));
        QVERIFY(matchChainSize(facts, kChain) == SizeMatch::Different);
    }

    void theLeafsKeyIsVisible_data() {
        QTest::addColumn<QByteArray>("flight");
        QTest::addColumn<QByteArray>("key");
        QTest::newRow("RSA 2048") << QByteArray("app23,app955,app281,app69") << QByteArray("RSA 2048");
        QTest::newRow("RSA 1024") << QByteArray("app23,app955,app153,app69") << QByteArray("RSA 1024");
        QTest::newRow("RSA 3072") << QByteArray("app23,app955,app409,app69") << QByteArray("RSA 3072");
        QTest::newRow("RSA 4096") << QByteArray("app23,app955,app537,app69") << QByteArray("RSA 4096");
        for (const char* size : {"95", "96", "97"})
            QTest::addRow("P-256 %s", size)
                << "app23,app955,app" + QByteArray(size) + ",app69" << QByteArray("EC P-256");
        QTest::newRow("P-384") << QByteArray("app23,app955,app128,app69") << QByteArray("EC P-384");
        QTest::newRow("Ed25519") << QByteArray("app23,app955,app89,app69") << QByteArray("Ed25519");
        QTest::newRow("padded") << QByteArray("app39,app971,app297,app85") << QByteArray("RSA 2048");
        QTest::newRow("one record") << QByteArray("app1143") << QByteArray();
        QTest::newRow("unheard of") << QByteArray("app23,app955,app333,app69") << QByteArray();
    }
    void theLeafsKeyIsVisible() {
        QFETCH(QByteArray, flight);
        QFETCH(QByteArray, key);
        const auto told = leafKeyBySize(factsOf("C:CH | S:SH,CCS," + flight.toStdString() + " | C:CCS,app69"));
        QCOMPARE(QByteArray::fromStdString(told.value_or("")), key);
    }
};

QTEST_APPLESS_MAIN(TrustChainSizeTest)
#include "trust_chain_size_test.moc"

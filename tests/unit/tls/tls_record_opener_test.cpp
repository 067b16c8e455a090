// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/tls/record_opener.h"

#include <string>

using namespace gatescope;
using namespace gatescope::tls;

namespace {

/// Opens records whose text is its own name and number: `a3`.
class NamedCipher final : public RecordCipher {
public:
    NamedCipher(char name, int& alive) : m_name(name), m_alive(alive) { ++m_alive; }
    ~NamedCipher() override { --m_alive; }
    std::optional<OpenedRecord> open(std::uint64_t sequence, const SealedRecord& record) override {
        if (asText(record.fragment) != m_name + std::to_string(sequence)) return std::nullopt;
        return OpenedRecord{record.type, record.fragment};
    }
    bool chains() const override { return false; }
    std::size_t overhead() const override { return 17; }

private:
    char m_name;
    int& m_alive;
};

} // namespace

class TlsRecordOpenerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// A message may end the keys it came with, and another one be behind it in the same record.
    void contentOutlivesItsKeys() {
        int alive = 0;
        RecordOpener opener;
        for (const char name : {'a', 'b'}) opener.expect(std::make_unique<NamedCipher>(name, alive));
        QVERIFY(opens(opener, "a0"));
        opener.advance();
        opener.replace(std::make_unique<NamedCipher>('c', alive));
        QCOMPARE(alive, 3);
        opener.use(std::make_unique<NamedCipher>('d', alive));
        QCOMPARE(alive, 4);
        QVERIFY(opens(opener, "d0"));
        QCOMPARE(alive, 1);
    }

    void keysFollowEachOtherAlsoUnannounced() {
        int alive = 0;
        RecordOpener opener;
        for (const char name : {'a', 'b', 'c'}) opener.expect(std::make_unique<NamedCipher>(name, alive));
        QVERIFY(opens(opener, "a0") && opens(opener, "a1") && opens(opener, "c0"));
        QVERIFY(!opens(opener, "a2"));
        QVERIFY(opens(opener, "c2")); // the one that did not open counted
    }

    void lossesAreCountedByTrying() {
        int alive = 0;
        RecordOpener opener;
        opener.expect(std::make_unique<NamedCipher>('a', alive));
        QVERIFY(opens(opener, "a0"));
        opener.lose(3 * (5 + 17) + 40); // three records with 40 octets in them
        const auto opened = opener.open({23, kTls12, asBytes("a4")});
        QVERIFY(opened && opened->afterLoss);
        QCOMPARE(opened->lostContent, std::uint64_t{40});
        opener.skipOne();
        QVERIFY(opens(opener, "a6"));
    }

    void keysAreLimited() {
        int alive = 0;
        RecordOpener opener;
        for (int i = 0; i < 100; ++i) opener.expect(std::make_unique<NamedCipher>('a', alive));
        QCOMPARE(opener.keysLeft(), RecordOpener::kMaxKeys);
        QCOMPARE(alive, static_cast<int>(RecordOpener::kMaxKeys));
    }

private:
    static bool opens(RecordOpener& opener, std::string_view text) {
        return opener.open({23, kTls12, asBytes(text)}).has_value();
    }
};

QTEST_APPLESS_MAIN(TlsRecordOpenerTest)
#include "tls_record_opener_test.moc"

// SPDX-License-Identifier: Apache-2.0
// Header blocks: the examples of RFC 7541, appendix C, and tables of which only a part is known.
#include "core/http/hpack_decoder.h"
#include "tests/unit/http/http2_dialogue.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <QDirIterator>
#include <random>

using namespace gatescope;
using test::h2::Encoder;
using test::h2::Fields;
using test::h2::fromHex;

namespace {

/// Fields as `name: value`, `?` for unknown ones.
struct Told final : http::HpackFields {
    QStringList lines;
    void field(std::string_view name, std::string_view value) override {
        lines += QString::fromLatin1(name.data(), qsizetype(name.size())) + ": " +
                 QString::fromLatin1(value.data(), qsizetype(value.size()));
    }
    void unknownField() override { lines += "?"; }
};

QString decoded(http::HpackDecoder& decoder, const std::string& block) {
    Told told;
    // A copy of exactly that size, gone after the call.
    const std::vector<char> bytes(block.begin(), block.end());
    if (!decoder.decode(asBytes({bytes.data(), bytes.size()}), told)) told.lines += "damage";
    return told.lines.join(" | ");
}

/// Each field that is told is the one that was sent, at its place.
bool isPartOf(const QString& told, const QStringList& sent) {
    const QStringList lines = told.isEmpty() ? QStringList() : told.split(" | ");
    if (lines.size() != sent.size()) return false;
    for (qsizetype i = 0; i < lines.size(); ++i)
        if (lines[i] != "?" && lines[i] != sent[i]) return false;
    return true;
}

QStringList linesOf(const Fields& fields) {
    QStringList lines;
    for (const auto& [name, value] : fields) lines += QString::fromStdString(name + ": " + value);
    return lines;
}

QString sharedFolder() {
    const QString set = qEnvironmentVariable("GATESCOPE_SHARED");
    return (set.isEmpty() ? QString(GATESCOPE_SOURCE_DIR "/../shared") : set) + "/corpus/hpack-test-case";
}

} // namespace

class HttpHpackTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void examplesOfTheSpecification_data();
    void examplesOfTheSpecification();
    void damage_data();
    void damage();
    void damageForgetsTheTable();
    void prefixesAreSafe();
    void randomOctetsAreSafe();
    void unknownEntries();
    void placesStayRightAfterUnknownNames();
    void forgottenTable();
    void middleOfARandomConnection();
    void tableBeyondTheLimit();
    void whoseBlock();
    void stories();
    void storiesFromTheMiddle();
};

void HttpHpackTest::examplesOfTheSpecification_data() {
    QTest::addColumn<QStringList>("blocks");
    QTest::addColumn<QStringList>("expected");
    // C.2: one representation each, with a table of its own.
    QTest::newRow("C.2.1") << QStringList{"400a637573746f6d2d6b65790d637573746f6d2d686561646572"}
                           << QStringList{"custom-key: custom-header"};
    QTest::newRow("C.2.2") << QStringList{"040c2f73616d706c652f70617468"} << QStringList{":path: /sample/path"};
    QTest::newRow("C.2.3") << QStringList{"100870617373776f726406736563726574"} << QStringList{"password: secret"};
    QTest::newRow("C.2.4") << QStringList{"82"} << QStringList{":method: GET"};
    const QStringList requests{
        ":method: GET | :scheme: http | :path: / | :authority: www.example.com",
        ":method: GET | :scheme: http | :path: / | :authority: www.example.com | cache-control: no-cache",
        ":method: GET | :scheme: https | :path: /index.html | :authority: www.example.com | custom-key: custom-value"};
    QTest::newRow("C.3") << QStringList{"828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865",
                                        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"}
                         << requests;
    QTest::newRow("C.4") << QStringList{"828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
                                        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"}
                         << requests;
    // C.5 and C.6 evict: the decoder's table has 256 octets, said here by a size update (0x3f 0xe1 0x01).
    const QString location = "location: https://www.example.com";
    const QStringList responses{
        ":status: 302 | cache-control: private | date: Mon, 21 Oct 2013 20:13:21 GMT | " + location,
        ":status: 307 | cache-control: private | date: Mon, 21 Oct 2013 20:13:21 GMT | " + location,
        ":status: 200 | cache-control: private | date: Mon, 21 Oct 2013 20:13:22 GMT | " + location +
            " | content-encoding: gzip | set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"};
    QTest::newRow("C.5") << QStringList{"3fe101"
                                        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a"
                                        "323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
                                        "4803333037c1c0bf",
                                        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69"
                                        "707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d6178"
                                        "2d6167653d333630303b2076657273696f6e3d31"}
                         << responses;
    QTest::newRow("C.6") << QStringList{"3fe101"
                                        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29"
                                        "ad171863c78f0b97c8e9ae82ae43d3",
                                        "4883640effc1c0bf",
                                        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7"
                                        "f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d50"
                                        "07"}
                         << responses;
}

void HttpHpackTest::examplesOfTheSpecification() {
    QFETCH(QStringList, blocks);
    QFETCH(QStringList, expected);
    http::HpackDecoder decoder(true);
    for (qsizetype i = 0; i < blocks.size(); ++i)
        QCOMPARE(decoded(decoder, fromHex(blocks[i].toStdString())), expected[i]);
}

void HttpHpackTest::damage_data() {
    QTest::addColumn<QString>("hex");
    QTest::addColumn<QString>("expected");
    QTest::newRow("index 0") << "8280" << ":method: GET | damage";                      // RFC 7541, 6.1
    QTest::newRow("index behind the table") << "82be" << ":method: GET | damage";       // 2.3.3
    QTest::newRow("name behind the table") << "7e0161" << "damage";                     //
    QTest::newRow("string cut") << "400a6375" << "damage";                              //
    QTest::newRow("integer cut") << "ff80" << "damage";                                 //
    QTest::newRow("integer too large") << "ffffffffffff7f" << "damage";                 // 5.1
    QTest::newRow("integer without end") << "ff8080808080808001" << "damage";           //
    QTest::newRow("size update inside the block") << "8220" << ":method: GET | damage"; // 4.2
    QTest::newRow("EOS in Huffman code") << "0084ffffffff00" << "damage";               // 5.2
    QTest::newRow("Huffman padding of zeros") << "00811800" << "damage";                // 'a' is 00011, then 000
    QTest::newRow("empty") << "" << "";
}

void HttpHpackTest::damage() {
    QFETCH(QString, hex);
    QFETCH(QString, expected);
    http::HpackDecoder decoder(true);
    QCOMPARE(decoded(decoder, fromHex(hex.toStdString())), expected);
}

void HttpHpackTest::damageForgetsTheTable() {
    http::HpackDecoder decoder(true);
    QCOMPARE(decoded(decoder, fromHex("400161016280")), QString("a: b | damage"));
    QCOMPARE(decoded(decoder, fromHex("be")), QString("?")); // what the rest of that block added nobody knows
}

void HttpHpackTest::prefixesAreSafe() {
    const std::string block = fromHex("82868441 8cf1e3c2e5f23a6ba0ab90f4ff 408825a849e95ba97d7f8925a849e95bb8e8b4bf");
    const QString whole =
        ":method: GET | :scheme: http | :path: / | :authority: www.example.com | custom-key: custom-value";
    for (std::size_t length = 0; length < block.size(); ++length) {
        http::HpackDecoder decoder(true);
        QString text = decoded(decoder, block.substr(0, length));
        text.remove("damage");
        while (text.endsWith(" ") || text.endsWith("|")) text.chop(1);
        QVERIFY2(whole.startsWith(text), qPrintable(text));
    }
}

void HttpHpackTest::randomOctetsAreSafe() {
    std::mt19937 random(5);
    for (int round = 0; round < 20'000; ++round) {
        http::HpackDecoder decoder(round % 2 == 0);
        for (int block = 0; block < 3; ++block) {
            std::string octets(random() % 40, '\0');
            for (char& octet : octets) octet = static_cast<char>(random());
            decoded(decoder, octets);
        }
    }
}

void HttpHpackTest::unknownEntries() {
    http::HpackDecoder decoder(false);
    // Index 62 is the newest entry, whatever it is.
    QCOMPARE(decoded(decoder, fromHex("82be")), QString(":method: GET | ?"));
    // A new entry is known, and what was the newest is 63 now.
    QCOMPARE(decoded(decoder, fromHex("4001610162bebf")), QString("a: b | a: b | ?"));
    // Literals with a name from an unknown entry: with, without and never indexed.
    QCOMPARE(decoded(decoder, fromHex("7f01017a")), QString("?"));
    QCOMPARE(decoded(decoder, fromHex("0f31017a")), QString("?"));
    QCOMPARE(decoded(decoder, fromHex("1f31017a")), QString("?"));
    // The first of them is an entry now, so that `a: b` stands at 63.
    QCOMPARE(decoded(decoder, fromHex("bebf7e0179bebfc0")), QString("? | a: b | ? | ? | ? | a: b"));
    // Far behind every table that is usual, and the last index there can be.
    QCOMPARE(decoded(decoder, fromHex("ffffff7f")), QString("?"));
    QCOMPARE(decoded(decoder, fromHex("ff80ffffff0f")), QString("?"));
}

void HttpHpackTest::placesStayRightAfterUnknownNames() {
    http::HpackDecoder decoder(false);
    QCOMPARE(decoded(decoder, fromHex("7f00"
                                      "811f")),
             QString("?")); // value `a` in Huffman code
    QCOMPARE(decoded(decoder, fromHex("40016b0176")), QString("k: v"));
    // A table of no size and back: all that it held is gone for the sender too.
    QCOMPARE(decoded(decoder, fromHex("203fe11f"
                                      "4001780179")),
             QString("x: y"));
    QCOMPARE(decoded(decoder, fromHex("be")), QString("x: y"));
}

void HttpHpackTest::forgottenTable() {
    http::HpackDecoder decoder(true);
    QCOMPARE(decoded(decoder, fromHex("4001610162")), QString("a: b"));
    decoder.forget();
    QCOMPARE(decoded(decoder, fromHex("be")), QString("?"));
    QCOMPARE(decoded(decoder, fromHex("4001630164")), QString("c: d"));
    QCOMPARE(decoded(decoder, fromHex("bebf")), QString("c: d | ?"));
}

void HttpHpackTest::middleOfARandomConnection() {
    std::mt19937 random(7);
    const std::vector<std::string> names{":status", "x-a", "x-b", "x-agent", "content-type", "set-cookie", "y"};
    for (int round = 0; round < 200; ++round) {
        const std::size_t tables[]{0, 64, 200, 4096, 65'536};
        Encoder encoder(tables[random() % 5]);
        http::HpackDecoder whole(true), late(false), lossy(true);
        const unsigned start = unsigned(random() % 12);
        if (random() % 2 == 0) encoder.resize(tables[random() % 5]);
        for (unsigned i = 0; i < 30; ++i) {
            if (random() % 10 == 0) encoder.resize(tables[random() % 5]);
            Fields fields;
            for (auto n = 1 + random() % 6; n > 0; --n)
                fields.push_back(
                    {names[random() % names.size()], std::string(random() % 60, char('a' + random() % 4))});
            const std::string block = encoder.block(fields);
            QCOMPARE(decoded(whole, block), linesOf(fields).join(" | "));
            if (i >= start) QVERIFY2(isPartOf(decoded(late, block), linesOf(fields)), qPrintable(QString::number(i)));
            if (random() % 8 == 0)
                lossy.forget();
            else
                QVERIFY(isPartOf(decoded(lossy, block), linesOf(fields)));
        }
    }
}

void HttpHpackTest::tableBeyondTheLimit() {
    // The sender keeps 1 MiB. An entry of 60 KiB is followed by others until it has left our table, but not the
    // sender's.
    Encoder encoder(1U << 20);
    encoder.resize(1U << 20);
    http::HpackDecoder decoder(true);
    const Fields first{{"x-first", std::string(60'000, 'f')}};
    QCOMPARE(decoded(decoder, encoder.block(first)), linesOf(first).join(" | "));
    for (char c = 'a'; c <= 'h'; ++c) {
        const Fields more{{"x-more", std::string(60'000, c)}};
        QCOMPARE(decoded(decoder, encoder.block(more)), linesOf(more).join(" | "));
    }
    const std::string block = encoder.block(first);
    QVERIFY(block.size() < 20); // a reference
    QCOMPARE(decoded(decoder, block), QString("?"));
}

void HttpHpackTest::whoseBlock() {
    const auto tells = [](const char* hex) {
        const std::string block = fromHex(hex);
        const auto request = http::hpackTellsRequest(asBytes(block));
        return !request ? QString("unknown") : *request ? QString("request") : QString("response");
    };
    QCOMPARE(tells("82"), QString("request"));
    QCOMPARE(tells("be87"), QString("request"));
    QCOMPARE(tells("203fe11f88"), QString("response"));
    QCOMPARE(tells("4803333032"), QString("response")); // :status 302
    QCOMPARE(tells("bec0"), QString("unknown"));
    QCOMPARE(tells("4001610162"), QString("unknown"));
    QCOMPARE(tells(""), QString("unknown"));
    QCOMPARE(tells("ff"), QString("unknown"));
}

void HttpHpackTest::stories() {
    QDirIterator files(sharedFolder(), {"*.json"}, QDir::Files, QDirIterator::Subdirectories);
    int cases = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        http::HpackDecoder decoder(true);
        for (const QJsonValue one : QJsonDocument::fromJson(file.readAll())["cases"].toArray()) {
            QStringList expected;
            for (const QJsonValue field : one["headers"].toArray()) {
                const QJsonObject object = field.toObject();
                expected += object.begin().key() + ": " + object.begin().value().toString();
            }
            const QString told = decoded(decoder, fromHex(one["wire"].toString().toStdString()));
            QVERIFY2(told == expected.join(" | "), qPrintable(file.fileName() + ' ' + told));
            ++cases;
        }
    }
    if (cases == 0) QSKIP("no stories; the examples of the specification cover the same ground");
    qInfo("%d blocks", cases);
}

void HttpHpackTest::storiesFromTheMiddle() {
    QDirIterator files(sharedFolder(), {"*.json"}, QDir::Files, QDirIterator::Subdirectories);
    qsizetype known = 0, unknown = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonArray cases = QJsonDocument::fromJson(file.readAll())["cases"].toArray();
        for (qsizetype start = 1; start < cases.size(); ++start) {
            http::HpackDecoder decoder(false);
            for (qsizetype i = start; i < cases.size(); ++i) {
                QStringList sent;
                for (const QJsonValue field : cases[i]["headers"].toArray()) {
                    const QJsonObject object = field.toObject();
                    sent += object.begin().key() + ": " + object.begin().value().toString();
                }
                const QString told = decoded(decoder, fromHex(cases[i]["wire"].toString().toStdString()));
                QVERIFY2(isPartOf(told, sent), qPrintable(file.fileName() + ' ' + told));
                const qsizetype missing = told.split(" | ").count("?");
                unknown += missing;
                known += sent.size() - missing;
            }
        }
    }
    if (known == 0) QSKIP("no stories; a random connection covers the same ground");
    qInfo("%lld fields known, %lld unknown, none wrong", static_cast<long long>(known),
          static_cast<long long>(unknown));
}

QTEST_APPLESS_MAIN(HttpHpackTest)
#include "http_hpack_test.moc"

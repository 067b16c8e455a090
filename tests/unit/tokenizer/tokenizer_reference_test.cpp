// SPDX-License-Identifier: Apache-2.0
// Token counts against those of js-tiktoken's own encoder (make_reference_counts.mjs), with the fetched vocabularies.
#include "core/tokenizer/token_counter.h"

#include <QFile>
#include <QTest>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace gatescope;
using namespace gatescope::tokenizer;

namespace {

struct Row {
    std::int64_t cl100k = 0, o200k = 0;
    QByteArray origin;
    std::string text;
};

std::string unescaped(const QByteArray& line) {
    std::string text;
    for (qsizetype at = 0; at < line.size(); ++at) {
        if (line[at] != '\\') {
            text.push_back(line[at]);
            continue;
        }
        text.append(QByteArray::fromHex(line.mid(at + 2, 2)).toStdString()); // \xNN
        at += 3;
    }
    return text;
}

std::vector<Row> readRows() {
    QFile file(GATESCOPE_SOURCE_DIR "/tests/unit/tokenizer/reference_counts.tsv");
    std::vector<Row> rows;
    if (!file.open(QIODevice::ReadOnly)) return rows;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const QList<QByteArray> cells = line.split('\t');
        if (cells.size() == 4)
            rows.push_back({cells[0].toLongLong(), cells[1].toLongLong(), cells[2], unescaped(cells[3])});
    }
    return rows;
}

std::optional<Vocabulary> fetched(const char* name) {
    QFile file(qEnvironmentVariable("GATESCOPE_VOCABULARIES") + "/" + name);
    if (!file.open(QIODevice::ReadOnly)) return std::nullopt;
    auto loaded = Vocabulary::load(asBytes(file.readAll().toStdString()));
    if (!loaded) return std::nullopt;
    return std::move(*loaded);
}

} // namespace

class ReferenceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsAreThoseOfTheReference_data() {
        QTest::addColumn<QString>("file");
        QTest::newRow("cl100k") << "cl100k.vocab";
        QTest::newRow("o200k") << "o200k.vocab";
    }
    void countsAreThoseOfTheReference() {
        QFETCH(QString, file);
        const std::vector<Row> rows = readRows();
        QVERIFY2(rows.size() >= 2000, qPrintable(QString::number(rows.size())));
        const QString path = qEnvironmentVariable("GATESCOPE_VOCABULARIES") + "/" + file;
        if (!QFile::exists(path)) QSKIP("the vocabularies were not fetched: ./dev vocabularies");
        const auto vocabulary = fetched(qPrintable(file));
        QVERIFY2(vocabulary.has_value(), "the vocabulary is there and does not load");

        int different = 0;
        for (const Row& row : rows) {
            const std::int64_t expected = vocabulary->encoding() == Encoding::O200k ? row.o200k : row.cl100k;
            const std::int64_t whole = vocabulary->countTokens(row.text);
            TokenCounter counter(*vocabulary, 320); // no string has a longer piece
            for (std::size_t at = 0; at < row.text.size(); at += 7)
                counter.feed(std::string_view(row.text).substr(at, 7));
            const std::int64_t inParts = counter.finish();
            if (whole == expected && inParts == expected) continue;
            if (++different <= 10)
                qWarning("%s: expected %lld, whole %lld, in parts %lld: %s", row.origin.constData(),
                         static_cast<long long>(expected), static_cast<long long>(whole),
                         static_cast<long long>(inParts),
                         QByteArray::fromStdString(row.text).left(100).toPercentEncoding(" ").constData());
        }
        QCOMPARE(different, 0);
    }
};

QTEST_APPLESS_MAIN(ReferenceTest)
#include "tokenizer_reference_test.moc"

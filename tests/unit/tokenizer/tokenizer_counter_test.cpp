// SPDX-License-Identifier: Apache-2.0
// Counting a text that arrives in parts; octets that are no UTF-8; limits.
#include "core/tokenizer/token_counter.h"
#include "tests/unit/tokenizer/small_vocabulary.h"

#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <random>

using namespace gatescope;
using namespace gatescope::tokenizer;
using namespace std::string_literals;

namespace {

constexpr Encoding kBoth[] = {Encoding::Cl100k, Encoding::O200k};

std::string repaired(std::string_view octets, std::size_t step) {
    Utf8Repair repair;
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += step) repair.feed(octets.substr(at, step), out);
    repair.finish(out);
    return out;
}

std::string repeated(std::string_view text, std::size_t octets) {
    std::string out;
    while (out.size() < octets) out += text;
    return out;
}

} // namespace

class CounterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Rows: the Unicode Standard 15.0, tables 3-8 to 3-11 (U+FFFD substitution of maximal subparts), and the ends.
    void repairsAsTheStandardSays_data() {
        QTest::addColumn<std::string>("octets");
        QTest::addColumn<std::string>("expected"); // R stands for U+FFFD
        QTest::newRow("ascii") << "plain"s << "plain"s;
        QTest::newRow("well-formed") << "\xc2\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"s
                                     << "\xc2\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"s;
        QTest::newRow("3-8 overlong") << "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"s << "RRRRRRRRA"s;
        QTest::newRow("3-9 surrogates") << "\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41"s << "RRRRRRRRA"s;
        QTest::newRow("3-10 others") << "\xf4\x91\x92\x93\xff\x41\x80\xbf\x42"s << "RRRRRARRB"s;
        QTest::newRow("3-11 truncated") << "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"s << "RRRRA"s;
        QTest::newRow("cut at the end") << "a\xe2\x82"s << "aR"s;
        QTest::newRow("one octet") << "\xff"s << "R"s;
        QTest::newRow("NUL is a character") << "a\0b"s << "a\0b"s;
        QTest::newRow("byte order mark stays") << "\xef\xbb\xbfx"s << "\xef\xbb\xbfx"s;
        QTest::newRow("last code point") << "\xf4\x8f\xbf\xbf"s << "\xf4\x8f\xbf\xbf"s;
    }
    void repairsAsTheStandardSays() {
        QFETCH(std::string, octets);
        QFETCH(std::string, expected);
        if (expected.find('R') != std::string::npos) {
            for (std::size_t at; (at = expected.find('R')) != std::string::npos;)
                expected.replace(at, 1, "\xef\xbf\xbd");
        }
        for (std::size_t step = 1; step <= octets.size(); ++step)
            QCOMPARE(QByteArray::fromStdString(repaired(octets, step)).toHex(),
                     QByteArray::fromStdString(expected).toHex());
    }

    /// Pieces `the|  | the|!` are tokens (`the`, two blanks, ` the`), and `!` is one octet: 4.
    void countsTokens() {
        for (const Encoding encoding : kBoth) {
            const Vocabulary vocabulary = tests::smallVocabulary(encoding);
            QCOMPARE(vocabulary.countTokens(""), 0);
            QCOMPARE(vocabulary.countTokens("the   the!"), 4);
            QCOMPARE(vocabulary.countTokens("\xff"), 1); // U+FFFD is a token there
        }
        // <| endoft ext ... : no token there is longer than its pieces `<`, `|`, letters; the name is never one token.
        QCOMPARE(tests::smallVocabulary(Encoding::Cl100k).countTokens("<|endoftext|>"), 13);
    }

    void anyDivisionGivesTheSameCount() {
        const std::string text =
            "The theory, and the 12345 rings...  I'm \xf0\x9f\x98\x80\xf0\x9f\x98\x80 \xe4\xb8\xad\xe6\x96\x87"
            "ABC\r\n\r\n   there're aaaaaaaaaaaaaaaaaaa \xff\xfe\xe2\x82 bbbb\xcc\x81    \n \t end   ";
        for (const Encoding encoding : kBoth) {
            const Vocabulary vocabulary = tests::smallVocabulary(encoding);
            const std::int64_t whole = vocabulary.countTokens(text);
            TokenCounter counter(vocabulary,
                                 40); // no piece is as long, and text is looked at as soon as 40 octets wait
            for (std::size_t cut = 0; cut <= text.size(); ++cut) {
                counter.feed(std::string_view(text).substr(0, cut));
                counter.feed(std::string_view(text).substr(cut));
                QCOMPARE(counter.finish(), whole);
            }
            for (const char octet : text) counter.feed({&octet, 1});
            QCOMPARE(counter.finish(), whole);
        }
    }

    /// Texts around the size of a scan and of the longest piece, in random parts.
    void anyDivisionOfLongTexts() {
        const std::string_view fillers[] = {"a",
                                            " ",
                                            "the ",
                                            "\n",
                                            "\xf0\x9f\x98\x80",
                                            "\xe4\xb8\xad"
                                            "AB",
                                            "!",
                                            "\xff",
                                            "1",
                                            "a\xcc\x81",
                                            " \xc2\xa0"};
        std::mt19937 random(11);
        const Vocabulary vocabularies[] = {tests::smallVocabulary(Encoding::Cl100k),
                                           tests::smallVocabulary(Encoding::O200k)};
        for (const std::string_view filler : fillers) {
            for (const std::size_t size :
                 {std::size_t{4096}, TokenCounter::kMaxPieceBytes, 2 * TokenCounter::kMaxPieceBytes + 7}) {
                const std::string text = "x" + repeated(filler, size) + "end";
                for (const Vocabulary& vocabulary : vocabularies) {
                    TokenCounter counter(vocabulary);
                    for (std::size_t at = 0; at < text.size();) {
                        const std::size_t step = 1 + random() % 5000;
                        counter.feed(std::string_view(text).substr(at, step));
                        QVERIFY(counter.held() <= TokenCounter::kMaxHeldBytes);
                        at += step;
                    }
                    QCOMPARE(counter.finish(), vocabulary.countTokens(text));
                }
            }
        }
    }

    /// 65,536 letters are one piece of 16,384 tokens `aaaa`. One more letter begins another piece.
    void cutsAPieceWithoutEnd() {
        const Vocabulary vocabulary = tests::smallVocabulary(Encoding::O200k);
        constexpr std::size_t limit = TokenCounter::kMaxPieceBytes;
        QCOMPARE(vocabulary.countTokens(std::string(limit, 'a')), std::int64_t{limit / 4});
        QCOMPARE(vocabulary.countTokens(std::string(limit + 1, 'a')), std::int64_t{limit / 4 + 1});
        // The cut is at a whole character: 65,536 is no multiple of three, and no octet is counted alone.
        const std::string ideographs = repeated("\xe4\xb8\xad", 2 * limit);
        QCOMPARE(vocabulary.countTokens(ideographs), static_cast<std::int64_t>(ideographs.size() / 3 * 2));
    }

    /// With a limit of 10, `aaaaaaaaaaaa` (12) is cut to 10 and 2: aaaa aaaa aa, aa.
    void theCutDoesNotDependOnTheParts() {
        const Vocabulary vocabulary = tests::smallVocabulary(Encoding::O200k);
        for (std::size_t step = 1; step <= 12; ++step) {
            TokenCounter counter(vocabulary, 10);
            for (std::size_t at = 0; at < 12; at += step) counter.feed(std::string(std::min(step, 12 - at), 'a'));
            QCOMPARE(counter.finish(), 4);
        }
    }

    void isAsNewAfterFinish() {
        const Vocabulary vocabulary = tests::smallVocabulary(Encoding::Cl100k);
        TokenCounter counter(vocabulary);
        counter.feed("\xe4\xb8"); // begins a character
        QCOMPARE(counter.finish(), 1);
        counter.feed("\xad");
        QCOMPARE(counter.finish(), 1);
        QCOMPARE(counter.finish(), 0);
        QCOMPARE(counter.held(), std::size_t{0});
    }

    /// A quadratic merge of 1 MB takes minutes; this takes well under a second each, so 20 s pass on any machine.
    void longRunsAreNotQuadratic() {
        const Vocabulary vocabulary = tests::smallVocabulary(Encoding::O200k);
        QElapsedTimer timer;
        timer.start();
        for (const std::string_view run : {"a", " ", "\n", "!", "\xf0\x9f\x98\x80",
                                           "\xe4\xb8\xad"
                                           "ABC",
                                           "\xff",
                                           "\xcc\x81"
                                           "A"}) {
            const std::string text = repeated(run, 1000 * 1000);
            TokenCounter counter(vocabulary);
            for (std::size_t at = 0; at < text.size(); at += 3) counter.feed(std::string_view(text).substr(at, 3));
            QVERIFY(counter.finish() > 0);
        }
        QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_APPLESS_MAIN(CounterTest)
#include "tokenizer_counter_test.moc"

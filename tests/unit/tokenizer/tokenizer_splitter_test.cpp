// SPDX-License-Identifier: Apache-2.0
// Expected pieces: worked out by hand from the patterns in tiktoken's published encodings, branch by branch.
#include "core/tokenizer/splitter.h"

#include <QTest>
#include <string>

using namespace gatescope::tokenizer;

namespace {

/// Text with a bar between the pieces.
std::string split(std::string_view text, Encoding encoding) {
    std::string out;
    while (!text.empty()) {
        const Piece piece = nextPiece(text, encoding);
        if (!out.empty()) out += '|';
        if (piece.bytes == 0 || piece.bytes > text.size()) return out + "BROKEN";
        out += text.substr(0, piece.bytes);
        text.remove_prefix(piece.bytes);
    }
    return out;
}

bool isInsideCharacter(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

std::string withoutBars(std::string text) {
    std::erase(text, '|');
    return text;
}

} // namespace

class SplitterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cl100k_data() {
        QTest::addColumn<std::string>("pieces");
        const auto row = [](const char* name, const char* pieces) { QTest::newRow(name) << std::string(pieces); };
        row("words take the blank before them", "Hello| world|,| again");
        row("a tabulator as well", "a|\tb");
        row("any symbol before letters", "x|_y|(z|.w");
        row("but not a digit", "1|a");
        row("case does not part a word", "camelCASEword");
        row("a contraction is its own piece", "don|'t| I|'ll|'VE|'Re");
        row("the contraction wins over a word", "'s|omething");
        row("no contraction: the apostrophe goes with the letters", "o|'clock");
        row("the typographic apostrophe is none", "don|\xe2\x80\x99t");
        row("long s is not s", "'\xc5\xbf");
        row("three digits at a time", "123|456|7| |890");
        row("digits of any script", "\xd9\xa1\xd9\xa2\xd9\xa3|\xd9\xa4");
        row("symbols take a blank before and line ends after", "a| !!\n\r|b");
        row("slashes are symbols and no line ends", "//\n|/\n|x");
        row("the last blank goes with the word", "a|   | b");
        row("and with the symbol", "a|  | !");
        row("but a blank before a digit stands alone", "a|  | |1");
        row("a tabulator before a symbol stands alone", "a| |\t|!");
        row("blanks end at the last line end", "a| \n  \n|  | b");
        row("blanks at the end stay together", "a|   ");
        row("a line end is no prefix", "a|\n|b");
        row("marks part words", "\xe0\xa4\xae|\xe0\xa4\xbe\xe0\xa4\xa8"); // MA, vowel sign AA as the prefix of NA
        row("a mark without letters is a symbol", "a|\xcc\x81|1");
        row("no-break space", "a|\xc2\xa0"
                              "b|\xc2\xa0|!");
        row("next line (U+0085) is a symbol", "a|\xc2\x85!");
        row("byte order mark before a letter", "\xef\xbb\xbf"
                                               "a");
        row("byte order mark before a symbol is a blank", "\xef\xbb\xbf|!");
        row("emoji are symbols", "hi| \xf0\x9f\x98\x80\xe2\x80\x8d\xf0\x9f\x98\x80");
    }
    void cl100k() { compare(Encoding::Cl100k); }

    void o200k_data() {
        QTest::addColumn<std::string>("pieces");
        const auto row = [](const char* name, const char* pieces) { QTest::newRow(name) << std::string(pieces); };
        row("words take the blank before them", "Hello| world|,| again");
        row("a word ends before a capital", "camel|Case|Word");
        row("capitals stay with what follows", "HTTPServer| XMLfile");
        row("capitals alone", "ABC| DEF|1");
        row("capitals, then small, then capitals", "ABCdef|GHI");
        row("a contraction belongs to its word", "don't| I'll|'VE| THEY'RE| he'd");
        row("after capitals too", "DON'T");
        row("what looks like one may be a word", "'s's|omething");
        row("what only begins like one stays apart", "o|'clock| I|'x");
        row("two contractions", "I'd|'ve");
        row("an ideograph passes for small: capitals behind it part", "\xe4\xb8\xad|ABC");
        row("the run is given back to the last of them", "A\xe4\xb8\xad"
                                                         "B\xe4\xb8\xad|CD");
        row("small letters behind carry on", "\xe4\xb8\xad"
                                             "ABCd");
        row("a title-case letter is a capital", "a|\xc7\x85"
                                                "b");
        row("marks belong to words", "\xe0\xa4\xae\xe0\xa4\xbe\xe0\xa4\xa8");
        row("a mark begins a word", "1|\xcc\x81"
                                    "a");
        row("a mark before capitals stands alone", "1|\xcc\x81|ABC");
        row("two marks: one goes before the other", "1|\xcc\x81\xcc\x81|ABC");
        row("symbol, marks, capital", "!\xcc\x81|A");
        row("a blank before a mark", "a| \xcc\x81");
        row("three digits at a time", "123|456|7| |890");
        row("symbols take slashes among the line ends", "a|//\n/\r|b");
        row("a slash before letters goes with them", "a|/b");
        row("the last blank goes with the word", "a|   | b");
        row("blanks end at the last line end", "a| \n  \n|  | b");
        row("blanks at the end stay together", "a|   ");
        row("no-break space", "a|\xc2\xa0"
                              "b|\xc2\xa0|!");
        row("byte order mark", "\xef\xbb\xbf"
                               "A|\xef\xbb\xbf|!");
    }
    void o200k() { compare(Encoding::O200k); }

    /// Whatever follows, a piece that does not say `open` stays what it is; and an open one can change.
    void saysWhenMoreTextMatters() {
        QVERIFY(nextPiece("abc", Encoding::Cl100k).open);
        QVERIFY(!nextPiece("abc ", Encoding::Cl100k).open);
        QVERIFY(nextPiece("abc'", Encoding::O200k).open);
        QVERIFY(nextPiece("abc'r", Encoding::O200k).open);
        QVERIFY(!nextPiece("abc're", Encoding::O200k).open);
        QVERIFY(!nextPiece("abc'", Encoding::Cl100k).open);
        QVERIFY(nextPiece("  ", Encoding::Cl100k).open);
        QVERIFY(!nextPiece("123", Encoding::Cl100k).open);
        QVERIFY(nextPiece("12", Encoding::Cl100k).open);
        QVERIFY(nextPiece("!\n", Encoding::Cl100k).open);
        // The ideograph is the piece, but a small letter behind the capitals would join them to it.
        const Piece piece = nextPiece("\xe4\xb8\xad"
                                      "ABC",
                                      Encoding::O200k);
        QCOMPARE(piece.bytes, std::size_t{3});
        QVERIFY(piece.open);
    }

    void aClosedPieceNeverChanges() {
        const std::string text = "It's  a_Test\r\n\n //x/\n \xe4\xb8\xad"
                                 "AB\xcc\x81 12345 don'T\xc2\xa0 \xf0\x9f\x98\x80's \t\t!";
        for (const Encoding encoding : {Encoding::Cl100k, Encoding::O200k}) {
            for (std::size_t begin = 0; begin < text.size(); ++begin) {
                if (isInsideCharacter(text[begin])) continue;
                const std::string_view rest = std::string_view(text).substr(begin);
                const Piece whole = nextPiece(rest, encoding);
                for (std::size_t end = 1; end < rest.size(); ++end) {
                    if (isInsideCharacter(rest[end])) continue;
                    const Piece part = nextPiece(rest.substr(0, end), encoding);
                    if (!part.open) QCOMPARE(part.bytes, whole.bytes);
                }
            }
        }
    }

private:
    void compare(Encoding encoding) {
        QFETCH(std::string, pieces);
        QCOMPARE(QByteArray::fromStdString(split(withoutBars(pieces), encoding)), QByteArray::fromStdString(pieces));
    }
};

QTEST_APPLESS_MAIN(SplitterTest)
#include "tokenizer_splitter_test.moc"

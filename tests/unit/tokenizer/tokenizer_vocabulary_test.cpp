// SPDX-License-Identifier: Apache-2.0
// The vocabulary, its file, and merges checked against the plain definition of byte-pair encoding.
#include "core/tokenizer/pair_merge.h"
#include "core/tokenizer/vocabulary_file.h"
#include "tests/unit/tokenizer/small_vocabulary.h"

#include <QTest>
#include <random>

using namespace gatescope;
using namespace gatescope::tokenizer;
using namespace std::string_literals;

namespace {

/// The definition, as slow as it is plain: merge the leftmost of the pairs with the lowest rank until there is none.
std::int64_t plainCount(const std::string& piece, const Vocabulary& vocabulary) {
    std::vector<std::string> parts;
    for (const char octet : piece) parts.emplace_back(1, octet);
    for (;;) {
        Rank best = kNoRank;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            const Rank rank = vocabulary.rankOf(parts[i] + parts[i + 1]);
            if (rank < best) {
                best = rank;
                at = i;
            }
        }
        if (best == kNoRank) return static_cast<std::int64_t>(parts.size());
        parts[at] += parts[at + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

std::string fileOf(const std::vector<std::string>& tokens, Encoding encoding = Encoding::Cl100k) {
    return writeVocabularyFile({encoding, tests::views(tokens)});
}

} // namespace

class VocabularyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsTokensByTheirOctets() {
        const auto tokens = tests::withOctets({"ab", "abc", " "s + "abcd"});
        const auto vocabulary = Vocabulary::fromTokens(tests::views(tokens), Encoding::O200k);
        QVERIFY(vocabulary.has_value());
        QCOMPARE(vocabulary->size(), std::size_t{259});
        QCOMPARE(vocabulary->longestToken(), std::size_t{5});
        for (Rank rank = 0; rank < tokens.size(); ++rank) {
            QCOMPARE(vocabulary->rankOf(tokens[rank]), rank);
            QCOMPARE(std::string(vocabulary->token(rank)), tokens[rank]);
        }
        for (const std::string_view absent : {"", "ba", "abcd", "abcdefgh"})
            QCOMPARE(vocabulary->rankOf(absent), kNoRank);
    }

    void refusesWhatIsNoVocabulary() {
        const auto refused = [](const std::vector<std::string>& tokens) {
            const auto made = Vocabulary::fromTokens(tests::views(tokens), Encoding::Cl100k);
            return !made && made.error().kind == ErrorKind::UnknownFormat && !made.error().message.empty();
        };
        QVERIFY(refused({}));
        QVERIFY(refused({"a", ""}));
        QVERIFY(refused({"a", "b", "a"}));
        QVERIFY(refused({"aa", "b", "aa"}));
        QVERIFY(refused({std::string(Vocabulary::kMaxTokenBytes + 1, 'x')}));
        QVERIFY(!refused({std::string(Vocabulary::kMaxTokenBytes, 'x')}));
    }

    void goesThroughItsFile() {
        const auto tokens = tests::withOctets({"ab", std::string(255, 'x')});
        const auto loaded = Vocabulary::load(asBytes(fileOf(tokens, Encoding::O200k)));
        QVERIFY(loaded.has_value());
        QVERIFY(loaded->encoding() == Encoding::O200k);
        QCOMPARE(loaded->size(), tokens.size());
        QCOMPARE(loaded->rankOf(tokens.back()), Rank{257});
    }

    /// By the layout in vocabulary_file.h. FNV-1a of the octets 01 61: the offset basis cbf29ce484222325, xor 01, times
    /// 100000001b3 is af63bc4c8601b62c; xor 61, times 100000001b3 is 082f4307b4e8c4d7 (modulo 2^64).
    void hasTheDocumentedLayout() {
        const std::string file = fileOf({"a"});
        QCOMPARE(QByteArray::fromStdString(file).toHex(), QByteArray("4753564f43414231"
                                                                     "01"
                                                                     "00000001"
                                                                     "082f4307b4e8c4d7"
                                                                     "0161"));
    }

    void refusesDamagedFiles() {
        const std::string good = fileOf(tests::withOctets({"ab", "abc"}));
        for (std::size_t size = 0; size < good.size(); ++size) {
            const auto cut = Vocabulary::load(asBytes(std::string_view(good).substr(0, size)));
            QVERIFY(!cut);
            QCOMPARE(cut.error().kind, size < 8 ? ErrorKind::UnknownFormat : ErrorKind::Damaged);
        }
        for (std::size_t at = 0; at < good.size(); ++at) {
            std::string changed = good;
            changed[at] = static_cast<char>(changed[at] ^ 0x10);
            QVERIFY2(!Vocabulary::load(asBytes(changed)), qPrintable(QString::number(at)));
        }
        QVERIFY(!Vocabulary::load(asBytes(good + "x")));
        QVERIFY(!Vocabulary::load(asBytes("GSVOCAB1"s)));
        // A count that the octets cannot hold costs no memory.
        std::string many = good;
        for (std::size_t at = 9; at < 13; ++at) many[at] = static_cast<char>(0xff);
        QVERIFY(!Vocabulary::load(asBytes(many)));
    }

    /// Ranks: 256 `ab`, 257 `bc`, 258 `abc`, 259 `bcd`.
    void mergesTheLowestRankFirst() {
        const auto tokens = tests::withOctets({"ab", "bc", "abc", "bcd"});
        const auto vocabulary = Vocabulary::fromTokens(tests::views(tokens), Encoding::Cl100k);
        PairMerge merge;
        const auto count = [&](std::string_view piece) { return merge.count(piece, *vocabulary); };
        QCOMPARE(count(""), 0);
        QCOMPARE(count("x"), 1);
        QCOMPARE(count("abc"), 1);
        QCOMPARE(count("abcd"), 2); // ab+c+d, then abc+d; bcd is never made
        QCOMPARE(count("xbcd"), 2); // x + bcd
        QCOMPARE(count("ababab"), 3);
        QCOMPARE(count("xyz"), 3);
    }

    /// A token that is whole is one token even where no row of merges leads to it.
    void aWholePieceIsOneToken() {
        const auto tokens = tests::withOctets({"wxyz"});
        const auto vocabulary = Vocabulary::fromTokens(tests::views(tokens), Encoding::Cl100k);
        PairMerge merge;
        QCOMPARE(merge.count("wxyz", *vocabulary), 1);
        QCOMPARE(merge.count("wxyzw", *vocabulary), 5);
    }

    /// Short pieces are merged by search, long ones by a heap: both are the definition.
    void mergesAsDefined() {
        const Vocabulary vocabulary = tests::smallVocabulary(Encoding::Cl100k);
        std::mt19937 random(7);
        const std::string_view alphabet = "aabbthein gnd.12 \n's";
        PairMerge merge;
        for (std::size_t length = 1; length < 400; ++length) {
            std::string piece;
            const std::size_t letters = 1 + random() % alphabet.size();
            while (piece.size() < length) piece += alphabet[random() % letters];
            const std::int64_t expected = vocabulary.rankOf(piece) != kNoRank ? 1 : plainCount(piece, vocabulary);
            QCOMPARE(merge.count(piece, vocabulary), expected);
        }
    }
};

QTEST_APPLESS_MAIN(VocabularyTest)
#include "tokenizer_vocabulary_test.moc"

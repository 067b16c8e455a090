// SPDX-License-Identifier: Apache-2.0
// Expected classes: general categories of the Unicode Character Database 15.0 and the white space of ECMA-262.
#include "core/tokenizer/character_class.h"

#include <QTest>
#include <array>

using namespace gatescope::tokenizer;
using enum CharacterClass;

class CharacterClassTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsTheCategory_data() {
        QTest::addColumn<unsigned>("code");
        QTest::addColumn<int>("expected");
        const auto row = [](const char* name, unsigned code, CharacterClass expected) {
            QTest::newRow(name) << code << static_cast<int>(expected);
        };
        row("A", 'A', Upper);
        row("z", 'z', Lower);
        row("7", '7', Number);
        row("underscore (Pc)", '_', Other);
        row("NUL", 0, Other);
        row("carriage return", 0x0d, LineEnd);
        row("line feed", 0x0a, LineEnd);
        row("tabulator", 0x09, Space);
        row("vertical tabulator", 0x0b, Space);
        row("next line is no white space in ECMAScript", 0x85, Other);
        row("no-break space", 0xa0, Space);
        row("feminine ordinal (Lo)", 0xaa, Letter);
        row("superscript two (No)", 0xb2, Number);
        row("micro sign (Ll)", 0xb5, Lower);
        row("multiplication sign", 0xd7, Other);
        row("sharp s", 0xdf, Lower);
        row("Dz with caron (Lt)", 0x1c5, Upper);
        row("modifier h (Lm)", 0x2b0, Letter);
        row("combining acute (Mn)", 0x301, Mark);
        row("Arabic-Indic three (Nd)", 0x663, Number);
        row("Devanagari A (Lo)", 0x905, Letter);
        row("Devanagari vowel sign AA (Mc)", 0x93e, Mark);
        row("ogham space mark (Zs)", 0x1680, Space);
        row("Mongolian vowel separator (Cf)", 0x180e, Other);
        row("zero width space (Cf)", 0x200b, Other);
        row("zero width joiner (Cf)", 0x200d, Other);
        row("line separator", 0x2028, Space);
        row("combining enclosing circle (Me)", 0x20dd, Mark);
        row("Roman four (Nl)", 0x2163, Number);
        row("ideographic space", 0x3000, Space);
        row("first CJK ideograph", 0x4e00, Letter);
        row("last CJK ideograph of its block", 0x9fff, Letter);
        row("Yi syllable", 0xa000, Letter);
        row("last Hangul syllable", 0xd7a3, Letter);
        row("surrogate", 0xd800, Other);
        row("private use", 0xe000, Other);
        row("variation selector 16 (Mn)", 0xfe0f, Mark);
        row("byte order mark is white space in ECMAScript", 0xfeff, Space);
        row("replacement character (So)", 0xfffd, Other);
        row("Deseret capital long I", 0x10400, Upper);
        row("mathematical bold small a", 0x1d41a, Lower);
        row("regional indicator D (So)", 0x1f1e9, Other);
        row("grinning face (So)", 0x1f600, Other);
        row("skin tone (Sk)", 0x1f3fb, Other);
        row("CJK extension B", 0x20000, Letter);
        row("unassigned", 0x3fffd, Other);
        row("variation selector 17 (Mn)", 0xe0100, Mark);
        row("last code point", 0x10ffff, Other);
        row("above all", 0x110000, Other);
    }
    void followsTheCategory() {
        QFETCH(unsigned, code);
        QFETCH(int, expected);
        QCOMPARE(static_cast<int>(classOf(code)), expected);
    }

    /// Sizes of the categories in Unicode 15.0, counted with `cut -d';' -f3` over UnicodeData.txt, the ranges
    /// (`First>`, `Last>`) filled: 1831 Lu + 31 Lt; 2233 Ll; 397 Lm + 131612 Lo; 1985 Mn + 452 Mc + 13 Me; 680 Nd + 236
    /// Nl + 915 No; 17 Zs + 6 others that ECMA-262 names.
    void countsEveryCharacter() {
        std::array<int, 9> counts{};
        for (char32_t code = 0; code <= 0x10ffff; ++code) ++counts[static_cast<std::size_t>(classOf(code))];
        const auto of = [&](CharacterClass kind) { return counts[static_cast<std::size_t>(kind)]; };
        QCOMPARE(of(Upper), 1831 + 31);
        QCOMPARE(of(Lower), 2233);
        QCOMPARE(of(Letter), 397 + 131612);
        QCOMPARE(of(Mark), 1985 + 452 + 13);
        QCOMPARE(of(Number), 680 + 236 + 915);
        QCOMPARE(of(Space), 17 + 6);
        QCOMPARE(of(LineEnd), 2);
    }
};

QTEST_APPLESS_MAIN(CharacterClassTest)
#include "tokenizer_character_class_test.moc"

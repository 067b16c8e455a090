// SPDX-License-Identifier: Apache-2.0
#include "core/cost/money.h"
#include "core/cost/rates.h"

#include <QtTest>

using namespace gatescope::cost;

namespace {

/// A price per million tokens with up to three decimals, in thousandths.
constexpr std::int64_t perMillion(std::int64_t thousandths) {
    return thousandths * 1'000'000;
}

Rates rates(std::initializer_list<std::pair<Meter, std::int64_t>> prices) {
    Rates all;
    for (const auto& [meter, price] : prices) all.of(meter) = price;
    return all;
}

/// `12.5 complete`, or why not.
QString priced(const TokenCounts& counts, const Rates& prices, bool hasOutput = true) {
    const auto quantities = split(counts, &prices, hasOutput);
    if (!quantities) return "unknown";
    Meter missing = Meter::Input;
    const auto amount = priceOf(*quantities, prices, &missing);
    if (!amount) return QString("missing %1").arg(QString::fromLatin1(rateKey(missing).data()));
    return QString::fromStdString(amount->toString() + " " + std::string(toString(quantities->coverage)));
}

} // namespace

class CostFormulaTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void inclusiveFamily() {
        // OpenAI, vector of test-vectors.json: 1000 input of which 800 cached, 200 output of which 150 reasoning.
        // 200*2 + 800*1 + 200*8 = 400 + 800 + 1600 = 2800 per million
        const Rates gpt = rates({{Meter::Input, perMillion(2000)},
                                 {Meter::CachedInput, perMillion(1000)},
                                 {Meter::Output, perMillion(8000)}});
        TokenCounts counts{.input = 1000, .output = 200, .total = 1200, .cached = 800, .reasoning = 150};
        QCOMPARE(priced(counts, gpt), "0.0028 complete");
        // With a price of its own for reasoning, 20: 400 + 800 + 50*8 + 150*20 = 4600
        Rates reasoning = gpt;
        reasoning.of(Meter::Reasoning) = perMillion(20000);
        QCOMPARE(priced(counts, reasoning), "0.0046 complete");
    }

    void exclusiveFamily() {
        // Anthropic, vector: 26 fresh, 48854 read, 120 written, 310 out; normalised input 49000.
        // 26*3 + 48854*0.3 + 120*3.75 + 310*15 = 78 + 14656.2 + 450 + 4650 = 19834.2 per million
        const Rates claude = rates({{Meter::Input, perMillion(3000)},
                                    {Meter::CachedInput, perMillion(300)},
                                    {Meter::CacheWrite5m, perMillion(3750)},
                                    {Meter::CacheWrite1h, perMillion(6000)},
                                    {Meter::Output, perMillion(15000)}});
        TokenCounts counts{.input = 49000, .output = 310, .cached = 48854, .cacheWrite = 120, .cacheWrite1h = 0};
        QCOMPARE(priced(counts, claude), "0.0198342 complete");
        // 100 of the 120 for an hour: 78 + 14656.2 + 20*3.75 + 100*6 + 4650 = 20059.2
        counts.cacheWrite1h = 100;
        QCOMPARE(priced(counts, claude), "0.0200592 complete");
        // Not told apart: five minutes are assumed, and it is said.
        counts.cacheWrite1h.reset();
        QCOMPARE(priced(counts, claude), "0.0198342 estimated");
        // Not told at all: 146*3 + 14656.2 + 4650 = 19744.2, and it is said.
        counts.cacheWrite.reset();
        QCOMPARE(priced(counts, claude), "0.0197442 without-cache-writes");
    }

    void onePriceForAllCacheWrites() {
        // 100*3 + 50*3 + 10*24 = 690
        const Rates one = rates({{Meter::Input, perMillion(3000)},
                                 {Meter::CacheWrite, perMillion(3000)},
                                 {Meter::Output, perMillion(24000)}});
        const TokenCounts counts{.input = 150, .output = 10, .cacheWrite = 50, .cacheWrite1h = 20};
        QCOMPARE(priced(counts, one), "0.00069 complete");
        const auto quantities = split(counts, &one);
        QCOMPARE(quantities->of(Meter::CacheWrite), 50);
    }

    void modalities() {
        const Rates text = rates({{Meter::Input, perMillion(1000)}, {Meter::Output, perMillion(2000)}});
        Rates audio = text;
        audio.of(Meter::AudioInput) = perMillion(10000);
        audio.of(Meter::AudioOutput) = perMillion(20000);
        // 100 in, 60 of them audio; 50 out, 40 of them audio.
        const TokenCounts counts{.input = 100, .output = 50, .audioInput = 60, .audioOutput = 40};
        QCOMPARE(priced(counts, text), "0.0002 complete");   // 100*1 + 50*2
        QCOMPARE(priced(counts, audio), "0.00146 complete"); // 40*1 + 60*10 + 10*2 + 40*20
        // 80 of the 100 were cached, so at most 20 are fresh audio; how many, nobody says.
        Rates cached = audio;
        cached.of(Meter::CachedInput) = perMillion(500);
        const TokenCounts mixed{.input = 100, .output = 50, .cached = 80, .audioInput = 60, .audioOutput = 40};
        QCOMPARE(priced(mixed, cached), "0.00106 estimated"); // 80*0.5 + 20*10 + 10*2 + 40*20
        Rates images = text;
        images.of(Meter::ImageInput) = perMillion(3000);
        images.of(Meter::ImageOutput) = perMillion(5000);
        const TokenCounts picture{.input = 30, .output = 20, .imageInput = 10, .imageOutput = 20};
        QCOMPARE(priced(picture, images), "0.00015 complete"); // 20*1 + 10*3 + 0*2 + 20*5
    }

    void piecesThatAreNoTokens() {
        Rates prices = rates({{Meter::Input, perMillion(1000)}, {Meter::Output, perMillion(1000)}});
        const TokenCounts counts{.input = 1, .output = 1, .webSearches = 3};
        QCOMPARE(priced(counts, prices), "missing webSearchPer1000");
        prices.of(Meter::WebSearch) = 9'000'000'000'000; // 9 per 1000
        QCOMPARE(priced(counts, prices), "0.027002 complete");
        prices.of(Meter::Request) = 500'000'000'000'000; // 0.5 each
        QCOMPARE(priced(counts, prices), "0.527002 complete");
    }

    void aMissingPriceIsNeverNothing() {
        const Rates onlyInput = rates({{Meter::Input, perMillion(100)}});
        QCOMPARE(priced({.input = 10, .output = 1}, onlyInput), "missing output");
        QCOMPARE(priced({.input = 10, .output = 0}, onlyInput), "0.000001 complete");
        QCOMPARE(priced({.input = 10, .output = 0, .cached = 4}, onlyInput), "missing cacheRead");
        QCOMPARE(priced({.input = 10, .output = 0, .cached = 0, .cacheWrite = 1}, onlyInput), "missing cacheWrite5m");
        // A price of 0 is a price.
        const Rates free = rates({{Meter::Input, 0}, {Meter::Output, 0}});
        QCOMPARE(priced({.input = 10, .output = 1}, free), "0 complete");
    }

    void unknownAndContradiction() {
        const Rates all = rates({{Meter::Input, 1}, {Meter::CachedInput, 1}, {Meter::Output, 1}});
        QCOMPARE(priced({}, all), "unknown");
        QCOMPARE(priced({.output = 5}, all), "unknown");
        QCOMPARE(priced({.input = 5}, all), "unknown");
        QCOMPARE(priced({.input = 5}, all, false), "0.000000000000005 complete"); // embeddings
        QCOMPARE(priced({.input = 5, .total = 5}, all), "0.000000000000005 complete");
        QCOMPARE(priced({.input = 5, .total = 4}, all), "unknown");
        QCOMPARE(priced({.input = 5, .output = 1, .cached = 6}, all), "unknown");
        QCOMPARE(priced({.input = 5, .output = 1, .cached = 3, .cacheWrite = 3}, all), "unknown");
        QCOMPARE(priced({.input = 5, .output = 1, .cacheWrite = 3, .cacheWrite1h = 4}, all), "unknown");
        QCOMPARE(priced({.input = 5, .output = 1, .reasoning = 2}, all), "unknown");
        QCOMPARE(priced({.input = -5, .output = 1}, all), "unknown");
        QCOMPARE(priced({.input = 5, .output = -1}, all), "unknown");
        QCOMPARE(priced({.input = 5, .output = 1, .webSearches = -1}, all), "unknown");
    }

    void eachTokenIsInOneMeter() {
        Rates all;
        for (auto& price : all.perPiece) price = 1;
        all.of(Meter::Request).reset();
        const TokenCounts counts{.input = 1000,
                                 .output = 500,
                                 .cached = 300,
                                 .cacheWrite = 200,
                                 .cacheWrite1h = 50,
                                 .reasoning = 100,
                                 .audioInput = 100,
                                 .audioOutput = 50,
                                 .imageInput = 30,
                                 .imageOutput = 20};
        for (const Rates* prices : {static_cast<const Rates*>(nullptr), static_cast<const Rates*>(&all)}) {
            const auto quantities = split(counts, prices);
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < kMeterCount; ++i)
                if (countsTokens(static_cast<Meter>(i))) sum += quantities->pieces[i];
            QCOMPARE(sum, 1500);
        }
    }

    void sumsAreExact() {
        // A tenth, ten million times: with doubles this is not a million.
        Money sum;
        for (int i = 0; i < 10'000'000; ++i) sum += Money::product(1, 100'000'000'000'000);
        QCOMPARE(sum.toString(), std::string("1000000"));
        QCOMPARE(Money().toString(), std::string("0"));
        QCOMPARE(Money::product(1, 1).toString(), std::string("0.000000000000001"));
        QCOMPARE(Money::product(123, 1'000'000'000'000'000).toString(), std::string("123"));
        QCOMPARE(Money::product(3, 500'000'000'000'000).toDouble(), 1.5);
    }

    void hugeSumsStayAtTheEnd() {
        Money sum;
        const Money most = Money::product(INT64_MAX, INT64_MAX);
        for (int i = 0; i < 10; ++i) sum += most;
        Money more = sum;
        more += most;
        QVERIFY(!(more < sum));
        QVERIFY(!more.toString().starts_with('-'));
    }

    void decimals() {
        QCOMPARE(scaledDecimal("3.75", 9).value(), 3'750'000'000);
        QCOMPARE(scaledDecimal("0", 9).value(), 0);
        QCOMPARE(scaledDecimal("1e-3", 9).value(), 1'000'000);
        QCOMPARE(scaledDecimal("2.5E+2", 0).value(), 250);
        QCOMPARE(scaledDecimal("0.0000000005", 9).value(), 1); // half goes up
        QCOMPARE(scaledDecimal("0.00000000049", 9).value(), 0);
        QCOMPARE(scaledDecimal("0.1", 15).value(), 100'000'000'000'000);
        for (const char* wrong : {"", ".", "1.", ".5", "-1", "+1", "1e", "1e9999", "abc", "1 ", "0x1", "nan", "inf"})
            QVERIFY2(!scaledDecimal(wrong, 9), wrong);
        QVERIFY(!scaledDecimal("10000000000", 9)); // 10^19 does not fit
        QCOMPARE(decimalText(1500, 6), std::string("0.0015"));
        QCOMPARE(decimalText(2'000'000, 6), std::string("2"));
        QCOMPARE(decimalText(0, 6), std::string("0"));
        QCOMPARE(decimalText(7, 0), std::string("7"));
    }
};

QTEST_APPLESS_MAIN(CostFormulaTest)
#include "cost_formula_test.moc"

// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/ptu_simulation.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <random>

using namespace gatescope;
using namespace gatescope::simulate;

namespace {

constexpr TimeNs kStart = 1'767'225'600'000'000'000; // 2026-01-01T00:00:00Z

/// 60 input tokens a minute for each unit: one a second. Bought in tens from 10 on.
PtuModel simpleModel() {
    PtuModel model;
    model.model = "test";
    model.inputTpmPerPtu = 60;
    model.outputToInputRatio = 4;
    model.minimum = model.step = 10;
    return model;
}

Call call(TimeNs start, TimeNs length, std::int64_t input, std::int64_t output, std::int64_t most) {
    Call made;
    made.start = start;
    made.end = start + length;
    made.input = Count(input);
    made.output = Count(output);
    made.total = Count(input + output);
    made.maxTokens = Count(most);
    made.status = 200;
    return made;
}

PtuPolicy policyOf(std::int64_t ptu) {
    PtuPolicy policy;
    policy.model = simpleModel();
    policy.ptu = ptu;
    return policy;
}

Calls listOf(std::vector<Call> list) {
    return {std::move(list), 0};
}

} // namespace

class SimulatePtuTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sizingVectors() {
        QFile file(QStringLiteral(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonArray cases = QJsonDocument::fromJson(file.readAll()).object()["ptuSizing"].toArray();
        QVERIFY(!cases.isEmpty());
        for (const auto& entry : cases) {
            const QJsonObject vector = entry.toObject();
            PtuModel model;
            model.inputTpmPerPtu = vector["inputTpmPerPtu"].toDouble();
            model.outputToInputRatio = vector["ratio"].toDouble();
            model.minimum = vector["min"].toInt();
            model.step = vector["step"].toInt();
            const PtuSize size = ptuSize({vector["rpm"].toDouble(), vector["prompt"].toDouble(),
                                          vector["output"].toDouble(), vector["cacheRate"].toDouble()},
                                         model);
            QCOMPARE(size.normalisedTpm, vector["normalisedTpm"].toDouble());
            QVERIFY(std::abs(size.raw - vector["raw"].toDouble()) < 0.005); // two decimals
            QCOMPARE(size.ptu, std::int64_t{vector["ptu"].toInt()});
        }
    }

    void whatCanBeBought() {
        PtuModel model;
        model.minimum = 15;
        model.step = 5;
        for (const auto& [units, bought] :
             {std::pair{-1.0, 15}, {0.0, 15}, {15.0, 15}, {15.01, 20}, {20.0, 20}, {105.88, 110}})
            QCOMPARE(purchasable(units, model), std::int64_t{bought});
        QVERIFY(purchasable(1e300, model) > 0);
        QVERIFY(purchasable(std::nan(""), model) == 15);
    }

    void bucket() {
        PtuBucket bucket(10, 60); // holds 600, drains 10 a second
        QVERIFY(bucket.request(kStart, 600).admitted);
        QCOMPARE(bucket.utilisation(kStart), 1.0);
        QVERIFY(bucket.request(kStart, 300).admitted); // at 100 % still; short bursts may pass
        const auto refused = bucket.request(kStart, 1);
        QVERIFY(!refused.admitted);
        QCOMPARE(refused.retryAfterMs, 30'000.0); // 300 too much, 10 a second
        QVERIFY(!bucket.request(kStart + 29 * kSecond, 1).admitted);
        QVERIFY(bucket.request(kStart + 30 * kSecond, 0).admitted);
        bucket.finish(kStart + 30 * kSecond, 100, 600);
        QCOMPARE(bucket.utilisation(kStart + 30 * kSecond), 100.0 / 600);
        QCOMPARE(bucket.utilisation(kStart + kMinute), 0.0);
    }

    /// 600 requests a minute are 10 in a second; the eleventh is refused.
    void standardQuotaSlices() {
        StandardQuota quota(0, 600, 1);
        for (int i = 0; i < 10; ++i) QVERIFY(quota.request(kStart + i, 1).admitted);
        QVERIFY(!quota.request(kStart + 500'000'000, 1).admitted);
        QVERIFY(quota.request(kStart + kSecond, 1).admitted);
        StandardQuota tokens(100, 0, 1);
        QVERIFY(tokens.request(kStart, 99).admitted);
        QVERIFY(tokens.request(kStart + 1, 99).admitted); // below the limit when it came
        const Verdict refused = tokens.request(kStart + 20 * kSecond, 1);
        QVERIFY(!refused.admitted);
        QCOMPARE(refused.retryAfter.value(), std::int64_t{40});
        QVERIFY(tokens.request(kStart + kMinute, 1).admitted);
    }

    /// Ten units: 10 tokens a second, bucket of 600. Each call: 200 in, 100 out at ratio 4 = 600.
    void replayByHand() {
        const auto calls = listOf({call(kStart, kSecond, 200, 100, 100),                  // level 600: 100 %
                                   call(kStart, kSecond, 200, 100, 100),                  // at 100 % still: 1200, 200 %
                                   call(kStart + 30 * kSecond, kSecond, 200, 100, 100),   // 900 left: over
                                   call(kStart + 61 * kSecond, kSecond, 200, 100, 100)}); // 590: in, 1190
        auto policy = policyOf(10);
        const PtuResult result = simulatePtu(calls, policy);
        QCOMPARE(result.exchanges, std::uint64_t{4});
        QCOMPARE(result.spilledExchanges, std::uint64_t{1});
        QCOMPARE(result.spilledTokens, std::int64_t{300});
        QCOMPARE(result.tokens, std::int64_t{1200});
        QCOMPARE(result.intervals.size(), std::size_t{2});
        QCOMPARE(result.intervals[0].time, kStart);
        QCOMPARE(result.intervals[0].exchanges, std::uint64_t{3});
        QCOMPARE(result.intervals[0].utilisation, 2.0);
        QCOMPARE(result.intervals[0].spilledExchanges, std::uint64_t{1});
        QVERIFY(std::abs(result.intervals[1].utilisation - 1190.0 / 600) < 1e-9);
        QCOMPARE(result.peakUtilisation, 2.0);
        // Twenty units hold 1200 and drain 20 a second: 1200 after two calls, 600 at 30 s, then 1200, 580 at 61 s.
        QCOMPARE(result.ptuWithoutSpill.value(), std::int64_t{20});
        // Busiest minute: three calls of 200 + 4 * 100 = 1800 a minute; a unit takes 60.
        QCOMPARE(result.sizeByFormula->normalisedTpm, 1800.0);
        QCOMPARE(result.sizeByFormula->ptu, std::int64_t{30});
        QVERIFY(!result.costStandardOnly && !result.costWithPtu); // no prices: unpriced, not 0

        policy.spillover = false;
        QCOMPARE(simulatePtu(calls, policy).refused, std::uint64_t{1});
        QCOMPARE(simulatePtu(calls, policy).spilledExchanges, std::uint64_t{0});
        QCOMPARE(simulatePtu(calls, policyOf(20)).spilledExchanges, std::uint64_t{0});
    }

    /// The same calls through a pool with a breaker: the third call gets 429 and keeps the fourth away for 60 s.
    void breakerByHand() {
        const auto calls = listOf({call(kStart, kSecond, 200, 100, 100), call(kStart, kSecond, 200, 100, 100),
                                   call(kStart + 30 * kSecond, kSecond, 200, 100, 100),
                                   call(kStart + 61 * kSecond, kSecond, 200, 100, 100),
                                   call(kStart + 90 * kSecond, kSecond, 200, 100, 100)});
        auto policy = policyOf(10);
        const auto pool = simulatePtu(calls, policy).breaker.value();
        QCOMPARE(pool.trips, std::uint64_t{1});
        QCOMPARE(pool.spilledExchanges, std::uint64_t{1});
        QCOMPARE(pool.spilledTokens, std::int64_t{300});
        policy.breakerTripSeconds = 0; // 900 at 30 s is 300 too much, 10 a second: 30 s
        const auto asAsked = simulatePtu(calls, policy).breaker.value();
        QCOMPARE(asAsked.trips, std::uint64_t{2}); // 61 s takes the fourth, and the fifth comes at 1190 - 290
        QCOMPARE(asAsked.spilledExchanges, std::uint64_t{0});
        QVERIFY(!simulatePtu(calls, policyOf(0)).breaker);
        QCOMPARE(simulatePtu(calls, policyOf(1000)).breaker->trips, std::uint64_t{0});
    }

    void costEitherWay() {
        const auto calls = listOf({call(kStart, kSecond, 200, 100, 100), call(kStart, kSecond, 200, 100, 100),
                                   call(kStart + 30 * kSecond, kSecond, 200, 100, 100)});
        auto policy = policyOf(10);
        policy.rates.input = 1000; // a million; 0.001 a token
        policy.rates.output = 4000;
        policy.rates.ptuHour = 2;
        const PtuResult result = simulatePtu(calls, policy);
        QVERIFY(std::abs(*result.costStandardOnly - 3 * (200 * 0.001 + 100 * 0.004)) < 1e-9); // 1.8
        QVERIFY(std::abs(*result.costWithPtu - (10 * 2 + 0.6)) < 1e-9);                       // one hour, one spilled
        QVERIFY(std::abs(*result.costWithoutSpill - 20 * 2) < 1e-9);
        policy.rates.output.reset();
        QVERIFY(!simulatePtu(calls, policy).costStandardOnly);
        QVERIFY(!simulatePtu(calls, policy).costWithPtu); // a spilled call has no price
    }

    void nothingPrepaid() {
        const PtuResult result =
            simulatePtu(listOf({call(kStart, kSecond, 200, 100, 100), call(kStart, kSecond, 10, 1, 5)}), policyOf(0));
        QCOMPARE(result.spilledExchanges, std::uint64_t{2});
        QCOMPARE(result.peakUtilisation, 0.0);
        QCOMPARE(result.ptuWithoutSpill.value(), std::int64_t{10});
        QVERIFY(result.findings.empty());
        const PtuResult nothing = simulatePtu({}, policyOf(10));
        QVERIFY(nothing.intervals.empty() && !nothing.ptuWithoutSpill && nothing.firstTime == kNoTime);
    }

    void longPromptsSpillWhateverIsBought() {
        auto policy = policyOf(1'000'000);
        policy.model.longContext = false;
        const PtuResult result =
            simulatePtu(listOf({call(kStart, kSecond, 128'000, 1, 5), call(kStart, kSecond, 128'001, 1, 5)}), policy);
        QCOMPARE(result.longContext, std::uint64_t{1});
        QCOMPARE(result.spilledExchanges, std::uint64_t{1});
        QVERIFY(result.ptuWithoutSpill.has_value());
        QCOMPARE(std::string(result.findings.back().kind->id), std::string("ptu.long-context"));
    }

    void whatIsUnknownIsSaid() {
        Call silent = call(kStart, kSecond, 0, 0, 0);
        silent.input = silent.output = silent.total = silent.maxTokens = Count();
        const PtuResult result = simulatePtu(listOf({silent}), policyOf(10));
        QCOMPARE(result.withoutUsage, std::uint64_t{1});
        QCOMPARE(result.withoutEstimate, std::uint64_t{1});
        // 1000 assumed output tokens at ratio 4 in a bucket of 600.
        QCOMPARE(result.peakUtilisation, 4000.0 / 600);
    }

    void whatUnknownCallsTake() {
        Call throttled = call(kStart + 20 * kSecond, kSecond, 0, 0, 16'384);
        throttled.input = throttled.output = throttled.total = Count();
        throttled.promptBytes = Count(400);
        throttled.status = 429;
        Call wrong = throttled;
        wrong.status = 401;
        for (const auto& [unknown, left] : {std::pair{throttled, 100.0 + 4 * 50}, {wrong, 0.0}}) {
            auto policy = policyOf(10'000); // 10,000 a second in a bucket of 600,000
            policy.interval = kSecond;
            const Call known = call(kStart, kSecond, 10, 50, 50);
            const Call after = call(kStart + 21 * kSecond, kSecond, 10, 50, 0);
            const PtuResult result = simulatePtu(listOf({known, unknown, after}), policy);
            QCOMPARE(result.withUsage, std::uint64_t{2});
            QCOMPARE(result.withoutUsage, std::uint64_t{unknown.status == 429 ? 1U : 0U});
            // On arrival 100 + 4 * 16,384 = 65,636. The correction empties the bucket; `after` puts its estimate of 10
            // in.
            QVERIFY(std::abs(result.intervals[1].utilisation - 65'636.0 / 600'000) < 1e-12);
            QVERIFY(std::abs(result.intervals[2].utilisation - 10.0 / 600'000) < 1e-12);
            // Over 22 s: 10 + 4 * 50 of each known call, and what the unknown one takes.
            QVERIFY(std::abs(result.meanUtilisation - (210 + left + 210) / (10'000.0 * 22)) < 1e-9);
        }
    }

    /// The number found by bisection takes everything, and one step less does not.
    void smallestNumberIsSmallest() {
        std::mt19937 random(13);
        for (int round = 0; round < 50; ++round) {
            std::vector<Call> list;
            TimeNs time = kStart;
            for (int i = 0; i < 300; ++i) {
                time += static_cast<TimeNs>(random() % 2'000) * 1'000'000;
                list.push_back(call(time, static_cast<TimeNs>(random() % 20'000) * 1'000'000,
                                    static_cast<std::int64_t>(random() % 4000),
                                    static_cast<std::int64_t>(random() % 800),
                                    static_cast<std::int64_t>(random() % 1000)));
            }
            const Calls calls = listOf(std::move(list));
            const std::int64_t smallest = simulatePtu(calls, policyOf(0)).ptuWithoutSpill.value();
            QCOMPARE(simulatePtu(calls, policyOf(smallest)).spilledExchanges, std::uint64_t{0});
            if (smallest > 10) QVERIFY(simulatePtu(calls, policyOf(smallest - 10)).spilledExchanges > 0);
        }
    }

    void parametersAsShipped() {
        const Parameters parameters = shippedParameters();
        QCOMPARE(parameters.ptu.size(), std::size_t{21});
        const PtuModel* model = parameters.find("GPT-4o");
        QVERIFY(model && model->inputTpmPerPtu == 2500 && model->outputToInputRatio == 4 && model->minimum == 15 &&
                model->step == 5 && model->regionalMinimum == 50 && model->longContext);
        QVERIFY(!parameters.find("gpt-4.1")->longContext);
        QVERIFY(!parameters.find("DeepSeek-R1")->regionalMinimum);
        QVERIFY(!parameters.find("gpt-2"));
        QCOMPARE(parameters.ptuAsOf, std::string("2026-05-21"));
        QCOMPARE(parameters.ptuBucketDepthSeconds, std::int64_t{60});
        QVERIFY(parameters.weekStart == Weekday::Monday);
    }

    void theShippedFileReadsTheSame() {
        QFile file(QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/ptu-and-quota.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto read = parseParameters(file.readAll().toStdString());
        QVERIFY(read.has_value());
        QCOMPARE(read->ptu.size(), shippedParameters().ptu.size());
        QVERIFY(!read->find("gpt-5.4")->longContext && read->find("gpt-5")->longContext);
    }

    void parametersOfTheUser() {
        const auto read = parseParameters(R"({"asOf":{"ptu":"2027-01-01"},"ptu":[["gpt-4o",5000,4,25,5,null,null],
            ["my-model",100,2,10,10,10,10,50]],"limiterDefaults":{"ptuBucketDepthSeconds":30,"weekStart":"sunday"}})");
        QVERIFY(read.has_value());
        QVERIFY(read->find("gpt-4o")->inputTpmPerPtu == 5000 && !read->find("gpt-4o")->regionalMinimum);
        QVERIFY(read->find("my-model") && read->find("gpt-4.1"));
        QVERIFY(!read->find("gpt-4.1")->longContext); // what is left out stays
        QVERIFY(read->ptuBucketDepthSeconds == 30 && read->weekStart == Weekday::Sunday);
    }

    void wrongParameters() {
        for (const char* text :
             {"", "[]", "3", "{", R"({"ptu":{}})", R"({"ptu":[["x",0,4,15,5,1,1]]})",
              R"({"ptu":[["x",-1,4,15,5,1,1]]})", R"({"ptu":[["x",1,4,1.5,5,1,1]]})", R"({"ptu":[["x",1,4,15,0,1,1]]})",
              R"({"ptu":[["",1,4,15,5,1,1]]})", R"({"ptu":[[1,1,4,15,5,1,1]]})", R"({"ptu":[["x",1e300,4,15,5,1,1]]})",
              R"({"rpmSliceSeconds":[0]})", R"({"rpmSliceSeconds":[]})",
              R"({"limiterDefaults":{"weekStart":"someday"}})", R"({"limiterDefaults":{"ptuBucketDepthSeconds":"x"}})",
              R"({"asOf":{"ptu":3}})", R"({"noLongContext128k":1})"})
            QVERIFY2(!parseParameters(text).has_value(), text);
        QVERIFY(!parseParameters(std::string(2'000'000, ' ')).has_value());
        QVERIFY(parseParameters("{}").has_value());
    }
};

QTEST_APPLESS_MAIN(SimulatePtuTest)
#include "simulate_ptu_test.moc"

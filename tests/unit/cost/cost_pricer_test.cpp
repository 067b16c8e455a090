// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include <QtTest>

#include <cmath>
#include <ctime>
#include <random>

using namespace gatescope;
using namespace gatescope::cost;
using namespace gatescope::cost::test;
using analysis::Row;

namespace {

const std::string kGpt = R"({"id":"gpt","match":"gpt-4o*","rates":{"input":2,"cacheRead":1,"output":8}})";

llm::Usage usageOf(Count input, Count output, Count cached = {}) {
    llm::Usage usage;
    usage.input = input;
    usage.output = output;
    usage.cached = cached;
    return usage;
}

std::string providerOf(analysis::ExchangeRecord record) {
    Pricer pricer(snapshotOf({std::move(record)}), tableOf(tableText(kGpt)));
    return pricer.cost(0).as->kind.provider;
}

analysis::ExchangeRecord requestTo(const char* api, const char* host, const char* target, Headers answer = {}) {
    auto record = exchangeAt(kStart, target, {{"Host", host}}, std::move(answer));
    record.call.api = api;
    return record;
}

} // namespace

class CostPricerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theExampleTable() {
        const PriceTable table = tableOf(exampleText());
        // Entry a: 1000 - 400 = 600 at 2, 400 at 1, 100 at 8: 1200 + 400 + 800 = 2400 per million.
        auto gpt = callOf("openai.chat", "gpt-4o-2024-11-20", usageOf(1000, 100, 400), "default");
        gpt.http.request.target = "/openai/deployments/x/chat/completions";
        QCOMPARE(costText(gpt, table), std::string("priced 0.0024 complete"));
        // Entry c, vector of test-vectors.json with searches: 26*3 + 48854*0.3 + 120*3.75 + 310*15 = 19834.2 per
        // million, and 2 searches at 9 per 1000: 0.0198342 + 0.018.
        llm::Usage claude = usageOf(49000, 310, 48854);
        claude.cacheWrite = 120;
        claude.cacheWrite1h = 0;
        claude.webSearches = 2;
        QCOMPARE(costText(callOf("anthropic.messages", "claude-sonnet-4-20250514", claude, "standard"), table),
                 std::string("priced 0.0378342 complete"));
        // The same as a batch, factor 0.5 on all of it.
        QCOMPARE(costText(callOf("anthropic.messages", "claude-sonnet-4-20250514", claude, "batch"), table),
                 std::string("priced 0.0189171 complete"));
        // Entry d, up to 200000: 65*1 + 40*0.25 + 50*8 = 475 per million (vector: input 105, cached 40, output 50).
        QCOMPARE(costText(callOf("gemini", "gemini-2.5-pro", usageOf(105, 50, 40)), table),
                 std::string("priced 0.000475 complete"));
        // At the edge 200000*1 + 1*8, one more 200001*2 + 1*12.
        QCOMPARE(costText(callOf("gemini", "gemini-2.5-pro", usageOf(200'000, 1)), table),
                 std::string("priced 0.200008 complete"));
        QCOMPARE(costText(callOf("gemini", "gemini-2.5-pro", usageOf(200'001, 1)), table),
                 std::string("priced 0.400014 complete"));
        // Entry e: 195 at 0.1 per million.
        auto embedding = callOf("openai.embeddings", "text-embedding-3-small", usageOf(195, {}));
        embedding.http.request.target = "/openai/deployments/e/embeddings";
        QCOMPARE(costText(embedding, table), std::string("priced 0.0000195 complete"));
    }

    void neverZeroForWhatIsNotKnown() {
        const PriceTable table = tableOf(tableText(kGpt));
        QVERIFY(costText(callOf("openai.chat", "gpt-4o", {}), table).starts_with("unknown"));
        QVERIFY(costText(callOf("openai.chat", "gpt-4o", usageOf(5, {})), table).starts_with("unknown"));
        QVERIFY(costText(callOf("openai.chat", "gpt-4o", usageOf(5, 1, 6)), table).starts_with("unknown"));
        QCOMPARE(costText(callOf("openai.chat", "phi-4", usageOf(5, 1)), table),
                 std::string("unpriced: no entry matches the model \"phi-4\""));
        QCOMPARE(costText(exchangeAt(kStart), table), std::string());
        QCOMPARE(costText(callOf("openai.chat", "gpt-4o", usageOf(0, 0)), table), std::string("priced 0 complete"));
        llm::Usage writes = usageOf(5, 1);
        writes.cacheWrite = 3;
        QCOMPARE(costText(callOf("openai.chat", "gpt-4o", writes), table),
                 std::string("unpriced: entry \"gpt\" has no price \"cacheWrite5m\""));
    }

    void estimatesAreMarked() {
        const PriceTable table = tableOf(tableText(kGpt));
        auto own = callOf("openai.chat", "gpt-4o", {});
        own.call.usage = {};
        own.call.estimate = {100, 10, "bytes"};
        QCOMPARE(costText(own, table), std::string("priced 0.00028 estimated")); // 100*2 + 10*8
        // What was reported wins over our own count.
        own.call.usage.input = 1000;
        own.call.usage.output = 0;
        own.call.usage.source = llm::TokenSource::Reported;
        QCOMPARE(costText(own, table), std::string("priced 0.002 complete"));
        own.call.usage.source = llm::TokenSource::Gateway;
        QCOMPARE(costText(own, table), std::string("priced 0.002 estimated"));
    }

    void providers() {
        QCOMPARE(providerOf(requestTo("anthropic.messages", "x", "/v1/messages")), std::string("anthropic"));
        QCOMPARE(providerOf(requestTo("bedrock.converse", "x", "/model/m/converse")), std::string("aws.bedrock"));
        QCOMPARE(providerOf(requestTo("gemini", "x", "/v1/models/m:generateContent")), std::string("gcp.gemini"));
        QCOMPARE(providerOf(requestTo("gemini", "x", "/v1/projects/p/locations/l/publishers/google/models/m:predict")),
                 std::string("gcp.vertex_ai"));
        QCOMPARE(providerOf(requestTo("openai.chat", "api.openai.com:443", "/v1/chat/completions")),
                 std::string("openai"));
        QCOMPARE(providerOf(requestTo("openai.chat", "x", "/openai/v1/chat/completions")),
                 std::string("azure.ai.openai"));
        QCOMPARE(providerOf(requestTo("openai.chat", "gw", "/chat/completions?api-version=1")),
                 std::string("azure.ai.openai"));
        QCOMPARE(providerOf(requestTo("openai.chat", "GW.azure-api.net", "/chat/completions")),
                 std::string("azure.ai.openai"));
        QCOMPARE(providerOf(requestTo("openai.chat", "gw", "/chat/completions", {{"X-Ms-Region", "West Europe"}})),
                 std::string("azure.ai.openai"));
        QCOMPARE(providerOf(requestTo("openai.chat", "gw", "/chat/completions")), std::string());
        QCOMPARE(providerOf(requestTo("rerank", "gw", "/v1/rerank")), std::string());
        QCOMPARE(providerOf(
                     requestTo("openai.chat", "generativelanguage.googleapis.com", "/v1beta/openai/chat/completions")),
                 std::string("gcp.gemini"));
    }

    void modelRegionAndDeployment() {
        const PriceTable table = tableOf(tableText(
            R"({"id":"eu","match":"gpt-4o","region":"westeurope","deploymentType":"DataZone","rates":{"input":1,"output":1}},
               {"id":"us","match":"gpt-4o","region":"east us","rates":{"input":2,"output":1}},
               {"id":"spare","match":"gpt-4.1","rates":{"input":4,"output":1}})",
            R"(,"deploymentToModel":{"prod":{"model":"gpt-4o","deploymentType":"datazone"},"spill":"gpt-4.1"},
               "assume":[{"api":"openai.*","region":"East US"}])"));
        const auto entryOf = [&](const char* served, Headers answer) {
            Pricer pricer(snapshotOf({azureCall(kStart, served, 1, 0, {}, std::move(answer))}), table);
            const CallCost cost = pricer.cost(0);
            return QString::fromStdString(cost.entry != nullptr ? cost.entry->id : pricer.explain(cost));
        };
        // The user's word on the deployment counts more than the name in the answer.
        QCOMPARE(entryOf("something-else", {{"x-ms-region", "West Europe"}}), "eu");
        QCOMPARE(entryOf("gpt-4o", {}), "us"); // the assumed region
        QVERIFY(entryOf("gpt-4o", {{"x-ms-region", "Sweden Central"}}).contains("region"));
        // The answer came from another deployment.
        QCOMPARE(entryOf("gpt-4o", {{"x-ms-deployment-name", "spill"}, {"x-ms-region", "x"}}), "spare");
    }

    void pricesByDay() {
        const PriceTable table = tableOf(tableText(R"(
            {"id":"old","match":"gpt-4o","from":"2025-06-01","to":"2025-12-31","rates":{"input":1,"output":0}},
            {"id":"new","match":"gpt-4o","from":"2026-01-01","rates":{"input":2,"output":0}})"));
        const auto at = [&](TimeNs time) { return costText(azureCall(time, "gpt-4o", 1'000'000, 0), table); };
        QCOMPARE(at(kStart), std::string("priced 2 complete"));     // the first nanosecond of 2026
        QCOMPARE(at(kStart - 1), std::string("priced 1 complete")); // the last of 2025
        QCOMPARE(at(kStart - 400LL * 86'400'000'000'000),
                 std::string("unpriced: entry \"new\" does not hold on the day of the call"));
        auto timeless = azureCall(kStart, "gpt-4o", 1, 0);
        timeless.http.requestTrace = {};
        timeless.http.responseTrace = {};
        QVERIFY(costText(timeless, table).starts_with("unpriced"));
    }

    void batches() {
        const auto batch = callOf("anthropic.messages", "claude-x", usageOf(1'000'000, 0), "batch");
        const std::string standard = R"({"id":"s","match":"claude*","serviceTier":"standard","rates":{"input":3}})";
        const std::string own = R"({"id":"b","match":"claude*","serviceTier":"batch","rates":{"input":1.2}})";
        const std::string factor = R"(,"batchFactor":0.5)";
        QCOMPARE(costText(batch, tableOf(tableText(standard, factor))), std::string("priced 1.5 complete"));
        QCOMPARE(costText(batch, tableOf(tableText(standard + "," + own, factor))), std::string("priced 1.2 complete"));
        QVERIFY(costText(batch, tableOf(tableText(standard))).find("batchFactor") != std::string::npos);
        const std::string any = R"({"id":"s","match":"claude*","rates":{"input":3}})";
        QCOMPARE(costText(batch, tableOf(tableText(any, factor))), std::string("priced 1.5 complete"));
    }

    void pricesThatCapturesCannotCount() {
        const PriceTable table = tableOf(tableText(R"({"id":"d","match":"dall-e*","rates":{"perImage":0.04}})"));
        QCOMPARE(costText(callOf("openai.images", "dall-e-3", {}), table),
                 std::string("unpriced: entry \"d\" has a price \"perImage\", which captures do not count"));
    }

    void totalsAndWeights() {
        const PriceTable table = tableOf(tableText(kGpt));
        auto estimated = callOf("openai.chat", "gpt-4o", {});
        estimated.call.usage = {};
        estimated.call.estimate = {1, 0, "bytes"};
        const auto snapshot = snapshotOf({azureCall(kStart, "gpt-4o", 1000, 100), azureCall(kStart + 1, "phi", 1, 1),
                                          azureCall(kStart + 2, "gpt-4o", {}, {}), exchangeAt(kStart + 3), estimated});
        const CostTotals totals = costOf(snapshot, snapshot.order(), table);
        QCOMPARE(totals.amount.toString(), std::string("0.002802")); // 1000*2 + 100*8 + 1*2
        QCOMPARE(totals.priced, std::uint64_t{2});
        QCOMPARE(totals.unpriced, std::uint64_t{1});
        QCOMPARE(totals.unknown, std::uint64_t{1});
        QCOMPARE(totals.estimated, std::uint64_t{1});
        Pricer pricer(snapshot, table);
        const auto weights = pricer.weights(std::vector<Row>{0, 1, 2, 3});
        QCOMPARE(weights.size(), snapshot.size());
        QCOMPARE(weights[0], 0.0028);
        QVERIFY(std::isnan(weights[1]) && std::isnan(weights[2]) && std::isnan(weights[3]));
        QVERIFY(std::isnan(weights[4])); // not asked for
        QVERIFY(!costOf(snapshot, std::vector<Row>{1, 2}, table).hasAmount());
    }

    void inBlocksAsOneByOne() {
        std::mt19937 random(7);
        std::vector<analysis::ExchangeRecord> records;
        const std::array models{"gpt-4o", "gpt-4o-mini", "phi", "gpt-4o-2024-11-20"};
        for (int i = 0; i < 5000; ++i) {
            const auto count = [&] { return random() % 7 == 0 ? Count() : Count(random() % 10'000); };
            records.push_back(azureCall(kStart + i, models[random() % models.size()], count(), count()));
        }
        const auto snapshot = snapshotOf(std::move(records));
        const PriceTable table = tableOf(tableText(kGpt));
        Pricer pricer(snapshot, table);
        std::vector<std::string> together;
        pricer.forEach(snapshot.order(),
                       [&](Row, const CallCost& cost) { together.push_back(cost.amount.toString()); });
        Money sum;
        for (std::size_t i = 0; i < together.size(); ++i) {
            const CallCost alone = Pricer(snapshot, table).cost(snapshot.order()[i]);
            QCOMPARE(alone.amount.toString(), together[i]);
            sum += alone.amount;
        }
        QCOMPARE(pricer.totals(snapshot.order()).amount.toString(), sum.toString());
    }

    void aMillionCalls() {
        if (!qEnvironmentVariableIsSet("GATESCOPE_BENCH")) QSKIP("set GATESCOPE_BENCH to measure");
        analysis::Dataset dataset({"a"});
        std::mt19937 random(1);
        for (int batch = 0; batch < 100; ++batch) {
            std::vector<analysis::ExchangeRecord> records;
            for (int i = 0; i < 10'000; ++i)
                records.push_back(azureCall(kStart + batch * 10'000 + i,
                                            random() % 2 ? "gpt-4o-2024-11-20" : "gpt-4o-mini-2024-07-18",
                                            random() % 5000, random() % 500, {{"openai-project", "p"}},
                                            {{"x-ms-region", random() % 3 ? "West Europe" : "East US"}}));
            dataset.append({std::move(records), {}, {}});
        }
        dataset.finish();
        const auto snapshot = dataset.snapshot();
        const PriceTable table = tableOf(tableText(kGpt));
        const auto& order = snapshot.order();
        for (int i = 0; i < 3; ++i) {
            const std::clock_t start = std::clock(); // processor time: other programs do not count
            const CostTotals totals = costOf(snapshot, order, table);
            qInfo("%.0f ms for %zu calls, %s", 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC,
                  order.size(), totals.amount.toString().c_str());
            QCOMPARE(totals.priced, std::uint64_t{1'000'000});
        }
    }
};

QTEST_APPLESS_MAIN(CostPricerTest)
#include "cost_pricer_test.moc"

// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include "core/cost/model_aliases.h"
#include "core/cost/pattern.h"

#include <QtTest>

using namespace gatescope;
using namespace gatescope::cost;
using namespace gatescope::cost::test;

namespace {

const std::string kPlain = R"({"id":"a","match":"gpt-4o*","rates":{"input":2.0,"output":8}})";

/// Ids of the matching entries, best first.
QString ids(const PriceTable& table, const CallKind& kind) {
    QStringList all;
    for (const PriceEntry* entry : table.matching(kind)) all << QString::fromStdString(entry->id);
    return all.join(' ');
}

CallKind kindOf(std::string model) {
    return {"azure.ai.openai", {std::move(model)}, "", "", ""};
}

} // namespace

class CostPriceTableTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theExample() {
        const PriceTable table = tableOf(exampleText());
        QVERIFY(table.name().find("invented") != std::string::npos);
        QCOMPARE(table.asOf(), std::string("2026-01-01"));
        QCOMPARE(table.currency(), std::string("EUR"));
        QCOMPARE(table.entries().size(), std::size_t{5});
        QCOMPARE(table.deployment("MY-gpt4o")->model, std::string("gpt-4o"));
        QCOMPARE(table.modelNames("conn1/gpt-4o-2024-11-20"),
                 (std::vector<std::string>{"conn1/gpt-4o-2024-11-20", "conn1/gpt-4o", "gpt-4o"}));
        QCOMPARE(table.modelNames("claude-sonnet-4-20250514").back(), std::string("claude-sonnet-4"));
        const PtuPrice* ptu = table.ptuPrice("gpt-4o-2024-08-06");
        QVERIFY(ptu != nullptr);
        QCOMPARE(ptu->sku, std::string("GlobalProvisionedManaged"));
        QCOMPARE(*ptu->perPtuHour, 1'000'000'000'000'000);
        QCOMPARE(ptu->reservationTerm, std::string("P1M"));
        QCOMPARE(*ptu->reservationPerPtuMonth, 250'000'000'000'000'000);
        QVERIFY(table.ptuPrice("gpt-3") == nullptr);
        QCOMPARE(table.costCentres().size(), std::size_t{2});
        // 3.75 per million is 3.75e-6 each, times the batch factor of 0.5.
        for (const PriceEntry& entry : table.entries()) {
            if (entry.id != "c") continue;
            QCOMPARE(*entry.tiers[0].rates.of(Meter::CacheWrite5m), 3'750'000'000);
            QCOMPARE(*entry.tiers[0].batchRates->of(Meter::CacheWrite5m), 1'875'000'000);
            QCOMPARE(*entry.tiers[0].rates.of(Meter::WebSearch), 9'000'000'000'000);
        }
    }

    void theExampleOfTheDescription() {
        QFile file(qEnvironmentVariable("GATESCOPE_SHARED", GATESCOPE_SOURCE_DIR "/../shared") +
                   "/domain/price-table.example.json");
        if (!file.open(QIODevice::ReadOnly)) QSKIP("the description of the domain is not here");
        QCOMPARE(messageOf(file.readAll().toStdString()), std::string("accepted"));
    }

    void wrongTables_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("wanted"); ///< what the message must hold
        const auto add = [](const char* name, const std::string& text, const QStringList& wanted) {
            QTest::newRow(name) << QString::fromStdString(text) << wanted;
        };
        const auto entry = [](const std::string& more) { return tableText("{\"id\":\"x\"," + more + "}"); };
        add("empty", "", {"JSON", "line 1, column 1"});
        add("no JSON", "{\n \"version\": 1,\n oops}", {"line 3, column 2"});
        add("no object", "[]", {"must be an object"});
        add("no version", R"({"currency":"EUR","models":[]})", {"\"version\" must be 1"});
        add("other version", R"({"version":2,"currency":"EUR","models":[]})", {"\"version\" must be 1"});
        add("no currency", R"({"version":1,"models":[]})", {"\"currency\" is missing"});
        add("no such currency", R"({"version":1,"currency":"euro","models":[]})", {"euro", "three capital letters"});
        add("no models", R"({"version":1,"currency":"EUR"})", {"\"models\" is missing"});
        add("models no list", R"({"version":1,"currency":"EUR","models":{}})", {"\"models\"", "must be a list"});
        add("unknown unit", tableText(kPlain, R"(,"unit":"1G tokens")"), {"1G tokens", "1M tokens"});
        add("unknown key", tableText(kPlain, R"(,"batchfactor":0.5)"), {"batchfactor", "did you mean \"batchFactor\""});
        add("unknown key of an entry", entry(R"("match":"m","regoin":"x","rates":{"input":1})"),
            {"models[0]", "id \"x\"", "regoin", "did you mean \"region\""});
        add("unknown rate", entry(R"("match":"m","rates":{"inptu":1})"),
            {"models[0]", "inptu", "did you mean \"input\""});
        add("no rates", entry(R"("match":"m")"), {"models[0]", "neither \"rates\" nor \"contextTiers\""});
        add("empty rates", entry(R"("match":"m","rates":{})"), {"models[0]", "no price"});
        add("both", entry(R"("match":"m","rates":{"input":1},"contextTiers":[{"maxInput":1,"rates":{"input":1}}])"),
            {"both \"rates\" and \"contextTiers\""});
        add("no match", entry(R"("rates":{"input":1})"), {"\"match\" is missing"});
        add("match no text", entry(R"("match":5,"rates":{"input":1})"), {"\"match\"", "must be a text"});
        add("rate is text", entry(R"("match":"m","rates":{"input":"2"})"), {"\"input\"", "must be a number"});
        add("negative", entry(R"("match":"m","rates":{"input":-2})"), {"\"input\"", "-2", "cannot be negative"});
        add("negative decimal", entry(R"("match":"m","rates":{"input":-0.5})"), {"\"input\"", "-0.5", "negative"});
        add("too large", entry(R"("match":"m","rates":{"input":1e300})"), {"\"input\"", "too large"});
        add("no date", entry(R"("match":"m","from":"2026-02-30","rates":{"input":1})"), {"2026-02-30", "no date"});
        add("dates", entry(R"("match":"m","from":"2026-02-01","to":"2026-01-01","rates":{"input":1})"),
            {"\"to\" is before \"from\""});
        add("tiers upside down",
            entry(
                R"("match":"m","contextTiers":[{"maxInput":null,"rates":{"input":1}},{"maxInput":5,"rates":{"input":1}}])"),
            {"larger \"maxInput\""});
        add("same id", tableText(kPlain + "," + R"({"id":"a","match":"gpt-5","rates":{"input":1}})"), {"id \"a\""});
        add("same key twice", entry(R"("match":"m","rates":{"input":1,"input":2})"), {"\"input\" stands twice"});
        add("overlap", tableText(kPlain + "," + R"({"id":"b","match":"gpt-4*o","rates":{"input":1}})"),
            {"\"a\"", "\"b\"", "neither is more specific"});
        add("alias", tableText(kPlain, ",\"modelAliases\":[{\"pattern\":\"(\",\"replace\":\"x\"}]"),
            {"modelAliases[0]", "no regular expression"});
        add("alias group", tableText(kPlain, ",\"modelAliases\":[{\"pattern\":\"(?<m>.)\",\"replace\":\"${n}\"}]"),
            {"modelAliases[0]", "'n'", "'m'"});
        add("look-behind", tableText(kPlain, ",\"modelAliases\":[{\"pattern\":\"(?<!a)b\",\"replace\":\"x\"}]"),
            {"no regular expression"});
        add("cost centre field", tableText(kPlain, R"(,"costCentres":[{"when":{"projcet":"x"},"centre":"c"}])"),
            {"costCentres[0]", "projcet", "project"});
        add("cost centre number", tableText(kPlain, R"(,"costCentres":[{"when":{"status":"2*"},"centre":"c"}])"),
            {"costCentres[0]", "is a number"});
        add("no centre", tableText(kPlain, R"(,"costCentres":[{"when":{}}])"), {"costCentres[0]", "\"centre\""});
        add("deployment twice", tableText(kPlain, R"(,"deploymentToModel":{"A":"x","a":"y"})"), {"twice"});
        add("damaged UTF-8", "{\"version\":1,\"name\":\"\xff\"}", {"JSON"});
        add("nested", std::string(100'000, '['), {"nested"});
    }

    void wrongTables() {
        QFETCH(QString, text);
        QFETCH(QStringList, wanted);
        // The damaged octet does not survive the way through QString, so that row is made anew.
        const bool isDamaged = QByteArray(QTest::currentDataTag()) == "damaged UTF-8";
        const std::string message =
            messageOf(isDamaged ? std::string("{\"version\":1,\"name\":\"\xff\"}") : text.toStdString());
        for (const QString& part : wanted) QVERIFY2(QString::fromStdString(message).contains(part), message.c_str());
    }

    void remarksAreAllowed() {
        QCOMPARE(messageOf(tableText("// from the list of March\n" + kPlain, R"(,"_remark":"x")")),
                 std::string("accepted"));
    }

    void theMostSpecificWins() {
        const PriceTable table = tableOf(tableText(R"(
            {"id":"any","match":"*","rates":{"input":1}},
            {"id":"short","match":"gpt*","rates":{"input":1}},
            {"id":"long","match":"gpt-4o*","rates":{"input":1}},
            {"id":"exact","match":"gpt-4o-mini","rates":{"input":1}},
            {"id":"region","match":"gpt-4o*","region":"West Europe","rates":{"input":1}},
            {"id":"tier","match":"gpt-4o*","serviceTier":"priority","rates":{"input":1}},
            {"id":"provider","match":"gpt-4o*","provider":"azure.ai.openai","rates":{"input":1}})"));
        QCOMPARE(ids(table, kindOf("gpt-4o-mini")), "exact provider long short any");
        QCOMPARE(ids(table, kindOf("GPT-4o")), "provider long short any");
        QCOMPARE(ids(table, kindOf("llama")), "any");
        CallKind regional = kindOf("gpt-4o");
        regional.region = "westeurope";
        QCOMPARE(ids(table, regional), "provider region long short any");
        regional.provider = "openai";
        QCOMPARE(ids(table, regional), "region long short any");
        // Nothing known of the model: only what is for any model.
        QCOMPARE(ids(table, {"", {}, "", "", ""}), "any");
    }

    void unknownMatchesAnythingOnly() {
        const PriceTable table = tableOf(tableText(
            R"({"id":"a","match":"gpt-4o*","deploymentType":"GlobalStandard","serviceTier":"default","rates":{"input":1}})"));
        QCOMPARE(ids(table, kindOf("gpt-4o")), "");
        const QString message = QString::fromStdString(table.nearMiss(kindOf("gpt-4o")));
        QVERIFY2(message.contains("\"a\"") && message.contains("deployment type") && message.contains("service tier") &&
                     message.contains("not known"),
                 qPrintable(message));
        QCOMPARE(ids(table, {"openai", {"gpt-4o"}, "globalstandard", "", "DEFAULT"}), "a");
        QCOMPARE(table.nearMiss(kindOf("phi")), std::string("no entry matches the model \"phi\""));
    }

    void aLaterPriceReplacesAnEarlierOne() {
        const PriceTable table = tableOf(tableText(R"(
            {"id":"old","match":"m","from":"2025-01-01","rates":{"input":1}},
            {"id":"new","match":"m","from":"2026-01-01","rates":{"input":2}},
            {"id":"gone","match":"n","to":"2026-01-31","rates":{"input":1}},
            {"id":"next","match":"n","from":"2026-02-01","rates":{"input":1}})"));
        QCOMPARE(ids(table, kindOf("m")), "new old");
        QCOMPARE(ids(table, kindOf("n")), "next gone");
        const PriceEntry& gone = *table.matching(kindOf("n"))[1];
        QVERIFY(gone.holdsOn(*parseDay("2026-01-31")));
        QVERIFY(!gone.holdsOn(*parseDay("2026-02-01")));
        QCOMPARE(dayText(*parseDay("2026-02-28")), std::string("2026-02-28"));
    }

    void overlapsAreSeenOnlyWhereTheyAre() {
        const auto pair = [](const char* first, const char* second) {
            return messageOf(tableText(R"({"id":"1",)" + std::string(first) + R"(,"rates":{"input":1}},{"id":"2",)" +
                                       second + R"(,"rates":{"input":1}})")) == "accepted";
        };
        QVERIFY(pair(R"("match":"gpt-4*")", R"("match":"gpt-5*")"));  // have nothing in common
        QVERIFY(!pair(R"("match":"gpt-4*")", R"("match":"*gpt-4")")); // gpt-4
        QVERIFY(pair(R"("match":"a*b")", R"("match":"c*b")"));
        QVERIFY(!pair(R"("match":"a*b")", R"("match":"*ab")")); // ab
        QVERIFY(!pair(R"("match":"m")", R"("match":"M")"));     // the same without case
        QVERIFY(pair(R"("match":"m","region":"a")", R"("match":"m","region":"b")"));
        QVERIFY(pair(R"("match":"m","region":"a")", R"("match":"m","serviceTier":"a")")); // region decides first
        QVERIFY(!pair(R"("match":"m","from":"2026-01-01")", R"("match":"m","from":"2026-01-01")"));
        QVERIFY(pair(R"("match":"m","from":"2026-01-01","to":"2026-01-31")", R"("match":"m","from":"2026-02-01")"));
    }

    void manyAlikePatternsEndSoon() {
        // Each pair of these takes 40,000 steps to compare; without a budget that would be 80 thousand million.
        std::string models;
        for (int i = 0; i < 2000; ++i)
            models += (i == 0 ? "" : ",") + std::string(R"({"match":"*)") + std::string(190, 'a') + "?" +
                      std::to_string(1000 + i) + R"(","rates":{"input":1}})";
        QElapsedTimer timer;
        timer.start();
        QVERIFY(messageOf(tableText(models)).find("too many") != std::string::npos);
        QVERIFY(timer.elapsed() < 10'000);
    }

    void patterns() {
        const auto matches = [](const char* pattern, const char* value) { return Pattern(pattern).matches(value); };
        QVERIFY(matches("*", "") && matches("*", "x") && !matches("**x", "") && !matches("?", ""));
        QVERIFY(matches("a*c", "abc") && matches("a*c", "ac") && !matches("a*c", "abd") && !matches("a*c", "xac"));
        QVERIFY(matches("a?c", "abc") && !matches("a?c", "ac"));
        QVERIFY(matches("*b*d*", "abcd") && !matches("*d*b*", "abcd"));
        QVERIFY(matches(std::string(100, '*').append("b").c_str(), (std::string(500, 'a') + "b").c_str()));
    }

    void aliases() {
        ModelAliases all;
        QVERIFY(all.add("^(?<base>.+)@(\\d+)$", "${2}:${base}").has_value());
        QVERIFY(all.add("o", "0").has_value());
        QVERIFY(!all.add("a(b", "").has_value());
        QVERIFY(!all.add("a", "${1}").has_value());
        QVERIFY(!all.add("a", "${").has_value());
        QVERIFY(!all.add(std::string(2000, 'a'), "").has_value());
        QCOMPARE(all.namesOf("gpt-4o@7"), (std::vector<std::string>{"gpt-4o@7", "7:gpt-4o", "7:gpt-40"}));
        QCOMPARE(all.namesOf("x"), std::vector<std::string>{"x"});
        QCOMPARE(all.namesOf(std::string(5000, 'o')).size(), std::size_t{1});
    }

    void unitsOfPrices() {
        const auto perToken = [](const char* unit, const char* price) {
            const PriceTable table = tableOf(tableText(R"({"match":"m","rates":{"input":)" + std::string(price) + "}}",
                                                       R"(,"unit":")" + std::string(unit) + "\""));
            return *table.entries()[0].tiers[0].rates.of(Meter::Input);
        };
        // 2 per million = 0.002 per thousand = 0.000002 each = 2e9 of 10^-15.
        QCOMPARE(perToken("1M tokens", "2"), 2'000'000'000);
        QCOMPARE(perToken("1K tokens", "0.002"), 2'000'000'000);
        QCOMPARE(perToken("1 token", "0.000002"), 2'000'000'000);
        QCOMPARE(perToken("1M tokens", "0.1"), 100'000'000);
        QCOMPARE(perToken("1M tokens", "0.123456789"), 123'456'789);
    }
};

QTEST_APPLESS_MAIN(CostPriceTableTest)
#include "cost_price_table_test.moc"

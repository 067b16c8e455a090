// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/grouping.h"
#include "core/analysis/masking.h"
#include "core/report/cost_rows.h"
#include "core/report/focus_export.h"
#include "core/report/group_rows.h"
#include "tests/support/csv_reader.h"
#include "tests/unit/cost/calls.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QRegularExpression>
#include <QtTest>

using namespace gatescope;
using namespace gatescope::report;
using namespace gatescope::cost::test;
using gatescope::test::readCsv;

namespace {

class Text : public ByteSink {
public:
    bool write(std::string_view bytes) override {
        m_text += bytes;
        return true;
    }
    const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

using CsvRow = QMap<QString, QString>; ///< empty cells are left out

QList<CsvRow> rowsOf(const std::string& text) {
    const auto parsed = readCsv(text);
    if (!parsed) qFatal("no CSV by RFC 4180: %s", text.c_str());
    QList<CsvRow> rows;
    for (std::size_t i = 1; i < parsed->size(); ++i) {
        CsvRow row;
        for (std::size_t c = 0; c < (*parsed)[i].size(); ++c)
            if ((*parsed)[i][c])
                row[QString::fromStdString(*(*parsed)[0][c])] = QString::fromStdString(*(*parsed)[i][c]);
        rows << row;
    }
    return rows;
}

const std::string kTable = tableText(
    R"({"id":"gpt","match":"gpt-4o*","serviceTier":"*","rates":{"input":2,"cacheRead":1,"output":8,"webSearchPer1000":9}})",
    R"x(,"asOf":"2026-01-01","modelAliases":[{"pattern":"^(.+)-\\d{4}-\\d{2}-\\d{2}$","replace":"${1}"}],
       "costCentres":[{"when":{"project":"alpha"},"centre":"CC-1"}])x");

struct Export {
    QList<CsvRow> rows;
    FocusSummary summary;
    std::string text;
};

Export exported(std::vector<analysis::ExchangeRecord> records, FocusOptions options = {},
                const std::string& table = kTable) {
    const auto snapshot = snapshotOf(std::move(records));
    cost::Pricer pricer(snapshot, tableOf(table));
    Text sink;
    RowWriter writer({Format::Csv, 0}, focusColumns(), sink);
    Export result;
    result.summary = writeFocus(pricer, snapshot.order(), options, writer);
    writer.finish();
    result.text = sink.text();
    result.rows = rowsOf(result.text);
    return result;
}

analysis::ExchangeRecord callBy(const char* project, const char* model, Count input, Count output, Count cached = {}) {
    auto record = azureCall(kStart + 26LL * 3'600'000 * kMs, model, input, output, {{"Host", "gw.example"}},
                            {{"x-ms-region", "West Europe"}});
    record.call.identity.project = project;
    record.call.usage.cached = cached;
    return record;
}

QJsonObject tagsOf(const CsvRow& row) {
    return QJsonDocument::fromJson(row["Tags"].toUtf8()).object();
}

} // namespace

class ReportFocusTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesOfColumns() {
        // The list of the description of the domain (chargeback.md, section 5), from FOCUS 1.2.
        const QStringList wanted =
            QString(
                "BillingAccountId BillingPeriodStart BillingPeriodEnd ChargePeriodStart ChargePeriodEnd ChargeCategory "
                "ChargeClass ChargeDescription ChargeFrequency ProviderName PublisherName InvoiceIssuerName "
                "ServiceCategory ServiceSubcategory ServiceName RegionId RegionName ResourceId ResourceName "
                "ResourceType SkuId SkuMeter SkuPriceId SkuPriceDetails PricingCategory PricingQuantity PricingUnit "
                "PricingCurrency ConsumedQuantity ConsumedUnit ListUnitPrice ContractedUnitPrice ListCost "
                "ContractedCost BilledCost EffectiveCost BillingCurrency CommitmentDiscountCategory "
                "CommitmentDiscountId CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus "
                "CommitmentDiscountType CommitmentDiscountUnit SubAccountId Tags")
                .split(' ');
        QStringList names;
        for (const Column& column : focusColumns()) names << QString::fromStdString(column.name);
        for (const QString& name : wanted) QVERIFY2(names.removeOne(name), qPrintable(name));
        // What is left is ours and says so, or belongs to an id.
        for (const QString& name : names)
            QVERIFY2(name.startsWith("x_") || name == "BillingAccountName" || name == "SubAccountName",
                     qPrintable(name));
    }

    void oneRowForEachMeter() {
        // 1000 - 400 = 600 at 2, 400 at 1, 100 at 8 per million.
        const Export result =
            exported({callBy("alpha", "gpt-4o-2024-11-20", 1000, 100, 400)}, {.billingAccount = "acct"});
        QCOMPARE(result.rows.size(), 3);
        const CsvRow& input = result.rows[0];
        const QMap<QString, QString> expected{{"BillingAccountId", "acct"},
                                              {"BillingCurrency", "EUR"},
                                              {"BillingPeriodStart", "2026-01-01T00:00:00Z"},
                                              {"BillingPeriodEnd", "2026-02-01T00:00:00Z"},
                                              {"ChargePeriodStart", "2026-01-02T00:00:00Z"},
                                              {"ChargePeriodEnd", "2026-01-03T00:00:00Z"},
                                              {"ChargeCategory", "Usage"},
                                              {"ChargeFrequency", "Usage-Based"},
                                              {"ProviderName", "Microsoft"},
                                              {"ServiceCategory", "AI and Machine Learning"},
                                              {"ServiceSubcategory", "Generative AI"},
                                              {"RegionId", "westeurope"},
                                              {"RegionName", "West Europe"},
                                              {"ResourceId", "gw.example/prod"},
                                              {"ResourceName", "prod"},
                                              {"SkuMeter", "input tokens"},
                                              {"PricingCategory", "Standard"},
                                              {"PricingQuantity", "0.0006"},
                                              {"PricingUnit", "1M Tokens"},
                                              {"PricingCurrency", "EUR"},
                                              {"ConsumedQuantity", "600"},
                                              {"ConsumedUnit", "Tokens"},
                                              {"ListUnitPrice", "2"},
                                              {"ContractedUnitPrice", "2"},
                                              {"ListCost", "0.0012"},
                                              {"ContractedCost", "0.0012"},
                                              {"BilledCost", "0.0012"},
                                              {"EffectiveCost", "0.0012"},
                                              {"SubAccountId", "alpha"},
                                              {"x_Calls", "1"},
                                              {"x_CostStatus", "priced"},
                                              {"x_Coverage", "complete"},
                                              {"x_Model", "gpt-4o"},
                                              {"x_AttributionLevel", "F"},
                                              {"x_CostCenter", "CC-1"}};
        for (auto at = expected.begin(); at != expected.end(); ++at)
            QVERIFY2(input[at.key()] == at.value(), qPrintable(at.key() + ": " + input[at.key()]));
        QVERIFY(input["ChargeDescription"].contains("Showback estimate"));
        for (const char* null : {"ChargeClass", "CommitmentDiscountId", "BillingAccountName"})
            QVERIFY2(!input.contains(null), null);
        QCOMPARE(tagsOf(input),
                 (QJsonObject{
                     {"cost_center", "CC-1"}, {"project", "alpha"}, {"attribution_level", "F"}, {"estimated", false}}));
        QCOMPARE(result.rows[1]["SkuMeter"], "cached input tokens");
        QCOMPARE(result.rows[1]["EffectiveCost"], "0.0004");
        QCOMPARE(result.rows[2]["SkuMeter"], "output tokens");
        QCOMPARE(result.rows[2]["EffectiveCost"], "0.0008");
        QVERIFY(!result.rows[1].contains("x_Calls")); // counted in the first row
    }

    void whatBelongsTogetherIsAddedUp() {
        // Two dated versions of a model are one; another project, hour, or unverified payer is not.
        auto later = callBy("alpha", "gpt-4o", 5, 0);
        later.http.requestTrace.firstByte += 3'600'000 * kMs;
        const std::vector records{callBy("alpha", "gpt-4o-2024-11-20", 10, 0),
                                  callBy("alpha", "gpt-4o-2024-08-06", 20, 0), callBy("beta", "gpt-4o", 40, 0), later};
        const Export day = exported(records);
        QCOMPARE(day.rows.size(), 2);
        QCOMPARE(day.rows[0]["ConsumedQuantity"], "35");
        QCOMPARE(day.rows[0]["x_Calls"], "3");
        QCOMPARE(day.rows[1]["ConsumedQuantity"], "40");
        QCOMPARE(tagsOf(day.rows[1])["cost_center"], QJsonValue::Null); // seen, not left out
        QCOMPARE(day.summary.withoutCentre, std::uint64_t{1});
        const Export hour = exported(records, {.period = FocusOptions::Period::Hour});
        QCOMPARE(hour.rows.size(), 3);
        QCOMPARE(hour.rows[2]["ChargePeriodStart"], "2026-01-02T03:00:00Z");
        QCOMPARE(hour.rows[2]["ChargePeriodEnd"], "2026-01-02T04:00:00Z");
    }

    void levelsOfAttributionStayApart() {
        auto proven = callBy("alpha", "gpt-4o", 10, 0);
        proven.http.request.headers.add("openai-project", "alpha");
        proven.http.request.headers.add("x-k8se-app-name", "j-dataproxy--r");
        const Export result = exported({callBy("alpha", "gpt-4o", 10, 0), proven});
        QCOMPARE(result.rows.size(), 2);
        QCOMPARE(result.rows[0]["x_AttributionLevel"], "C");
        QCOMPARE(result.rows[1]["x_AttributionLevel"], "F");
        QCOMPARE(result.summary.callsByLevel, (std::array<std::uint64_t, 6>{0, 0, 1, 0, 0, 1}));
    }

    void whatHasNoPriceHasNoCost() {
        const std::vector records{callBy("a", "phi-4", 10, 2), callBy("a", "gpt-4o", {}, {}),
                                  callBy("a", "gpt-4o", 1, 0)};
        const Export all = exported(records);
        QCOMPARE(all.rows.size(), 4); // phi: input and output; gpt-4o: unknown, and priced
        int without = 0, calls = 0;
        for (const CsvRow& row : all.rows) {
            calls += row["x_Calls"].toInt();
            if (row["x_CostStatus"] == "priced") continue;
            ++without;
            for (const char* column : {"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice",
                                       "SkuPriceId", "SkuPriceDetails"})
                QVERIFY2(!row.contains(column), column);
            QVERIFY(!row["x_Reason"].isEmpty());
        }
        QCOMPARE(without, 3);
        QCOMPARE(calls, 3);
        QCOMPARE(all.summary.totals.unpriced, std::uint64_t{1});
        QCOMPARE(all.summary.totals.unknown, std::uint64_t{1});
        QCOMPARE(all.summary.reasons.size(), std::size_t{2});
        const Export priced = exported(records, {.onlyPriced = true});
        QCOMPARE(priced.rows.size(), 1);
        QCOMPARE(priced.summary.totals.unpriced, std::uint64_t{1}); // left out, and still said
    }

    void unitsThatAreNoTokens() {
        auto record = callBy("a", "gpt-4o", 0, 0);
        record.call.usage.webSearches = 3;
        const Export result = exported({record});
        QCOMPARE(result.rows.size(), 1);
        QCOMPARE(result.rows[0]["PricingQuantity"], "0.003");
        QCOMPARE(result.rows[0]["PricingUnit"], "1000 Requests");
        QCOMPARE(result.rows[0]["ListUnitPrice"], "9");
        QCOMPARE(result.rows[0]["BilledCost"], "0.027");
        QCOMPARE(result.rows[0]["ConsumedUnit"], "Requests");
    }

    void hostileNamesAreHarmless() {
        auto record = callBy("=HYPERLINK(\"http://evil\")", "gpt-4o", 1, 1);
        record.call.identity.agent = "a\",\r\n=cmd|' /C calc'!A0\x1b[2J\xff";
        record.call.servedModel = "gpt-4o+SUM(1)";
        record.call.deployment = "@evil";
        const Export result = exported({record});
        QCOMPARE(result.rows.size(), 2);
        const auto cells = readCsv(result.text).value();
        for (const auto& row : cells)
            for (const auto& cell : row)
                if (cell) QVERIFY2(!QString("=+-@\t\r").contains(QChar(cell->front())), cell->c_str());
        QCOMPARE(result.rows[0]["SubAccountId"], "'=HYPERLINK(\"http://evil\")");
        QVERIFY(!tagsOf(result.rows[0]).isEmpty()); // still JSON
    }

    void secretsAreMasked() {
        const auto record = callBy("sk-ant-api03-ThisIsASecretKey0123456789abcdef", "gpt-4o", 1, 0);
        const bool isMaskedElsewhere =
            analysis::maskField(field("project"), record.call.identity.project) != record.call.identity.project;
        const Export masked = exported({record});
        QCOMPARE(masked.text.find("ThisIsASecretKey") == std::string::npos, isMaskedElsewhere);
        QVERIFY(exported({record}, {.reveal = true}).text.find("ThisIsASecretKey") != std::string::npos);
    }

    void numbersArePlainDecimals() {
        const QRegularExpression decimal("^-?[0-9]+(\\.[0-9]+)?$");
        const Export result = exported({callBy("a", "gpt-4o", INT64_MAX / 2, 1, 1)});
        for (const CsvRow& row : result.rows)
            for (const char* name : {"PricingQuantity", "ConsumedQuantity", "ListUnitPrice", "BilledCost", "x_Calls"})
                if (row.contains(name)) QVERIFY2(decimal.match(row[name]).hasMatch(), qPrintable(row[name]));
        // 2 * 4611686018427387902 / 10^6 for the input that was not cached
        QCOMPARE(result.rows[0]["BilledCost"], "9223372036854.775804");
    }

    void sameOutputInAnyOrder() {
        std::vector<analysis::ExchangeRecord> records;
        for (int i = 0; i < 300; ++i)
            records.push_back(
                callBy(i % 3 ? "a" : "b", i % 7 ? "gpt-4o" : "phi", i % 5 ? Count(i) : Count(), i, i / 2));
        const Export forwards = exported(records);
        std::ranges::reverse(records);
        QCOMPARE(exported(records).text, forwards.text);
    }

    void exchangesWithTheirCost() {
        const auto snapshot =
            snapshotOf({callBy("alpha", "gpt-4o", 1000, 0), callBy("beta", "phi", 1, 1), exchangeAt(kStart)});
        cost::Pricer pricer(snapshot, tableOf(kTable));
        Text sink;
        RowWriter writer({Format::Jsonl, 0}, pricedExchangeColumns(true), sink);
        writePricedExchanges(snapshot, snapshot.order(), &pricer, false, writer);
        writer.finish();
        QList<QJsonObject> rows;
        for (const QByteArray& line : QByteArray::fromStdString(sink.text()).split('\n'))
            if (!line.isEmpty()) rows << QJsonDocument::fromJson(line).object();
        QCOMPARE(rows.size(), 3);
        QVERIFY(!rows[0].contains("cost") && !rows[0].contains("cost_status")); // no call
        QCOMPARE(rows[1]["cost"], 0.002);
        QCOMPARE(rows[1]["currency"], "EUR");
        QCOMPARE(rows[1]["cost_centre"], "CC-1");
        QCOMPARE(rows[1]["price_entry"], "gpt");
        QCOMPARE(rows[1]["attribution_level"], "F");
        QVERIFY(!rows[2].contains("cost"));
        QCOMPARE(rows[2]["cost_status"], "unpriced");
        QVERIFY(rows[2]["cost_reason"].toString().contains("phi"));
    }

    void groupsWithTheirCost() {
        const auto snapshot = snapshotOf({callBy("alpha", "gpt-4o", 1000, 0), callBy("beta", "phi", 1, 1)});
        cost::Pricer pricer(snapshot, tableOf(kTable));
        const auto fields = analysis::parseFields("project").value();
        const auto columns = groupColumns(fields, true);
        const Selection selection = everything(columns);
        Text sink;
        RowWriter writer({Format::Jsonl, 0}, columns, sink);
        writeGroups(analysis::groupBy(snapshot, snapshot.order(), fields), fields, selection, writer, &pricer);
        writer.finish();
        const QList<QByteArray> lines = QByteArray::fromStdString(sink.text()).split('\n');
        QVERIFY(lines[0].contains("\"cost\":0.002,\"currency\":\"EUR\",\"unpriced\":0"));
        QVERIFY(lines[1].contains("\"unpriced\":1") && !lines[1].contains("\"cost\"") &&
                !lines[1].contains("currency"));
    }
};

QTEST_APPLESS_MAIN(ReportFocusTest)
#include "report_focus_test.moc"

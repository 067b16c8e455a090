// SPDX-License-Identifier: Apache-2.0
#include "core/cost/money.h"
#include "tests/cli/gscope_run.h"
#include "tests/support/csv_reader.h"

#include <QDir>
#include <QMap>
#include <QStandardPaths>
#include <QtTest>

using namespace gatescope::test;

namespace {

/// Prices for the calls of cli_captures.h: gpt-4o at 2, 1 (cached) and 8 per million, Claude at 3, 0.3 and 15.
constexpr const char* kPrices = R"({"version":1,"name":"test","currency":"EUR","asOf":"2026-01-01","models":[
 {"id":"g","match":"gpt-4o*","rates":{"input":2,"cacheRead":1,"output":8}},
 {"id":"c","provider":"anthropic","match":"claude-*","rates":{"input":3,"cacheRead":0.3,"output":15}}]})";

using CsvRow = QMap<QString, QString>;

QList<CsvRow> csvRows(const QByteArray& text) {
    const auto parsed = readCsv(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    if (!parsed) qFatal("no CSV by RFC 4180");
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

/// Exact sum of a column, in 10^-15; empty cells add nothing.
std::int64_t sum(const QList<CsvRow>& rows, const char* column) {
    std::int64_t total = 0;
    for (const CsvRow& row : rows) {
        if (!row.contains(column)) continue;
        const auto value = gatescope::cost::scaledDecimal(row[column].toStdString(), 15);
        if (!value) qFatal("no decimal: %s", qPrintable(row[column]));
        total += *value;
    }
    return total;
}

std::int64_t count(const QList<CsvRow>& rows, const char* column) {
    std::int64_t total = 0;
    for (const CsvRow& row : rows) total += row[column].toLongLong();
    return total;
}

} // namespace

/// Costs on the command line.
class CliCostTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;

    QList<CsvRow> ask(const QStringList& arguments) const {
        const GscopeResult result = m_captures.run(arguments);
        if (result.status != 0) qWarning("status %d: %s", result.status, result.err.constData());
        return csvRows(result.out);
    }
    QString file(const char* name) const { return m_captures.path() + "/" + name; }

private Q_SLOTS:
    void initTestCase() { writeFile(file("prices.json"), kPrices); }

    void groups() {
        const auto rows =
            ask({"groups", "--prices", "prices.json", "--by", "project,model", "--format", "csv", "gateway.pcapng"});
        QMap<QString, CsvRow> byKey;
        for (const CsvRow& row : rows) byKey[row["project"] + "/" + row["model"]] = row;
        // Planner: 36 fresh, 64 cached, 20 out; Writer: 40 and 3.
        // 36*2 + 64*1 + 20*8 = 296; 40*2 + 3*8 = 104; together 400 per million.
        QCOMPARE(byKey["alpha/gpt-4o"]["cost"], "0.0004");
        QCOMPARE(byKey["alpha/gpt-4o"]["currency"], "EUR");
        QCOMPARE(byKey["alpha/gpt-4o"]["unpriced"], "0");
        // 50*3 + 8*0.3 + 9*15 = 287.4
        QCOMPARE(byKey["beta/claude-sonnet-4"]["cost"], "0.0002874");
        // Refused: nobody knows the tokens, so there is no cost, not even 0.
        QVERIFY(byKey.contains("beta/gpt-4.1") && !byKey["beta/gpt-4.1"].contains("cost"));
    }

    void withoutPricesNothingChanges() {
        const GscopeResult plain = m_captures.run({"groups", "--format", "jsonl", "gateway.pcapng"});
        QCOMPARE(plain.status, 0);
        QVERIFY(!plain.out.contains("unpriced"));
    }

    void theUsersOwnTable() {
        QDir(m_captures.path()).mkdir("gatescope");
        const QString own = file("gatescope/prices.json");
        writeFile(own, kPrices);
        const GscopeResult priced = m_captures.run({"groups", "--by", "model", "--format", "jsonl", "gateway.pcapng"});
        const GscopeResult unpriced = m_captures.run({"groups", "--no-prices", "--format", "jsonl", "gateway.pcapng"});
        // A table with a mistake in it is never passed over in silence.
        writeFile(own, "{\"version\":1,\"currency\":\"EUR\",\"modles\":[]}");
        const GscopeResult broken = m_captures.run({"groups", "gateway.pcapng"});
        QFile::remove(own); // before anything can fail: other tests want none
        QVERIFY(priced.out.contains("\"cost\":0.0004"));
        QVERIFY(unpriced.status == 0 && !unpriced.out.contains("cost"));
        QCOMPARE(broken.status, 2);
        QVERIFY2(broken.err.contains("gatescope/prices.json") && broken.err.contains("\"models\" is missing"),
                 broken.err.constData());
    }

    void wrongUse_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("wanted");
        QTest::newRow("no target") << QStringList{"export"} << "--to";
        QTest::newRow("unknown target") << QStringList{"export", "--to", "fokus"} << "did you mean 'focus'";
        QTest::newRow("otlp") << QStringList{"export", "--to", "otlp"} << "not there yet";
        QTest::newRow("otlp") << QStringList{"export", "--to", "otlp"} << "not there yet";
        QTest::newRow("no prices") << QStringList{"export", "--to", "focus"} << "give --prices FILE";
        QTest::newRow("no such table") << QStringList{"groups", "--prices", "missing.json"} << "missing.json";
        QTest::newRow("no table") << QStringList{"groups", "--prices", "gap.pcap"} << "no valid JSON";
        QTest::newRow("a folder") << QStringList{"groups", "--prices", "."} << "prices .";
        QTest::newRow("period") << QStringList{"export", "--to", "focus", "--period", "week"} << "--period";
    }

    void wrongUse() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, wanted);
        const GscopeResult result = m_captures.run(arguments << "gateway.pcapng");
        QCOMPARE(result.status, 2);
        QVERIFY2(QString::fromUtf8(result.err).contains(wanted), result.err.constData());
        QVERIFY(result.out.isEmpty());
    }

    void focusOnStandardError() {
        const GscopeResult result =
            m_captures.run({"export", "--to", "focus", "--prices", "prices.json", "gateway.pcapng"});
        QCOMPARE(result.status, 0);
        QVERIFY2(result.err.contains("1 call without token counts"), result.err.constData());
        QVERIFY2(result.err.contains("attribution level F"), result.err.constData());
        const GscopeResult quiet =
            m_captures.run({"export", "--to", "focus", "--quiet", "--prices", "prices.json", "gateway.pcapng"});
        QVERIFY(quiet.err.isEmpty());
        QCOMPARE(quiet.out, result.out);
    }

    void allFieldsOfAnExchange() {
        const auto rows = ask({"export", "--to", "csv", "--prices", "prices.json", "gateway.pcapng"});
        QCOMPARE(rows.size(), 5);
        QCOMPARE(rows[0]["cost"], "0.000296");
        QCOMPARE(rows[0]["cost_status"], "priced");
        QCOMPARE(rows[0]["agent"], "Planner");
        QCOMPARE(rows[2]["cost_status"], "unknown");
        QVERIFY(!rows[2].contains("cost") && !rows[4].contains("cost_status"));
        QVERIFY(!rows[0]["attribution_evidence"].isEmpty());
        const auto json = jsonLines(m_captures.run({"export", "--to", "jsonl", "gateway.pcapng"}).out);
        QCOMPARE(json.size(), 5);
        QVERIFY(!json[0].contains("cost") && json[0].contains("attribution_level"));
    }

    void secretsStaySecret() {
        for (const char* target : {"focus", "csv", "jsonl"}) {
            const GscopeResult result =
                m_captures.run({"export", "--to", target, "--prices", "prices.json", "gateway.pcapng", "hostile.pcap"});
            QCOMPARE(result.status, 0);
            for (const std::string_view secret : kSecrets)
                QVERIFY2(!result.out.contains(QByteArray(secret.data(), static_cast<qsizetype>(secret.size()))),
                         target);
        }
    }

    void numbersAgree_data() {
        QTest::addColumn<QString>("capture");
        QTest::addColumn<QString>("prices");
        const QDir samples(GATESCOPE_SOURCE_DIR "/resources/samples");
        const QString example = GATESCOPE_SOURCE_DIR "/resources/price-table.example.json";
        for (const QString& name : samples.entryList({"*.pcapng", "*.pcap"}, QDir::Files)) {
            QTest::newRow(qPrintable(name)) << samples.filePath(name) << "prices.json";
            QTest::newRow(qPrintable(name + ", example prices")) << samples.filePath(name) << example;
        }
        QTest::newRow("gateway") << "gateway.pcapng" << "prices.json";
    }

    /// The sums of the export are those of `groups`, to the last digit.
    void numbersAgree() {
        QFETCH(QString, capture);
        QFETCH(QString, prices);
        const QStringList end{"--prices", prices, capture};
        const auto groups = ask(QStringList{"groups", "--format", "csv"} + end);
        const auto focus = ask(QStringList{"export", "--quiet", "--to", "focus"} + end);
        const auto hours = ask(QStringList{"export", "--quiet", "--to", "focus", "--period", "hour"} + end);
        const auto rows = ask(QStringList{"export", "--to", "csv"} + end);

        QCOMPARE(sum(focus, "BilledCost"), sum(groups, "cost"));
        QCOMPARE(sum(hours, "BilledCost"), sum(groups, "cost"));
        QCOMPARE(sum(rows, "cost"), sum(groups, "cost"));
        const auto links = ask(QStringList{"tokens", "--by", "project,model", "--format", "csv"} + end);
        QCOMPARE(sum(links, "cost"), sum(groups, "cost"));
        const auto series = ask(QStringList{"tokens", "--by", "project", "--per", "1h", "--format", "csv"} + end);
        QCOMPARE(sum(series, "cost"), sum(groups, "cost"));
        for (const char* same : {"ListCost", "ContractedCost", "EffectiveCost"})
            QCOMPARE(sum(focus, same), sum(focus, "BilledCost"));

        std::int64_t unpriced = 0, tokens = 0;
        for (const CsvRow& row : rows) {
            unpriced += row["cost_status"] == "unpriced" ? 1 : 0;
        }
        for (const CsvRow& row : focus)
            if (row["ConsumedUnit"] == "Tokens") tokens += row["ConsumedQuantity"].toLongLong();
        QCOMPARE(count(focus, "x_Calls"), count(groups, "calls"));
        QCOMPARE(count(groups, "unpriced"), unpriced);
        QCOMPARE(tokens, count(groups, "input_tokens") + count(groups, "output_tokens"));
        if (prices == "prices.json" && capture.contains("plain")) QVERIFY(sum(focus, "BilledCost") > 0);
        // List price times quantity is the cost of each row: the rule of FOCUS.
        for (const CsvRow& row : focus) {
            if (!row.contains("ListUnitPrice")) continue;
            const double product = row["ListUnitPrice"].toDouble() * row["PricingQuantity"].toDouble();
            QVERIFY(qAbs(product - row["ListCost"].toDouble()) < 1e-12);
        }
    }

    void pythonReadsTheSame() {
        const QString python = QStandardPaths::findExecutable("python3");
        if (python.isEmpty()) QSKIP("python3 is not installed");
        const QByteArray csv = m_captures
                                   .run({"export", "--quiet", "--to", "focus", "--prices", "prices.json",
                                         "gateway.pcapng", "hostile.pcap"})
                                   .out;
        QProcess reader;
        reader.start(python, {"-c", "import csv, io, json, sys\n"
                                    "from decimal import Decimal\n"
                                    "text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')\n"
                                    "rows = list(csv.DictReader(text, strict=True))\n"
                                    "for row in rows: json.loads(row['Tags'])\n"
                                    "cost = sum(Decimal(row['BilledCost']) for row in rows if row['BilledCost'])\n"
                                    "print(len(rows), cost)"});
        reader.write(csv);
        reader.closeWriteChannel();
        QVERIFY(reader.waitForFinished());
        // 0.0004 + 0.0002874, as in groups().
        QCOMPARE(reader.readAllStandardOutput().trimmed(), QByteArray::number(csvRows(csv).size()) + " 0.0006874");
    }
};

QTEST_APPLESS_MAIN(CliCostTest)
#include "cli_cost_test.moc"

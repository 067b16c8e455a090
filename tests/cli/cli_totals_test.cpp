// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"

#include <QtTest>

using namespace gatescope::test;

/// The same totals whatever is asked: exchanges, groups, links, series and summary read one dataset, and a person who
/// compares two of them must never find a difference.
class CliTotalsTest : public QObject {
    Q_OBJECT

private:
    const QDir m_samples{QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples")};
    const QStringList m_sums{"input_tokens", "output_tokens", "total_tokens", "cached_tokens", "reasoning_tokens"};

    QList<QJsonObject> rows(const QStringList& arguments) const {
        const GscopeResult result = runGscope(arguments + QStringList{"--format", "jsonl"}, m_samples.path());
        if (result.status != 0) qWarning("%s", result.err.constData());
        return jsonLines(result.out);
    }

    static qint64 sumOf(const QList<QJsonObject>& rows, const QString& column) {
        qint64 sum = 0;
        for (const QJsonObject& row : rows) sum += row.value(column).toInteger();
        return sum;
    }

private Q_SLOTS:
    void everyViewHasTheSameTotals_data() {
        QTest::addColumn<QString>("sample");
        for (const QString& name : m_samples.entryList({"*.pcap*"}, QDir::Files))
            QTest::newRow(qPrintable(name)) << name;
    }

    void everyViewHasTheSameTotals() {
        QFETCH(QString, sample);
        const auto exchanges = rows({"exchanges", sample});
        QVERIFY(!exchanges.isEmpty() || sample.contains("sealed") || sample.contains("fail"));
        const auto summary = runGscope({"summary", "--format", "json", sample}, m_samples.path());
        const QJsonObject totals = QJsonDocument::fromJson(summary.out).object();
        for (const char* by : {"project,agent,model", "status", "server"}) {
            const auto groups = rows({"groups", "--by", by, sample});
            const auto series = rows({"tokens", "--by", by, "--per", "1s", sample});
            const auto links = rows({"tokens", "--by", QString("%1,api").arg(by), sample});
            const auto topLinks = rows({"tokens", "--by", QString("%1,api").arg(by), "--top", "1", sample});
            QList<QJsonObject> last, topLast;
            for (const auto& link : links)
                if (link.value("to_field") == "api") last << link;
            for (const auto& link : topLinks)
                if (link.value("to_field") == "api") topLast << link;
            for (const QString& column : m_sums) {
                const qint64 expected = sumOf(exchanges, column);
                QCOMPARE(sumOf(groups, column), expected);
                QCOMPARE(sumOf(series, column), expected);
                QCOMPARE(sumOf(last, column), expected);
                QCOMPARE(sumOf(topLast, column), expected);
                QCOMPARE(totals.value(column).toInteger(), expected);
            }
            for (const auto& view : {groups, series, last, topLast})
                QCOMPARE(sumOf(view, "exchanges"), qint64{exchanges.size()});
        }
    }

    void reconciliationAddsUp() {
        for (const QString& sample : m_samples.entryList({"*.pcap*"}, QDir::Files)) {
            const auto exchanges = rows({"exchanges", sample});
            qint64 reported = 0;
            qint64 known = 0;
            for (const auto& exchange : exchanges) {
                if (exchange.value("token_source") == "reported")
                    reported += exchange.value("total_tokens").toInteger();
                known += exchange.contains("total_tokens");
            }
            const auto accounts = rows({"tokens", "--by", "project", "--reconcile", sample});
            QCOMPARE(sumOf(accounts, "reported_tokens"), reported);
            const auto calls = rows({"tokens", "--reconcile", "--per-call", sample});
            QCOMPARE(qint64{calls.size()}, known);
            QCOMPARE(sumOf(calls, "reported_tokens"), reported);
        }
    }
};

QTEST_APPLESS_MAIN(CliTotalsTest)
#include "cli_totals_test.moc"

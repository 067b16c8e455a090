// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"

#include <QJsonArray>
#include <QXmlStreamReader>
#include <QtTest>

#include <map>

using namespace gatescope::test;

/// `gscope simulate` on the captures of the tests and on a sample. Times and tokens of the captures stand in
/// cli_captures.h; those of the sample in its truth file, which was written by who made the traffic.
class CliSimulateTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;
    const QString m_sample = QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/foundry-gateway-plain");

    QList<QJsonObject> rows(QStringList arguments) {
        arguments = QStringList{"simulate"} + arguments + QStringList{"--format", "jsonl", "--quiet"};
        const GscopeResult result = m_captures.run(arguments);
        if (result.status != 0) qWarning("%s", result.err.constData());
        return jsonLines(result.out);
    }

    /// By method and path: the truth file names the API only where the call went well.
    static bool isModelCall(const QJsonObject& truth) {
        const QString path = truth["uri"].toString().section('?', 0, 0);
        return truth["method"] == "POST" &&
               (path.endsWith("/chat/completions") || path.endsWith("/responses") || path.endsWith("/embeddings"));
    }

private Q_SLOTS:
    /// The commands that the issue names, word for word.
    void sampleCommands() {
        const GscopeResult limits = m_captures.run({"simulate", "limits", "--key", "project_id,agent", "--tpm", "10000",
                                                    "--algorithm", "bucket", m_sample + ".pcapng"});
        QCOMPARE(limits.status, 0);
        QVERIFY(limits.out.contains("InvoiceReader"));
        const GscopeResult ptu =
            m_captures.run({"simulate", "ptu", "--model", "gpt-4o", "--ptu", "50", m_sample + ".pcapng"});
        QCOMPARE(ptu.status, 0);
        QVERIFY(ptu.out.contains("utilisation") && ptu.out.contains("ptu_without_spill"));
    }

    /// Calls and billed tokens of each key are those that the truth file has.
    void sampleAgreesWithItsTruth() {
        using Key = std::pair<QString, QString>;
        std::map<Key, std::pair<int, qint64>> expected;
        for (const QJsonObject& truth : jsonLines(readFile(m_sample + ".truth.jsonl"))) {
            if (!isModelCall(truth)) continue;
            QString agent = truth["agent"].toString();
            if (const auto colon = agent.lastIndexOf(':'); colon >= 0) agent.truncate(colon);
            auto& [calls, tokens] = expected[{truth["project_id"].toString(), agent}];
            ++calls;
            tokens += truth["total_tokens"].toInteger();
        }
        QVERIFY(expected.size() > 3);
        std::map<Key, std::pair<int, qint64>> found;
        for (const QJsonObject& row : rows({"limits", "--tpm", "10000", m_sample + ".pcapng"})) {
            found[{row["project_id"].toString(), row["agent"].toString()}] = {row["exchanges"].toInt(),
                                                                              row["billed_tokens"].toInteger()};
            QCOMPARE(row["admitted"], row["exchanges"]); // all of them together are far below the limit
            QVERIFY(!row.contains("first_refused_time"));
        }
        QVERIFY(found == expected);
    }

    /// Project alpha: 120 tokens booked at +103 ms; the stream at +300 ms is estimated in any case, and the window is
    /// free again at 60.103 s, so it waits 59.803 s, which is 60.
    void limitsByHand() {
        const QStringList limit{"limits", "--key", "project", "--tpm", "120", "--estimate-prompt", "off"};
        for (const QJsonObject& row : rows(limit + QStringList{"gateway.pcapng"})) {
            if (row["project"] != "alpha") continue;
            QCOMPARE(row["exchanges"].toInt(), 2);
            QCOMPARE(row["refused_429"].toInt(), 1);
            QCOMPARE(row["booked_tokens"].toInt(), 120);
            QCOMPARE(row["billed_tokens"].toInt(), 163);
            QCOMPARE(row["longest_wait_s"].toInt(), 60);
            QCOMPARE(row["observed_429"].toInt(), 0);
        }
        QStringList predicted, observed;
        for (const QJsonObject& row : rows(limit + QStringList{"--per-call", "gateway.pcapng"})) {
            predicted << QString::number(row["predicted_status"].toInt());
            observed << QString::number(row["observed_status"].toInt());
        }
        QCOMPARE(predicted, (QStringList{"200", "429", "200", "200"})); // GET /health is no call of a model
        QCOMPARE(observed, (QStringList{"200", "200", "429", "200"}));
    }

    void findingsAndFailOn() {
        const QStringList shared{"limits", "--key", "header:x-nowhere", "--tpm", "1000000", "gateway.pcapng"};
        const auto found = rows(shared + QStringList{"--findings"});
        QCOMPARE(found.size(), 1);
        QCOMPARE(found[0]["id"].toString(), QString("limit.shared-bucket"));
        const GscopeResult loud = m_captures.run(QStringList{"simulate"} + shared);
        QVERIFY(loud.err.contains("limit.shared-bucket"));
        QCOMPARE(loud.status, 0);
        QCOMPARE(m_captures.run(QStringList{"simulate"} + shared + QStringList{"--fail-on", "medium"}).status, 1);
        QCOMPARE(m_captures.run(QStringList{"simulate"} + shared + QStringList{"--fail-on", "high"}).status, 0);
    }

    void advice() {
        const auto all = rows({"limits", "--advise", "--tpm", "100", "--key", "header:x-nowhere", "gateway.pcapng"});
        QVERIFY(all.size() >= 3);
        QCOMPARE(all[0]["key"].toString(), QString("project"));
        QCOMPARE(all[0]["grade"].toString(), QString("good"));
        QCOMPARE(all[0]["distinct"].toInt(), 2);
        QCOMPARE(all.last()["key"].toString(), QString("header:x-nowhere")); // asked for, so it is there
        QVERIFY(!rows({"limits", "--advise", "gateway.pcapng"})[0].contains("throttled"));
    }

    void texts() {
        const QStringList key{"simulate", "limits", "--key", "project,agent", "--tpm", "7"};
        const GscopeResult policy = m_captures.run(key + QStringList{"--policy", "gateway.pcapng"});
        QCOMPARE(policy.status, 0);
        QXmlStreamReader reader(policy.out);
        while (!reader.atEnd()) reader.readNext();
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        QVERIFY(policy.out.contains("tokens-per-minute=\"7\""));
        const GscopeResult kql = m_captures.run(key + QStringList{"--kql", "gateway.pcapng"});
        QVERIFY(kql.out.contains("| extend over_limit = tokens > 7\n"));
        const GscopeResult metric =
            m_captures.run({"simulate", "metrics", "--dimensions", "project", "--policy", "gateway.pcapng"});
        QVERIFY(metric.out.contains("<llm-emit-token-metric"));
    }

    void metrics() {
        const auto all = rows({"metrics", "--dimensions", "project,agent", "gateway.pcapng"});
        QCOMPARE(all.size(), 3);
        QCOMPARE(all[0]["distinct"].toInt(), 2);
        QCOMPARE(all[1]["without"].toInt(), 1); // the Anthropic call has no agent
        QVERIFY(!all[2].contains("dimension"));
        QCOMPARE(all[2]["series_possible"].toInt(), 6); // two projects, two agents and none
        QCOMPARE(all[2]["series_seen"].toInt(), 4);
        QCOMPARE(all[2]["series_limit"].toInt(), 50'000);
    }

    void ptu() {
        const QStringList prices{"--price-input", "1000", "--price-output", "2000", "--price-ptu-hour", "3"};
        const auto none = rows(QStringList{"ptu", "--model", "GPT-4o", "gateway.pcapng"} + prices);
        QVERIFY(none.size() >= 2);
        const QJsonObject totals = none.last();
        QVERIFY(!totals.contains("time") && !totals.contains("utilisation"));
        QCOMPARE(totals["exchanges"].toInt(), 2);
        QCOMPARE(totals["tokens"].toInt(), 163);
        QCOMPARE(totals["spilled_tokens"].toInt(), 163);
        QCOMPARE(totals["ptu_without_spill"].toInt(), 15);       // the least that can be bought
        QCOMPARE(totals["cost_standard"].toDouble(), 0.186);     // 140 in, 23 out: 0.14 + 0.046
        QCOMPARE(totals["cost_without_spill"].toDouble(), 45.0); // 15 units for an hour
        QVERIFY(!totals.contains("cost_with_ptu"));
        const auto some = rows({"ptu", "--model", "gpt-4o", "--ptu", "15", "gateway.pcapng"});
        QCOMPARE(some.last()["spilled_exchanges"].toInt(), 0);
        QVERIFY(some.last()["utilisation"].toDouble() > 0 && !some.last().contains("cost_standard"));
        const auto all = rows({"ptu", "gateway.pcapng"}); // gpt-4.1 and gpt-4o; nothing is sold for the third model
        QStringList models;
        for (const QJsonObject& row : all)
            if (!row.contains("time")) models << row["model"].toString();
        QCOMPARE(models, (QStringList{"gpt-4.1", "gpt-4o"}));
    }

    void ptuWithTheUsersPrices() {
        const QByteArray table =
            "{\"version\":1,\"name\":\"t\",\"currency\":\"EUR\",\"models\":[{\"provider\":\"*\","
            "\"match\":\"gpt-4o*\",\"deploymentType\":\"*\",\"region\":\"*\",\"serviceTier\":\"*\","
            "\"rates\":{\"input\":1000,\"output\":2000,\"cacheRead\":1000}}],"
            "\"ptu\":[{\"match\":\"gpt-4o*\",\"sku\":\"s\",\"perPtuHour\":3}]}";
        writeFile(m_captures.folder.filePath("prices.json"), table);
        const QStringList arguments{"ptu", "--model", "gpt-4o", "--prices", "prices.json", "gateway.pcapng"};
        const QJsonObject totals = rows(arguments).last();
        QCOMPARE(totals["cost_standard"].toDouble(), 0.186); // as with the prices by hand above
        QCOMPARE(totals["cost_without_spill"].toDouble(), 45.0);
        const QJsonObject mixed = rows(arguments + QStringList{"--price-ptu-hour", "4"}).last();
        QCOMPARE(mixed["cost_without_spill"].toDouble(), 60.0); // what is typed wins
    }

    void parametersOfTheUser() {
        writeFile(m_captures.folder.filePath("mine.json"), R"({"ptu":[["gpt-4o",2500,4,40,10,50,50,25]]})");
        writeFile(m_captures.folder.filePath("broken.json"), R"({"ptu":[["gpt-4o",0,4,40,10,50,50,25]]})");
        const auto all = rows({"ptu", "--model", "gpt-4o", "--parameters", "mine.json", "gateway.pcapng"});
        QCOMPARE(all.last()["ptu_without_spill"].toInt(), 40);
        const GscopeResult broken =
            m_captures.run({"simulate", "ptu", "--parameters", "broken.json", "gateway.pcapng"});
        QCOMPARE(broken.status, 2);
        QVERIFY(broken.err.contains("inputTpmPerPtu of 'gpt-4o'"));
        QCOMPARE(m_captures.run({"simulate", "ptu", "--parameters", "nowhere.json", "gateway.pcapng"}).status, 2);
    }

    void wrongUse_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("said");
        const auto add = [](const char* said, const QStringList& arguments) {
            QTest::newRow(qPrintable(arguments.join(' '))) << arguments << QByteArray(said);
        };
        add("needs one of: limits, ptu, metrics", {});
        add("did you mean 'limits'?", {"limts", "gateway.pcapng"});
        add("unknown option '--tpn'; did you mean '--tpm'", {"limits", "--tpn", "5", "gateway.pcapng"});
        add("a limit is missing", {"limits", "gateway.pcapng"});
        add("--tpm", {"limits", "--tpm", "0", "gateway.pcapng"});
        add("--tpm", {"limits", "--tpm", "ten", "gateway.pcapng"});
        add("--period", {"limits", "--quota", "5", "gateway.pcapng"});
        add("did you mean 'Hourly'", {"limits", "--quota", "5", "--period", "Hourl", "gateway.pcapng"});
        add("did you mean 'bucket'", {"limits", "--tpm", "5", "--algorithm", "bukket", "gateway.pcapng"});
        add("; known: on, off", {"limits", "--tpm", "5", "--estimate-prompt", "maybe", "gateway.pcapng"});
        add("did you mean 'Monday'", {"limits", "--tpm", "5", "--week-start", "Mondey", "gateway.pcapng"});
        add("projct", {"limits", "--tpm", "5", "--key", "projct", "gateway.pcapng"});
        add("a gateway cannot know 'status'",
            {"limits", "--tpm", "5", "--key", "status", "--policy", "gateway.pcapng"});
        add("logs do not hold 'caller'", {"limits", "--tpm", "5", "--key", "caller", "--kql", "gateway.pcapng"});
        add("excludes", {"limits", "--tpm", "5", "--policy", "--kql", "gateway.pcapng"});
        add("--findings does not go", {"limits", "--tpm", "5", "--policy", "--findings", "gateway.pcapng"});
        add("did you mean 'gpt-4o'", {"ptu", "--model", "gpt4o", "gateway.pcapng"});
        add("--ptu", {"ptu", "--ptu", "-1", "gateway.pcapng"});
        add("did you mean 'standard'", {"ptu", "--spillover", "standrd", "gateway.pcapng"});
        add("at most 5 dimensions", {"metrics", "--dimensions", "id,project,agent,model,host,path", "gateway.pcapng"});
    }

    void wrongUse() {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, said);
        const GscopeResult result = m_captures.run(QStringList{"simulate"} + arguments);
        QVERIFY2(result.err.contains(said), result.err.constData());
        QCOMPARE(result.status, 2);
        QVERIFY(result.out.isEmpty());
    }

    void help() {
        QVERIFY(m_captures.run({"simulate", "--help"}).out.contains("limits"));
        const GscopeResult part = m_captures.run({"simulate", "limits", "--help"});
        QCOMPARE(part.status, 0);
        QVERIFY(part.out.contains("--tpm"));
    }

    void secretsStayMasked() {
        for (const QStringList& arguments :
             {QStringList{"limits", "--key", "header:api-key,header:authorization", "--tpm", "1"},
              QStringList{"limits", "--advise", "--tpm", "1"}, QStringList{"metrics", "--dimensions", "header:api-key"},
              QStringList{"limits", "--key", "header:api-key", "--tpm", "1", "--findings"}}) {
            const GscopeResult result =
                m_captures.run(QStringList{"simulate"} + arguments + QStringList{"gateway.pcapng"});
            QCOMPARE(result.status, 0);
            for (const std::string_view secret : kSecrets) {
                const auto bytes = QByteArray(secret.data(), static_cast<qsizetype>(secret.size()));
                QVERIFY(!result.out.contains(bytes) && !result.err.contains(bytes));
            }
        }
    }
};

QTEST_GUILESS_MAIN(CliSimulateTest)
#include "cli_simulate_test.moc"

// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QtTest>

using namespace gatescope::test;

/// What gscope says about captures whose content is known, worked out by hand from cli_captures.cpp.
class CliResultTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;

    QList<QJsonObject> rows(const QStringList& arguments) const {
        const GscopeResult result = m_captures.run(arguments + QStringList{"--format", "jsonl"});
        if (result.status != 0) qWarning("%s", result.err.constData());
        return jsonLines(result.out);
    }
    static void compareFields(const QJsonObject& row, const QJsonObject& expected) {
        for (auto at = expected.begin(); at != expected.end(); ++at)
            QVERIFY2(row.value(at.key()) == at.value(),
                     qPrintable(at.key() + ": " + row.value(at.key()).toVariant().toString() + " instead of " +
                                at.value().toVariant().toString()));
    }

private Q_SLOTS:
    void exchangesOfTheGateway() {
        const auto all = rows({"exchanges", "gateway.pcapng"});
        QCOMPARE(all.size(), 5);
        compareFields(all[0], {{"id", 1},
                               {"input", "gateway.pcapng"},
                               {"source", "packets"},
                               {"flow", 1},
                               {"packet", 4},
                               {"time", "2026-01-01T00:00:00.003000000Z"},
                               {"duration_ms", 100.0},
                               {"ttfb_ms", 100.0},
                               {"client", "100.64.9.87:40000"},
                               {"server", "10.0.9.213:80"},
                               {"protocol", "http/1.1"},
                               {"tls", "none"},
                               {"method", "POST"},
                               {"host", "gateway.example"},
                               {"path", "/openai/deployments/gpt-4o/chat/completions"},
                               {"query", "api-version=2025-03-01-preview"},
                               {"status", 200},
                               {"complete", true},
                               {"project", "alpha"},
                               {"agent", "Planner"},
                               {"agent_version", "5"},
                               {"model", "gpt-4o"},
                               {"connection", "conn1"},
                               {"deployment", "gpt-4o"},
                               {"requested_model", "gpt-4o"},
                               {"served_model", "gpt-4o-2024-11-20"},
                               {"api", "openai.chat"},
                               {"caller", "11111111-2222-3333-4444-555555555555"},
                               {"input_tokens", 100},
                               {"output_tokens", 20},
                               {"total_tokens", 120},
                               {"cached_tokens", 64},
                               {"token_source", "reported"},
                               {"finish_reason", "stop"},
                               {"forwarded_for", QJsonArray{"100.64.9.87", "10.0.9.213:10095"}}});
        compareFields(all[1], {{"packet", 6},
                               {"flow", 1},
                               {"duration_ms", 350.0},
                               {"ttfb_ms", 100.0},
                               {"ttft_ms", 200.0},
                               {"agent", "Writer"},
                               {"stream", true},
                               {"input_tokens", 40},
                               {"output_tokens", 3},
                               {"total_tokens", 43}});
        compareFields(all[2], {{"packet", 19},
                               {"flow", 2},
                               {"time", "2026-01-01T00:00:01.000000000Z"},
                               {"status", 429},
                               {"project", "beta"},
                               {"model", "gpt-4.1"},
                               {"connection", "conn2"},
                               {"query", "api-version=2025-03-01-preview&api-key=***"},
                               {"complete", true}});
        QVERIFY(!all[2].contains("total_tokens"));
        QVERIFY(!all[2].contains("token_source"));
        // Anthropic counts cached input apart; the contract includes it: 50 + 8.
        compareFields(all[3], {{"packet", 25},
                               {"client", "[2001:db8::9]:40002"},
                               {"api", "anthropic.messages"},
                               {"model", "claude-sonnet-4"},
                               {"served_model", "claude-sonnet-4-20250514"},
                               {"duration_ms", 500.0},
                               {"input_tokens", 58},
                               {"output_tokens", 9},
                               {"total_tokens", 67},
                               {"cached_tokens", 8},
                               {"finish_reason", "end_turn"}});
        QVERIFY(!all[3].contains("agent"));
        compareFields(all[4], {{"packet", 27}, {"method", "GET"}, {"path", "/health"}, {"status", 204}});
        for (const char* name : {"api", "model", "project", "total_tokens", "query", "stream_events"})
            QVERIFY2(!all[4].contains(name), name);
    }

    void groupsByDefault() {
        const auto all = rows({"groups", "gateway.pcapng"});
        QCOMPARE(all.size(), 5);
        compareFields(all[0], {{"project", "alpha"},
                               {"agent", "Planner"},
                               {"model", "gpt-4o"},
                               {"exchanges", 1},
                               {"total_tokens", 120},
                               {"cached_tokens", 64},
                               {"duration_ms_p50", 100.0}});
        compareFields(all[1], {{"project", "beta"}, {"model", "claude-sonnet-4"}, {"total_tokens", 67}});
        compareFields(all[2], {{"agent", "Writer"}, {"total_tokens", 43}, {"ttft_ms_p50", 200.0}});
        bool sawThrottled = false;
        for (const QJsonObject& group : all) {
            if (group.value("model") != "gpt-4.1") continue;
            sawThrottled = true;
            compareFields(group, {{"exchanges", 1}, {"errors", 1}, {"throttled", 1}, {"without_usage", 1}});
            QVERIFY(!group.contains("total_tokens"));
        }
        QVERIFY(sawThrottled);
    }

    void groupKeysKeepTheirType() {
        for (const QJsonObject& group : rows({"groups", "--by", "status", "gateway.pcapng"}))
            QVERIFY(group.value("status").isDouble());
    }

    void filterAndFieldsAndOrder() {
        const GscopeResult result = m_captures.run({"exchanges", "--filter", "total_tokens > 50 and not stream",
                                                    "--fields", "model,id", "--format", "csv", "gateway.pcapng"});
        QCOMPARE(result.out, QByteArray("model,id\r\ngpt-4o,1\r\nclaude-sonnet-4,4\r\n"));
    }

    void severalInputsAreMergedByTime() {
        const auto all = rows({"exchanges", "gap.pcap", "gateway.pcapng"});
        QCOMPARE(all.size(), 6);
        // Both begin with a request at +3 ms; then the first input comes first.
        QCOMPARE(all[0].value("input").toString(), "gap.pcap");
        QCOMPARE(all[1].value("input").toString(), "gateway.pcapng");
    }

    void aLostSegmentIsSeen() {
        const auto all = rows({"exchanges", "gap.pcap"});
        QCOMPARE(all.size(), 1);
        QCOMPARE(all[0].value("complete").toBool(true), false);
        QVERIFY(!all[0].value("findings").toArray().isEmpty());
        const auto pieces = rows({"follow", "1", "gap.pcap"});
        QCOMPARE(pieces.size(), 4); // request; head and first part; the gap; the rest
        QCOMPARE(pieces[2].value("lost_bytes").toInt(), 10);
        // The rest begins in the middle of a line, perhaps of a secret.
        QCOMPARE(pieces[3].value("data").toString(), "***");
    }

    void bodyOfAStream() {
        const GscopeResult json = m_captures.run({"body", "2", "--events", "--format", "json", "gateway.pcapng"});
        const QJsonObject object = QJsonDocument::fromJson(json.out).object();
        QCOMPARE(object.value("response").toObject().value("text").toString(), "Once upon");
        const QJsonArray events = object.value("events").toArray();
        QCOMPARE(events.size(), 5);
        QCOMPARE(events[1].toObject().value("time").toString(), "2026-01-01T00:00:00.500000000Z");
        QCOMPARE(events[4].toObject().value("data").toString(), "[DONE]");
    }

    void hostileValuesAreHarmless() {
        const QStringList base{"exchanges", "--fields", "header:x-note,header:x-mark", "hostile.pcap", "--format"};
        const QByteArray table = m_captures.run(base + QStringList{"table"}).out;
        QVERIFY(table.contains("a\\u202eb\\xffc\\u009b31m"));
        const QByteArray csv = m_captures.run(base + QStringList{"csv"}).out;
        QVERIFY(csv.contains("\"'=HYPERLINK(\"\"http://evil\"\")\""));
        const QByteArray json = m_captures.run(base + QStringList{"json"}).out;
        QVERIFY(json.contains("a\\u202eb\\ufffdc\\u009b31m"));
        QCOMPARE(QJsonDocument::fromJson(json).array().size(), 1);
    }

    void sameAsTshark() {
        if (QStandardPaths::findExecutable("tshark").isEmpty()) QSKIP("tshark is not installed");
        QProcess tshark;
        tshark.setWorkingDirectory(m_captures.path());
        const auto ask = [&](const QString& filter, const QStringList& fields) {
            QStringList arguments{"-r", "gateway.pcapng", "-d", "tcp.port==8080,http", "-Y", filter, "-T", "fields"};
            for (const QString& field : fields) arguments << "-e" << field;
            tshark.start("tshark", arguments);
            tshark.waitForFinished();
            return tshark.readAllStandardOutput();
        };
        const QByteArray requests = ask("http.request", {"frame.number", "http.request.method", "http.host"});
        const QByteArray statuses = ask("http.response", {"http.response.code"});
        QByteArray ours, ourStatuses;
        for (const QJsonObject& row : rows({"exchanges", "gateway.pcapng"})) {
            ours += QByteArray::number(row.value("packet").toInt()) + '\t' + row.value("method").toString().toUtf8() +
                    '\t' + row.value("host").toString().toUtf8() + '\n';
            ourStatuses += QByteArray::number(row.value("status").toInt()) + '\n';
        }
        QCOMPARE(ours, requests);
        QCOMPARE(ourStatuses, statuses);
    }
};

QTEST_APPLESS_MAIN(CliResultTest)
#include "cli_result_test.moc"

// SPDX-License-Identifier: Apache-2.0
// Logs joined with logs, and with captures, as the ladder of joins says: correlation id, trace context, id of the
// answer, transaction id, address and port of the client, and a unique match of method, path, status and time.
#include "tests/cli/gscope_run.h"

#include <QtEndian>
#include <QtTest>

#include <QJsonArray>

#include <algorithm>
#include <cstdlib>

using namespace gatescope::test;

namespace {

const QStringList kFields{"id",
                          "source",
                          "time",
                          "client",
                          "method",
                          "path",
                          "status",
                          "stream",
                          "project",
                          "agent",
                          "agent_version",
                          "model",
                          "connection",
                          "input_tokens",
                          "output_tokens",
                          "total_tokens",
                          "cached_tokens",
                          "joined_by",
                          "join_certainty",
                          "joined_with",
                          "traceparent",
                          "trace_id",
                          "findings",
                          "correlation_id",
                          "transaction_id",
                          "flow",
                          "tls",
                          "forwarded_for",
                          "reasoning_tokens",
                          "project_id"};

QString sharedFolder() {
    return qEnvironmentVariable("GATESCOPE_SHARED", GATESCOPE_SOURCE_DIR "/../shared");
}

QJsonObject sampleRecord(const QString& id) {
    const QByteArray text = readFile(GATESCOPE_SOURCE_DIR "/tests/unit/sample-records.json");
    for (const QJsonValue& sample : QJsonDocument::fromJson(text).object().value("samples").toArray())
        if (sample.toObject().value("id") == id) return sample.toObject().value("record").toObject();
    throw std::runtime_error("no sample record " + id.toStdString());
}

QByteArray compact(const QJsonObject& object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

QStringList sorted(QStringList list) {
    list.sort();
    return list;
}

/// Rules of a row, in the order of the alphabet.
QStringList rulesOf(const QJsonObject& row) {
    return sorted(row.value("joined_by").toString().split(", ", Qt::SkipEmptyParts));
}

QStringList texts(const QJsonValue& list) {
    QStringList found;
    for (const QJsonValue& value : list.toArray()) found << value.toString();
    return found;
}

/// How many rows hold `value` in `field`.
qsizetype countOf(const QList<QJsonObject>& rows, const QString& field, const QJsonValue& value) {
    return std::ranges::count_if(rows, [&](const QJsonObject& row) { return row.value(field) == value; });
}

/// The first of them, or an empty object.
QJsonObject rowWith(const QList<QJsonObject>& rows, const QString& field, const QJsonValue& value) {
    const auto found = std::ranges::find_if(rows, [&](const QJsonObject& row) { return row.value(field) == value; });
    return found == rows.end() ? QJsonObject() : *found;
}

constexpr const char* kFirst = "b6f1c0de-0001-4a00-8000-000000000001";  ///< correlation id of the call that most record
constexpr const char* kSecond = "b6f1c0de-0001-4a00-8000-000000000002"; ///< of the one that was refused

} // namespace

/// The records of sample-records.json, each in a file of its own. Most tell of one call; which ones, and by what rule,
/// was worked out by hand from the ladder:
///   gw-export                        correlation id ...0001, trace 62ff1609..., peer 10.0.9.213:10095 (the last
///                                    forwarded hop is the caller's address, with its port)
///   llm-header-row, llm-chunk-1, -2  correlation id ...0001: rule 1; model's id chatcmpl-1
///   llm-table-row                    the same row from another export: correlation id ...0001, sequence number 0
///   la-api                           correlation id ...0001 and its total
///   otlp                             trace id 62ff1609..., span 4f1b402461a00000 = parent id of the traceparent: rule
///   2 litellm                          request id chatcmpl-1 = model's id: rule 3 azfw                             a
///   flow from 10.0.9.213:10095, 0.12 s before the call: rule 5
/// Not that call:
///   gw-429      correlation id ...0002, no id in common with anything
///   appgw       transaction id that nothing else has; another path (/openai/v1/responses)
///   kong, envoy-ai  path /v1/chat/completions, no id. They fit each other by method, path, status and time, but
///   neither
///               states a size, and a match by time is for a log and packets: two gateways are too easily at work at
///               once
///   apim-trace  no id of the others (05131509 is no trace id of W3C); path of gw-429, but 5 s earlier by the same
///   clock aoai-diag   a correlation id of the backend's own, an address with a masked octet, no method and no path
///   appmetrics  a sum and no call
class CliJoinsTest : public QObject {
    Q_OBJECT

private:
    QString withoutSecrets(const QString& capture) const;

    QTemporaryDir m_folder;

    QString fileOf(const QString& id) {
        const QString name = id + ".json";
        if (!QFile::exists(m_folder.filePath(name))) writeFile(m_folder.filePath(name), compact(sampleRecord(id)));
        return name;
    }
    QStringList filesOf(const QStringList& ids) {
        QStringList files;
        for (const QString& id : ids) files << fileOf(id);
        return files;
    }
    QList<QJsonObject> rowsOf(const QStringList& files) {
        const GscopeResult result = runGscope(
            QStringList{"exchanges", "--format", "jsonl", "--fields", kFields.join(',')} + files, m_folder.path());
        if (result.status != 0) qWarning("status %d: %s", result.status, result.err.constData());
        return jsonLines(result.out);
    }
    QList<QJsonObject> rowsOfRecords(const QStringList& ids) { return rowsOf(filesOf(ids)); }

private Q_SLOTS:
    void recordsOfOneCallAreOneRow();
    void orderOfInputsChangesNothing();
    void totalsCountTheCallOnce();
    void rowsOfOneLogInAnyOrder_data();
    void rowsOfOneLogInAnyOrder();
    void eachRuleAlone_data();
    void eachRuleAlone();
    void whatOnlyLooksAlikeStaysApart_data();
    void whatOnlyLooksAlikeStaysApart();
    void metricsAndFlowsAreNoCalls();
    void replays_data();
    void replays();
    void replaysAreCounted_data() { replays_data(); }
    void replaysAreCounted();
    void connectionsThatNobodyCouldRead();
};

void CliJoinsTest::recordsOfOneCallAreOneRow() {
    const auto rows =
        rowsOfRecords({"gw-export", "gw-429", "llm-header-row", "llm-chunk-1", "llm-chunk-2", "llm-table-row",
                       "appmetrics", "la-api", "apim-trace", "appgw", "azfw", "litellm", "otlp", "aoai-diag"});
    QCOMPARE(countOf(rows, "correlation_id", kFirst), 1);
    const QJsonObject call = rowWith(rows, "correlation_id", kFirst);
    QCOMPARE(call.value("source").toString(), "apim-gateway");
    QCOMPARE(rulesOf(call), QStringList({"client-port", "correlation-id", "response-id", "traceparent"}));
    QCOMPARE(call.value("join_certainty").toString(), "sure");
    // What the gateway knows...
    QCOMPARE(call.value("project").toString(), "sampleproject1");
    QCOMPARE(call.value("agent").toString(), "demo-agent");
    QCOMPARE(call.value("agent_version").toString(), "5");
    QCOMPARE(call.value("model").toString(), "gpt-4o");
    QCOMPARE(call.value("status").toInt(), 200);
    QCOMPARE(texts(call.value("forwarded_for")), QStringList({"100.64.9.87", "10.0.9.213:10095"}));
    // ...and what only the model log and the span know.
    QCOMPARE(call.value("input_tokens").toInt(), 640);
    QCOMPARE(call.value("output_tokens").toInt(), 50);
    QCOMPARE(call.value("total_tokens").toInt(), 690);
    QCOMPARE(call.value("cached_tokens").toInt(), 512);
    QVERIFY(call.value("stream").toBool());

    // Those that share nothing stand for themselves: gw-429, apim-trace, appgw, aoai-diag.
    for (const QJsonObject& row : rows)
        if (row.value("correlation_id") != kFirst)
            QVERIFY2(!row.contains("joined_by"), QJsonDocument(row).toJson().constData());
    QCOMPARE(countOf(rows, "correlation_id", kSecond), 1);
    QCOMPARE(countOf(rows, "transaction_id", "592d1649f75a8d480a3c4dc6a975309d"), 1);
    QCOMPARE(rows.size(), 5);
}

void CliJoinsTest::orderOfInputsChangesNothing() {
    QStringList ids{"azfw", "otlp", "litellm", "llm-chunk-2", "llm-chunk-1", "gw-429", "llm-header-row", "gw-export"};
    const auto rowsIn = [&] {
        auto rows = rowsOfRecords(ids);
        for (QJsonObject& row : rows) // follows the inputs where one log knows as much as the other
            row["joined_with"] = QJsonArray::fromStringList(sorted(texts(row.value("joined_with"))));
        return rows;
    };
    const auto forward = rowsIn();
    std::ranges::reverse(ids);
    QCOMPARE(rowsIn(), forward);
    QCOMPARE(forward.size(), 2);
}

void CliJoinsTest::totalsCountTheCallOnce() {
    const QStringList files = filesOf({"gw-export", "llm-header-row", "litellm", "otlp"});
    const GscopeResult result =
        runGscope(QStringList{"groups", "--by", "agent", "--format", "jsonl"} + files, m_folder.path());
    const auto groups = jsonLines(result.out);
    QCOMPARE(groups.size(), 1);
    QCOMPARE(groups.first().value("agent").toString(), "demo-agent");
    QCOMPARE(groups.first().value("exchanges").toInt(), 1);
    QCOMPARE(groups.first().value("total_tokens").toInt(), 690);
}

void CliJoinsTest::rowsOfOneLogInAnyOrder_data() {
    QTest::addColumn<QByteArray>("text");
    const QStringList ids{"llm-chunk-2", "gw-export", "llm-chunk-1", "llm-header-row", "llm-chunk-1"}; // one twice
    QByteArray lines;
    QJsonArray list;
    for (const QString& id : ids) {
        lines += compact(sampleRecord(id));
        list << sampleRecord(id);
    }
    QTest::newRow("one a line") << lines;
    QTest::newRow("a list") << QJsonDocument(list).toJson();
    QTest::newRow("records") << QJsonDocument(QJsonObject{{"records", list}}).toJson(QJsonDocument::Compact);
}

void CliJoinsTest::rowsOfOneLogInAnyOrder() {
    QFETCH(QByteArray, text);
    writeFile(m_folder.filePath("log.json"), text);
    const auto rows = rowsOf({"log.json"});
    QCOMPARE(rows.size(), 1);
    QCOMPARE(rulesOf(rows.first()), QStringList{"correlation-id"});
    QCOMPARE(rows.first().value("total_tokens").toInt(), 690);
    // The chunks are whole, so nothing was cut.
    QVERIFY(!texts(rows.first().value("findings")).contains("log.truncated"));
}

void CliJoinsTest::eachRuleAlone_data() {
    QTest::addColumn<QStringList>("ids");
    QTest::addColumn<QString>("rule");
    QTest::newRow("model log") << QStringList{"gw-export", "llm-header-row"} << "correlation-id";
    QTest::newRow("table of the model log") << QStringList{"gw-export", "llm-table-row"} << "correlation-id";
    QTest::newRow("answer of a query") << QStringList{"gw-export", "la-api"} << "correlation-id";
    QTest::newRow("span") << QStringList{"gw-export", "otlp"} << "traceparent";
    QTest::newRow("spend log") << QStringList{"llm-header-row", "litellm"} << "response-id";
    QTest::newRow("firewall") << QStringList{"gw-export", "azfw"} << "client-port";
}

void CliJoinsTest::eachRuleAlone() {
    QFETCH(QStringList, ids);
    QFETCH(QString, rule);
    const auto rows = rowsOfRecords(ids);
    QCOMPARE(rows.size(), 1);
    QCOMPARE(rulesOf(rows.first()), QStringList{rule});
    QCOMPARE(rows.first().value("join_certainty").toString(), "sure");
}

void CliJoinsTest::whatOnlyLooksAlikeStaysApart_data() {
    QTest::addColumn<QStringList>("ids");
    QTest::addColumn<QJsonObject>("changed"); // instead of the last of them
    QTest::addColumn<int>("calls");
    QJsonObject other = sampleRecord("llm-header-row");
    other["correlationId"] = "b6f1c0de-0001-4a00-8000-000000000009";
    QTest::newRow("another correlation id") << QStringList{"gw-export", "llm-header-row"} << other << 2;

    QJsonObject span = sampleRecord("otlp");
    QByteArray text =
        QJsonDocument(span).toJson().replace("62ff160923b2c1724242c037be40e7cb", "0af7651916cd43dd8448eb211c80319c");
    QTest::newRow("another trace") << QStringList{"gw-export", "otlp"} << QJsonDocument::fromJson(text).object() << 2;

    other = sampleRecord("litellm");
    other["request_id"] = "chatcmpl-2";
    QTest::newRow("another answer") << QStringList{"llm-header-row", "litellm"} << other << 2;

    other = sampleRecord("azfw");
    other["SourcePort"] = 10096;
    QTest::newRow("another port") << QStringList{"gw-export", "azfw"} << other << 1;
    other = sampleRecord("azfw");
    other["TimeGenerated"] = "2026-01-14T10:00:00Z"; // ports are used again within minutes
    QTest::newRow("the same port a day before") << QStringList{"gw-export", "azfw"} << other << 1;

    QTest::newRow("a refused call") << QStringList{"gw-export", "gw-429"} << sampleRecord("gw-429") << 2;
    QTest::newRow("5 s apart") << QStringList{"gw-429", "apim-trace"} << sampleRecord("apim-trace") << 2;
    QTest::newRow("another path") << QStringList{"gw-export", "kong"} << sampleRecord("kong") << 2;
    QTest::newRow("two gateways at the same time") << QStringList{"kong", "envoy-ai"} << sampleRecord("envoy-ai") << 2;
    QTest::newRow("the backend's own id") << QStringList{"gw-export", "aoai-diag"} << sampleRecord("aoai-diag") << 2;
}

void CliJoinsTest::whatOnlyLooksAlikeStaysApart() {
    QFETCH(QStringList, ids);
    QFETCH(QJsonObject, changed);
    QFETCH(int, calls);
    writeFile(m_folder.filePath("changed.json"), compact(changed));
    QStringList files = filesOf(ids);
    files.last() = "changed.json";
    const auto rows = rowsOf(files);
    QCOMPARE(rows.size(), calls);
    for (const QJsonObject& row : rows) QVERIFY2(!row.contains("joined_by"), QJsonDocument(row).toJson().constData());
}

void CliJoinsTest::metricsAndFlowsAreNoCalls() {
    QCOMPARE(rowsOfRecords({"appmetrics", "azfw"}).size(), 0);
    QCOMPARE(runGscope(QStringList{"exchanges"} + filesOf({"appmetrics", "azfw"}), m_folder.path()).status, 0);
}

namespace {

/// Rows of a table; `-` is "not there" and is left out.
QList<QMap<QString, QString>> tableRows(const QString& path) {
    QList<QMap<QString, QString>> rows;
    QStringList names;
    for (const QString& line : QString::fromUtf8(readFile(path)).split('\n', Qt::SkipEmptyParts)) {
        const QStringList cells = line.split('\t');
        if (names.isEmpty()) {
            names = cells;
            continue;
        }
        QMap<QString, QString>& row = rows.emplace_back();
        for (qsizetype i = 0; i < std::min(cells.size(), names.size()); ++i)
            if (cells[i] != "-") row[names[i]] = cells[i];
    }
    return rows;
}

QString nameAndVersion(const QJsonObject& row) {
    return row.value("agent").toString() + ":" + row.value("agent_version").toString();
}

/// Whether a joined row is the call that the table has. The hop in the clear adds its peer to the forwarded hops.
bool isCall(const QJsonObject& row, const QMap<QString, QString>& call) {
    const QStringList hops = call.value("forwarded_for").split(';');
    if (nameAndVersion(row) != call.value("agent") || row.value("project") != call.value("project") ||
        row.value("project_id") != call.value("project_id") || row.value("method") != call.value("method") ||
        row.value("path") != call.value("path").section('?', 0, 0) ||
        QString::number(row.value("status").toInt()) != call.value("status") ||
        row.value("connection").toString() + "/" + row.value("model").toString() != call.value("model_header") ||
        texts(row.value("forwarded_for")).mid(0, hops.size()) != hops)
        return false;
    QStringList counts{"output_tokens", "cached_tokens", "reasoning_tokens"};
    // Anthropic's own counts leave out what came from the cache.
    if (call.value("api") != "messages") counts += {"input_tokens", "total_tokens"};
    return std::ranges::all_of(counts, [&](const QString& count) {
        const QString got = row.contains(count) ? QString::number(row.value(count).toInteger()) : QString();
        return got == call.value(count);
    });
}

} // namespace

/// The capture itself, or a copy of a pcapng without its decryption secrets blocks, so that only the log tells what is
/// in its encrypted connections.
QString CliJoinsTest::withoutSecrets(const QString& capture) const {
    if (!capture.endsWith(".pcapng")) return capture;
    constexpr std::uint32_t kSecrets = 10;
    const QByteArray bytes = readFile(capture);
    QByteArray kept;
    const auto little = [&](qsizetype at) { return qFromLittleEndian<std::uint32_t>(bytes.constData() + at); };
    for (qsizetype at = 0; at + 12 <= bytes.size(); at += little(at + 4))
        if (little(at) != kSecrets) kept += bytes.mid(at, little(at + 4));
    const QString path = m_folder.filePath("sealed.pcapng");
    writeFile(path, kept);
    return path;
}

void CliJoinsTest::replays_data() {
    QTest::addColumn<QString>("capture");
    QTest::addColumn<QString>("stem");
    const QDir folder(sharedFolder() + "/corpus/replays");
    for (const QString& table : folder.entryList({"*.expected.tsv"}, QDir::Files)) {
        const QString stem = folder.filePath(table.chopped(int(qstrlen(".expected.tsv"))));
        const QString capture = stem + (QFile::exists(stem + ".pcap") ? ".pcap" : ".pcapng");
        QTest::newRow(qPrintable(table)) << capture << stem;
    }
}

/// Each call that the table has with an answer is one row of capture and log together, and there is no other row.
void CliJoinsTest::replays() {
    if (!QTest::currentDataTag()) QSKIP("the recordings are not here; lab_samples joins the project's own");
    QFETCH(QString, capture);
    QFETCH(QString, stem);
    const auto rows = rowsOf({withoutSecrets(capture), stem + ".gateway-access.jsonl"});
    auto calls = tableRows(stem + ".expected.tsv");
    calls.removeIf([](const auto& call) { return !call.contains("status"); }); // never reached the gateway
    const auto logged = jsonLines(readFile(stem + ".gateway-access.jsonl"));
    QCOMPARE(logged.size(), calls.size());
    QCOMPARE(rows.size(), calls.size());
    for (const QJsonObject& row : rows) {
        const auto found = std::ranges::find_if(calls, [&](const auto& call) { return isCall(row, call); });
        QVERIFY2(found != calls.end(), QJsonDocument(row).toJson().constData());
        calls.erase(found);
        // The gateway answered one call itself: only the encrypted connection tells of it, by address and port.
        const QJsonObject log = rowWith(logged, "traceparent", row.value("traceparent"));
        QVERIFY(!log.isEmpty());
        const bool byGateway = log.value("upstream_addr").toString().isEmpty();
        QVERIFY2(rulesOf(row).contains(byGateway ? "client-port" : "traceparent"),
                 QJsonDocument(row).toJson().constData());
        QCOMPARE(row.value("join_certainty").toString(), "sure");
        if (byGateway)
            QCOMPARE(row.value("client").toString(),
                     log.value("remote_addr").toString() + ":" + log.value("remote_port").toString());
    }
}

/// What has no other half is counted and told: the connections that tshark saw TLS on, less those that the log names.
void CliJoinsTest::replaysAreCounted() {
    if (!QTest::currentDataTag()) QSKIP("the recordings are not here");
    QFETCH(QString, capture);
    QFETCH(QString, stem);
    const auto logged = jsonLines(readFile(stem + ".gateway-access.jsonl"));
    QSet<QString> named;
    for (const QJsonObject& entry : logged) named << entry.value("remote_port").toString();
    qsizetype encrypted = 0;
    for (const QByteArray& line : readFile(capture + ".truth.tsv").split('\n')) encrypted += line.startsWith("tls\t");
    QVERIFY(encrypted > 0);

    const QStringList inputs{withoutSecrets(capture), stem + ".gateway-access.jsonl"};
    const GscopeResult summary = runGscope(QStringList{"summary", "--format", "json"} + inputs, m_folder.path());
    const QJsonArray joins = QJsonDocument::fromJson(summary.out).object().value("joins").toArray();
    QCOMPARE(joins.size(), 2);
    QCOMPARE(joins[0].toObject().value("unreadable_connections").toInteger(), encrypted);
    QCOMPARE(joins[0].toObject().value("explained_connections").toInteger(), named.size());
    QCOMPARE(joins[1].toObject().value("joined").toInteger(), logged.size());
    QCOMPARE(joins[1].toObject().value("unjoined").toInteger(-1), 0);
    const GscopeResult findings = runGscope(QStringList{"findings", "--format", "jsonl"} + inputs, m_folder.path());
    QCOMPARE(countOf(jsonLines(findings.out), "id", "join.no-log"), encrypted - named.size());
}

/// Without keys and without the hop in the clear: the connections of the sample, and what its gateway logged.
void CliJoinsTest::connectionsThatNobodyCouldRead() {
    const QDir samples(GATESCOPE_SOURCE_DIR "/resources/samples");
    const QString capture = samples.filePath("foundry-gateway-tls13-sealed.pcapng");
    const QString log = samples.filePath("foundry-gateway-tls13.gateway-access.jsonl");
    const auto logged = jsonLines(readFile(log));
    const auto rows = rowsOf({capture, log});
    QCOMPARE(rows.size(), logged.size());
    QMap<QString, qint64> flows;
    for (const QJsonObject& entry : logged) {
        const QJsonObject row = rowWith(rows, "traceparent", entry.value("traceparent"));
        const QString peer = entry.value("remote_addr").toString() + ":" + entry.value("remote_port").toString();
        QCOMPARE(row.value("client").toString(), peer);
        QVERIFY(row.contains("flow"));
        QCOMPARE(flows.value(peer, row.value("flow").toInteger()), row.value("flow").toInteger());
        flows[peer] = row.value("flow").toInteger();
        QVERIFY(row.contains("joined_by"));
        QVERIFY(!row.contains("total_tokens")); // neither the packets nor this log know them
    }
    // One flow each: no two connections became one.
    QList<qint64> numbers = flows.values();
    std::ranges::sort(numbers);
    QVERIFY(std::ranges::adjacent_find(numbers) == numbers.end());
}

QTEST_APPLESS_MAIN(CliJoinsTest)
#include "cli_joins_test.moc"

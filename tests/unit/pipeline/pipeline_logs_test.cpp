// SPDX-License-Identifier: Apache-2.0
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/analysis/joining.h"
#include "core/path/trust.h"
#include "tests/unit/pipeline/captures.h"

#include <algorithm>
#include <fmt/format.h>
#include <stop_token>

using namespace gatescope;
using namespace gatescope::test;
using analysis::FieldId;
using pipeline::RunOptions;

namespace {

/// A row of the gateway log and, for each second call, the two rows of the model log, as Azure Monitor writes them.
std::string apimLog(int calls) {
    std::string log;
    for (int i = 0; i < calls; ++i) {
        const std::string time = fmt::format("2026-01-15T10:{:02}:{:02}.000Z", i / 60 % 60, i % 60);
        log += fmt::format(
            R"({{"time":"{}","category":"GatewayLogs","operationName":"Microsoft.ApiManagement/GatewayLogs",)"
            R"("correlationId":"c-{}","durationMs":100,"callerIpAddress":"10.0.9.213","properties":{{"method":"POST",)"
            R"("url":"https://gw.example/openai/deployments/gpt-4o/chat/completions","responseCode":200,)"
            R"("requestHeaders":{{"openai-project":"p{}","x-forwarded-for":"100.64.9.87, 10.0.9.213:{}"}}}}}})",
            time, i, i % 7, 10'000 + i);
        log += '\n';
        if (i % 2 != 0) continue;
        log += fmt::format(R"({{"time":"{}","category":"GatewayLlmLogs","correlationId":"c-{}","properties":)"
                           R"({{"requestId":"r-{}","modelName":"gpt-4o","deploymentName":"gpt-4o","promptTokens":10,)"
                           R"("completionTokens":2,"totalTokens":12,"sequenceNumber":0}}}})",
                           time, i, i);
        log += '\n';
    }
    return log;
}

struct Analysed {
    pipeline::RunResult result;
    analysis::Snapshot snapshot;
};

Analysed analysed(const std::vector<std::string>& paths, const RunOptions& options = {}, std::stop_token stop = {}) {
    analysis::Dataset dataset(paths);
    Analysed done;
    done.result = pipeline::analyse(paths, dataset, options, std::move(stop));
    done.snapshot = dataset.snapshot();
    return done;
}

std::string rowsOf(const analysis::Snapshot& snapshot) {
    std::string text;
    for (const analysis::Row row : snapshot.order()) {
        for (const FieldId field : {FieldId::Source, FieldId::Project, FieldId::CorrelationId, FieldId::JoinedBy,
                                    FieldId::JoinedWith, FieldId::EffectiveClient})
            text += fmt::format("{} ", snapshot.text(snapshot.code(field, row)));
        for (const FieldId field : {FieldId::Id, FieldId::Time, FieldId::Line, FieldId::TotalTokens})
            text += fmt::format("{} ", snapshot.number(field, row));
        text += '\n';
    }
    for (const analysis::PlacedFinding& placed : snapshot.findings())
        text += fmt::format("{} {}\n", placed.finding.kind->id, placed.finding.line.value_or(0));
    return text;
}

std::size_t countOf(const analysis::Snapshot& snapshot, std::string_view id) {
    return static_cast<std::size_t>(std::ranges::count_if(
        snapshot.findings(), [&](const analysis::PlacedFinding& placed) { return placed.finding.kind->id == id; }));
}

} // namespace

class PipelineLogsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aLogIsReadBesideNothing() {
        const auto done = analysed({m_folder.write("ten.log", apimLog(10))});
        const auto& input = done.result.inputs.front();
        QVERIFY(!input.error && input.isLog);
        QCOMPARE(input.packets, std::uint64_t{15}); // 10 calls, 5 rows of the model log
        QCOMPARE(done.snapshot.exchanges(), std::size_t{10});
        QCOMPARE(countOf(done.snapshot, "log.damaged-record"), std::size_t{0});
        const auto first = *done.snapshot.rowOfId(1);
        QCOMPARE(done.snapshot.number(FieldId::TotalTokens, first), std::int64_t{12});
        QCOMPARE(done.snapshot.text(done.snapshot.code(FieldId::JoinedBy, first)), std::string_view("correlation-id"));
        QCOMPARE(done.snapshot.number(FieldId::TotalTokens, *done.snapshot.rowOfId(2)), analysis::kNoNumber);
    }

    void threadsMakeNoDifference() {
        std::string log = apimLog(9'000); // several pieces
        log.replace(log.find('\n', log.size() / 2) + 1, 40, "{\"time\": no json at all, whatever it was");
        const std::string path = m_folder.write("many.log", log);
        const auto first = analysed({path}, {.threads = 1});
        QVERIFY(first.result.inputs.front().error->kind == ErrorKind::Damaged); // exit status 4: read in part
        const std::string one = rowsOf(first.snapshot);
        QVERIFY(one.find("log.damaged-record") != std::string::npos);
        for (const unsigned threads : {2U, 8U}) QVERIFY(rowsOf(analysed({path}, {.threads = threads}).snapshot) == one);
    }

    void rowsOfACallMayLieInTwoLogs() {
        const std::string log = apimLog(2);
        const auto middle = log.find('\n') + 1;
        const auto done =
            analysed({m_folder.write("a.log", log.substr(middle)), m_folder.write("b.log", log.substr(0, middle))});
        QCOMPARE(done.snapshot.exchanges(), std::size_t{2});
        QCOMPARE(done.snapshot.joins().calls.size(), std::size_t{1});
    }

    void trustDecidesWhoCalled() {
        const std::string path = m_folder.write("trust.log", apimLog(1));
        const auto clientOf = [](const analysis::Snapshot& snapshot) {
            return snapshot.text(snapshot.code(FieldId::EffectiveClient, *snapshot.rowOfId(1)));
        };
        const auto nobody = analysed({path});
        QCOMPARE(clientOf(nobody.snapshot), std::string_view("10.0.9.213"));
        auto trust = std::make_shared<path::Trust>();
        trust->subnets.push_back(path::parseTrusted("10.0.9.0/24").value());
        RunOptions options;
        options.trust = trust;
        const auto trusting = analysed({path}, options);
        QCOMPARE(clientOf(trusting.snapshot), std::string_view("100.64.9.87"));
    }

    void trustMayChangeAfterReading() {
        const std::vector<std::string> paths{m_folder.write("later.log", apimLog(3))};
        analysis::Dataset dataset(paths);
        pipeline::analyse(paths, dataset, {});
        const analysis::Snapshot before = dataset.snapshot();
        auto trust = std::make_shared<path::Trust>();
        trust->subnets.push_back(path::parseTrusted("10.0.9.0/24").value());
        dataset.setTrust(trust);
        const analysis::Snapshot after = dataset.snapshot();
        const auto clientOf = [](const analysis::Snapshot& snapshot) {
            return snapshot.text(snapshot.code(FieldId::EffectiveClient, *snapshot.rowOfId(1)));
        };
        QCOMPARE(clientOf(before), std::string_view("10.0.9.213")); // an older snapshot stays as it was
        QCOMPARE(clientOf(after), std::string_view("100.64.9.87"));
        QCOMPARE(after.exchanges(), before.exchanges());
    }

    void aStopKeepsWhatWasRead() {
        std::stop_source stop;
        stop.request_stop();
        const auto done = analysed({m_folder.write("stopped.log", apimLog(5))}, {}, stop.get_token());
        QVERIFY(done.result.stopped);
        QCOMPARE(done.snapshot.exchanges(), std::size_t{0});
    }

    void textThatIsNoLogIsNotOpened() {
        const auto done = analysed({m_folder.write("prose.txt", "It was a dark and stormy night.\nNothing called.\n")});
        QVERIFY(done.result.inputs.front().error);
        QVERIFY(done.result.inputs.front().error->kind == ErrorKind::UnknownFormat);
    }

private:
    CaptureFolder m_folder;
};

QTEST_APPLESS_MAIN(PipelineLogsTest)
#include "pipeline_logs_test.moc"

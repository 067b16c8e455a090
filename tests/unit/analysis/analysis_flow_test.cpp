// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/reconciliation.h"
#include "core/analysis/token_flow.h"
#include "tests/unit/analysis/records.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

/// Six calls: project a has 100 + 50 + 7 tokens, b has 80 (its second call is unknown), one call names no project.
std::vector<ExchangeRecord> calls() {
    return {callAt(kStart, "a", "x", "gpt-4o", 100),      callAt(kStart + kMs, "a", "y", "gpt-4o", 50),
            callAt(kStart + 2 * kMs, "a", "x", "o3", 7),  callAt(kStart + 3 * kMs, "b", "z", "gpt-4o", 80),
            callAt(kStart + 4 * kMs, "b", "z", "o3", {}), callAt(kStart + 5 * kMs, "", "", "gpt-4o", 1)};
}

QString nameOf(const FlowNode& node) {
    if (node.merged != 0) return QString("other%1").arg(node.merged);
    return node.name ? QString::fromStdString(*node.name) : QString("-");
}

QString nodesOf(const TokenFlow& flow) {
    QStringList parts;
    for (const FlowNode& node : flow.nodes)
        parts << QString("%1/%2:%3").arg(node.layer).arg(nameOf(node)).arg(node.size);
    return parts.join(' ');
}

QString linksOf(const TokenFlow& flow) {
    QStringList parts;
    for (const FlowLink& link : flow.links)
        parts << QString("%1>%2:%3").arg(nameOf(flow.nodes[link.from]), nameOf(flow.nodes[link.to])).arg(link.size);
    return parts.join(' ');
}

TokenFlow flowOf(const Snapshot& snapshot, std::string_view by, FlowOptions options = {}) {
    options.fields = parseFields(by).value();
    return tokenFlow(snapshot, snapshot.order(), options);
}

} // namespace

class AnalysisFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void linksFromEachFieldToTheNext() {
        const Snapshot snapshot = snapshotOf(calls());
        const TokenFlow flow = flowOf(snapshot, "project,agent,model");
        QCOMPARE(nodesOf(flow), QString("0/a:157 0/b:80 0/-:1 1/x:107 1/z:80 1/y:50 1/-:1 2/gpt-4o:231 2/o3:7"));
        QCOMPARE(linksOf(flow), QString("a>x:107 b>z:80 a>y:50 ->-:1 x>gpt-4o:100 z>gpt-4o:80 y>gpt-4o:50 x>o3:7 "
                                        "->gpt-4o:1 z>o3:0"));
        QCOMPARE(flow.totals.totalTokens, std::int64_t{238});
    }

    void everyLayerHoldsEverything() {
        const Snapshot snapshot = snapshotOf(calls());
        for (const std::size_t top : {0U, 1U, 2U}) {
            FlowOptions options;
            options.top = top;
            const TokenFlow flow = flowOf(snapshot, "project,agent,model,status", options);
            std::array<std::size_t, 4> rows{};
            std::array<std::int64_t, 4> tokens{};
            for (const FlowNode& node : flow.nodes) {
                rows[node.layer] += node.rows.size();
                tokens[node.layer] += node.totals.totalTokens;
                QCOMPARE(node.rows.size(), static_cast<std::size_t>(node.totals.exchanges));
            }
            for (std::size_t layer = 0; layer < 4; ++layer) {
                QCOMPARE(rows[layer], std::size_t{6});
                QCOMPARE(tokens[layer], std::int64_t{238});
            }
            std::array<std::uint64_t, 4> linked{};
            for (const FlowLink& link : flow.links) {
                QCOMPARE(flow.nodes[link.to].layer, flow.nodes[link.from].layer + 1);
                linked[flow.nodes[link.from].layer] += link.totals.exchanges;
            }
            QCOMPARE(linked[0], std::uint64_t{6});
            QCOMPARE(linked[2], std::uint64_t{6});
        }
    }

    void theRestIsOneNode() {
        FlowOptions options;
        options.top = 1;
        const Snapshot snapshot = snapshotOf(calls());
        const TokenFlow flow = flowOf(snapshot, "agent,model", options);
        // Of the models there are two: one alone would be no "other".
        QCOMPARE(nodesOf(flow), QString("0/x:107 0/other3:131 1/gpt-4o:231 1/o3:7"));
        QCOMPARE(linksOf(flow), QString("other3>gpt-4o:131 x>gpt-4o:100 x>o3:7 other3>o3:0"));
    }

    void byExchangesAndByWeight() {
        const Snapshot snapshot = snapshotOf(calls());
        FlowOptions options;
        options.measure = FlowMeasure::Exchanges;
        QCOMPARE(nodesOf(flowOf(snapshot, "project", options)), QString("0/a:3 0/b:2 0/-:1"));
        const double unknown = std::numeric_limits<double>::quiet_NaN();
        const std::vector<double> cost{0.5, 0.25, unknown, 2, 1, unknown};
        options.measure = FlowMeasure::Weight;
        options.weights = cost;
        QCOMPARE(nodesOf(flowOf(snapshot, "project", options)), QString("0/b:3 0/a:0.75 0/-:0"));
    }

    void noRowsNoNodes() {
        const Snapshot snapshot = snapshotOf(calls());
        FlowOptions options;
        options.fields = parseFields("project,agent").value();
        const TokenFlow flow = tokenFlow(snapshot, {}, options);
        QVERIFY(flow.nodes.empty() && flow.links.empty());
        QCOMPARE(flow.totals.exchanges, std::uint64_t{0});
    }

    void secretsAreMasked() {
        ExchangeRecord record = callAt(kStart, "a", "x", "m", 1);
        record.http.request.headers.add("api-key", "0123456789abcdef");
        const Snapshot snapshot = snapshotOf({record});
        QVERIFY(!nodesOf(flowOf(snapshot, "header:api-key,model")).contains("0123456789abcdef"));
        FlowOptions options;
        options.reveal = true;
        QVERIFY(nodesOf(flowOf(snapshot, "header:api-key,model", options)).contains("0123456789abcdef"));
    }

    void reconcilesSources() {
        // 100 reported and 120 by the gateway; 40 by the gateway alone; 30 reported alone; 9 estimated; one unknown.
        auto both = callAt(kStart, "a", "x", "m", 100);
        both.call.limit.gatewayTokens = 120;
        auto gateway = callAt(kStart, "a", "x", "m", {});
        gateway.call.limit.gatewayTokens = 40;
        gateway.call.usage.total = 40;
        gateway.call.usage.source = llm::TokenSource::Gateway;
        auto estimated = callAt(kStart, "a", "x", "m", 9);
        estimated.call.usage.source = llm::TokenSource::Estimated;
        const Snapshot snapshot = snapshotOf({both, gateway, callAt(kStart, "a", "x", "m", 30), estimated,
                                              callAt(kStart, "a", "x", "m", {}), exchangeAt(kStart)});
        const TokenAccounts accounts = reconcile(snapshot, snapshot.order());
        QCOMPARE(accounts.reported, std::int64_t{130});
        QCOMPARE(accounts.reportedCalls, std::uint64_t{2});
        QCOMPARE(accounts.gateway, std::int64_t{160});
        QCOMPARE(accounts.gatewayCalls, std::uint64_t{2});
        QCOMPARE(accounts.estimated, std::int64_t{9});
        QCOMPARE(accounts.logCalls, std::uint64_t{0});
        QCOMPARE(accounts.unknownCalls, std::uint64_t{1});
        QCOMPARE(accounts.bothCalls, std::uint64_t{1});
        QCOMPARE(accounts.difference, std::int64_t{20});
    }
};

QTEST_APPLESS_MAIN(AnalysisFlowTest)
#include "analysis_flow_test.moc"

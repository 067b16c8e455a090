// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include "core/cost/attribution.h"

#include <QtTest>

using namespace gatescope;
using namespace gatescope::cost;
using namespace gatescope::cost::test;

namespace {

/// Level and evidence of one request.
QString attributed(Headers headers, int status = 200, const char* caller = "") {
    auto record = azureCall(kStart, "gpt-4o", 1, 1, std::move(headers));
    record.http.response.status = status;
    record.call.identity.caller = caller;
    Attributor attributor(snapshotOf({record}));
    const Attribution attribution = attributor.of(0);
    if (attributor.level(0) != attribution.level) return "two levels";
    return QString::fromStdString(std::string(toString(attribution.level)) + ": " + attribution.evidence);
}

/// The centre of one request, or `-`.
QString centre(const std::string& rules, analysis::ExchangeRecord record) {
    CostCentres centres(snapshotOf({std::move(record)}),
                        tableOf(tableText(R"({"match":"*","rates":{"input":1}})", ",\"costCentres\":[" + rules + "]")));
    const auto found = centres.of(0);
    return found ? QString::fromStdString(std::string(*found)) : QString("-");
}

} // namespace

class CostAttributionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void claims() {
        QCOMPARE(attributed({}), "F: nothing but the address of the client");
        QCOMPARE(attributed({{"OpenAI-Project", "alpha"}}), "F: openai-project");
        QCOMPARE(attributed({{"x-ms-foundry-project-id", "1"}, {"x-ms-foundry-agent-id", "a:5"}}),
                 "F: x-ms-foundry-project-id; x-ms-foundry-agent-id; no evidence of the data proxy");
        QCOMPARE(attributed({}, 200, "app-1"), "F: bearer token, not verified");
        // An address in the shared range alone proves nothing: any host can write it (network-path.md 4).
        QVERIFY(attributed({{"x-ms-foundry-project-id", "1"}, {"x-forwarded-for", "100.64.9.87, 10.0.9.213:10095"}})
                    .startsWith("F"));
        // A container app of another name is not the data proxy.
        QVERIFY(attributed({{"x-ms-foundry-project-id", "1"}, {"x-k8se-app-name", "shop--abc"}}).startsWith("F"));
    }

    void foundryWithEvidenceOfThePath() {
        const Headers all{{"X-MS-Foundry-Project-Id", "1"},
                          {"X-K8SE-App-Name", "j8820-dataproxy--vuww7ja"},
                          {"x-forwarded-path", "/v1/https/gw/openai/deployments/gpt-4o/chat/completions"},
                          {"x-forwarded-for", "100.64.9.87;10.0.9.213:10095"}};
        QCOMPARE(attributed(all), "C: x-ms-foundry-project-id; x-k8se-app-name names a data proxy; x-forwarded-path is "
                                  "that of the data proxy; x-forwarded-for begins in 100.64.0.0/10");
        QVERIFY(attributed({{"openai-project", "p"}, {"x-ms-containerapp-name", "a-dataproxy"}}).startsWith("C"));
        QVERIFY(attributed({{"openai-project", "p"}, {"x-forwarded-path", "/v1/http/gw/x"}}).startsWith("C"));
        // The proxy without a payer says nothing of a payer.
        QVERIFY(attributed({{"x-k8se-app-name", "j8820-dataproxy--vuww7ja"}}).startsWith("F"));
    }

    void gateways() {
        QCOMPARE(attributed({{"x-consumer-username", "team-a"}}), "D: x-consumer-username");
        QCOMPARE(attributed({{"x-entra-app-id", "app-1"}}), "E: x-entra-app-id");
        QCOMPARE(attributed({{"x-caller-team", "a"}, {"x-user-id-hash", "h"}}), "E: x-user-id-hash; x-caller-*");
    }

    void aValidatedToken() {
        QVERIFY(attributed({{"x-entra-app-id", "app-1"}}, 200, "app-1").startsWith("A"));
        // Refused, or another application: not what a gateway that validates would have done.
        QVERIFY(attributed({{"x-entra-app-id", "app-1"}}, 401, "app-1").startsWith("E"));
        QVERIFY(attributed({{"x-entra-app-id", "app-2"}}, 200, "app-1").startsWith("E"));
        QVERIFY(attributed({{"x-entra-app-id", ""}}, 200, "").startsWith("F"));
    }

    void costCentres() {
        auto record = azureCall(kStart, "gpt-4o", 1, 1, {{"X-Team", "Blue"}});
        record.call.identity.projectId = "455cbebf-a0bc";
        record.call.identity.agent = "Reader";
        const std::string byProject = R"({"when":{"projectId":"455CBEBF-*"},"centre":"CC-100"})";
        const std::string byApp = R"({"when":{"appId":"*"},"centre":"CC-APPS"})";
        QCOMPARE(centre(byApp + "," + byProject, record), "CC-100"); // no app id: `*` is any value, not none
        QCOMPARE(centre(byApp, record), "-");
        record.call.identity.caller = "app";
        QCOMPARE(centre(byApp + "," + byProject, record), "CC-APPS"); // the first that matches
        QCOMPARE(centre(byProject + "," + byApp, record), "CC-100");
        QCOMPARE(centre(R"({"when":{"agent":"read*","project_id":"x"},"centre":"1"})", record), "-"); // all must hold
        QCOMPARE(centre(R"({"when":{"agent":"read*","header:x-team":"blue"},"centre":"1"})", record), "1");
        QCOMPARE(centre(R"({"when":{"header:x-other":"*"},"centre":"1"})", record), "-");
        QCOMPARE(centre(R"({"when":{},"centre":"rest"})", record), "rest");
        QCOMPARE(centre("", record), "-");
    }
};

QTEST_APPLESS_MAIN(CostAttributionTest)
#include "cost_attribution_test.moc"

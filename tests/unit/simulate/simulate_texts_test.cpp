// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/dimension_preview.h"
#include "core/simulate/gateway_expression.h"
#include "core/simulate/key_advisor.h"
#include "core/simulate/policy_text.h"
#include "tests/unit/analysis/records.h"

#include <QXmlStreamReader>
#include <QtTest>

using namespace gatescope;
using namespace gatescope::simulate;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

ExchangeRecord call(int number, const std::string& project, const std::string& agent, std::int64_t tokens,
                    Headers headers = {}, const char* path = "/openai/v1/chat/completions") {
    auto record = exchangeAt(kStart + number * kMs, path, std::move(headers));
    record.call.api = "openai.chat";
    record.call.identity.project = record.call.identity.projectId = project;
    record.call.identity.agent = agent;
    record.call.model = "gpt-4o";
    record.call.usage.input = record.call.usage.total = tokens;
    return record;
}

/// Elements with their attributes, entities resolved: `name attribute=value ...`. Fails on XML that is not well-formed.
QStringList elements(const std::string& xml) {
    QXmlStreamReader reader(QByteArray::fromStdString(xml));
    QStringList list;
    while (!reader.atEnd()) {
        if (reader.readNext() != QXmlStreamReader::StartElement) continue;
        QString text = reader.name().toString();
        for (const auto& attribute : reader.attributes())
            text += ' ' + attribute.name().toString() + '=' + attribute.value().toString();
        list << text;
    }
    if (reader.hasError()) list << "not well-formed: " + reader.errorString();
    return list;
}

LimitPolicy policyOf(std::string_view key) {
    LimitPolicy policy;
    policy.key = parseFields(key).value();
    policy.tokensPerMinute = 10'000;
    return policy;
}

QString ids(const std::vector<Finding>& findings) {
    QStringList list;
    for (const Finding& finding : findings) list << QString::fromLatin1(finding.kind->id.data());
    return list.join(' ');
}

QString text(std::string_view view) {
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

/// Texts with many quotes are written with backticks here.
QString quoted(const char* text) {
    return QString(text).replace('`', '"');
}

/// What project_id and agent give, by the reference of set-variable and llm-token-limit.
QStringList expectedPolicy() {
    return {"fragment",
            quoted("set-variable name=tokens-by-project_id value=@{ return context.Request.Headers.GetValueOrDefault("
                   "`x-ms-foundry-project-id`, `none`); }"),
            quoted("set-variable name=tokens-by-agent value=@{ string id = context.Request.Headers.GetValueOrDefault("
                   "`x-ms-foundry-agent-id`, `none`); int at = id.LastIndexOf(':'); "
                   "return at < 0 ? id : id.Substring(0, at); }"),
            quoted("llm-token-limit counter-key=@((string)context.Variables[`tokens-by-project_id`] + `_` + "
                   "(string)context.Variables[`tokens-by-agent`]) tokens-per-minute=10000 estimate-prompt-tokens=true "
                   "remaining-tokens-header-name=x-apim-remaining-token "
                   "tokens-consumed-header-name=x-apim-tokens-consumed")};
}

} // namespace

class SimulateTextsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The shape is that of the policy's reference (llm-token-limit, set-variable).
    void limitPolicy() {
        const auto xml = limitPolicyXml(policyOf("project_id,agent"));
        QVERIFY(xml.has_value());
        QCOMPARE(elements(*xml), expectedPolicy());
    }

    void limitPolicyWithQuotaOnly() {
        LimitPolicy policy;
        policy.tokenQuota = 500;
        policy.period = QuotaPeriod::Monthly;
        policy.estimatePrompt = false;
        const QStringList list = elements(limitPolicyXml(policy).value());
        QCOMPARE(list.size(), 2);
        QCOMPARE(list[1], QString("llm-token-limit counter-key=all token-quota=500 token-quota-period=Monthly "
                                  "estimate-prompt-tokens=false "
                                  "remaining-quota-tokens-header-name=x-apim-remaining-quota-tokens "
                                  "tokens-consumed-header-name=x-apim-tokens-consumed"));
    }

    /// Every field either has an expression in well-formed XML, or an error that says so.
    void everyField() {
        int written = 0;
        for (const FieldInfo& info : fields()) {
            const auto xml = limitPolicyXml(policyOf(info.name));
            if (!xml) {
                QVERIFY2(xml.error().message.find(info.name) != std::string::npos, xml.error().message.c_str());
                continue;
            }
            ++written;
            const QStringList list = elements(*xml);
            QVERIFY2(list.size() == 3 && !list.back().startsWith("not"), qPrintable(list.join('\n')));
            QCOMPARE(list[1].count('{'), list[1].count('}'));
            QCOMPARE(list[1].count('('), list[1].count(')'));
            QCOMPARE(list[1].count('"') % 2, 0);
        }
        QVERIFY(written >= 12);
        QVERIFY(!limitPolicyXml(policyOf("output_tokens")).has_value());
    }

    void headerNamesCannotBreakOut() {
        Field hostile = field("header:x");
        for (const char* name : {"x\" y", "x>", "", "a b", "x\n", "\xff", "x\"/>"}) {
            hostile.header = name;
            QVERIFY(!gatewayExpression(hostile).has_value());
        }
        hostile.header = "x'&-"; // letters that RFC 9110 allows in a name
        LimitPolicy policy;
        policy.key = {hostile};
        policy.tokensPerMinute = 1;
        const QStringList list = elements(limitPolicyXml(policy).value());
        QVERIFY(list[1].contains(quoted("GetValueOrDefault(`x'&-`, `none`)")));
    }

    void secretsAreNoKeys() {
        const auto expression = gatewayExpression(field("header:Ocp-Apim-Subscription-Key")).value();
        QCOMPARE(expression.name, std::string("subscription_id"));
        QVERIFY(expression.policy.find("Subscription-Key") == std::string::npos);
    }

    void namesAreDistinct() {
        const auto expressions =
            gatewayExpressions(parseFields("header:x-a,header:x_a,client,effective_client").value());
        QVERIFY(expressions.has_value());
        QCOMPARE(expressions->at(0).name, std::string("x_a"));
        QCOMPARE(expressions->at(1).name, std::string("x_a_2"));
    }

    void metricPolicy() {
        const QStringList list = elements(metricPolicyXml(parseFields("project,model").value()).value());
        QCOMPARE(list.size(), 6);
        QCOMPARE(list[3], QString("llm-emit-token-metric namespace=llm-tokens"));
        QCOMPARE(list[4], quoted("dimension name=project value=@((string)context.Variables[`tokens-by-project`])"));
    }

    void kql() {
        const auto query = limitKql(policyOf("project_id,agent"));
        QVERIFY(query.has_value());
        for (const char* part :
             {"ApiManagementGatewayLogs\n", "ApiManagementGatewayLlmLog\n", ") on CorrelationId\n",
              "| extend project_id = iff(isempty(tostring(RequestHeaders[`x-ms-foundry-project-id`])), `none`",
              "by minute = bin(TimeGenerated, 1m), project_id, agent\n", "tokens > 10000\n"})
            QVERIFY2(text(*query).contains(quoted(part)), part);
        const auto without = limitKql(policyOf("caller"));
        QVERIFY(!without.has_value());
        QVERIFY(without.error().message.find("'caller'") != std::string::npos);
    }

    void giniByHand() {
        QVERIFY(!gini({}) && !gini({5}) && !gini({0, 0}));
        QCOMPARE(*gini({7, 7, 7}), 0.0);
        QCOMPARE(*gini({3, 1}), 0.25);        // |3-1| * 2 / (2 * 2 * 4)
        QCOMPARE(*gini({0, 10, 0, 0}), 0.75); // one of four has all: 1 - 1/4
    }

    void advice() {
        std::vector<ExchangeRecord> records;
        for (int i = 0; i < 40; ++i) {
            Headers headers{{"x-request-id", std::to_string(i)}, {"x-user-id-hash", i % 2 ? "u1" : "u2"}};
            if (i % 4 == 0) headers.push_back({"x-entra-app-id", "app"});
            records.push_back(call(i, i % 4 ? "p1" : "p2", "Planner", 100, headers));
        }
        const auto snapshot = snapshotOf(std::move(records));
        LimitPolicy policy;
        policy.tokensPerMinute = 1000;
        const std::vector<std::vector<Field>> asked{{field("header:x-request-id")},
                                                    {field("agent")},
                                                    {field("model")},
                                                    {field("header:x-entra-app-id")},
                                                    {field("project_id")},
                                                    {field("header:x-user-id-hash")},
                                                    {field("caller")}};
        const auto all = adviseKeys(snapshot, snapshot.order(), asked, policy);
        QStringList order;
        for (const KeyAdvice& each : all) order << text(each.fields[0].name()) + ':' + text(toString(each.grade));
        QCOMPARE(order, (QStringList{"header:x-user-id-hash:good", "project_id:good", "agent:partial", "model:partial",
                                     "header:x-request-id:poor", "header:x-entra-app-id:poor", "caller:poor"}));
        // 40 calls of 100 tokens at once, 1000 a minute and counter: ten of each counter pass, or more where fewer
        // come.
        QCOMPARE(all[0].throttled.value(), std::uint64_t{20});
        QCOMPARE(all[1].throttled.value(), std::uint64_t{20}); // p1 30, p2 10
        QCOMPARE(all[2].throttled.value(), std::uint64_t{30});
        QCOMPARE(*all[0].gini, 0.0);
        QCOMPARE(*all[1].gini, 0.25); // 3000 and 1000
        QCOMPARE(all[1].distinct, std::uint64_t{2});
        QCOMPARE(all[5].coverage, 0.25);
        QCOMPARE(all[6].coverage, 0.0);
        QVERIFY(all[1].callerSets && !all[6].callerSets);
        QVERIFY(all[4].reason.find("40 values in 40 calls") != std::string::npos);
        QVERIFY(!adviseKeys(snapshot, snapshot.order(), {{field("agent")}}, {})[0].throttled);
        const auto candidates = candidateKeys(snapshot, snapshot.order());
        QVERIFY(candidates.size() <= 24);
        QVERIFY(std::ranges::find(candidates, std::vector{field("header:x-user-id-hash")}) != candidates.end());
    }

    void adviceOnNothing() {
        const Snapshot empty;
        QVERIFY(adviseKeys(empty, {}, {{field("agent")}}, {})[0].grade == KeyGrade::Poor);
    }

    void dimensions() {
        std::vector<ExchangeRecord> records;
        for (int i = 0; i < 240; ++i) {
            auto record = call(i, i % 2 ? "p1" : "", "a" + std::to_string(i % 3), 1, {{"x-n", std::to_string(i % 101)}},
                               i % 2 ? "/openai/v1/responses" : "/openai/deployments/d/chat/completions");
            record.call.deployment = i % 2 ? "" : "d";
            record.call.identity.agentVersion = "1";
            records.push_back(std::move(record));
        }
        records.push_back(exchangeAt(kStart, "/health")); // no call of a model
        const auto snapshot = snapshotOf(std::move(records));
        const auto preview =
            previewDimensions(snapshot, snapshot.order(), parseFields("project,agent,header:x-n,model").value());
        QCOMPARE(preview.exchanges, std::uint64_t{240});
        QCOMPARE(preview.dimensions[0].distinct, std::uint64_t{1});
        QCOMPARE(preview.dimensions[0].without, std::uint64_t{120});
        QCOMPARE(preview.dimensions[0].coverage, 0.5);
        QVERIFY(!preview.dimensions[1].tooMany && preview.dimensions[2].tooMany);
        QCOMPARE(preview.seriesPossible, std::uint64_t{2 * 3 * 101}); // no project is a value, too
        // Numbers modulo 2, 3 and 101 repeat after 606: 240 calls are 240 combinations.
        QCOMPARE(preview.seriesSeen, std::uint64_t{240});
        QCOMPARE(preview.withoutDeployment, std::uint64_t{120});
        QCOMPARE(ids(preview.findings), QString("metric.cardinality id.empty-dimension"));
        const auto few = previewDimensions(snapshot, snapshot.order(), parseFields("agent,agent_version").value());
        QCOMPARE(ids(few.findings), QString("id.agent-version-bucket"));
        QCOMPARE(few.seriesPossible, std::uint64_t{3});
        QCOMPARE(few.seriesSeen, std::uint64_t{3});
        const auto many = previewDimensions(snapshot, snapshot.order(), parseFields("id,time,header:x-n").value());
        QCOMPARE(many.seriesPossible, std::uint64_t{240 * 240 * 101});
        QCOMPARE(ids(many.findings), QString("metric.cardinality"));
        QCOMPARE(previewDimensions(Snapshot(), {}, {field("agent")}).seriesPossible, std::uint64_t{0});
    }
};

QTEST_APPLESS_MAIN(SimulateTextsTest)
#include "simulate_texts_test.moc"

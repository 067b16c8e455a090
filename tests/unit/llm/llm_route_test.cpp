// SPDX-License-Identifier: Apache-2.0
#include "core/llm/api_names.h"
#include "core/llm/route.h"

#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gatescope::llm;

class LlmRouteTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void passesTheTestsOfTheRules();
    void namesTheApi_data();
    void namesTheApi();
    void isNoModelCall_data();
    void isNoModelCall();
    void readsTheDeployment_data();
    void readsTheDeployment();
    void takesAnyTarget();
};

void LlmRouteTest::passesTheTestsOfTheRules() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/resources/url-shapes.json");
    const auto shapes = nlohmann::json::parse(file);
    std::size_t run = 0;
    for (const auto& test : shapes.at("tests")) {
        const std::string rule = test.at("rule");
        const std::string model = test.at("model");
        // Discovery is a GET; every other rule with a test takes a POST.
        const Route route = recognise(rule == "foundry-discovery" ? "GET" : "POST", test.at("url").get<std::string>());
        const std::string matched(route.wrapper.empty() ? route.rule : route.wrapper);
        QCOMPARE(QString::fromStdString(matched), QString::fromStdString(rule));
        if (model == "body" || model == "agent")
            QVERIFY(route.deployment.empty());
        else if (model != "path")
            QCOMPARE(QString::fromStdString(route.deployment), QString::fromStdString(model));
        ++run;
    }
    QVERIFY(run >= 11);
}

void LlmRouteTest::namesTheApi_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("rule");
    QTest::addColumn<QString>("api");
    const auto row = [](const char* target, const char* rule, const char* api) {
        QTest::newRow(target) << QString(target) << QString(rule) << QString(api);
    };
    row("/openai/deployments/d/chat/completions", "aoai-deployment", "openai.chat");
    row("/prefix/of/api/openai/deployments/d/completions?x=/y", "aoai-deployment", "openai.completions");
    row("/openai/deployments/d/embeddings", "aoai-deployment", "openai.embeddings");
    row("/openai/deployments/d/images/generations", "aoai-deployment", "openai.images");
    row("/openai/deployments/d/audio/transcriptions", "aoai-deployment", "openai.transcription");
    row("/openai/deployments/d/audio/speech", "aoai-deployment", "openai.speech");
    // "chat" is the name of the deployment here.
    row("/openai/deployments/chat/completions", "aoai-deployment", "openai.completions");
    row("https://host.example/openai/v1/responses?api-version=preview", "aoai-v1", "openai.responses");
    row("/a/openai/v1/chat/completions", "aoai-v1", "openai.chat");
    row("/openai/responses?api-version=2025-04-01-preview", "aoai-responses-preview", "openai.responses");
    row("/models/embeddings", "foundry-models", "openai.embeddings");
    row("/api/projects/p/openai/responses", "foundry-project-openai", "openai.responses");
    row("/deployments/d/chat/completions", "deployment-no-openai", "openai.chat");
    row("/x/deployments/d/messages", "deployment-no-openai", "anthropic.messages");
    row("/anthropic/v1/messages?beta=true", "anthropic-foundry", "anthropic.messages");
    row("/v1/messages", "anthropic-native", "anthropic.messages");
    row("/model/m/converse", "bedrock", "bedrock.converse");
    row("/model/arn%3Aaws%3Abedrock%2Fx/invoke", "bedrock", "bedrock.invoke");
    row("/v1beta/models/gemini-2.5-flash:generateContent", "gemini", "gemini");
    row("/v1beta/openai/chat/completions", "gemini-openai", "openai.chat");
    row("/v1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent", "vertex", "gemini");
    row("/v1/projects/p/locations/l/publishers/anthropic/models/c:streamRawPredict", "vertex", "anthropic.messages");
    row("/v1/projects/p/locations/l/endpoints/e:predict", "vertex", "gemini");
    row("/v1/chat/completions", "openai-native", "openai.chat");
    row("/openrouter/v1/chat/completions", "openai-native", "openai.chat");
    row("/v1/rerank", "openai-native", "rerank");
    row("/cohere/v2/rerank", "cohere-rerank", "rerank");
    row("/v1/http/inner.example/v1/responses", "openai-native", "openai.responses");
    // Percent-encoded segments are the same path.
    row("/openai/v1/chat%2Fx/../chat/completion%73", "chat-behind-any-path", "openai.chat");
    row("/openai/v1/chat%2Fcompletions", "", ""); // one segment, not two
    row("/openai/chat/completions", "chat-behind-any-path", "openai.chat");
    row("/chat/completions", "chat-behind-any-path", "openai.chat");
    row("/xv1/chat/completions", "chat-behind-any-path", "openai.chat"); // a base path that only looks like a version
    row("/openai/deployments//chat/completions", "chat-behind-any-path", "openai.chat"); // names no deployment
    row("/chat/completions/extra", "", "");
    row("/openai/v1/ch%61t/completions", "aoai-v1", "openai.chat");
}

void LlmRouteTest::namesTheApi() {
    QFETCH(QString, target);
    QFETCH(QString, rule);
    QFETCH(QString, api);
    const Route route = recognise("POST", target.toStdString());
    QCOMPARE(QString::fromStdString(std::string(route.api)), api);
    if (!api.isEmpty()) QCOMPARE(QString::fromStdString(std::string(route.rule)), rule);
    QCOMPARE(route.kind == RouteKind::ModelCall, !api.isEmpty());
    QCOMPARE(isModelCall(route.api), !api.isEmpty());
}

void LlmRouteTest::isNoModelCall_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("target");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("api");
    const auto row = [](const char* method, const char* target, RouteKind kind, const char* api) {
        QTest::addRow("%s %s", method, target)
            << QString(method) << QString(target) << static_cast<int>(kind) << QString(api);
    };
    using enum RouteKind;
    row("GET", "/openai/v1/responses/resp_1", Management, "openai.responses.stored");
    row("DELETE", "/openai/v1/responses/resp_1", Management, "openai.responses.stored");
    row("POST", "/openai/v1/responses/resp_1/cancel", Management, "openai.responses.stored");
    row("GET", "/openai/v1/responses/resp_1/input_items", Management, "openai.responses.stored");
    row("GET", "/openai/v1/models", Discovery, "openai.models");
    row("GET", "/v1/models/gpt-5", Discovery, "openai.models");
    row("POST", "/openai/v1/files", Management, "openai.files");
    row("GET", "/v1/files/file-1/content", Management, "openai.files");
    row("POST", "/v1/batches", Management, "openai.batches");
    row("POST", "/openai/v1/vector_stores/vs_1/search", Management, "openai.vector_stores");
    row("POST", "/openai/threads/t/runs?api-version=2024-05-01-preview", Management, "openai.threads");
    row("GET", "/gateway/openai/assistants?api-version=x", Management, "openai.assistants");
    row("GET", "/openai/deployments?api-version=x", Discovery, "foundry.deployments");
    row("POST", "/openai/v1/videos", Management, "openai.videos");
    row("POST", "/openai/v1/realtime/client_secrets", Management, "openai.realtime.client_secrets");
    row("POST", "/v1/realtime/sessions", Management, "openai.realtime.client_secrets");
    row("POST", "/openai/v1/realtime/calls?webrtcfilter=on", Management, "openai.realtime.calls");
    row("GET", "/openai/responses/resp_1?api-version=preview", Management, "openai.responses.stored");
    row("POST", "/openai/responses/resp_1", Management, "openai.responses.stored");
    row("GET", "/v1/responses/resp_1", Management, "openai.responses.stored");
    row("POST", "/v1/responses/input_tokens", Management, "openai.responses.input_tokens");
    row("GET", "/v1/chat/completions", Management, "openai.chat.stored");
    row("POST", "/v1/messages/count_tokens", Management, "anthropic.count_tokens");
    row("POST", "/anthropic/v1/messages/count_tokens", Management, "anthropic.count_tokens");
    row("POST", "/v1/messages/batches", Management, "anthropic.batches");
    row("GET", "/anthropic/v1/messages/batches/b/results", Management, "anthropic.batches");
    row("GET", "/anthropic/v1/models", Discovery, "anthropic.models");
    row("POST", "/model/m/count-tokens", Management, "bedrock.count_tokens");
    row("POST", "/guardrail/g/version/1/apply", Management, "bedrock.guardrails");
    row("POST", "/v1beta/models/g:countTokens", Management, "gemini.count_tokens");
    row("GET", "/v1beta/models", Discovery, "gemini.models");
    row("POST", "/gemini/v1beta/cachedContents", Management, "gemini.cached_contents");
    row("GET", "/api/projects/p/openai/v1/responses/resp_1", Management, "openai.responses.stored");
    row("POST", "/api/projects/p/openai/conversations", Management, "openai.conversations");
    row("GET", "/api/projects/p/agents", Management, "foundry.agents");
    row("POST", "/api/projects/p/threads/t/runs", Management, "foundry.threads");
    row("GET", "/api/projects/p/deployments", Discovery, "foundry.deployments");
    row("POST", "/api/projects/p/toolboxes/t/mcp", Mcp, "mcp");
    row("GET", "/models/info", Management, "foundry.info");
    row("GET", "/deployments?api-version=x", Discovery, "foundry.deployments");
    row("GET", "/suffix/deployments/gpt-4o", Discovery, "foundry.deployments");
    row("GET", "/v1beta/openai/models", Discovery, "openai.models");
    row("POST", "/tools/mcp", Mcp, "mcp");
    row("GET", "/tools/sse/", Mcp, "mcp");
    row("POST", "/tools/messages", Mcp, "mcp");
    row("GET", "/status-0123456789abcdef", Probe, "apim.health");
    row("GET", "/internal-status-0123456789abcdef", Probe, "apim.health");
    row("GET", "/openai/deployments/d/chat/completions", Unknown, "");
    row("POST", "/v1/chat/completionsx", Unknown, "");
    row("GET", "/v1/filesystem", Unknown, "");
    row("GET", "/v1/realtime.session", Unknown, ""); // part of a name, no segment
    row("GET", "/", Unknown, "");
    row("GET", "", Unknown, "");
    row("OPTIONS", "*", Unknown, "");
    row("CONNECT", "host.example:443", Unknown, "");
    row("GET", "http://host.example", Unknown, "");
}

void LlmRouteTest::isNoModelCall() {
    QFETCH(QString, method);
    QFETCH(QString, target);
    QFETCH(int, kind);
    QFETCH(QString, api);
    const Route route = recognise(method.toStdString(), target.toStdString());
    QCOMPARE(static_cast<int>(route.kind), kind);
    QCOMPARE(QString::fromStdString(std::string(route.api)), api);
    QVERIFY(!isModelCall(route.api));
}

void LlmRouteTest::readsTheDeployment_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("deployment");
    QTest::newRow("encoded") << "POST" << "/openai/deployments/my%20model%2fx/chat/completions" << "my model/x";
    QTest::newRow("broken encoding") << "POST" << "/openai/deployments/50%25%zz%4/embeddings" << "50%%zz%4";
    QTest::newRow("bedrock") << "POST" << "/model/us.anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse-stream"
                             << "us.anthropic.claude-3-5-sonnet-20240620-v1:0";
    QTest::newRow("realtime preview") << "GET" << "/openai/realtime?api-version=x&deployment=gpt-4o%2drt"
                                      << "gpt-4o-rt";
    QTest::newRow("realtime") << "GET" << "/openai/v1/realtime?modelx=a&model=b" << "b";
    QTest::newRow("openai realtime") << "GET" << "/v1/realtime?model=b" << "b";
    QTest::newRow("gemini") << "POST" << "/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"
                            << "gemini-2.5-pro";
    QTest::newRow("wrapped") << "POST" << "/v1/https/h.example/v1/https/i.example/openai/deployments/d/embeddings"
                             << "d";
}

void LlmRouteTest::readsTheDeployment() {
    QFETCH(QString, method);
    QFETCH(QString, target);
    QFETCH(QString, deployment);
    QCOMPARE(QString::fromStdString(recognise(method.toStdString(), target.toStdString()).deployment), deployment);
}

void LlmRouteTest::takesAnyTarget() {
    std::string deep;
    for (int i = 0; i < 5000; ++i) deep += "/v1/https/h";
    QVERIFY(recognise("POST", deep).api.empty());
    std::string longPrefix;
    for (int i = 0; i < 5000; ++i) longPrefix += "/p";
    // A long path is matched by its end.
    QVERIFY(recognise("POST", longPrefix + "/openai/deployments/d/chat/completions").api == "openai.chat");
    const std::string good = "/v1/https/h/openai/deployments/a%2Fb/chat/completions?api-version=1";
    for (std::size_t length = 0; length <= good.size(); ++length)
        recognise("POST", std::string_view(good).substr(0, length));
    for (int octet = 0; octet < 256; ++octet) recognise("GET", std::string(3, static_cast<char>(octet)) + "/%" + good);
}

QTEST_APPLESS_MAIN(LlmRouteTest)
#include "llm_route_test.moc"

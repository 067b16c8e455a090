// SPDX-License-Identifier: Apache-2.0
#include "core/llm/identity.h"

#include <QByteArray>
#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::llm;

namespace {

std::string base64Url(const std::string& text) {
    return QByteArray::fromStdString(text)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
        .toStdString();
}

std::string token(const std::string& claims) {
    return base64Url(R"({"alg":"RS256","typ":"JWT"})") + "." + base64Url(claims) + "." + base64Url("signature");
}

Identity read(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    http::HeaderList headers;
    for (const auto& [name, value] : fields) headers.add(name, value);
    TokenClaims claims;
    return readIdentity(headers, claims);
}

} // namespace

class LlmIdentityTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void partsTheAgentIdOfTheVectors();
    void readsAllHeadersInAnyCase();
    void partsAtTheLastMark();
    void takesTheFirstOfSeveral();
    void readsTheCaller_data();
    void readsTheCaller();
    void decodesAnyClaimLength();
    void remembersTokens();
    void readsTheSeedDump();
};

void LlmIdentityTest::partsTheAgentIdOfTheVectors() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json");
    const auto vectors = nlohmann::json::parse(file);
    QVERIFY(!vectors.at("agentId").empty());
    for (const auto& vector : vectors.at("agentId")) {
        const Identity identity = read({{"x-ms-foundry-agent-id", vector.at("in").get<std::string>()}});
        QVERIFY(identity.agent == vector.at("name").get<std::string>());
        QVERIFY(identity.agentVersion ==
                (vector.at("version").is_null() ? "" : vector.at("version").get<std::string>()));
    }
}

void LlmIdentityTest::readsAllHeadersInAnyCase() {
    const Identity identity = read({{"OpenAI-Project", "p"},
                                    {"X-MS-Foundry-Project-Id", "455cbebf-a0bc-425e-99f6-XXXXXXXXXXX"},
                                    {"x-ms-FOUNDRY-agent-id", "a:5"},
                                    {"X-Ms-Foundry-Model-Id", "c/m"}});
    QVERIFY(identity.project == "p");
    QVERIFY(identity.projectId == "455cbebf-a0bc-425e-99f6-XXXXXXXXXXX");
    QVERIFY(identity.agent == "a" && identity.agentVersion == "5");
    QVERIFY(identity.connection == "c" && identity.headerModel == "m");
    QVERIFY(identity.caller.empty());
}

void LlmIdentityTest::partsAtTheLastMark() {
    const Identity identity =
        read({{"x-ms-foundry-agent-id", "a:b:c"}, {"x-ms-foundry-model-id", "org/conn/meta/llama"}});
    QVERIFY(identity.agent == "a:b" && identity.agentVersion == "c");
    QVERIFY(identity.connection == "org/conn/meta" && identity.headerModel == "llama");
    const Identity bare = read({{"x-ms-foundry-agent-id", "a:"}, {"x-ms-foundry-model-id", "llama"}});
    QVERIFY(bare.agent == "a" && bare.agentVersion.empty());
    QVERIFY(bare.connection.empty() && bare.headerModel == "llama");
}

void LlmIdentityTest::takesTheFirstOfSeveral() {
    const Identity identity = read({{"openai-project", "first"}, {"OPENAI-PROJECT", "second"}});
    QVERIFY(identity.project == "first");
}

void LlmIdentityTest::readsTheCaller_data() {
    QTest::addColumn<QString>("header");
    QTest::addColumn<QString>("caller");
    const auto row = [](const char* name, const std::string& header, const char* caller) {
        QTest::newRow(name) << QString::fromStdString(header) << QString(caller);
    };
    row("appid", "Bearer " + token(R"({"aud":"x","appid":"11111111-2222","azp":"other"})"), "11111111-2222");
    row("appid after azp", "Bearer " + token(R"({"azp":"other","appid":"11111111-2222"})"), "11111111-2222");
    row("azp", "bearer  " + token(R"({"azp":"aaaa","ver":"2.0"})"), "aaaa");
    row("neither", "Bearer " + token(R"({"sub":"x"})"), "");
    row("nested is not it", "Bearer " + token(R"({"act":{"appid":"x"},"azp":"y"})"), "y");
    row("not a text", "Bearer " + token(R"({"appid":5})"), "");
    row("too long a value", "Bearer " + token("{\"appid\":\"" + std::string(300, 'a') + "\"}"), "");
    row("no signature", "Bearer e30." + base64Url(R"({"azp":"y"})"), "y");
    row("masked", "Bearer REDACTED", "");
    row("masked token", "Bearer eyJXXXXXX.eyJXXXXXXXXX.XXXX", "");
    row("not base64", "Bearer a.b!c.d", "");
    row("not json", "Bearer " + token("hello"), "");
    row("broken json", "Bearer " + token(R"({"a":tru)"), "");
    row("list", "Bearer " + token("[1]"), "");
    row("basic", "Basic " + token(R"({"azp":"y"})"), "");
    row("no token", "Bearer ", "");
    row("over the limit", "Bearer " + token("{\"azp\":\"y\",\"pad\":\"" + std::string(20000, 'p') + "\"}"), "");
}

void LlmIdentityTest::readsTheCaller() {
    QFETCH(QString, header);
    QFETCH(QString, caller);
    const std::string text = header.toStdString();
    QCOMPARE(QString::fromStdString(read({{"Authorization", text}}).caller), caller);
    TokenClaims claims;
    for (std::size_t length = 0; length < text.size() && length < 400; ++length) claims.caller(text.substr(0, length));
}

void LlmIdentityTest::decodesAnyClaimLength() {
    // Base64 groups of three: every remainder, so that no claim near the end is lost.
    for (std::size_t length = 1; length < 10; ++length) {
        const std::string caller(length, 'c');
        TokenClaims claims;
        QVERIFY(claims.caller(token("{\"appid\":\"" + caller + "\"}")) == caller);
    }
}

void LlmIdentityTest::remembersTokens() {
    TokenClaims claims;
    const std::string first = token(R"({"appid":"a"})");
    for (int i = 0; i < 10; ++i) QVERIFY(claims.caller(first) == "a");
    QCOMPARE(claims.decoded(), std::uint64_t{1});
    // Far more tokens than it remembers: all are right, and memory is bounded by the table.
    for (int i = 0; i < 3000; ++i) {
        const std::string name = "app" + std::to_string(i);
        QVERIFY(claims.caller(token("{\"appid\":\"" + name + "\"}")) == name);
    }
    QVERIFY(claims.caller(first) == "a");
}

void LlmIdentityTest::readsTheSeedDump() {
    // The identifying lines of the dump in the first article, masked as published, among others of it.
    const Identity identity = read({{"Authorization", "Bearer REDACTED"},
                                    {"Content-Length", "474"},
                                    {"Host", "apimeusXXXXX.azure-api.net"},
                                    {"traceparent", "00-62ff160923b2c1724242c037be40e7cb-4f1b402461aXXXXX-01"},
                                    {"openai-project", "sampleproject1"},
                                    {"x-ms-foundry-agent-id", "TestAgent-ai-gateway-static:5"},
                                    {"x-ms-foundry-model-id", "conn1apimgwstaticopenai/gpt-4o"},
                                    {"x-ms-foundry-project-id", "455cbebf-a0bc-425e-99f6-XXXXXXXXXXX"},
                                    {"x-forwarded-for", "100.64.9.87;10.0.9.213:10095"}});
    QVERIFY(identity.project == "sampleproject1");
    QVERIFY(identity.projectId == "455cbebf-a0bc-425e-99f6-XXXXXXXXXXX");
    QVERIFY(identity.agent == "TestAgent-ai-gateway-static" && identity.agentVersion == "5");
    QVERIFY(identity.connection == "conn1apimgwstaticopenai" && identity.headerModel == "gpt-4o");
    QVERIFY(identity.caller.empty());
}

QTEST_APPLESS_MAIN(LlmIdentityTest)
#include "llm_identity_test.moc"

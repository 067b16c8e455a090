// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/masking.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace gatescope;
using namespace gatescope::analysis;

namespace {

// {"alg":"none"} . {"sub":"1234567890"} . signature, in base64url
const QString kJwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl";

/// The header dump of the first article (as in tests/lab), shortened to what masking could touch.
const char* const kSeedDump =
    "{"
    "\"Authorization\": \"Bearer REDACTED\", \"Host\": \"apimeusXXXXX.azure-api.net\","
    "\"Correlation-Context\": \"leaf_customer_span_id=173926958944XXXXXX\","
    "\"traceparent\": \"00-62ff160923b2c1724242c037be40e7cb-4f1b402461aXXXXX-01\","
    "\"X-Request-ID\": \"96534855-a35a-481a-886d-XXXXXXXXXXXX\", \"openai-project\": \"sampleproject1\","
    "\"x-ms-foundry-agent-id\": \"TestAgent-ai-gateway-static:5\","
    "\"x-ms-foundry-model-id\": \"conn1apimgwstaticopenai/gpt-4o\","
    "\"x-ms-foundry-project-id\": \"455cbebf-a0bc-425e-99f6-XXXXXXXXXXX\","
    "\"x-forwarded-for\": \"100.64.9.87;10.0.9.213:10095\","
    "\"x-k8se-app-name\": \"j8820ec0658b4aeXXXXX-dataproxy--vuww7ja\","
    "\"x-arr-ssl\": \"2048|256|CN=Microsoft Azure RSA TLS Issuing CA 04;O=Microsoft "
    "Corporation;C=US|CN=*.azure-api.net;S=WA\","
    "\"x-forwarded-path\": "
    "\"/v1/https/apimeusXXXXX.azure-api.net/openai/deployments/gpt-4o/chat/"
    "completions?api-version=2025-03-01-preview\","
    "\"X-SITE-DEPLOYMENT-ID\": \"apimwebappXXXXXX6OTVsZqxOcTZLpubQ9iNmzQ8kzMOmkEhw\","
    "\"X-Azure-JA4-Fingerprint\": \"t13d1113h2_d3731e0d3936_XXXXXXXXXXXX\""
    "}";

QString header(const QString& name, const QString& value) {
    return QString::fromStdString(maskHeader(name.toStdString(), value.toStdString()));
}
/// Backquotes stand for double quotes.
QString json(QString text) {
    return text.replace('`', '"');
}
QString text(const QString& value) {
    return QString::fromStdString(maskText(value.toStdString()));
}

} // namespace

class AnalysisMaskingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void catalogue() {
        const auto* agent = headerKnowledge("X-MS-Foundry-Agent-Id");
        QVERIFY(agent);
        QCOMPARE(agent->name, std::string_view("x-ms-foundry-agent-id"));
        QCOMPARE(agent->trust, std::string_view("platform"));
        QVERIFY(agent->sensitivity == Sensitivity::Id);
        QVERIFY(!headerKnowledge("x-nobody-knows"));
        QVERIFY(!headerKnowledge(""));
        // Every form of name in the catalogue: continued stems, braces, families.
        for (const char* name :
             {"x-aigw-aws-session-token", "x-ms-client-principal-name", "x-ms-token-aad-access-token", "x-b3-spanid",
              "b3", "x-ratelimit-remaining-tokens", "x-litellm-version", "x-litellm-key-spend",
              "x-litellm-max-fallbacks", "x-portkey-strict-open-ai-compliance", "x-portkey-retry-attempt-count",
              "x-stainless-runtime-version", "anthropic-ratelimit-input-tokens-remaining", "llm_provider-x-request-id",
              "x-ai-eg-mcp-server"})
            QVERIFY2(headerKnowledge(name), name);
        for (const char* name : {"-tokens", "x-tokens", "llm_provider", "x-ai-eg-mcp", "llm_provider-*x"})
            QVERIFY2(!headerKnowledge(name) || QString(name).startsWith("llm_provider-"), name);
        QCOMPARE(headerKnowledge("request-id", "req")->trust, std::string_view("client"));
        QCOMPARE(headerKnowledge("request-id", "resp")->trust, std::string_view("upstream"));
        QCOMPARE(toString(Sensitivity::Network), std::string_view("net"));
    }

    /// Each name of the catalogue is found, and each that it calls secret is masked.
    void wholeCatalogue() {
        QFile file(GATESCOPE_SOURCE_DIR "/resources/header-catalogue.json");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto headers = QJsonDocument::fromJson(file.readAll())["headers"].toArray();
        QVERIFY(headers.size() > 100);
        for (const QJsonValue entry : headers) {
            const auto first = entry["name"].toString().section('|', 0, 0);
            if (first.contains('*') || first.contains('{')) continue;
            QVERIFY2(headerKnowledge(first.toStdString()), qPrintable(first));
            QCOMPARE(isSecretHeader(first.toStdString()), entry["sens"].toString() == "secret");
            if (entry["sens"].toString() == "secret") QVERIFY(!header(first, "abcdefgh12345678").contains("5678"));
        }
    }

    void secretNames() {
        for (const char* name :
             {"Authorization", "api-key", "Proxy-Authorization", "Set-Cookie", "X-Auth-Token", "x-functions-key",
              "X-My-Secret", "x-db-password", "x-ms-token-aad-access-token", "x-ms-authorization-auxiliary", "x-apikey",
              "X_API_KEY", "x-amz-security-token", "x-csrf-token", "token", "x-goog-iam-authorization-token"})
            QVERIFY2(isSecretHeader(name), name);
        for (const char* name :
             {"host", "x-apim-remaining-token", "x-ratelimit-remaining-tokens", "x-apim-tokens-consumed",
              "x-ratelimit-limit-tokens-day", "idempotency-key", "sec-websocket-key", "content-type", "x-max-tokens",
              "www-authenticate", "x-ms-foundry-project-id", "author", "monkey-business", "x-tokenizer"})
            QVERIFY2(!isSecretHeader(name), name);
    }

    void headers_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("expected");
        const auto row = [](const QString& name, const QString& value, const QString& expected) {
            QTest::addRow("%s: %s", qPrintable(name), qPrintable(value)) << name << value << expected;
        };
        row("Authorization", "Bearer " + kJwt, "Bearer ***");
        row("authorization", "bearer abc", "bearer ***");
        row("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=00ff", "AWS4-HMAC-SHA256 ***");
        row("Authorization", "Basic dXNlcjpwYXNz", "Basic ***");
        row("Authorization", "my secret", "***");
        row("Authorization", "rawkey123", "***");
        row("Proxy-Authorization", "Basic dXNlcjpwYXNz", "Basic ***");
        row("api-key", "0123456789abcdef0123456789abcdef", "***");
        row("api-key", "key with blanks", "***");
        row("Cookie", "SessionId=abc=d; b=; ARRAffinity=0f", "SessionId=***; b=; ARRAffinity=***");
        row("Cookie", "lonely", "***");
        row("Set-Cookie", "sid=1234; Path=/a; HttpOnly; Max-Age=3", "sid=***; Path=/a; HttpOnly; Max-Age=3");
        row("Set-Cookie", "path=1234; Path=/a", "path=***; Path=/a");
        row("ocp-apim-trace-location", "https://x.blob.core.windows.net/a?sv=1&sig=abcd", "***");
        // What the sender masked stays readable.
        row("Authorization", "Bearer REDACTED", "Bearer REDACTED");
        row("Authorization", "Bearer XXXXXXXX", "Bearer XXXXXXXX");
        row("Authorization", "[REDACTED]", "[REDACTED]");
        row("api-key", "***", "***");
        row("api-key", "ab12XXXXXXXXXXXXXXXX", "ab12XXXXXXXXXXXXXXXX");
        row("api-key", "abcdef0123456789XXXX", "***");
        row("api-key", "", "");
        // Secrets inside headers that are none.
        row("X-Original-URL", "/openai?api-key=0123&api-version=2025-03-01-preview",
            "/openai?api-key=***&api-version=2025-03-01-preview");
        row("Referer", "https://h/p?code=abc#f", "https://h/p?code=***#f");
        row("X-Debug", "got Bearer " + kJwt + " ok", "got Bearer *** ok");
        row("X-Debug", kJwt, "***");
        row("User-Agent", "curl/8.5.0", "curl/8.5.0");
        row("X-Ratelimit-Remaining-Tokens", "1234", "1234");
    }
    void headers() {
        QFETCH(QString, name);
        QFETCH(QString, value);
        QFETCH(QString, expected);
        QCOMPARE(header(name, value), expected);
        QCOMPARE(header(name, expected), expected); // masking twice changes nothing
    }

    void queries_data() {
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* query, const char* expected) { QTest::newRow(query) << expected; };
        row("api-key=abc&api-version=2025-03-01-preview", "api-key=***&api-version=2025-03-01-preview");
        row("KEY=abc", "KEY=***");
        row("subscription-key=1&sig=2&code=3&token=4&access_token=5",
            "subscription-key=***&sig=***&code=***&token=***&access_token=***");
        row("api%2Dkey=abc&%6Bey=1", "api%2Dkey=***&%6Bey=***");
        row("a=b&&=x&key&key=", "a=b&&=x&key&key=");
        row("max_tokens=5&model=gpt-4o&keyword=x", "max_tokens=5&model=gpt-4o&keyword=x");
        row("sig=REDACTED&key=***", "sig=REDACTED&key=***");
        row("client_secret=a%26b&x=1", "client_secret=***&x=1");
        row("sv=2024&sr=b&sig=Zm9v%3D", "sv=2024&sr=b&sig=***");
        row("redirect=/x?sig=abc", "redirect=/x?sig=***");
        row("%", "%");
        row("%6=1&%zz=2", "%6=1&%zz=2");
        row("", "");
    }
    void queries() {
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(maskQuery(QTest::currentDataTag())), expected);
        QCOMPARE(QString::fromStdString(maskField(Field::parse("query").value(), QTest::currentDataTag())), expected);
    }

    void texts_data() {
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const QString& value, const QString& expected) {
            QTest::newRow(name) << value << expected;
        };
        row("JSON value", json("{`api_key`: `abc`, `model`:`gpt-4o`,`n`:1}"),
            json("{`api_key`: `***`, `model`:`gpt-4o`,`n`:1}"));
        row("JSON escapes", json("{`password`:`a\\`b\\\\`,`x`:`y`}"), json("{`password`:`***`,`x`:`y`}"));
        row("JSON in JSON", json("{`arguments`:`{\\`client_secret\\`:\\`abc\\`,\\`q\\`:\\`1\\`}`}"),
            json("{`arguments`:`{\\`client_secret\\`:\\`***\\`,\\`q\\`:\\`1\\`}`}"));
        row("a word", json("{`error`:{`code`:`content_filter`},`token`:`Hello`}"),
            json("{`error`:{`code`:`content_filter`},`token`:`Hello`}"));
        row("a credential", json("{`token`:`0123456789abcdef0123456789`}"), json("{`token`:`***`}"));
        row("JWT", json("{`content`:`see ") + kJwt + json(".`}"), json("{`content`:`see ***.`}"));
        row("bearer", "curl -H 'Authorization: Bearer abc123def456' x", "curl -H 'Authorization: Bearer ***' x");
        row("bearer in words", "a bearer token is required", "a bearer token is required");
        row("provider key", "Incorrect API key provided: sk-proj-abcdefghij0123456789.",
            "Incorrect API key provided: sk-***.");
        row("no provider key", "risk-averse-people-are-1234567890 and sk-8",
            "risk-averse-people-are-1234567890 and sk-8");
        row("SAS", "https://a.blob.core.windows.net/c?sv=2024&sig=Zm9v%3D&se=1",
            "https://a.blob.core.windows.net/c?sv=2024&sig=***&se=1");
        row("SAS in escaped JSON", json("{`u`:`https://a/c?sv=2024\\u0026sig=Zm9vYmFy\\u0026se=1`}"),
            json("{`u`:`https://a/c?sv=2024\\u0026sig=***\\u0026se=1`}"));
        row("connection string", "Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=abc=;X=1",
            "Endpoint=sb://x/;SharedAccessKeyName=***;SharedAccessKey=***;X=1");
        row("counts", json("{`usage`:{`prompt_tokens`:5,`completion_tokens_details`:{`reasoning_tokens`:0}}}"),
            json("{`usage`:{`prompt_tokens`:5,`completion_tokens_details`:{`reasoning_tokens`:0}}}"));
        row("masked", json("{`api_key`:`REDACTED`}"), json("{`api_key`:`REDACTED`}"));
        row("open string", json("{`api_key`:`abc"), json("{`api_key`:`***"));
        row("scheme", json("{`Authorization`: `Bearer abc`}"), json("{`Authorization`: `Bearer ***`}"));
        row("plain", "nothing \"to\" hide: é \xF0\x9F\x98\x80", "nothing \"to\" hide: é \xF0\x9F\x98\x80");
        row("empty", "", "");
    }
    void texts() {
        QFETCH(QString, value);
        QFETCH(QString, expected);
        QCOMPARE(text(value), expected);
        QCOMPARE(text(expected), expected);
    }

    /// The first article's dump is masked by hand already: nothing in it may change.
    void seedDumpStays() {
        const auto dump = QJsonDocument::fromJson(kSeedDump).object();
        QVERIFY(dump.size() > 10);
        for (auto it = dump.begin(); it != dump.end(); ++it)
            QCOMPARE(header(it.key(), it.value().toString()), it.value().toString());
        QCOMPARE(text(kSeedDump), QString(kSeedDump));
    }
    void sharedDumpStays() {
        const auto set = qEnvironmentVariable("GATESCOPE_SHARED", QString(GATESCOPE_SOURCE_DIR) + "/../shared");
        QFile file(set + "/corpus/header-dumps/foundry-byo-gateway-apim-request.json");
        if (!file.open(QIODevice::ReadOnly)) QSKIP("the shared corpus is not here");
        const auto dump = QJsonDocument::fromJson(file.readAll()).object();
        QCOMPARE(dump.size(), 35);
        for (auto it = dump.begin(); it != dump.end(); ++it)
            QCOMPARE(header(it.key(), it.value().toString()), it.value().toString());
    }

    /// Cut anywhere, a text neither crashes nor shows a secret that the whole hides.
    void truncation() {
        const std::string whole =
            (json("{`a`:`{\\`api_key\\`:\\`sekretsekret1\\`}`,`u`:`?sig=abc&x=") + kJwt + "\"}").toStdString();
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            const auto cut = whole.substr(0, length);
            QVERIFY(QString::fromStdString(maskText(cut)).indexOf("sekr") < 0);
            (void)maskQuery(cut);
            (void)maskHeader("cookie", cut);
            QVERIFY(maskText(cut).size() <= cut.size() + 3);
        }
    }

    /// Long hostile texts take time in proportion to their length.
    void hostileTexts() {
        QElapsedTimer timer;
        timer.start();
        for (const char* part : {"eyJ", "eyJaaaaaaaaaa.", "Bearer ", "sk-", "sig=", "\"", "\\\"", "\"a\":", "\\",
                                 "&key=", "a=", "a-", "xxxx", "\"token\":\""}) {
            std::string hostile;
            while (hostile.size() < 1'000'000) hostile += part;
            (void)maskText(hostile);
            (void)maskQuery(hostile);
            (void)maskHeader("cookie", hostile);
        }
        QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_APPLESS_MAIN(AnalysisMaskingTest)
#include "analysis_masking_test.moc"

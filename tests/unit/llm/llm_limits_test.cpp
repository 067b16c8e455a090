// SPDX-License-Identifier: Apache-2.0
#include "core/llm/throttle.h"
#include "core/llm/wait_time.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::Call;
using gatescope::llm::test::found;
using gatescope::llm::test::observe;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
using Count = std::optional<std::int64_t>;
using Headers = std::vector<std::pair<std::string, std::string>>;

Call refusal(int status, std::string body, Headers headers = {}) {
    Call call;
    call.status = status;
    call.responseBody = std::move(body);
    for (auto& header : headers) call.responseHeaders.push_back(std::move(header));
    return call;
}

QString originOf(const Call& call) {
    const std::string_view origin = observe(call).limit.origin;
    return QString::fromUtf8(origin.data(), static_cast<qsizetype>(origin.size()));
}

} // namespace

class LlmLimitsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knowsTheVectors();
    void tellsWhoRefused_data();
    void tellsWhoRefused();
    void readsPlainTextRefusals();
    void readsARefusalOfAStream();
    void readsHalfARefusal();
    void asksTheClearestFirst();
    void readsWaitsInText_data();
    void readsWaitsInText();
    void readsHttpDates();
    void readsLimitHeaders();
    void readsHeadersPassedOn();
    void findsWhatWaitingDoesNotHelp();
    void findsDebt();
    void comparesBookedWithBilled_data();
    void comparesBookedWithBilled();
    void saysNothingOfOtherExchanges();
};

void LlmLimitsTest::knowsTheVectors() {
    std::ifstream file(GATESCOPE_SOURCE_DIR "/tests/unit/test-vectors.json");
    const auto vectors = nlohmann::json::parse(file).at("throttleBodies");
    QCOMPARE(vectors.size(), std::size_t{4});
    for (const auto& vector : vectors) {
        const CallFacts facts = observe(refusal(vector.at("status"), vector.at("body")));
        QCOMPARE(std::string(facts.limit.origin), vector.at("origin").get<std::string>());
        QCOMPARE(facts.limit.retryAfterNs, Count(vector.at("wait").get<std::int64_t>() * kSecond));
    }
}

void LlmLimitsTest::tellsWhoRefused_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("header"); // NAME: VALUE
    QTest::addColumn<QString>("origin");
    const auto row = [](int status, const char* body, const char* header, const char* origin) {
        QTest::addRow("%s %d %.60s %s", origin, status, body, header)
            << status << QString(body) << QString(header) << QString(origin);
    };
    // API Management
    row(429, R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 9 seconds."})", "",
        "apim-token-rate");
    row(429, R"({"statusCode":429,"message":"Token limit is exceeded."})", "Retry-After: 9", "apim-token-rate");
    row(429, R"({"statusCode":429,"message":"Token limit is exceeded."})", "", "apim-token-too-large");
    row(429, R"({"statusCode":429,"message":"The estimated request tokens exceed the limit. Try again in 9 seconds."})",
        "", "apim-token-too-large");
    row(403, R"({"statusCode":403,"message":"Token quota will exceed with this request. Try again in 2 days."})", "",
        "apim-token-quota");
    row(429, R"({"statusCode":429,"message":"Rate limit is exceeded. Try again in 2 seconds."})", "", "apim-rate");
    row(403, R"({"statusCode":403,"message":"Out of call volume quota. Quota will be replenished in 02:10:34."})", "",
        "apim-quota");
    row(503, R"({"statusCode":503,"message":"Service unavailable"})", "", "apim-backend-unavailable");
    row(403, R"({"statusCode":403,"message":"Forbidden"})", "", "");
    row(401, R"({"statusCode":401,"message":"Rate limit is exceeded."})", "", "");
    // Azure OpenAI and Foundry
    row(429,
        R"({"error":{"code":"429","message":"Requests have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 5 seconds."}})",
        "", "aoai-standard");
    row(429,
        R"({"error":{"code":"429","message":"The system is currently experiencing high demand and cannot process your request."}})",
        "x-ratelimit-limit-tokens: 10", "aoai-capacity");
    row(503, R"({"error":{"code":"503","message":"The service is temporarily unable to process your request."}})", "",
        "aoai-capacity");
    row(429, R"({"error":{"code":"429","message":"Too many requests"}})", "x-ms-spillover-error: 429", "ptu");
    row(429, R"({"error":{"code":"429","message":"Your provisioned capacity is in use."}})", "retry-after-ms: 40",
        "ptu");
    row(429,
        R"({"error":{"code":"RateLimitReached","message":"Rate limit of 8000 per 60s exceeded for UserByModelByMinuteUncachedInputTokens."}})",
        "", "foundry-model-quota");
    // others
    row(429, R"({"error":{"message":"Rate limit reached for gpt-4o","type":"tokens","code":"rate_limit_exceeded"}})",
        "", "openai-rate");
    row(429,
        R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}})",
        "", "openai-quota");
    row(429, R"({"type":"error","error":{"type":"rate_limit_error","message":"x"}})", "", "anthropic-rate");
    row(529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", "",
        "anthropic-overloaded");
    row(429, R"({"error":{"code":429,"message":"Resource exhausted","status":"RESOURCE_EXHAUSTED"}})", "",
        "gemini-quota");
    row(503, R"({"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}})", "", "gemini-overloaded");
    row(429, R"({"message":"Too many tokens, please wait before trying again."})",
        "x-amzn-errortype: ThrottlingException:http://internal.amazon.com/coral/", "bedrock-rate");
    row(429, R"({"error":{"message":"Max parallel request limit reached","type":"None","param":"None","code":"429"}})",
        "x-litellm-version: 1.60", "litellm");
    row(400,
        R"({"error":{"message":"Budget has been exceeded! Current cost: 1.2, Max budget: 1.0","type":"budget_exceeded","param":null,"code":"400"}})",
        "", "litellm-budget");
    row(429,
        R"({"error":{"message":"litellm.RateLimitError: AzureException: exceeded token rate limit of your current OpenAI S0 pricing tier.","code":"429"}})",
        "x-litellm-version: 1.60", "aoai-standard");
    row(429, "{}", "x-envoy-ratelimited: true", "envoy-ratelimit");
    row(503, "{}", "x-envoy-overloaded: true", "envoy-overload");
    // nobody's marks, and what is no limit
    row(429, R"({"error":{"message":"Provider returned error","code":429}})", "", "");
    row(429, "{}", "", "");
    row(403, R"({"error":{"code":"content_filter","message":"provisioned"}})", "", "");
    row(400, R"({"error":{"code":"context_length_exceeded","message":"x"}})", "", "");
    row(200, R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 9 seconds."})", "", "");
}

void LlmLimitsTest::tellsWhoRefused() {
    QFETCH(int, status);
    QFETCH(QString, body);
    QFETCH(QString, header);
    QFETCH(QString, origin);
    Headers headers;
    if (const qsizetype colon = header.indexOf(": "); colon > 0)
        headers.emplace_back(header.left(colon).toStdString(), header.mid(colon + 2).toStdString());
    QCOMPARE(originOf(refusal(status, body.toStdString(), headers)), origin);
}

void LlmLimitsTest::readsPlainTextRefusals() {
    Call call;
    call.status = 503;
    call.responseHeaders = {{"Content-Type", "text/plain"}};
    call.responseBody = "upstream connect error or disconnect/reset before headers. reset reason: overflow";
    const CallFacts facts = observe(call);
    QCOMPARE(std::string(facts.limit.origin), std::string("envoy-overload"));
    QVERIFY(!found(facts, "llm.body-not-json"));
    call.status = 429;
    call.responseBody = "local_rate_limited";
    QCOMPARE(originOf(call), QString("envoy-ratelimit"));
    call.responseBody = "<html>Too many requests, retry after 5 seconds</html>";
    QCOMPARE(originOf(call), QString());
}

void LlmLimitsTest::readsARefusalOfAStream() {
    Call call = refusal(429, R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 12 seconds."})");
    call.requestBody = R"({"model":"m","stream":true})";
    const CallFacts facts = observe(call);
    QVERIFY(facts.streamRequested && !facts.stream);
    QCOMPARE(std::string(facts.limit.origin), std::string("apim-token-rate"));
    QVERIFY(!facts.contentBytes); // a refusal delivers nothing
}

void LlmLimitsTest::readsHalfARefusal() {
    const std::string body =
        R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 12 seconds.","x":1})";
    for (std::size_t length = 0; length <= body.size(); ++length) {
        Call call = refusal(429, body.substr(0, length));
        call.responseComplete = length == body.size();
        const std::string origin(observe(call).limit.origin);
        QVERIFY(origin.empty() || origin == "apim-token-rate");
    }
}

void LlmLimitsTest::asksTheClearestFirst() {
    // As the vendors' SDKs do: milliseconds, seconds, date, text.
    const std::string body = R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 41 seconds."})";
    const auto wait = [&](Headers headers) {
        return observe(refusal(429, body, std::move(headers))).limit.retryAfterNs;
    };
    QCOMPARE(wait({}), Count(41 * kSecond));
    QCOMPARE(wait({{"Retry-After", "7"}}), Count(7 * kSecond));
    QCOMPARE(wait({{"Retry-After", "1.5"}}), Count(1'500'000'000));
    QCOMPARE(wait({{"Retry-After", "7"}, {"retry-after-ms", "250"}}), Count(250'000'000));
    QCOMPARE(wait({{"retry-after-ms", "soon"}, {"Retry-After", "7"}}), Count(7 * kSecond));
    // 08:49:37 asked for at 08:48:00: 97 s
    QCOMPARE(wait({{"Date", "Sun, 06 Nov 1994 08:48:00 GMT"}, {"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}}),
             Count(97 * kSecond));
    QCOMPARE(wait({{"Date", "Sun, 06 Nov 1994 08:50:00 GMT"}, {"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}}),
             Count(0));
    // Without a Date nobody knows what the time was: the text is asked.
    QCOMPARE(wait({{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}}), Count(41 * kSecond));
    QCOMPARE(wait({{"Retry-After", "-3"}}), Count(41 * kSecond));
    QCOMPARE(wait({{"Retry-After", "99999999999999999999"}}), Count(41 * kSecond));
    QCOMPARE(wait({{"Retry-After", "nan"}}), Count(41 * kSecond));
    // A header counts on any answer, a text only on a refusal.
    Call call;
    call.responseHeaders.emplace_back("retry-after", "3");
    QCOMPARE(observe(call).limit.retryAfterNs, Count(3 * kSecond));
    call = refusal(429, R"({"error":{"message":"try again in 3 seconds"}})");
    QVERIFY(!observe(call).limit.retryAfterNs);
}

void LlmLimitsTest::readsWaitsInText_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("seconds"); // below 0: none
    const auto row = [](const char* text, double seconds) { QTest::newRow(text) << QString(text) << seconds; };
    row("Try again in 41 seconds.", 41);
    row("Try again in 23 hours.", 82800);
    row("try again in 1 day", 86400);
    row("Please retry after 43 seconds.", 43);
    row("Please wait 33 seconds before retrying.", 33);
    row("Please try again in 1.2s. Visit", 1.2);
    row("Please try again in 6m0s.", 360);
    row("Please try again in 1h2m3s", 3723);
    row("Please try again in 429ms.", 0.429);
    row("Please retry in 34.5s", 34.5);
    row("Quota will be replenished in 02:10:34.", 7834);
    row("Retry after 5 second(s)", 5);
    row("Wait for at least 2 minutes", 120);
    row("Please wait. 5 seconds were too few. Try again in 7 seconds", 7);
    row("Try again in 5", -1);
    row("Try again in 5 apples", -1);
    row("Try again later", -1);
    row("exceeded 60 seconds", -1);
    row("Try again in 99999999999 days", -1);
    row("replenished in 02:1", -1);
    row("", -1);
}

void LlmLimitsTest::readsWaitsInText() {
    QFETCH(QString, text);
    QFETCH(double, seconds);
    const auto wait = waitInText(text.toStdString());
    QCOMPARE(wait.has_value(), seconds >= 0);
    if (wait) QCOMPARE(*wait, static_cast<std::int64_t>(seconds * 1e9 + 0.5));
}

void LlmLimitsTest::readsHttpDates() {
    // RFC 9110, 5.6.7 gives the date; `date -u -d` gives the number.
    QCOMPARE(secondsOfHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), Count(784111777));
    QCOMPARE(secondsOfHttpDate("Thu, 01 Jan 1970 00:00:00 GMT"), Count(0));
    QCOMPARE(secondsOfHttpDate("Thu, 29 Feb 2024 23:59:59 GMT"), Count(1709251199));
    for (const char* wrong :
         {"", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 0x Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT"})
        QVERIFY2(!secondsOfHttpDate(wrong), wrong);
}

void LlmLimitsTest::readsLimitHeaders() {
    Call call;
    call.responseHeaders = {{"X-RateLimit-Limit-Tokens", "150000"},
                            {"x-ratelimit-remaining-tokens", "149984"},
                            {"x-apim-tokens-consumed", "690"}};
    LimitFacts limit = observe(call).limit;
    QCOMPARE(limit.limitTokens, Count(150000));
    QCOMPARE(limit.remainingTokens, Count(149984));
    QCOMPARE(limit.gatewayTokens, Count(690));
    // The gateway's limiter is the one that refuses first.
    call.responseHeaders.emplace_back("x-apim-remaining-token", "4310");
    QCOMPARE(observe(call).limit.remainingTokens, Count(4310));
    call.responseHeaders = {{"anthropic-ratelimit-tokens-limit", "400000"},
                            {"anthropic-ratelimit-tokens-remaining", "399000"}};
    limit = observe(call).limit;
    QCOMPARE(limit.limitTokens, Count(400000));
    QCOMPARE(limit.remainingTokens, Count(399000));
    QVERIFY(!limit.gatewayTokens);
    call.responseHeaders = {{"x-ratelimit-limit-tokens", "X-RATELIMIT-LIMIT-TOKENS-XXX"},
                            {"x-ratelimit-remaining-tokens", "-1"},
                            {"x-apim-tokens-consumed", ""}};
    limit = observe(call).limit;
    QVERIFY(!limit.limitTokens && !limit.remainingTokens && !limit.gatewayTokens);
}

void LlmLimitsTest::readsHeadersPassedOn() {
    Call call;
    call.responseHeaders = {{"llm_provider-x-ratelimit-limit-tokens", "7"}, {"llm_provider-retry-after", "2"}};
    QCOMPARE(observe(call).limit.limitTokens, Count(7));
    QCOMPARE(observe(call).limit.retryAfterNs, Count(2 * kSecond));
    call.responseHeaders.emplace_back("x-ratelimit-limit-tokens", "5");
    QCOMPARE(observe(call).limit.limitTokens, Count(5));
}

void LlmLimitsTest::findsWhatWaitingDoesNotHelp() {
    const CallFacts facts = observe(refusal(429, R"({"statusCode":429,"message":"Token limit is exceeded."})"));
    QVERIFY(found(facts, "limit.unsatisfiable"));
    QVERIFY(!found(facts, "limit.debt"));
}

void LlmLimitsTest::findsDebt() {
    const std::string body = R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 180 seconds."})";
    QVERIFY(found(observe(refusal(429, body)), "limit.debt"));
    QVERIFY(!found(observe(refusal(429, body, {{"Retry-After", "60"}})), "limit.debt"));
    // Another limiter's long wait is no debt of a token bucket.
    QVERIFY(!found(
        observe(refusal(403, R"({"statusCode":403,"message":"Token quota is exceeded. Try again in 23 hours."})")),
        "limit.debt"));
}

void LlmLimitsTest::comparesBookedWithBilled_data() {
    QTest::addColumn<QString>("booked");
    QTest::addColumn<bool>("odd");
    for (const auto& [booked, odd] :
         {std::pair("100", false), std::pair("120", false), std::pair("121", true), std::pair("80", false),
          std::pair("79", true), std::pair("9223372036854775807", true)})
        QTest::newRow(booked) << QString(booked) << odd;
}

void LlmLimitsTest::comparesBookedWithBilled() {
    QFETCH(QString, booked);
    QFETCH(bool, odd);
    Call call;
    call.responseHeaders.emplace_back("x-apim-tokens-consumed", booked.toStdString());
    call.responseBody = R"({"usage":{"prompt_tokens":60,"completion_tokens":40,"total_tokens":100}})";
    QCOMPARE(found(observe(call), "usage.limiter-vs-billed"), odd);
}

void LlmLimitsTest::saysNothingOfOtherExchanges() {
    Call call = refusal(429, R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 9 seconds."})",
                        {{"Retry-After", "9"}, {"x-ratelimit-limit-tokens", "5"}});
    call.target = "/weather";
    const LimitFacts limit = observe(call).limit;
    QVERIFY(limit.origin.empty() && !limit.retryAfterNs && !limit.limitTokens);
}

QTEST_APPLESS_MAIN(LlmLimitsTest)
#include "llm_limits_test.moc"

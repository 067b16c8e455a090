// SPDX-License-Identifier: Apache-2.0
// Messages as in the realtime reference of OpenAI (client and server events); counts are those written into them.
#include "core/llm/realtime_session.h"
#include "tests/unit/llm/observed_call.h"

#include <QTest>
#include <array>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::llm;
using gatescope::llm::test::found;

namespace {

using nlohmann::json;

std::shared_ptr<const http::Exchange> handshakeOf(std::string target, std::string method = "GET") {
    auto exchange = std::make_shared<http::Exchange>();
    exchange->request.method = std::move(method);
    exchange->request.target = std::move(target);
    exchange->request.headers.add("Host", "aoai.example");
    exchange->request.headers.add("openai-project", "contact-centre");
    exchange->request.headers.add("x-ms-foundry-agent-id", "Voice:3");
    exchange->response.status = 101;
    exchange->indexInConnection = 4;
    return exchange;
}

constexpr const char* kTarget = "/openai/v1/realtime?model=rt-deployment";

/// A session as a test writes it down. Message `n`, from 1, is in packet n, at n milliseconds.
struct Session {
    explicit Session(std::shared_ptr<const http::Exchange> handshake = handshakeOf(kTarget))
        : session(std::move(handshake)) {}

    void client(const json& message) { send(true, message.dump()); }
    void server(const json& message) { send(false, message.dump()); }
    void send(bool fromClient, const std::string& text, bool cut = false) {
        ++number;
        const http::PiecePlace place{number, static_cast<TimeNs>(number) * 1'000'000};
        const std::string copy = text; // valid during the call only
        session.onMessage({fromClient, true, cut, copy, copy.size() + 2, place, place});
        for (RealtimeCall& call : session.takeDone()) calls.push_back(std::move(call));
    }
    void end() {
        session.onEnded();
        for (RealtimeCall& call : session.takeDone()) calls.push_back(std::move(call));
    }

    RealtimeSession session;
    std::uint64_t number = 0;
    std::vector<RealtimeCall> calls;
};

json created(const char* id) {
    return {{"type", "response.created"},
            {"event_id", "e"},
            {"response", {{"object", "realtime.response"}, {"id", id}, {"status", "in_progress"}, {"usage", nullptr}}}};
}

json delta(const char* id, const char* text, const char* type = "response.output_text.delta") {
    return {{"type", type}, {"response_id", id}, {"item_id", "i"}, {"delta", text}};
}

json done(const char* id, int input, int output, const char* status = "completed", json details = nullptr) {
    json usage{{"total_tokens", input + output},
               {"input_tokens", input},
               {"output_tokens", output},
               {"input_token_details", {{"text_tokens", 5}, {"audio_tokens", input - 5}, {"cached_tokens", 4}}},
               {"output_token_details", {{"text_tokens", 3}, {"audio_tokens", output - 3}}}};
    return {{"type", "response.done"},
            {"response",
             {{"object", "realtime.response"},
              {"id", id},
              {"status", status},
              {"status_details", std::move(details)},
              {"output", json::array({{{"type", "function_call"}, {"name", "get_weather"}, {"arguments", "{}"}}})},
              {"usage", std::move(usage)}}}};
}

const json kSessionCreated{{"type", "session.created"},
                           {"session",
                            {{"object", "realtime.session"},
                             {"id", "sess_1"},
                             {"model", "gpt-realtime-2025-08-28"},
                             {"audio", {{"input", {{"transcription", {{"model", "whisper-1"}}}}}}}}}};

} // namespace

class LlmRealtimeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsOneCallForEachResponse();
    void keepsInterleavedResponsesApart();
    void takesTheTurnThatTheServerAnswers();
    void tellsHowAResponseEnded_data();
    void tellsHowAResponseEnded();
    void tellsARefusedResponse();
    void takesTheLimits();
    void billsTranscriptionByItself();
    void keepsWhatWasLostApart();
    void endsWithTheSession();
    void startsInTheMiddle();
    void readsSessionsOfTheResponsesApi();
    void leavesOtherSessionsAlone_data();
    void leavesOtherSessionsAlone();
    void keepsItsLimits();
    void takesAnyMessage();
    void takesMessagesInAnyOrder();
};

void LlmRealtimeTest::tellsOneCallForEachResponse() {
    Session s;
    s.server(kSessionCreated);                                                          // 1
    s.client({{"type", "conversation.item.create"}});                                   // 2
    s.client({{"type", "response.create"}, {"response", {{"max_output_tokens", 77}}}}); // 3
    s.server({{"type", "conversation.item.added"}});                                    // 4
    s.server(created("resp_1"));                                                        // 5
    s.server({{"type", "response.content_part.added"}, {"response_id", "resp_1"}});     // 6
    s.server(delta("resp_1", "H\xc3\xa9llo"));                                          // 7: six octets
    s.server(delta("resp_1", "AAAA", "response.output_audio.delta"));                   // 8: sound, no text
    s.server(delta("resp_1", "!", "response.output_audio_transcript.delta"));           // 9: one octet
    QVERIFY(s.calls.empty());
    s.server(done("resp_1", 20, 10)); // 10
    QCOMPARE(s.calls.size(), std::size_t{1});
    s.client({{"type", "response.create"}}); // 11
    s.server(created("resp_2"));             // 12
    s.server(done("resp_2", 40, 11));        // 13
    QCOMPARE(s.calls.size(), std::size_t{2});
    QVERIFY(s.session.sessionId() == "sess_1");

    const auto& [exchange, facts] = s.calls[0];
    QVERIFY(exchange.request.method == "GET" && exchange.request.target == kTarget);
    QVERIFY(exchange.request.headers.find("host") == "aoai.example");
    QCOMPARE(http::toString(exchange.request.version), "websocket");
    QCOMPARE(exchange.response.status, 0);
    QCOMPARE(exchange.indexInConnection, 5U);
    QCOMPARE(exchange.requestTrace.firstPacket, std::uint64_t{3});
    QVERIFY(exchange.requestTrace.seen && exchange.requestTrace.complete);
    const std::string asked = R"({"response":{"max_output_tokens":77},"type":"response.create"})";
    QCOMPARE(exchange.requestTrace.bodyBytes, asked.size() + 2);
    QCOMPARE(exchange.responseTrace.firstPacket, std::uint64_t{5});
    QCOMPARE(exchange.responseTrace.lastPacket, std::uint64_t{10});
    QVERIFY(exchange.responseTrace.complete && !exchange.responseTrace.gap);
    QVERIFY(facts.api == "openai.realtime" && facts.identity.project == "contact-centre");
    QVERIFY(facts.identity.agent == "Voice" && facts.identity.agentVersion == "3");
    QVERIFY(facts.deployment == "rt-deployment" && facts.model == "rt-deployment");
    QVERIFY(facts.servedModel == "gpt-realtime-2025-08-28");
    QVERIFY(facts.sessionId == "sess_1" && facts.responseId == "resp_1");
    QVERIFY(facts.finishReason == "completed" && facts.tools == "get_weather");
    QCOMPARE(facts.maxTokens.value(), 77);
    QVERIFY(facts.stream);
    QCOMPARE(facts.streamEvents, 6U); // messages 5 to 10
    QCOMPARE(facts.contentEvents, 3U);
    QCOMPARE(facts.usageEvent, 6U);
    QCOMPARE(facts.contentBytes.value(), 7);
    QCOMPARE(facts.firstToken, TimeNs{7'000'000});
    QCOMPARE(facts.usage.input.value(), 20);
    QCOMPARE(facts.usage.output.value(), 10);
    QCOMPARE(facts.usage.total.value(), 30);
    QCOMPARE(facts.usage.cached.value(), 4);
    QCOMPARE(facts.usage.audioInput.value(), 15);
    QCOMPARE(facts.usage.audioOutput.value(), 7);
    QVERIFY(facts.findings.empty());
    QCOMPARE(facts.requestDigest, std::uint64_t{0}); // the same message asks for another answer each time
    QVERIFY(!facts.promptBytes);
    QCOMPARE(s.calls[1].exchange.indexInConnection, 6U);
    QCOMPARE(s.calls[1].facts.usage.total.value(), 51);
    QVERIFY(s.calls[1].facts.responseId == "resp_2");
}

void LlmRealtimeTest::keepsInterleavedResponsesApart() {
    Session s;
    s.server(kSessionCreated);
    s.client({{"type", "response.create"}});
    s.client({{"type", "response.create"}, {"response", {{"conversation", "none"}}}});
    s.server(created("a"));
    s.server(created("b"));
    s.server(delta("b", "bb"));
    s.server(delta("a", "a"));
    s.server(done("b", 7, 5));
    s.server(delta("a", "aa"));
    s.server(done("a", 8, 6));
    QCOMPARE(s.calls.size(), std::size_t{2});
    QVERIFY(s.calls[0].facts.responseId == "b" && s.calls[1].facts.responseId == "a");
    QCOMPARE(s.calls[0].facts.contentBytes.value(), 2);
    QCOMPARE(s.calls[1].facts.contentBytes.value(), 3);
    QCOMPARE(s.calls[0].exchange.requestTrace.firstPacket, std::uint64_t{3});
    QCOMPARE(s.calls[1].exchange.requestTrace.firstPacket, std::uint64_t{2});
    QCOMPARE(s.calls[1].facts.usage.total.value(), 14);
}

void LlmRealtimeTest::takesTheTurnThatTheServerAnswers() {
    Session s;
    s.server(kSessionCreated);                                              // 1
    s.client({{"type", "input_audio_buffer.append"}, {"audio", "AAAA"}});   // 2
    s.client({{"type", "input_audio_buffer.append"}, {"audio", "BBBB"}});   // 3
    s.server({{"type", "input_audio_buffer.speech_stopped"}});              // 4
    s.server({{"type", "input_audio_buffer.committed"}, {"item_id", "i"}}); // 5
    s.client({{"type", "input_audio_buffer.append"}, {"audio", "CCCC"}});   // 6: the microphone goes on
    s.server(created("r"));                                                 // 7
    s.server(done("r", 9, 9));                                              // 8
    s.server(created("greeting")); // 9: nobody asked; the client's last message is all that is known
    s.server(done("greeting", 6, 6));
    QCOMPARE(s.calls.size(), std::size_t{2});
    const std::string append = R"({"audio":"AAAA","type":"input_audio_buffer.append"})";
    QCOMPARE(s.calls[0].exchange.requestTrace.firstPacket, std::uint64_t{5});
    QCOMPARE(s.calls[0].exchange.requestTrace.bodyBytes, 2 * (append.size() + 2));
    QCOMPARE(s.calls[1].exchange.requestTrace.firstPacket, std::uint64_t{6});
}

void LlmRealtimeTest::tellsHowAResponseEnded_data() {
    QTest::addColumn<QString>("status");
    QTest::addColumn<QString>("details");
    QTest::addColumn<QString>("finish");
    QTest::addColumn<QString>("error");
    QTest::newRow("completed") << "completed" << "null" << "completed" << "";
    QTest::newRow("spoken over") << "cancelled" << R"({"type":"cancelled","reason":"turn_detected"})" << "turn_detected"
                                 << "";
    QTest::newRow("cancelled") << "cancelled" << "null" << "cancelled" << "";
    QTest::newRow("cut") << "incomplete" << R"({"type":"incomplete","reason":"max_output_tokens"})"
                         << "max_output_tokens" << "";
    QTest::newRow("filtered") << "incomplete" << R"({"type":"incomplete","reason":"content_filter"})"
                              << "content_filter" << "";
    QTest::newRow("failed")
        << "failed"
        << R"({"type":"failed","error":{"type":"invalid_request_error","code":"rate_limit_exceeded"}})"
        << "failed" << "rate_limit_exceeded";
    QTest::newRow("failed without a code")
        << "failed" << R"({"type":"failed","error":{"type":"server_error"}})" << "failed" << "server_error";
}

void LlmRealtimeTest::tellsHowAResponseEnded() {
    QFETCH(QString, status);
    QFETCH(QString, details);
    QFETCH(QString, finish);
    QFETCH(QString, error);
    Session s;
    s.server(created("r"));
    s.server(done("r", 9, 9, status.toUtf8().constData(), json::parse(details.toStdString())));
    QCOMPARE(s.calls.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(s.calls[0].facts.finishReason), finish);
    QCOMPARE(QString::fromStdString(s.calls[0].facts.errorCode), error);
    QVERIFY(s.calls[0].facts.findings.empty());
    QVERIFY(s.calls[0].exchange.responseTrace.complete);
}

void LlmRealtimeTest::tellsARefusedResponse() {
    const auto error = [](json about) {
        return json{{"type", "error"},
                    {"event_id", "s"},
                    {"error",
                     {{"type", "invalid_request_error"},
                      {"code", "conversation_already_has_active_response"},
                      {"message", "no"},
                      {"event_id", std::move(about)}}}};
    };
    Session s;
    s.client({{"type", "response.create"}, {"event_id", "mine"}});
    s.client({{"type", "response.cancel"}, {"event_id", "other"}});
    s.server(error("other")); // not about a response
    s.server(error(nullptr)); // about anything
    QVERIFY(s.calls.empty());
    s.server(error("mine"));
    QCOMPARE(s.calls.size(), std::size_t{1});
    QVERIFY(s.calls[0].facts.errorCode == "conversation_already_has_active_response");
    QCOMPARE(s.calls[0].exchange.responseTrace.firstPacket, std::uint64_t{5});
    QVERIFY(s.calls[0].exchange.responseTrace.complete);
    QVERIFY(s.calls[0].facts.usage.source == TokenSource::Missing);
    s.client({{"type", "response.create"}});
    s.server(error(nullptr)); // the client said nothing else since
    QCOMPARE(s.calls.size(), std::size_t{2});
    s.end();
    QCOMPARE(s.calls.size(), std::size_t{2});
}

void LlmRealtimeTest::takesTheLimits() {
    const auto limits = [](int remaining) {
        return json{
            {"type", "rate_limits.updated"},
            {"rate_limits", json::array({{{"name", "requests"}, {"limit", 9}, {"remaining", 8}, {"reset_seconds", 1}},
                                         {{"name", "tokens"}, {"limit", 50000}, {"remaining", remaining}}})}};
    };
    Session s;
    s.server(created("a"));
    s.server(limits(49950));
    s.server(done("a", 9, 9));
    s.server(limits(49000)); // behind the end: the next response has them
    s.server(created("b"));
    s.server(done("b", 9, 9));
    QCOMPARE(s.calls[0].facts.limit.limitTokens.value(), 50000);
    QCOMPARE(s.calls[0].facts.limit.remainingTokens.value(), 49950);
    QCOMPARE(s.calls[1].facts.limit.remainingTokens.value(), 49000);
}

void LlmRealtimeTest::billsTranscriptionByItself() {
    Session s;
    s.server(kSessionCreated);
    s.client({{"type", "input_audio_buffer.append"}, {"audio", "AAAA"}});
    s.server({{"type", "input_audio_buffer.committed"}});
    s.server(created("r"));
    s.server({{"type", "conversation.item.input_audio_transcription.completed"},
              {"transcript", "hello"},
              {"usage",
               {{"type", "tokens"},
                {"total_tokens", 22},
                {"input_tokens", 13},
                {"input_token_details", {{"text_tokens", 0}, {"audio_tokens", 13}}},
                {"output_tokens", 9}}}});
    s.server(done("r", 30, 10));
    QCOMPARE(s.calls.size(), std::size_t{2});
    const CallFacts& written = s.calls[0].facts;
    QVERIFY(written.api == "openai.transcription" && written.model == "whisper-1");
    QCOMPARE(written.usage.total.value(), 22);
    QCOMPARE(written.usage.audioInput.value(), 13);
    QVERIFY(!written.stream && written.sessionId == "sess_1" && written.identity.project == "contact-centre");
    QVERIFY(!written.contentBytes);
    QCOMPARE(s.calls[0].exchange.requestTrace.firstPacket, std::uint64_t{3});
    QCOMPARE(s.calls[1].facts.usage.total.value(), 40); // without the 22
}

void LlmRealtimeTest::keepsWhatWasLostApart() {
    Session s;
    s.server(created("a"));
    s.server(delta("a", "x"));
    s.session.onLost(false);
    s.server(done("a", 9, 9));
    QCOMPARE(s.calls.size(), std::size_t{1});
    QVERIFY(s.calls[0].exchange.responseTrace.gap && !s.calls[0].exchange.responseTrace.complete);
    QVERIFY(found(s.calls[0].facts, "llm.realtime-response-incomplete"));
    QVERIFY(!s.calls[0].facts.contentBytes);
    QCOMPARE(s.calls[0].facts.usage.total.value(), 18); // known all the same
    // `response.created` is among what is lost: the wish of the client is answered by what comes.
    s.client({{"type", "response.create"}}); // 4
    s.session.onLost(false);
    s.server(delta("b", "x"));
    s.server(done("b", 9, 9));
    QCOMPARE(s.calls.size(), std::size_t{2});
    QCOMPARE(s.calls[1].exchange.requestTrace.firstPacket, std::uint64_t{4});
    QVERIFY(s.calls[1].exchange.responseTrace.gap);
    // A message too long to be read may have been any.
    s.server(created("c"));
    s.send(false, R"({"type":"response.output_audio.delta","delta":"AAAA)", true);
    s.server(done("c", 9, 9));
    QVERIFY(found(s.calls[2].facts, "llm.realtime-response-incomplete"));
    // What the client said last is not known.
    s.session.onLost(true);
    s.server(created("d"));
    s.server(done("d", 9, 9));
    QVERIFY(s.calls[3].exchange.requestTrace.gap && s.calls[3].exchange.responseTrace.complete);
}

void LlmRealtimeTest::endsWithTheSession() {
    Session s;
    s.client({{"type", "response.create"}});
    s.server(created("a"));
    s.server(delta("a", "x"));
    s.client({{"type", "response.create"}});
    s.end();
    QCOMPARE(s.calls.size(), std::size_t{2});
    QVERIFY(s.calls[0].exchange.responseTrace.seen && !s.calls[0].exchange.responseTrace.complete);
    QVERIFY(found(s.calls[0].facts, "llm.realtime-response-incomplete"));
    QVERIFY(s.calls[0].facts.usage.source == TokenSource::Missing);
    QVERIFY(!s.calls[1].exchange.responseTrace.seen); // never answered
    QVERIFY(s.calls[1].facts.api == "openai.realtime");
    s.end();
    QCOMPARE(s.calls.size(), std::size_t{2});
}

void LlmRealtimeTest::startsInTheMiddle() {
    Session s{nullptr};
    s.server(delta("a", "x")); // may be of anything
    s.client({{"type", "response.create"}});
    s.server(created("b"));
    s.server(delta("a", "y"));
    s.server(done("a", 9, 9));
    s.server(delta("b", "z"));
    s.server(done("b", 8, 8));
    s.server(delta("b", "late"));
    s.end();
    QCOMPARE(s.calls.size(), std::size_t{2});
    QVERIFY(s.calls[0].facts.api == "openai.realtime" && s.calls[0].facts.responseId == "a");
    QVERIFY(s.calls[0].exchange.responseTrace.gap);
    QVERIFY(s.calls[0].exchange.request.method.empty());
    QCOMPARE(s.calls[0].facts.usage.total.value(), 18);
    QVERIFY(s.calls[1].exchange.responseTrace.complete);
    QCOMPARE(s.calls[1].exchange.requestTrace.firstPacket, std::uint64_t{2});
    QCOMPARE(s.calls[1].facts.contentBytes.value(), 1);
    QVERIFY(s.calls[1].facts.api == "openai.realtime");
}

void LlmRealtimeTest::readsSessionsOfTheResponsesApi() {
    Session s(handshakeOf("/v1/responses"));
    const json ask{{"type", "response.create"}, {"model", "gpt-5"}, {"input", "hi"}, {"max_output_tokens", 5}};
    s.client(ask);
    s.server(
        {{"type", "response.created"},
         {"response", {{"object", "response"}, {"id", "resp_1"}, {"model", "gpt-5-1"}, {"status", "in_progress"}}}});
    s.server({{"type", "response.output_text.delta"}, {"delta", "hello"}}); // names no response
    s.server({{"type", "response.completed"},
              {"response",
               {{"object", "response"},
                {"id", "resp_1"},
                {"model", "gpt-5-1"},
                {"status", "completed"},
                {"usage",
                 {{"input_tokens", 20},
                  {"input_tokens_details", {{"cached_tokens", 6}}},
                  {"output_tokens", 3},
                  {"output_tokens_details", {{"reasoning_tokens", 2}}},
                  {"total_tokens", 23}}}}}});
    s.client(ask);
    s.server(
        {{"type", "error"}, {"error", {{"type", "invalid_request_error"}, {"code", "previous_response_not_found"}}}});
    QCOMPARE(s.calls.size(), std::size_t{2});
    const CallFacts& facts = s.calls[0].facts;
    QVERIFY(facts.api == "openai.responses" && facts.requestedModel == "gpt-5" && facts.servedModel == "gpt-5-1");
    QCOMPARE(facts.usage.cached.value(), 6);
    QCOMPARE(facts.usage.reasoning.value(), 2);
    QCOMPARE(facts.maxTokens.value(), 5);
    QCOMPARE(facts.promptBytes.value(), 2);
    QCOMPARE(facts.contentBytes.value(), 5);
    QVERIFY(facts.requestDigest != 0 && facts.requestDigest == s.calls[1].facts.requestDigest);
    QVERIFY(s.calls[1].facts.errorCode == "previous_response_not_found");
}

void LlmRealtimeTest::leavesOtherSessionsAlone_data() {
    QTest::addColumn<QString>("target");
    QTest::newRow("models") << "/openai/v1/models";
    QTest::newRow("mcp") << "/tools/mcp";
}

void LlmRealtimeTest::leavesOtherSessionsAlone() {
    QFETCH(QString, target);
    Session s(handshakeOf(target.toStdString()));
    s.server(kSessionCreated);
    s.client({{"type", "response.create"}});
    s.server(created("a"));
    s.server(done("a", 9, 9));
    s.end();
    QVERIFY(s.calls.empty());
    Session chat(handshakeOf("/chat/socket"));
    chat.client({{"type", "response.create"}});
    chat.server({{"type", "response.done"}, {"response", {{"id", 7}}}});
    chat.server({{"type", "error"}, {"error", "x"}});
    chat.end();
    QVERIFY(chat.calls.empty());
}

void LlmRealtimeTest::keepsItsLimits() {
    Session s;
    for (std::size_t i = 0; i < RealtimeSession::kMaxOpen; ++i) s.server(created(("r" + std::to_string(i)).c_str()));
    QVERIFY(s.calls.empty());
    s.server(created("one more"));
    QCOMPARE(s.calls.size(), std::size_t{1});
    QVERIFY(s.calls[0].facts.responseId == "r0" && !s.calls[0].exchange.responseTrace.complete);
    QVERIFY(found(s.calls[0].facts, "llm.realtime-response-incomplete"));
    for (std::size_t i = 0; i < RealtimeSession::kMaxOpen; ++i) s.client({{"type", "response.create"}});
    QCOMPARE(s.calls.size(), std::size_t{1});
    s.client({{"type", "response.create"}});
    QCOMPARE(s.calls.size(), std::size_t{2});
    s.end();
    QCOMPARE(s.calls.size(), std::size_t{2 + 2 * RealtimeSession::kMaxOpen});
}

void LlmRealtimeTest::takesAnyMessage() {
    Session s;
    const std::string good = done("a", 9, 9).dump();
    for (std::size_t length = 0; length < good.size(); ++length) s.send(length % 2 == 0, good.substr(0, length));
    for (const char* text :
         {"", "[]", "{}", "null", "\"x\"", R"({"type":7})", R"({"type":"response.done"})",
          R"({"type":"response.created","response":[]})", R"({"type":"session.created","session":3})",
          R"({"type":"rate_limits.updated","rate_limits":[1,{"name":"tokens"}]})",
          R"({"type":"error","error":null})"}) {
        s.send(true, text);
        s.send(false, text, true);
    }
    Session fresh;
    fresh.server(created("a"));
    fresh.server(done("a", 9, 9));
    QCOMPARE(fresh.calls.size(), std::size_t{1});
}

/// Whatever the order, every response that ends is one call with its own counts.
void LlmRealtimeTest::takesMessagesInAnyOrder() {
    std::vector<std::vector<json>> threads;
    for (const char* id : {"a", "b", "c"})
        threads.push_back({created(id), delta(id, id), delta(id, "x"), done(id, 9, 9)});
    unsigned state = 1;
    for (int round = 0; round < 200; ++round) {
        Session s;
        std::array<std::size_t, 3> at{};
        while (at[0] + at[1] + at[2] < 12) {
            state = state * 1103515245U + 12345U;
            const std::size_t which = (state >> 16) % 3;
            if (at[which] < 4) s.server(threads[which][at[which]++]);
        }
        QCOMPARE(s.calls.size(), std::size_t{3});
        for (const RealtimeCall& call : s.calls) {
            QCOMPARE(call.facts.contentBytes.value(), 2);
            QCOMPARE(call.facts.streamEvents, 4U);
            QCOMPARE(call.facts.usage.total.value(), 18);
            QVERIFY(call.exchange.responseTrace.complete);
        }
    }
}

QTEST_APPLESS_MAIN(LlmRealtimeTest)
#include "llm_realtime_test.moc"

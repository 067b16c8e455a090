// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/apim_log_parts.h"

#include <array>
#include <charconv>
#include <chrono>

namespace gatescope::bench {
namespace {

constexpr std::array<std::string_view, 3> kProjects{"sampleproject1", "sampleproject2", "claims"};
constexpr std::array<std::string_view, 3> kProjectIds{"455cbebf-a0bc-425e-99f6-0b1f5a6d0001",
                                                      "8d0f6c11-5b7e-4c39-a1d2-3f60c9e47b25",
                                                      "9b1e6a40-3c52-4f43-8a58-7d0f2c1e9a10"};
constexpr std::array<std::string_view, 9> kAgents{"TestAgent-ai-gateway-static",
                                                  "TestAgent-ai-gateway-dynamic",
                                                  "Planner",
                                                  "InvoiceReader",
                                                  "TicketTriage",
                                                  "BillingAgent",
                                                  "ClaimsReader",
                                                  "FraudCheck",
                                                  "LetterWriter"};
constexpr std::array<std::string_view, 4> kVersions{"2", "3", "5", "11"};
constexpr std::array<Model, 5> kChatModels{{{"gpt-4o", "gpt-4o-2024-11-20", "conn1apimgwstaticopenai"},
                                            {"gpt-4o-mini", "gpt-4o-mini-2024-07-18", "conn1apimgwstaticopenai"},
                                            {"gpt-4.1", "gpt-4.1-2025-04-14", "conn2apimgwdynamicopenai"},
                                            {"gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", "conn2apimgwdynamicopenai"},
                                            {"o4-mini", "o4-mini-2025-04-16", "conn2apimgwdynamicopenai"}}};
constexpr Model kEmbeddings{"text-embedding-3-small", "text-embedding-3-small", "conn1apimgwstaticopenai"};
constexpr std::string_view kVersionQuery = "?api-version=2025-03-01-preview";
constexpr std::array<std::string_view, 12> kWords{"gateway ", "counts ", "what ",  "each ", "project ",
                                                  "agent ",   "and ",    "model ", "uses ", "\\\"so\\\" ",
                                                  "that ",    "it\\n "}; // as inside a JSON string

void appendHex(std::string& out, std::uint64_t value, int digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 15];
}

void appendPadded(std::string& out, std::uint64_t number, int digits) {
    std::array<char, 20> text{};
    for (int i = digits; i-- > 0; number /= 10)
        text[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
    out.append(text.data(), static_cast<std::size_t>(digits));
}

/// Mixed once more, so that ids of neighbours look nothing alike.
std::uint64_t scrambled(std::uint64_t id, std::uint64_t salt) {
    Random random{id * 2 + salt};
    return random.next();
}

void appendPath(std::string& out, const Call& call) {
    switch (call.route) {
    case Route::ClassicChat:
        out += "/openai/deployments/";
        out += call.model.name;
        out += "/chat/completions";
        out += kVersionQuery;
        break;
    case Route::V1Chat:
        out += "/openai/v1/chat/completions";
        break;
    case Route::V1Responses:
        out += "/openai/v1/responses";
        break;
    case Route::V1Embeddings:
        out += "/openai/v1/embeddings";
        break;
    }
}

std::string_view operationOf(const Call& call) {
    switch (call.route) {
    case Route::ClassicChat:
    case Route::V1Chat:
        return "ChatCompletions_Create";
    case Route::V1Responses:
        return "createResponse";
    case Route::V1Embeddings:
        break;
    }
    return "embeddings_create";
}

/// `,"NAME":"VALUE"`
void appendText(std::string& out, std::string_view name, std::string_view value) {
    out += ",\"";
    out += name;
    out += "\":\"";
    out += value;
    out += '"';
}
void appendCount(std::string& out, std::string_view name, std::uint64_t value) {
    out += ",\"";
    out += name;
    out += "\":";
    appendNumber(out, value);
}

void appendWords(std::string& out, std::uint64_t id, std::uint32_t words) {
    Random random{id};
    for (std::uint32_t i = 0; i < words; ++i) out += kWords[random.below(static_cast<std::uint32_t>(kWords.size()))];
}

void appendRequestHeaders(std::string& out, const Call& call) {
    out += ",\"requestHeaders\":{\"Host\":\"apimx.azure-api.net\",\"x-forwarded-for\":\"";
    if (call.isFoundry()) {
        out += "100.64.9.";
        appendNumber(out, 16 + call.clientHost % 200);
        out += ", ";
    }
    appendClient(out, call, true);
    out += "\",\"User-Agent\":\"";
    out += call.isFoundry() ? "azure-ai-projects/1.0.0 Python/3.12.3" : "AzureOpenAI/Python 1.109.1";
    out += "\",\"X-Forwarded-TlsVersion\":\"1.3\",\"X-Azure-JA4-Fingerprint\":\"t13d1113h2_d3731e0d3936_000000000000\"";
    out += ",\"x-ms-client-request-id\":\"";
    appendUuid(out, call.id ^ 0xc0ffee);
    out += "\",\"traceparent\":\"00-";
    appendHex(out, scrambled(call.id, 1), 16);
    appendHex(out, scrambled(call.id, 3), 16);
    out += '-';
    appendHex(out, scrambled(call.id, 5), 16);
    out += "-01\"";
    if (call.isFoundry()) {
        out += ",\"x-ms-foundry-agent-id\":\"";
        out += call.agent.name;
        out += ':';
        out += call.agent.version;
        out += '"';
        appendText(out, "x-ms-foundry-project-id", call.agent.projectId);
        appendText(out, "openai-project", call.agent.project);
        out += ",\"x-ms-foundry-model-id\":\"";
        out += call.model.connection;
        out += '/';
        out += call.model.name;
        out += '"';
    }
    out += '}';
}

void appendResponseHeaders(std::string& out, const Call& call) {
    out += ",\"responseHeaders\":{\"Content-Type\":\"";
    out += call.isStream && call.status == 200 ? "text/event-stream; charset=utf-8" : "application/json";
    out += '"';
    if (call.status == 429) appendText(out, "Retry-After", "41");
    if (call.hasConsumedHeader) {
        out += ",\"x-apim-tokens-consumed\":\"";
        appendNumber(out, call.total());
        out += "\",\"x-apim-remaining-token\":\"";
        appendNumber(out, 120'000 - call.total());
        out += '"';
    }
    out += '}';
    if (!call.reachesBackend()) return;
    out += ",\"backendResponseHeaders\":{\"x-ms-region\":\"East US 2\",\"apim-request-id\":\"";
    appendUuid(out, call.id ^ 0xbac0);
    out += "\",\"x-envoy-upstream-service-time\":\"";
    appendNumber(out, call.backendMs);
    out += "\"}";
}

void appendLastError(std::string& out, const Call& call) {
    if (call.status == 429)
        out += ",\"lastError\":{\"elapsed\":3,\"source\":\"llm-token-limit\",\"scope\":\"api\",\"section\":\"inbound\","
               "\"reason\":\"OpenAITokenLimitExceeded\",\"message\":\"Token limit is exceeded. Try again in 41 "
               "seconds.\"}";
    else
        out += ",\"lastError\":{\"elapsed\":1,\"source\":\"validate-azure-ad-token\",\"scope\":\"api\",\"section\":"
               "\"inbound\",\"reason\":\"TokenNotPresent\",\"message\":\"JWT not present.\"}";
}

void appendUsage(std::string& out, const Call& call) {
    const bool isResponses = call.route == Route::V1Responses;
    out += "\"usage\":{\"";
    out += isResponses ? "input_tokens\":" : "prompt_tokens\":";
    appendNumber(out, call.input);
    if (!call.isEmbeddings()) {
        appendCount(out, isResponses ? "output_tokens" : "completion_tokens", call.output);
        out += isResponses ? ",\"input_tokens_details\":{\"cached_tokens\":"
                           : ",\"prompt_tokens_details\":{\"cached_tokens\":";
        appendNumber(out, call.cached);
        out += isResponses ? "},\"output_tokens_details\":{\"reasoning_tokens\":"
                           : "},\"completion_tokens_details\":{\"reasoning_tokens\":";
        appendNumber(out, call.reasoning);
        out += '}';
    }
    appendCount(out, "total_tokens", call.total());
    out += "}}";
}

void appendErrorBody(std::string& out, const Call& call) {
    if (call.status == 429)
        out += R"({"statusCode":429,"message":"Token limit is exceeded. Try again in 41 seconds."})";
    else if (call.status == 400)
        out +=
            R"({"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":false,"severity":"safe"},"jailbreak":{"filtered":false,"detected":false},"violence":{"filtered":true,"severity":"medium"}}}}})";
    else
        out += R"({"error":{"code":"InternalServerError","message":"The server had an error."}})";
}

/// The model's id of its answer; embeddings have none.
void appendResponseId(std::string& out, const Call& call) {
    out += call.route == Route::V1Responses ? "resp_" : "chatcmpl-";
    appendHex(out, scrambled(call.id, 7), 16);
}

void appendLlmStart(std::string& out, const Call& call, std::uint32_t sequence) {
    out += "{\"time\":\"";
    appendTime(out, call.time);
    out += "\",\"resourceId\":\"/SUBSCRIPTIONS/455CBEBF-0000-4000-8000-000000000000/RESOURCEGROUPS/RG-AI-GATEWAY/"
           "PROVIDERS/MICROSOFT.APIMANAGEMENT/SERVICE/APIMX\",\"operationName\":\"Microsoft.ApiManagement/"
           "GatewayLlmLogs\",\"category\":\"GatewayLlmLogs\",\"correlationId\":\"";
    appendUuid(out, call.id);
    out += "\",\"properties\":{\"requestId\":\"";
    appendResponseId(out, call);
    out += '"';
    appendCount(out, "sequenceNumber", sequence);
}

} // namespace

void appendNumber(std::string& out, std::uint64_t number) {
    std::array<char, 20> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out.append(text.data(), end);
}

void appendUuid(std::string& out, std::uint64_t id) {
    const std::uint64_t high = scrambled(id, 11), low = scrambled(id, 13);
    appendHex(out, high >> 32, 8);
    out += '-';
    appendHex(out, high >> 16, 4);
    out += "-4";
    appendHex(out, high, 3);
    out += "-8";
    appendHex(out, low >> 48, 3);
    out += '-';
    appendHex(out, low, 12);
}

void appendTime(std::string& out, std::uint64_t time) {
    using namespace std::chrono;
    const std::uint64_t second = time / 10'000'000;
    const year_month_day day{sys_days{days{static_cast<int>(second / 86'400)}}};
    appendPadded(out, static_cast<std::uint64_t>(static_cast<int>(day.year())), 4);
    out += '-';
    appendPadded(out, static_cast<unsigned>(day.month()), 2);
    out += '-';
    appendPadded(out, static_cast<unsigned>(day.day()), 2);
    out += 'T';
    appendPadded(out, second / 3600 % 24, 2);
    out += ':';
    appendPadded(out, second / 60 % 60, 2);
    out += ':';
    appendPadded(out, second % 60, 2);
    out += '.';
    appendPadded(out, time % 10'000'000, 7);
    out += 'Z';
}

void appendClient(std::string& out, const Call& call, bool withPort) {
    out += call.isFoundry() ? "10.0.9." : "10.0.30.";
    appendNumber(out, call.clientHost);
    if (!withPort) return;
    out += ':';
    appendNumber(out, call.clientPort);
}

void appendEscaped(std::string& out, std::string_view text) {
    std::size_t from = 0;
    for (std::size_t at = text.find_first_of("\"\\"); at != std::string_view::npos;
         at = text.find_first_of("\"\\", at + 1)) {
        out.append(text, from, at - from);
        out += '\\';
        from = at;
    }
    out.append(text, from);
}

Call drawCall(Random& random, std::uint64_t time, std::uint64_t number) {
    Call call;
    call.time = time;
    call.id = number << 32 | random.below(~0U);
    if (const std::uint32_t who = random.below(10); who < kAgents.size())
        call.agent = {kAgents[who], kVersions[random.below(kVersions.size())], kProjects[who / 3],
                      kProjectIds[who / 3]};
    const std::uint32_t way = random.below(10);
    call.route = way < 4   ? Route::ClassicChat
                 : way < 7 ? Route::V1Chat
                 : way < 9 ? Route::V1Responses
                           : Route::V1Embeddings;
    call.model = call.isEmbeddings() ? kEmbeddings : kChatModels[random.below(kChatModels.size())];
    const std::uint32_t luck = random.below(200);
    call.status = luck < 8 ? 429 : luck < 10 ? 401 : luck < 12 ? 400 : luck < 13 ? 500 : 200;
    call.refusedByGateway = call.status == 401 || (call.status == 429 && luck < 6);
    call.isStream = call.isFoundry() && !call.isEmbeddings() && random.below(8) != 0;
    call.hasBodies = !call.refusedByGateway && !call.isStream && random.below(2) == 0;
    call.hasConsumedHeader = call.status == 200 && random.below(3) != 0;
    call.clientHost = call.isFoundry() ? 200 + random.below(32) : 10 + random.below(8);
    call.clientPort = 1024 + random.below(64'000);
    call.backendMs = call.refusedByGateway ? 0 : 40 + random.below(4'000);
    call.clientMs = random.below(30);
    call.totalMs = call.backendMs + call.clientMs + 1 + random.below(12);
    // A body that is cut must not be the only one to name the model: how much of it a reader trusts is its own affair.
    const bool isLong = (call.isFoundry() || call.isClassic()) && random.below(300) == 0;
    call.promptWords = isLong ? 2'000 + random.below(6'000) : 20 + random.below(120);
    call.input = 8 + call.promptWords;
    call.output = 4 + random.below(400);
    call.cached = random.below(4) == 0 ? call.input / 2 : 0;
    call.reasoning = call.model.name.starts_with('o') ? call.output / 3 : 0;
    return call;
}

void appendProperties(std::string& out, const Call& call) {
    out += "\"apiId\":\"openai-original\",\"apiRevision\":\"1\",\"cache\":\"none\",\"clientProtocol\":\"HTTP/1.1\","
           "\"clientTlsCipherSuite\":\"TLS_AES_256_GCM_SHA384\",\"clientTlsVersion\":\"1.3\",\"method\":\"POST\"";
    appendCount(out, "clientTime", call.clientMs);
    appendText(out, "operationId", operationOf(call));
    appendText(out, "productId", "foundry-agents");
    appendCount(out, "requestSize", 900 + 7ULL * call.promptWords);
    appendCount(out, "responseSize", call.status == 200 ? 700 + 5ULL * call.output : 420);
    appendCount(out, "responseCode", static_cast<std::uint64_t>(call.status));
    out += ",\"url\":\"https://apimx.azure-api.net";
    appendPath(out, call);
    out += '"';
    if (call.reachesBackend()) {
        out += ",\"backendId\":\"foundry-";
        out += static_cast<char>('1' + call.id % 2);
        out += '"';
        appendText(out, "backendMethod", "POST");
        appendText(out, "backendProtocol", "HTTP/1.1");
        appendCount(out, "backendResponseCode", static_cast<std::uint64_t>(call.status));
        appendCount(out, "backendTime", call.backendMs);
        out += ",\"backendUrl\":\"https://fdry";
        out += static_cast<char>('1' + call.id % 2);
        out += ".openai.azure.com";
        appendPath(out, call);
        out += '"';
    } else {
        appendLastError(out, call);
    }
    appendRequestHeaders(out, call);
    appendResponseHeaders(out, call);
}

void appendRequestBody(std::string& out, const Call& call) {
    out += "{\"model\":\"";
    out += call.model.name;
    out += "\",\"";
    if (call.isEmbeddings()) {
        out += "input\":[\"";
        appendWords(out, call.id, call.promptWords / 8);
        out += "\"]}";
        return;
    }
    out += call.route == Route::V1Responses ? "input\":" : "messages\":";
    appendMessages(out, call);
    out += call.route == Route::V1Responses ? ",\"max_output_tokens\":16384}" : ",\"max_completion_tokens\":16384}";
}

void appendResponseBody(std::string& out, const Call& call) {
    if (call.status != 200) return appendErrorBody(out, call);
    if (call.isEmbeddings()) {
        out +=
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.013,-0.027,0.008]}],"model":")";
    } else if (call.route == Route::V1Responses) {
        out += "{\"id\":\"";
        appendResponseId(out, call);
        out +=
            R"(","object":"response","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":")";
        appendWords(out, call.id + 1, call.output / 8);
        out += R"("}]}],"model":")";
    } else {
        out += "{\"id\":\"";
        appendResponseId(out, call);
        out +=
            R"(","object":"chat.completion","choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant","content":")";
        appendWords(out, call.id + 1, call.output / 8);
        out += R"("}}],"model":")";
    }
    out += call.model.served;
    out += "\",";
    appendUsage(out, call);
}

void appendMessages(std::string& out, const Call& call) {
    out += "[{\"role\":\"system\",\"content\":\"You count tokens.\"},{\"role\":\"user\",\"content\":\"";
    appendWords(out, call.id, call.promptWords);
    out += "\"}]";
}

void appendLlmHead(std::string& out, const Call& call) {
    appendLlmStart(out, call, 0);
    appendText(out, "modelName", call.model.served);
    appendText(out, "deploymentName", call.model.name);
    appendText(out, "apiVersion", "2025-03-01-preview");
    appendCount(out, "promptTokens", call.input);
    if (!call.isEmbeddings()) {
        appendCount(out, "completionTokens", call.output);
        appendCount(out, "promptCachedTokens", call.cached);
    }
    appendCount(out, "totalTokens", call.total());
    out += call.isStream ? ",\"isStreamCompletion\":true}}\n" : ",\"isStreamCompletion\":false}}\n";
}

void appendLlmChunk(std::string& out, const Call& call, std::uint32_t sequence, std::string_view messages, bool last) {
    appendLlmStart(out, call, sequence);
    out += ",\"requestMessages\":\"";
    appendEscaped(out, messages);
    out += '"';
    if (last) {
        out += R"(,"responseMessages":"[{\"role\":\"assistant\",\"content\":\")";
        std::string answer;
        appendWords(answer, call.id + 1, call.output / 8);
        appendEscaped(out, answer);
        out += R"(\"}]")";
    }
    out += "}}\n";
}

} // namespace gatescope::bench

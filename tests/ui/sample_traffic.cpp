// SPDX-License-Identifier: Apache-2.0
#include "tests/ui/sample_traffic.h"

#include "tests/ui/hop_traffic.h"
#include "tests/ui/tls_traffic.h"

#include <thread>

namespace gatescope::ui::test {
namespace {

constexpr TimeNs kStart = 1'773'858'194'203'117'000; // 2026-03-18T18:23:14.203117Z
constexpr TimeNs kSecond = 1'000'000'000;
constexpr TimeNs kMillisecond = 1'000'000;

constexpr FindingKind kCut{.id = "test.cut",
                           .severity = Severity::Medium,
                           .title = "The answer was cut off",
                           .explain = "Bytes of this answer were never captured.",
                           .fix = "Capture with a larger buffer."};

Endpoint endpoint(const char* text) {
    return *Endpoint::parse(text);
}

void addRequest(http::Exchange& http, const Call& call) {
    http.request.method = "POST";
    http.request.target = call.model.starts_with("claude") ? "/anthropic/v1/messages"
                                                           : "/openai/deployments/" + call.model +
                                                                 "/chat/completions?api-version=2025-03-01-preview";
    auto& headers = http.request.headers;
    headers.add("Host", "apimeus.azure-api.net");
    headers.add("Authorization", "Bearer eyJhbGciOi." + std::string(kSecret) + ".c2ln");
    headers.add("api-key", kSecret);
    headers.add("Content-Type", "application/json");
    headers.add("x-forwarded-for", "100.64.9.87;10.0.9.213:10095");
    headers.add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    if (!call.project.empty()) headers.add("openai-project", call.project);
    if (!call.project.empty()) headers.add("x-ms-foundry-project-id", "455cbebf-0000-4c1f-9a35-2f2e1f0a7d11");
    if (!call.agent.empty()) headers.add("x-ms-foundry-agent-id", call.agent + ":" + call.version);
    if (!call.model.empty()) headers.add("x-ms-foundry-model-id", "conn1apimgwstaticopenai/" + call.model);
}

void addResponse(http::Exchange& http, const Call& call) {
    http.response.status = call.status;
    http.response.headers.add("Content-Type", call.stream ? "text/event-stream" : "application/json");
    http.response.headers.add("x-ms-region", "East US 2");
    http.response.headers.add("x-request-id", "0f6e5c1e-7a53-4a0e-bd0c-6c2f6a1fcb20");
    if (call.status == 429) http.response.headers.add("retry-after", "7");
}

} // namespace

std::vector<Call> twelveCalls() {
    const std::string sample = "sampleproject1";
    return {
        {sample, "TestAgent", "5", "gpt-4o", 200, 1204, 388, false, true, 0},
        {sample, "TestAgent", "5", "gpt-4o", 429, 0, 0, false, false, 1},
        {sample, "TestAgent", "5", "gpt-4o", 200, 1204, 391, false, true, 8},
        {"team-b", "chat-ui", "12", "claude-3-5-sonnet", 200, 2210, 97, false, false, 9},
        {sample, "TestAgent", "4", "gpt-4o-mini", 200, 310, 45, true, false, 11},
        {"", "", "", "gpt-4o", 200, 87, 12, false, false, 12},
        {sample, "TestAgent", "5", "gpt-4o", 200, 1590, 640, false, true, 15},
        {"team-b", "chat-ui", "12", "claude-3-5-sonnet", 500, 0, 0, false, false, 17},
        {sample, "TestAgent", "4", "gpt-4o-mini", 200, 305, 51, false, false, 21},
        {"", "", "", "gpt-4o", 0, 0, 0, false, false, 22},
        {"team-b", "chat-ui", "12", "claude-3-5-sonnet", 200, 0, 0, false, false, 25},
        {sample, "TestAgent", "5", "gpt-4o", 200, 1711, 702, false, true, 30},
    };
}

analysis::ExchangeRecord record(const Call& call, std::uint64_t flowStart) {
    analysis::ExchangeRecord record;
    record.flowStart = flowStart;
    record.client = endpoint("10.0.9.213:10095");
    record.server = endpoint("10.0.4.12:80");
    const TimeNs begin = kStart + call.second * kSecond;
    auto& http = record.http;
    addRequest(http, call);
    http.requestTrace = {begin, begin + kMillisecond, flowStart, flowStart + 1, 474, true, true, false};
    if (call.status != 0) {
        addResponse(http, call);
        const TimeNs wait = call.status == 429 ? 38 * kMillisecond : 612 * kMillisecond;
        const TimeNs rest = call.stream ? 3'588 * kMillisecond : 4 * kMillisecond;
        http.responseTrace = {begin + wait, begin + wait + rest, flowStart + 2, flowStart + 40, 9'120, true, true,
                              false};
    } else {
        http.findings.push_back({.kind = &kCut,
                                 .evidence = {"9 packets missing"},
                                 .input = 0,
                                 .packet = flowStart,
                                 .flowStart = flowStart});
    }
    auto& facts = record.call;
    facts.api = call.model.starts_with("claude") ? "anthropic.messages" : "openai.chat";
    facts.identity.project = call.project;
    facts.identity.projectId = call.project.empty() ? "" : "455cbebf-0000-4c1f-9a35-2f2e1f0a7d11";
    facts.identity.agent = call.agent;
    facts.identity.agentVersion = call.version;
    facts.identity.connection = "conn1apimgwstaticopenai";
    facts.identity.headerModel = call.model;
    facts.model = call.model;
    facts.deployment = call.model;
    facts.streamRequested = facts.stream = call.stream;
    facts.finishReason = call.output > 0 ? "stop" : "";
    facts.errorCode = call.status == 429 ? "RateLimitReached" : "";
    if (call.stream) facts.firstToken = begin + 640 * kMillisecond;
    if (call.stream) facts.streamEvents = 96;
    if (call.input > 0) {
        facts.usage.input = call.input;
        facts.usage.output = call.output;
        facts.usage.total = call.input + call.output;
        facts.usage.cached = call.stream ? std::optional<std::int64_t>(1024) : std::nullopt;
        facts.usage.source = call.estimated ? llm::TokenSource::Estimated : llm::TokenSource::Reported;
    }
    return record;
}

analysis::Batch batchOf(const std::vector<Call>& calls, std::uint64_t firstFlow) {
    analysis::Batch batch;
    std::uint64_t flow = firstFlow;
    for (const auto& call : calls) {
        auto exchange = record(call, flow);
        analysis::FlowRecord line;
        line.firstPacket = flow;
        line.firstTime = line.lastTime = exchange.http.requestTrace.firstByte;
        line.client = exchange.client;
        line.server = exchange.server;
        line.packets = 42;
        line.protocol = "http/1.1";
        batch.flows.push_back(line);
        batch.exchanges.push_back(std::move(exchange));
        flow += 50;
    }
    return batch;
}

analysis::Snapshot twelveCallSnapshot() {
    analysis::Dataset dataset({"gateway.pcapng"});
    dataset.append(batchOf(twelveCalls()));
    dataset.finish();
    return dataset.snapshot();
}

pipeline::RunResult analyseStandIn(const std::vector<std::string>& paths, analysis::Dataset& dataset,
                                   const pipeline::RunOptions&, std::stop_token stop,
                                   const std::function<void(const pipeline::Progress&)>& progress) {
    if (paths.empty()) return {};
    const std::string path = paths.front();
    const std::string name = path.substr(path.rfind('/') + 1);
    pipeline::RunResult result;
    pipeline::InputResult input{.path = path,
                                .format = "pcapng",
                                .error = {},
                                .packets = 1234,
                                .bytes = 560'000,
                                .firstTime = kStart,
                                .lastTime = kStart};
    if (name.starts_with("notes")) {
        input.error = Error{ErrorKind::UnknownFormat, "the first bytes (48 65 6c 6c) are of no capture format"};
    } else if (name.starts_with("slow")) {
        for (std::uint64_t step = 0; !stop.stop_requested(); ++step) {
            dataset.append(batchOf(std::vector<Call>(100, twelveCalls()[step % 12]), 1 + step * 10'000));
            progress({0, paths.size(), 1'000'000 * (step + 1), 1'000'000'000, 100 * step});
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        input.error = Error{ErrorKind::Stopped, "stopped"};
    } else if (name.starts_with("many")) {
        for (std::uint64_t step = 0; step < 2'000; ++step) {
            dataset.append(batchOf(std::vector<Call>(10, twelveCalls()[step % 12]), 1 + step * 10'000));
        }
    } else if (name.starts_with("hops")) {
        dataset.append(hopBatch());
    } else if (name.starts_with("tls")) {
        dataset.append(batchOf(twelveCalls()));
        dataset.append(tlsBatch());
    } else {
        dataset.append(batchOf(twelveCalls()));
    }
    if (name.starts_with("cut")) {
        input.error = Error{ErrorKind::Damaged, "the file ends inside a packet at byte 48,211."};
    }
    dataset.finish();
    progress({0, paths.size(), 560'000, 560'000, 1234});
    result.stopped = stop.stop_requested();
    result.inputs.push_back(std::move(input));
    return result;
}

std::expected<pipeline::ExchangeContent, Error> readStandIn(const pipeline::ContentPlace& place,
                                                            const pipeline::ContentLimits&, std::stop_token) {
    pipeline::ExchangeContent content;
    if (place.flowStart == 451) { // the call without an answer
        return std::unexpected(Error{ErrorKind::Damaged, "packets 452 to 460 are missing from the capture"});
    }
    content.request.contentType = "application/json";
    content.request.text =
        R"({"model":"gpt-4o","stream":true,"temperature":0.20,"messages":[{"role":"system","content":"You help.","api_key":")" +
        std::string(kSecret) + R"("},{"role":"user","content":"What does a gateway do?\nIn one line."}],"tools":[]})";
    content.response.contentType = "text/event-stream";
    TimeNs time = kStart + 640 * kMillisecond;
    for (const char* word : {"The", " gateway", " counts", " tokens", "."}) {
        const std::string data = R"({"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":")" +
                                 std::string(word) + R"("},"finish_reason":null}]})";
        content.events.push_back({time, "", data});
        content.response.text += "data: " + data + "\n\n";
        time += 37 * kMillisecond;
    }
    content.events.push_back({time, "", "[DONE]"});
    content.response.text += "data: [DONE]\n\n";
    return content;
}

} // namespace gatescope::ui::test

// SPDX-License-Identifier: Apache-2.0
// Times the llm room alone: a capture is taken apart into exchanges first, then all bodies pass the observers in the
// order of the packets. With a truth file of the capture generator the facts are checked as well.
//
//   llm_bench CAPTURE [TRUTH.jsonl] [ROUNDS]
#include "core/capture/capture_file.h"
#include "core/http/http1_connection.h"
#include "core/llm/call_observer.h"
#include "core/packet/packet_decoder.h"
#include "core/tcp/connection_table.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace gatescope;

namespace {

enum class Kind : std::uint8_t { RequestHead, RequestBody, RequestEnd, ResponseHead, ResponseBody, ResponseEnd, Done };

struct Step {
    Kind kind;
    std::uint32_t exchange;
    std::size_t at = 0;
    std::size_t length = 0;
    TimeNs time = 0;
};

struct Numbered final : http::ActiveExchange {
    std::uint32_t number = 0;
};

struct Recording final : http::ExchangeListener {
    std::vector<Step> steps;
    std::string bytes;
    std::vector<http::Exchange> exchanges;

    void note(Kind kind, http::ActiveExchange& exchange, Bytes piece = {}, TimeNs time = 0) {
        steps.push_back({kind, static_cast<Numbered&>(exchange).number, bytes.size(), piece.size(), time});
        bytes += asText(piece);
    }
    std::unique_ptr<http::ActiveExchange> make() override {
        auto exchange = std::make_unique<Numbered>();
        exchange->number = static_cast<std::uint32_t>(exchanges.size());
        exchanges.emplace_back();
        return exchange;
    }
    void onRequestHead(http::ActiveExchange& exchange) override { note(Kind::RequestHead, exchange); }
    void onRequestBody(http::ActiveExchange& exchange, Bytes piece) override {
        note(Kind::RequestBody, exchange, piece);
    }
    void onRequestEnd(http::ActiveExchange& exchange) override { note(Kind::RequestEnd, exchange); }
    void onResponseHead(http::ActiveExchange& exchange) override { note(Kind::ResponseHead, exchange); }
    void onResponseBody(http::ActiveExchange& exchange, Bytes piece, TimeNs time) override {
        note(Kind::ResponseBody, exchange, piece, time);
    }
    void onResponseEnd(http::ActiveExchange& exchange) override { note(Kind::ResponseEnd, exchange); }
    void onDone(std::unique_ptr<http::ActiveExchange> exchange) override {
        note(Kind::Done, *exchange);
        exchanges[static_cast<Numbered&>(*exchange).number] = std::move(exchange->exchange);
    }
};

struct Connection final : tcp::StreamConsumer {
    http::Http1Connection http;
    Connection(Recording& recording, bool startSeen) : http(recording, startSeen) {}
    void onData(tcp::Side from, Bytes data, const tcp::Place& place) override {
        http.feed(static_cast<unsigned>(tcp::indexOf(from)), data, {place.packet, place.time});
    }
    void onGap(tcp::Side from, std::uint64_t length, const tcp::Place& place) override {
        http.gap(static_cast<unsigned>(tcp::indexOf(from)), length, {place.packet, place.time});
    }
    void onFin(tcp::Side from, const tcp::Place& place) override {
        http.fin(static_cast<unsigned>(tcp::indexOf(from)), {place.packet, place.time});
    }
    void onClosed(tcp::CloseReason) override { http.close(); }
};

struct Handler final : tcp::ConnectionHandler {
    Recording& recording;
    explicit Handler(Recording& r) : recording(r) {}
    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override {
        return std::make_unique<Connection>(recording, info.client.has_value());
    }
    void forgotten(const tcp::ConnectionInfo&, std::unique_ptr<tcp::StreamConsumer>) override {}
    void found(Finding&&) override {}
};

bool record(const char* path, Recording& recording) {
    auto source = capture::openCapture(path);
    if (!source) return false;
    Handler handler(recording);
    tcp::ConnectionTable table(handler);
    packet::PacketDecoder decoder;
    capture::PacketBlock block;
    while ((*source)->read(block).value_or(false)) {
        packet::KeptBytes kept;
        for (const capture::Packet& packet : block.packets) {
            packet::TcpSegment segment;
            if (decoder.decode(packet, segment, kept) == packet::PacketDecoder::Outcome::Tcp) table.add(segment);
        }
    }
    table.finish();
    return true;
}

double cpuSeconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::vector<llm::CallFacts> replay(const Recording& recording) {
    const auto workspace = std::make_shared<llm::CallWorkspace>();
    std::vector<llm::CallFacts> facts(recording.exchanges.size());
    std::vector<std::unique_ptr<llm::CallObserver>> active(recording.exchanges.size());
    std::vector<std::unique_ptr<llm::CallObserver>> idle;
    for (const Step& step : recording.steps) {
        auto& observer = active[step.exchange];
        if (!observer) {
            if (idle.empty()) idle.push_back(std::make_unique<llm::CallObserver>(llm::CallLimits{}, workspace));
            observer = std::move(idle.back());
            idle.pop_back();
            observer->begin();
        }
        const http::Exchange& exchange = recording.exchanges[step.exchange];
        const Bytes piece = asBytes(std::string_view(recording.bytes).substr(step.at, step.length));
        switch (step.kind) {
        case Kind::RequestHead:
            observer->onRequestHead(exchange.request);
            break;
        case Kind::RequestBody:
            observer->onRequestBody(piece);
            break;
        case Kind::RequestEnd:
            observer->onRequestEnd(exchange.requestTrace.complete);
            break;
        case Kind::ResponseHead:
            observer->onResponseHead(exchange.response);
            break;
        case Kind::ResponseBody:
            observer->onResponseBody(piece, step.time);
            break;
        case Kind::ResponseEnd:
            observer->onResponseEnd(exchange.responseTrace.complete);
            break;
        case Kind::Done:
            facts[step.exchange] = observer->take();
            idle.push_back(std::move(observer));
            break;
        }
    }
    return facts;
}

std::optional<std::int64_t> number(const nlohmann::json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<std::int64_t>());
}

std::string text(const nlohmann::json& value) {
    return value.is_null() ? std::string() : value.get<std::string>();
}

int check(const Recording& recording, const std::vector<llm::CallFacts>& facts, const char* path) {
    std::map<std::string, std::size_t> byId;
    for (std::size_t i = 0; i < recording.exchanges.size(); ++i)
        if (const auto id = recording.exchanges[i].request.headers.find("x-request-id")) byId.emplace(*id, i);
    std::map<std::string, int> wrong;
    std::size_t rows = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line); ++rows) {
        const auto truth = nlohmann::json::parse(line);
        const auto at = byId.find(text(truth.at("request_id")));
        if (at == byId.end()) {
            ++wrong["missing"];
            continue;
        }
        const llm::CallFacts& call = facts[at->second];
        const auto same = [&](const char* name, const auto& got, const auto& wanted) {
            if (got != wanted && wrong[name]++ == 0)
                std::printf("  first difference in %s: %s\n", name, line.substr(0, 60).c_str());
        };
        const auto& who = call.identity;
        same("project", who.project, text(truth.at("project")));
        same("project_id", who.projectId, text(truth.at("project_id")));
        same("agent", who.agent.empty() ? who.agent : who.agent + ":" + who.agentVersion, text(truth.at("agent")));
        same("model", who.headerModel.empty() ? who.headerModel : who.connection + "/" + who.headerModel,
             text(truth.at("model")));
        same("stream", call.stream, truth.at("stream").get<bool>());
        same("stream_requested", call.streamRequested, truth.at("stream_requested").get<bool>());
        same("prompt_tokens", call.usage.input, number(truth.at("prompt_tokens")));
        same("completion_tokens", call.usage.output, number(truth.at("completion_tokens")));
        same("total_tokens", call.usage.total, number(truth.at("total_tokens")));
        same("cached_tokens", call.usage.cached, number(truth.at("cached_tokens")));
        same("reasoning_tokens", call.usage.reasoning, number(truth.at("reasoning_tokens")));
        // What is asked for by name: the path's deployment, else the body's model.
        if (!text(truth.at("deployment")).empty())
            same("deployment", call.deployment.empty() ? call.requestedModel : call.deployment,
                 text(truth.at("deployment")));
        // A response object says `completed` where the generator counts a chat's `stop`.
        if (truth.at("api") != "responses") same("finish_reason", call.finishReason, text(truth.at("finish_reason")));
        if (!truth.at("sse_events").is_null() && truth.at("complete").get<bool>())
            same("sse_events", call.streamEvents, truth.at("sse_events").get<std::uint32_t>());
        same("findings", !call.findings.empty(),
             call.findings.size() == 1 && call.findings[0].kind->id == "usage.missing-stream-usage" &&
                 truth.at("prompt_tokens").is_null());
    }
    std::printf("truth rows %zu, exchanges %zu\n", rows, recording.exchanges.size());
    for (const auto& [name, count] : wrong) std::printf("  wrong %s: %d\n", name.c_str(), count);
    return wrong.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: llm_bench CAPTURE [TRUTH.jsonl] [ROUNDS]\n");
        return 2;
    }
    Recording recording;
    if (!record(argv[1], recording)) {
        std::fprintf(stderr, "cannot open %s\n", argv[1]);
        return 3;
    }
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
    double best = 1e9;
    std::vector<llm::CallFacts> facts;
    for (int round = 0; round < rounds; ++round) {
        const double start = cpuSeconds();
        facts = replay(recording);
        best = std::min(best, cpuSeconds() - start);
    }
    // What any look at the bodies costs on this machine, now: one pass of memchr, piece by piece.
    const double start = cpuSeconds();
    std::size_t lines = 0;
    for (const Step& step : recording.steps)
        if (step.length != 0) lines += std::memchr(recording.bytes.data() + step.at, '\0', step.length) != nullptr;
    std::printf("one pass of memchr: %.1f ms CPU (%zu)\n", (cpuSeconds() - start) * 1e3, lines);
    const auto count = static_cast<double>(std::max<std::size_t>(1, recording.exchanges.size()));
    std::printf("%zu exchanges, %.1f MB of bodies, %.1f ms CPU, %.2f us an exchange, %.2f GB/s\n",
                recording.exchanges.size(), static_cast<double>(recording.bytes.size()) / 1e6, best * 1e3,
                best * 1e6 / count, static_cast<double>(recording.bytes.size()) / best / 1e9);
    return argc > 2 ? check(recording, facts, argv[2]) : 0;
}

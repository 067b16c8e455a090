// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/call_dataset.h"

#include <array>
#include <fmt/format.h>
#include <random>

namespace gatescope::bench {

namespace {

constexpr TimeNs kStart = 1'767'225'600'000'000'000; // 2026-01-01T00:00:00Z
constexpr TimeNs kDay = 86'400'000'000'000;
constexpr TimeNs kMs = 1'000'000;
constexpr std::array<const char*, 8> kModels{"gpt-4o",     "gpt-4o-mini", "gpt-4.1",         "gpt-4.1-mini",
                                             "gpt-5-mini", "o4-mini",     "claude-sonnet-4", "text-embedding-3-small"};

class Source {
public:
    analysis::ExchangeRecord next(std::size_t i, std::size_t count) {
        analysis::ExchangeRecord record;
        const std::size_t agent = pick(200);
        const TimeNs time = kStart + static_cast<TimeNs>(i) * (kDay / static_cast<TimeNs>(count + 1));
        record.flowStart = i / 50 + 1;
        record.client = *Endpoint::parse(fmt::format("10.0.{}.{}:{}", agent % 16, agent / 16 + 4, 1024 + pick(60'000)));
        record.server = *Endpoint::parse("10.0.200.4:80");
        auto& http = record.http;
        http.indexInConnection = static_cast<std::uint32_t>(i % 50);
        http.request.method = "POST";
        http.request.target = "/openai/v1/chat/completions";
        http.request.headers.add("host", "gateway.example");
        http.request.headers.add("openai-project", fmt::format("project{}", agent % 20));
        http.request.headers.add("x-ms-foundry-agent-id", fmt::format("agent{}:{}", agent, 1 + pick(3)));
        const bool refused = pick(100) < 2;
        const TimeNs lasts = refused ? 4 * kMs : static_cast<TimeNs>(200 + pick(8000)) * kMs;
        http.requestTrace = {time, time + kMs, i * 20 + 1, i * 20 + 2, 900, true, true, false};
        http.response.status = refused ? 429 : 200;
        http.responseTrace = {time + lasts / 4, time + lasts, i * 20 + 3, i * 20 + 19, 4000, true, true, false};
        fillCall(record.call, agent, refused);
        record.call.firstToken = refused ? kNoTime : time + lasts / 3;
        return record;
    }

private:
    std::size_t pick(std::size_t below) { return m_random() % below; }

    void fillCall(llm::CallFacts& call, std::size_t agent, bool refused) {
        call.api = "openai.chat";
        call.identity.project = fmt::format("project{}", agent % 20);
        call.identity.agent = fmt::format("agent{}", agent);
        call.identity.agentVersion = fmt::format("{}", 1 + pick(3));
        call.model = kModels[(agent + pick(3)) % kModels.size()];
        call.requestedModel = call.model;
        call.stream = call.streamRequested = !refused;
        call.streamEvents = 40;
        call.requestDigest = m_random() | 1U;
        if (refused || pick(100) < 3) return;
        call.usage.input = static_cast<std::int64_t>(50 + pick(4000));
        call.usage.cached = *call.usage.input / 2;
        call.usage.output = static_cast<std::int64_t>(1 + pick(900));
        call.usage.reasoning = *call.usage.output / 4;
        call.usage.total = *call.usage.input + *call.usage.output;
        call.usage.source = llm::TokenSource::Reported;
        call.finishReason = "stop";
    }

    std::mt19937_64 m_random{20'261'122};
};

} // namespace

analysis::Snapshot callDataset(std::size_t calls) {
    constexpr std::size_t kBatch = 4096;
    analysis::Dataset dataset({"bench"});
    Source source;
    for (std::size_t i = 0; i < calls;) {
        analysis::Batch batch;
        for (; i < calls && batch.exchanges.size() < kBatch; ++i) batch.exchanges.push_back(source.next(i, calls));
        dataset.append(std::move(batch));
    }
    dataset.finish();
    return dataset.snapshot();
}

} // namespace gatescope::bench

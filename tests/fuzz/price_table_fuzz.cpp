// SPDX-License-Identifier: Apache-2.0
#include "core/cost/attribution.h"
#include "core/cost/cost.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace gatescope;
using namespace gatescope::cost;

analysis::ExchangeRecord call(const char* api, const char* model, llm::Usage usage) {
    analysis::ExchangeRecord record;
    record.flowStart = 1;
    record.http.request.method = "POST";
    record.http.request.target = "/openai/deployments/my-gpt4o/chat/completions";
    record.http.requestTrace = {1'767'225'600'000'000'000, 1'767'225'600'000'000'000, 1, 1, 0, true, true, false};
    record.http.response.headers.add("x-ms-region", "West Europe");
    record.call.api = api;
    record.call.deployment = "my-gpt4o";
    record.call.servedModel = model;
    record.call.serviceTier = "default";
    record.call.identity.projectId = "455cbebf-a0bc";
    usage.source = llm::TokenSource::Reported;
    record.call.usage = usage;
    return record;
}

/// Calls that tables are applied to.
analysis::Snapshot someCalls() {
    std::vector<analysis::ExchangeRecord> records;
    llm::Usage usage;
    usage.input = 1000;
    usage.output = 100;
    usage.cached = 10;
    usage.cacheWrite = 20;
    usage.cacheWrite1h = 5;
    usage.reasoning = 7;
    usage.audioInput = 3;
    usage.imageOutput = 2;
    usage.webSearches = 1;
    records.push_back(call("openai.chat", "gpt-4o-2024-11-20", usage));
    records.push_back(call("anthropic.messages", "claude-sonnet-4-20250514", usage));
    records.push_back(call("gemini", "gemini-2.5-pro", {}));
    usage.input = usage.output = INT64_MAX;
    records.push_back(call("openai.chat", "gpt-4o", usage));
    records.back().call.serviceTier = "batch";
    analysis::Dataset dataset({"a"});
    dataset.append({std::move(records), {}, {}});
    return dataset.snapshot();
}

void require(bool condition) {
    if (!condition) std::abort();
}

} // namespace

/// Any text is a price table or an error in words. A table prices every call or says why it does not; an amount is
/// never negative, and the sum is the same whichever way it is made.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const analysis::Snapshot snapshot = someCalls();
    const std::string text(reinterpret_cast<const char*>(data), size);

    (void)scaledDecimal(text, 9);
    const auto table = PriceTable::parse(text);
    if (!table) {
        require(table.error().kind == ErrorKind::Usage && !table.error().message.empty());
        return 0;
    }
    Pricer pricer(snapshot, *table);
    CostTotals sums;
    for (const analysis::Row row : snapshot.order()) {
        const CallCost cost = pricer.cost(row);
        require(cost.state != CostState::NotACall && !(cost.amount < Money()));
        require((cost.state == CostState::Priced) == (cost.reason == NoPrice::None));
        require((cost.state == CostState::Priced) == pricer.explain(cost).empty());
        sums.add(cost);
    }
    require(costOf(snapshot, snapshot.order(), *table).amount == sums.amount);
    CostCentres centres(snapshot, *table);
    for (const analysis::Row row : snapshot.order()) require(!centres.empty() || !centres.of(row));
    (void)table->ptuPrice("gpt-4o");
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::analysis::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline constexpr TimeNs kStart = 1'767'225'600'000'000'000; ///< 2026-01-01T00:00:00Z
inline constexpr TimeNs kMs = 1'000'000;

inline void addHeaders(http::HeaderList& list, const Headers& headers) {
    for (const auto& [name, value] : headers) list.add(name, value);
}

/// A complete GET that was answered with 200 after 10 ms.
inline ExchangeRecord exchangeAt(TimeNs time, std::string target = "/", Headers requestHeaders = {},
                                 Headers responseHeaders = {}) {
    ExchangeRecord record;
    record.client = *Endpoint::parse("10.0.9.213:10095");
    record.server = *Endpoint::parse("10.0.1.4:80");
    record.flowStart = 1;
    auto& exchange = record.http;
    exchange.request.method = "GET";
    exchange.request.target = std::move(target);
    exchange.requestTrace = {time, time + kMs, 4, 4, 0, true, true, false};
    exchange.response.status = 200;
    exchange.responseTrace = {time + 5 * kMs, time + 10 * kMs, 6, 7, 2, true, true, false};
    addHeaders(exchange.request.headers, requestHeaders);
    addHeaders(exchange.response.headers, responseHeaders);
    return record;
}

/// A chat call of a project and agent that was answered after 10 ms; without `tokens` its usage is unknown.
inline ExchangeRecord callAt(TimeNs time, std::string project, std::string agent, std::string model,
                             std::optional<std::int64_t> tokens, int status = 200) {
    ExchangeRecord record = exchangeAt(time, "/openai/v1/chat/completions");
    record.http.request.method = "POST";
    record.http.response.status = status;
    record.call.api = "openai.chat";
    record.call.identity.project = std::move(project);
    record.call.identity.agent = std::move(agent);
    record.call.model = std::move(model);
    if (!tokens) return record;
    record.call.usage.input = *tokens;
    record.call.usage.output = 0;
    record.call.usage.total = *tokens;
    record.call.usage.source = llm::TokenSource::Reported;
    return record;
}

inline Snapshot snapshotOf(std::vector<ExchangeRecord> records, std::vector<std::string> inputs = {"a.pcap"}) {
    Dataset dataset(std::move(inputs));
    dataset.append({std::move(records), {}, {}, {}});
    dataset.finish();
    return dataset.snapshot();
}

inline Field field(std::string_view name) {
    return Field::parse(name).value();
}

/// Text of a field, or `<none>`.
inline std::string textOf(const Snapshot& snapshot, std::string_view name, Row row = 0) {
    const Value value = snapshot.value(field(name), row);
    if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* list = std::get_if<std::vector<std::string_view>>(&value)) {
        std::string joined;
        for (const auto entry : *list) joined += (joined.empty() ? "" : "|") + std::string(entry);
        return joined;
    }
    return "<none>";
}

} // namespace gatescope::analysis::test

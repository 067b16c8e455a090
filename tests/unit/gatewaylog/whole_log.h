// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_reader.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::gatewaylog::test {

/// What a log gave.
struct Found : LogSink {
    std::string title; ///< empty: not recognised
    std::vector<LogRecord> records;
    std::vector<LlmPart> parts;
    std::vector<LogFlow> flows;
    std::vector<LogMetric> metrics;
    std::vector<Finding> findings; ///< those of no record
    void onRecord(LogRecord&& record) override { records.push_back(std::move(record)); }
    void onLlmPart(LlmPart&& part) override { parts.push_back(std::move(part)); }
    void onFlow(LogFlow&& flow) override { flows.push_back(std::move(flow)); }
    void onMetric(LogMetric&& metric) override { metrics.push_back(std::move(metric)); }
    void onFinding(Finding&& finding) override { findings.push_back(std::move(finding)); }
};

/// Recognises a log and reads it, fed in pieces of the lengths that `next` gives.
inline Found readLog(std::string_view text, const std::function<std::size_t()>& next = {},
                     const LogLimits& limits = {}) {
    Found found;
    const std::string_view head = text.substr(0, kRecogniseBytes);
    const auto shape = recognise(asBytes(head), head.size() == text.size());
    if (!shape) return found;
    found.title = shape->title;
    LogSplitter splitter(*shape, limits);
    PieceReader reader(*shape);
    std::vector<LogPiece> pieces;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view part = text.substr(at, next ? next() : text.size());
        const std::vector<char> copy(part.begin(), part.end());
        splitter.feed(asBytes({copy.data(), copy.size()}), pieces);
        at += part.size();
    }
    splitter.finish(pieces);
    for (const LogPiece& piece : pieces) reader.read(piece, found);
    for (Finding& finding : splitter.takeFindings()) found.findings.push_back(std::move(finding));
    return found;
}

inline bool has(const std::vector<Finding>& findings, std::string_view id) {
    return std::ranges::any_of(findings, [&](const Finding& finding) { return finding.kind->id == id; });
}

inline std::string header(const http::HeaderList& headers, std::string_view name) {
    return std::string(headers.find(name).value_or("<none>"));
}

/// Everything of a record in one text, for comparisons.
inline std::string described(const LogRecord& record) {
    const auto count = [](const std::optional<std::int64_t>& value) { return value ? std::to_string(*value) : "-"; };
    const http::Exchange& http = record.http;
    std::string text = std::string(record.format) + '|' + std::to_string(record.facts.line) + '|' +
                       http.request.method + '|' + http.request.target + '|' + std::to_string(http.response.status) +
                       '|' + std::to_string(http.requestTrace.firstByte) + '|' +
                       std::to_string(http.responseTrace.lastByte) + '|' + record.client.toString() + '|' +
                       record.server.toString() + '|' + record.tls + '|' + record.call.api + '|' + record.call.model +
                       '|' + count(record.call.usage.input) + '|' + count(record.call.usage.output) + '|' +
                       record.facts.backend + '|' + record.facts.traceId + '|' + record.facts.correlationId + '|' +
                       count(record.facts.backendNs);
    for (const auto* headers : {&http.request.headers, &http.response.headers})
        for (std::size_t i = 0; i < headers->size(); ++i)
            text += '|' + std::string((*headers)[i].name) + '=' + std::string((*headers)[i].value);
    for (const Finding& finding : http.findings) text += '|' + std::string(finding.kind->id);
    return text;
}
inline std::string described(const Found& found) {
    std::string text = found.title;
    for (const LogRecord& record : found.records) text += '\n' + described(record);
    for (const Finding& finding : found.findings)
        text += '\n' + std::string(finding.kind->id) + ' ' + std::to_string(finding.packet.value_or(0));
    return text;
}

} // namespace gatescope::gatewaylog::test

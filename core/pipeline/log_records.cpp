// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/log_records.h"

#include "core/gatewaylog/log_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::pipeline {

namespace {

/// A log has lines where a capture has packets: its readers tell them in the same place.
void placeIn(Finding& finding, std::uint32_t input, std::uint64_t line) {
    finding.input = input;
    finding.line = std::exchange(finding.packet, std::nullopt);
    if (!finding.line && line != 0) finding.line = line;
}

} // namespace

analysis::ExchangeRecord exchangeOf(gatewaylog::LogRecord&& record, std::uint32_t input) {
    analysis::ExchangeRecord exchange;
    exchange.input = input;
    exchange.source = record.format;
    exchange.client = record.client;
    exchange.server = record.server;
    exchange.tls = std::move(record.tls);
    exchange.scheme = std::move(record.scheme);
    exchange.http = std::move(record.http);
    exchange.call = std::move(record.call);
    exchange.log = std::move(record.facts);
    for (auto* findings : {&exchange.http.findings, &exchange.call.findings})
        for (Finding& finding : *findings) placeIn(finding, input, exchange.log.line);
    return exchange;
}

analysis::FlowRecord flowOf(gatewaylog::LogFlow&& flow, std::uint32_t input) {
    analysis::FlowRecord record;
    record.input = input;
    record.firstPacket = flow.line; // what tells connections of an input apart
    record.firstTime = flow.time;
    record.lastTime = flow.time;
    record.client = flow.source;
    record.server = flow.destination;
    record.source = flow.format;
    record.action = std::move(flow.action);
    return record;
}

void LogCollector::onRecord(gatewaylog::LogRecord&& record) {
    note(record.http.requestTrace.firstByte, record.http.responseTrace.lastByte);
    batch.exchanges.push_back(exchangeOf(std::move(record), m_input));
}

void LogCollector::onLlmPart(gatewaylog::LlmPart&& part) {
    note(part.time, part.time);
    parts.push_back(std::move(part));
}

void LogCollector::onFlow(gatewaylog::LogFlow&& flow) {
    note(flow.time, flow.time);
    batch.flows.push_back(flowOf(std::move(flow), m_input));
}

void LogCollector::onMetric(gatewaylog::LogMetric&& metric) {
    note(metric.time, metric.time);
    batch.metrics.push_back(std::move(metric));
}

void LogCollector::onFinding(Finding&& finding) {
    placeIn(finding, m_input, 0);
    const auto isLoss = {&gatewaylog::kDamagedRecord, &gatewaylog::kCutRecord, &gatewaylog::kRecordTooLong,
                         &gatewaylog::kDocumentTooLong};
    lost += static_cast<std::uint64_t>(std::ranges::count(isLoss, finding.kind));
    batch.findings.push_back(std::move(finding));
}

void LogCollector::note(TimeNs first, TimeNs last) {
    ++records;
    if (first != kNoTime && (firstTime == kNoTime || first < firstTime)) firstTime = first;
    lastTime = std::max({lastTime, first, last}); // kNoTime is less than any time
}

} // namespace gatescope::pipeline

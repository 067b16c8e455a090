// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/access_line.h"
#include "core/gatewaylog/envoy_outcome.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"

#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "envoy-text";

void addIfSet(http::HeaderList& headers, std::string_view name, std::string_view value) {
    if (!value.empty() && value != "-") headers.add(name, value);
}

bool recognise(std::string_view line) {
    const auto parts = parseEnvoyLine(line);
    return parts && parseTime(parts->time).time != kNoTime;
}

LogRecord recordFrom(const EnvoyLine& line, TimeNs begin, std::uint64_t number) {
    LogRecord record = recordOf(kName, number);
    setRequest(record, line.method, line.path);
    setVersion(record, line.protocol);
    http::HeaderList& headers = record.http.request.headers;
    addIfSet(headers, "host", line.authority);
    addIfSet(headers, "x-forwarded-for", line.forwardedFor);
    addIfSet(headers, "user-agent", line.userAgent);
    addIfSet(headers, "x-request-id", line.requestId);
    setStatus(record, wholeNumber(line.code));
    setTimes(record, begin, millisecondsOf(line.durationMs));
    setBodySizes(record, wholeNumber(line.bytesReceived), wholeNumber(line.bytesSent));
    record.client = Endpoint::parse(line.downstreamRemote).value_or(Endpoint{});
    record.server = Endpoint::parse(line.downstreamLocal).value_or(Endpoint{});
    record.facts.backend.assign(envoyHost(line.upstreamHost));
    if (record.facts.backend.empty()) record.facts.backend.assign(envoyHost(line.cluster));
    record.facts.backendNs = millisecondsOf(line.upstreamMs);
    return record;
}

bool read(std::string_view line, std::uint64_t number, ReadContext& context, LogSink& sink) {
    const auto parts = parseEnvoyLine(line);
    if (!parts) return false;
    const TimeNs begin = parseTime(parts->time).time;
    if (begin == kNoTime) return false;
    LogRecord record = recordFrom(*parts, begin, number);
    context.calls.read(record);
    setEnvoyOutcome(record, parts->flags, parts->details, parts->failure);
    checkLoggedIdentity(record);
    sink.onRecord(std::move(record));
    return true;
}

} // namespace

LineFormat envoyTextLog() {
    return {kName, "Envoy access log", recognise, read};
}

} // namespace gatescope::gatewaylog

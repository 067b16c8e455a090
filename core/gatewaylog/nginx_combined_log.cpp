// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/access_line.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"

#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "nginx-combined";

void addIfSet(http::HeaderList& headers, std::string_view name, std::string_view value) {
    if (!value.empty() && value != "-") headers.add(name, withoutEscapes(value));
}

bool recognise(std::string_view line) {
    const auto parts = parseNginxLine(line);
    return parts && parseTime(parts->time).time != kNoTime;
}

bool read(std::string_view line, std::uint64_t number, ReadContext& context, LogSink& sink) {
    const auto parts = parseNginxLine(line);
    if (!parts) return false;
    const TimeNs time = parseTime(parts->time).time;
    if (time == kNoTime) return false;
    LogRecord record = recordOf(kName, number);
    const std::string request = withoutEscapes(parts->request);
    if (const auto start = parseRequestLine(request)) {
        setRequest(record, start->method, start->target);
        setVersion(record, start->protocol);
    }
    http::HeaderList& headers = record.http.request.headers;
    addIfSet(headers, "referer", parts->referer);
    addIfSet(headers, "user-agent", parts->userAgent);
    addIfSet(headers, "x-forwarded-for", parts->forwardedFor.value_or(""));
    setStatus(record, wholeNumber(parts->code));
    setTimes(record, time, {}); // of the end, but nothing says when it began
    setBodySizes(record, {}, wholeNumber(parts->bodyBytesSent));
    record.client = Endpoint::parse(parts->address).value_or(Endpoint{});
    context.calls.read(record);
    checkLoggedIdentity(record);
    sink.onRecord(std::move(record));
    return true;
}

} // namespace

LineFormat nginxCombinedLog() {
    return {kName, "nginx access log (combined)", recognise, read};
}

} // namespace gatescope::gatewaylog

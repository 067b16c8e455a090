// SPDX-License-Identifier: Apache-2.0
// Application Insights: requests (classic table requests, workspace table AppRequests) and metrics (customMetrics,
// AppMetrics). Source: log-schemas.json (AppRequests, AppMetrics).
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <algorithm>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

using Index = LogFields::Index;

bool isOfTable(const LogFields& fields, std::string_view workspace, std::string_view classic) {
    if (isOfLog(fields, workspace, workspace)) return true;
    const auto item = fields.text(fields.find("itemType"));
    return item && http::equalsIgnoreCase(*item, classic);
}

// --- requests

enum Column : std::size_t {
    Time,
    TimeGenerated,
    Timestamp,
    Id,
    OperationId,
    ClassicOperationId,
    Name,
    DurationMs,
    Duration,
    ResultCode,
    Url,
    ClientIp,
    ClassicClientIp,
    Properties,
    CustomDimensions,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"time", "timeGenerated", "timestamp", "id", "operationId", "operation_Id",
                                        "name", "durationMs", "duration", "resultCode", "url", "clientIP", "client_IP",
                                        "properties", "customDimensions"}};

bool matchesRequests(const LogFields& fields) {
    if (isOfTable(fields, "AppRequests", "request")) return true;
    if (categoryOf(fields) || fields.find("resultCode") == LogFields::kNone) return false;
    return fields.find("operation_Id") != LogFields::kNone ||
           (fields.find("operationId") != LogFields::kNone && fields.find("durationMs") != LogFields::kNone);
}

/// What API Management adds to a request: headers as `Request-NAME` and `Response-NAME`, and bodies under the same
/// rule.
struct Additions {
    LoggedBodies bodies;

    void read(const LogFields& fields, Index properties, LogRecord& record) {
        fields.forEach(properties, [&](Index member) {
            const std::string_view name = fields[member].name;
            if (http::equalsIgnoreCase(name, "Request Id"))
                record.facts.correlationId.assign(fields.text(member).value_or(std::string_view()));
            else if (const auto header = behind(name, "Request-"))
                add(fields, member, *header, record.http.request.headers, bodies.request);
            else if (const auto answer = behind(name, "Response-"))
                add(fields, member, *answer, record.http.response.headers, bodies.response);
        });
    }

private:
    static std::optional<std::string_view> behind(std::string_view name, std::string_view prefix) {
        if (name.size() <= prefix.size() || !http::equalsIgnoreCase(name.substr(0, prefix.size()), prefix)) return {};
        return name.substr(prefix.size());
    }
    static void add(const LogFields& fields, Index member, std::string_view name, http::HeaderList& headers,
                    std::string_view& body) {
        const auto text = fields.text(member);
        if (!text) return;
        if (http::equalsIgnoreCase(name, "Body"))
            body = *text;
        else
            headers.add(name, *text);
    }
};

/// Application Insights keeps at most so many characters of a property.
constexpr std::size_t kPropertyCap = 8192;

void readRequest(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    const auto at = kTable.find(fields);
    const auto text = [&](Column a, Column b) {
        return fields.text(firstSet(fields, {at[a], at[b]})).value_or(std::string_view());
    };
    LogRecord record = recordOf("app-insights", line);
    // `POST /path` or an operation's name: only a method in capitals is one.
    const std::string_view name = text(Name, Name);
    const std::string_view method = name.substr(0, name.find(' '));
    const bool isMethod =
        method.size() != name.size() && std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
    record.http.request.target.assign(text(Url, Url));
    record.http.requestTrace.seen = !record.http.request.target.empty();
    if (isMethod) record.http.request.method.assign(method);
    setStatus(record, fields.integer(at[ResultCode]));
    const TimeNs begin = readAzureTime(fields, {at[Timestamp], at[TimeGenerated], at[Time]}, context, record);
    setTimes(record, begin, readDuration(fields, firstSet(fields, {at[DurationMs], at[Duration]}), kMillisecond));
    // An address of zeros stands for one that was taken out.
    const auto client = endpointOf(text(ClientIp, ClassicClientIp), {});
    if (client && client->address != IpAddress::parse("0.0.0.0")) record.client = *client;
    setTraceId(record, text(OperationId, ClassicOperationId));
    if (const std::string_view span = text(Id, Id); span.size() == 16) record.facts.spanId.assign(span);
    Additions additions;
    const Index properties = firstSet(fields, {at[Properties], at[CustomDimensions]});
    if (context.json.expand(fields, properties)) additions.read(fields, properties, record);
    additions.bodies.requestIsCut = additions.bodies.request.size() >= kPropertyCap;
    additions.bodies.responseIsCut = additions.bodies.response.size() >= kPropertyCap;
    context.calls.read(record, additions.bodies);
    checkLoggedIdentity(record);
    sink.onRecord(std::move(record));
}

// --- metrics

bool matchesMetrics(const LogFields& fields) {
    if (isOfTable(fields, "AppMetrics", "customMetric")) return true;
    if (fields.find("name") == LogFields::kNone) return false;
    return fields.find("valueSum") != LogFields::kNone ||
           (fields.find("Sum") != LogFields::kNone && fields.find("ItemCount") != LogFields::kNone);
}

/// The first of these that is a number.
std::optional<double> firstNumber(const LogFields& fields, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names)
        if (const auto number = fields.real(fields.find(name))) return number;
    return {};
}

void readMetric(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    LogMetric metric;
    metric.format = "app-metrics";
    metric.line = line;
    metric.time = readAzureTime(fields, {fields.find("timestamp"), fields.find("timeGenerated"), fields.find("time")},
                                context, line, sink);
    metric.name.assign(fields.text(fields.find("name")).value_or(std::string_view()));
    const auto sum = firstNumber(fields, {"Sum", "valueSum", "value"});
    if (!sum || metric.name.empty()) return; // a measurement without a value measures nothing
    metric.sum = *sum;
    const auto items = fields.integer(firstSet(fields, {fields.find("valueCount"), fields.find("ItemCount")}));
    metric.items = std::max<std::int64_t>(0, items.value_or(1));
    const Index properties = firstSet(fields, {fields.find("properties"), fields.find("customDimensions")});
    if (context.json.expand(fields, properties))
        fields.forEach(properties, [&](Index member) {
            if (auto value = scalarText(fields, member))
                metric.dimensions.emplace_back(fields[member].name, std::move(*value));
        });
    sink.onMetric(std::move(metric));
}

} // namespace

RecordFormat appInsightsRequests() {
    return {"app-insights", "Application Insights requests", matchesRequests, readRequest};
}

RecordFormat appMetrics() {
    return {"app-metrics", "Application Insights metrics", matchesMetrics, readMetric};
}

} // namespace gatescope::gatewaylog

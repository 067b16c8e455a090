// SPDX-License-Identifier: Apache-2.0
// One row for each request at the gateway: Azure Monitor's category GatewayLogs as exported, and the table
// ApiManagementGatewayLogs of Log Analytics. Source: log-schemas.json (apimGatewayExport, ApiManagementGatewayLogs).
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_findings.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"
#include "core/llm/api_names.h"
#include "core/llm/response_headers.h"
#include "core/llm/throttle.h"

namespace gatescope::gatewaylog {

namespace {

using Index = LogFields::Index;

enum Column : std::size_t {
    Time,
    TimeGenerated,
    CorrelationId,
    CallerIpAddress,
    DurationMs,
    TotalTime,
    Properties,
    Method,
    Url,
    ClientProtocol,
    ClientTlsVersion,
    ResponseCode,
    BackendUrl,
    BackendId,
    BackendTime,
    RequestSize,
    ResponseSize,
    RequestHeaders,
    ResponseHeaders,
    BackendRequestHeaders,
    BackendResponseHeaders,
    RequestBody,
    ResponseBody,
    BackendRequestBody,
    BackendResponseBody,
    LastError,
    LastErrorSource,
    LastErrorReason,
    LastErrorMessage,
    Truncated,
    kColumns
};

constexpr ColumnTable<kColumns> kTable{{"time",
                                        "timeGenerated",
                                        "correlationId",
                                        "callerIpAddress",
                                        "durationMs",
                                        "totalTime",
                                        "properties",
                                        "method",
                                        "url",
                                        "clientProtocol",
                                        "clientTlsVersion",
                                        "responseCode",
                                        "backendUrl",
                                        "backendId",
                                        "backendTime",
                                        "requestSize",
                                        "responseSize",
                                        "requestHeaders",
                                        "responseHeaders",
                                        "backendRequestHeaders",
                                        "backendResponseHeaders",
                                        "requestBody",
                                        "responseBody",
                                        "backendRequestBody",
                                        "backendResponseBody",
                                        "lastError",
                                        "lastErrorSource",
                                        "lastErrorReason",
                                        "lastErrorMessage",
                                        "truncated"}};

/// The gateway logs up to 8,192 octets of a payload: a body of that size has lost its end. A character that was cut
/// becomes a longer one. Still longer bodies come from gateways with another setting.
bool reachesCap(std::string_view body) {
    constexpr std::size_t kCap = 8192;
    constexpr std::size_t kCutCharacters = 8;
    return body.size() >= kCap && body.size() <= kCap + kCutCharacters;
}

bool matches(const LogFields& fields) {
    if (const auto category = categoryOf(fields)) return http::equalsIgnoreCase(*category, "GatewayLogs");
    if (const auto table = fields.text(fields.find("Type"))) return *table == "ApiManagementGatewayLogs";
    // A chosen part of the table's columns: those that no other table has.
    for (const std::string_view name : {"apimSubscriptionId", "backendResponseCode", "backendMethod", "isTraceAllowed",
                                        "lastErrorReason", "clientTlsVersion"})
        if (fields.find(name) != LogFields::kNone) return true;
    if (fields.find("responseCode") == LogFields::kNone) return false;
    for (const std::string_view name : {"correlationId", "callerIpAddress", "totalTime", "url"})
        if (fields.find(name) != LogFields::kNone) return true;
    return false;
}

/// One row and what is read from it.
class Row {
public:
    Row(LogFields& fields, std::uint64_t line, ReadContext& context)
        : m_fields(fields), m_context(context), m_at(kTable.find(fields)), m_record(recordOf("apim-gateway", line)) {
        if (context.json.expand(fields, m_at[Properties])) kTable.findMore(fields, m_at[Properties], m_at);
    }

    void read() {
        readHeads();
        readConnection();
        const TimeNs begin = readAzureTime(m_fields, {m_at[Time], m_at[TimeGenerated]}, m_context, m_record);
        setTimes(m_record, begin, readDuration(m_fields, first(DurationMs, TotalTime), kMillisecond));
        readFacts();
        readCall();
        if (m_fields.integer(m_at[Truncated]).value_or(0) > 0) note(m_record, kTruncated, "record");
    }
    LogRecord&& take() { return std::move(m_record); }

private:
    Index first(Column a, Column b) const { return firstSet(m_fields, {m_at[a], m_at[b]}); }
    std::string_view text(Column column) const { return m_fields.text(m_at[column]).value_or(std::string_view()); }

    void readHeads() {
        setRequest(m_record, text(Method), text(Url));
        if (text(Method).empty()) m_record.http.request.target.assign(text(Url));
        setVersion(m_record, text(ClientProtocol));
        setStatus(m_record, m_fields.integer(m_at[ResponseCode]));
        addAzureHeaders(m_fields, m_at[RequestHeaders], m_context, m_record.http.request.headers);
        addAzureHeaders(m_fields, m_at[ResponseHeaders], m_context, m_record.http.response.headers);
        http::Exchange& exchange = m_record.http;
        exchange.requestTrace.seen |= !exchange.request.target.empty() || exchange.request.headers.size() != 0;
        exchange.responseTrace.seen |= exchange.response.headers.size() != 0;
        addAzureHeaders(m_fields, m_at[BackendResponseHeaders], m_context, m_backendResponse);
    }

    void readConnection() {
        if (const auto client = endpointOf(text(CallerIpAddress), {})) m_record.client = *client;
        // Only this header, which the front end of the gateway writes, knows the port.
        const auto logged = m_record.http.request.headers.find("client-ip");
        if (const auto client = logged ? Endpoint::parse(*logged) : std::nullopt; client && client->port != 0)
            m_record.client = *client;
        m_record.tls = tlsVersionOf(text(ClientTlsVersion));
    }

    void readFacts() {
        LogFacts& facts = m_record.facts;
        facts.correlationId.assign(text(CorrelationId));
        const std::string_view host = hostOf(text(BackendUrl));
        facts.backend.assign(host.empty() ? text(BackendId) : host);
        facts.backendNs = readDuration(m_fields, m_at[BackendTime], kMillisecond);
        facts.receivedBytes = readSize(m_fields, m_at[RequestSize]);
        facts.sentBytes = readSize(m_fields, m_at[ResponseSize]);
        const http::HeaderList& headers = m_record.http.request.headers;
        facts.transactionId.assign(headers.find("x-appgw-trace-id").value_or(std::string_view()));
        if (const auto trace = headers.find("traceparent")) readTraceparent(*trace, facts);
        if (facts.traceId.empty()) readBackendTrace();
    }

    /// What the gateway sent on belongs to the same trace; its span is the gateway's own.
    void readBackendTrace() {
        http::HeaderList sentOn;
        addAzureHeaders(m_fields, m_at[BackendRequestHeaders], m_context, sentOn);
        LogFacts found;
        if (const auto trace = sentOn.find("traceparent")) readTraceparent(*trace, found);
        m_record.facts.traceId = std::move(found.traceId);
    }

    void readCall() {
        LoggedBodies bodies;
        bodies.request = m_fields.text(first(RequestBody, BackendRequestBody)).value_or(std::string_view());
        bodies.response = m_fields.text(first(ResponseBody, BackendResponseBody)).value_or(std::string_view());
        bodies.requestIsCut = reachesCap(bodies.request);
        bodies.responseIsCut = reachesCap(bodies.response);
        bodies.backendAnswer = &m_backendResponse;
        m_context.calls.read(m_record, bodies);
        readError();
        checkLoggedIdentity(m_record);
    }

    void readError() {
        const Index error = m_at[LastError];
        const bool nested = m_context.json.expand(m_fields, error);
        const auto part = [&](std::string_view name, Column column) {
            return m_fields.text(nested ? m_fields.find(name, error) : m_at[column]).value_or(std::string_view());
        };
        if (m_record.call.errorCode.empty()) m_record.call.errorCode.assign(part("reason", LastErrorReason));
        if (!llm::isModelCall(m_record.call.api) || !m_record.call.limit.origin.empty()) return;
        // The message is the one that the gateway answered with.
        llm::ErrorFacts answer;
        answer.statusCode = m_record.http.response.status;
        answer.message.assign(part("message", LastErrorMessage));
        if (answer.message.empty()) return;
        const auto limits = llm::readResponseHeaders(m_record.http.response.headers).limits;
        llm::LimitFacts& limit = m_record.call.limit;
        limit.origin = llm::limitOrigin(m_record.http.response.status, limits, answer, {});
        if (!limit.origin.empty()) limit.retryAfterNs = llm::waitAsked(limits, answer, {});
    }

    LogFields& m_fields;
    ReadContext& m_context;
    ColumnTable<kColumns>::Found m_at;
    LogRecord m_record;
    http::HeaderList m_backendResponse;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    Row row(fields, line, context);
    row.read();
    sink.onRecord(row.take());
}

} // namespace

RecordFormat apimGatewayLog() {
    return {"apim-gateway", "API Management gateway log", matches, read};
}

} // namespace gatescope::gatewaylog

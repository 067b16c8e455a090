// SPDX-License-Identifier: Apache-2.0
// Access log of Azure Application Gateway: exported records of both generations, and the table AGWAccessLogs. Source:
// log-schemas.json (appGatewayAccessV2). Durations are seconds, of the first generation milliseconds.
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

enum Column : std::size_t {
    TimeStamp,
    Time,
    TimeGenerated,
    Properties,
    InstanceId,
    ClientIp,
    ClientPort,
    HttpMethod,
    OriginalRequestUriWithArgs,
    RequestUri,
    RequestQuery,
    UserAgent,
    HttpStatus,
    HttpVersion,
    ReceivedBytes,
    SentBytes,
    TimeTaken,
    TransactionId,
    SslEnabled,
    SslProtocol,
    ServerRouted,
    ServerResponseLatency,
    OriginalHost,
    Host,
    ErrorInfo,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"timeStamp",
                                        "time",
                                        "timeGenerated",
                                        "properties",
                                        "instanceId",
                                        "clientIP",
                                        "clientPort",
                                        "httpMethod",
                                        "originalRequestUriWithArgs",
                                        "requestUri",
                                        "requestQuery",
                                        "userAgent",
                                        "httpStatus",
                                        "httpVersion",
                                        "receivedBytes",
                                        "sentBytes",
                                        "timeTaken",
                                        "transactionId",
                                        "sslEnabled",
                                        "sslProtocol",
                                        "serverRouted",
                                        "serverResponseLatency",
                                        "originalHost",
                                        "host",
                                        "error_info"}};

bool matches(const LogFields& fields) {
    if (isOfLog(fields, "ApplicationGatewayAccessLog", "AGWAccessLogs")) return true;
    if (categoryOf(fields)) return false;
    return fields.find("clientIP") != LogFields::kNone && fields.find("httpStatus") != LogFields::kNone &&
           fields.find("transactionId") != LogFields::kNone;
}

class Row {
public:
    Row(LogFields& fields, std::uint64_t line, ReadContext& context)
        : m_fields(fields), m_context(context), m_at(kTable.find(fields)), m_record(recordOf("app-gateway", line)) {
        if (context.json.expand(fields, m_at[Properties])) kTable.findMore(fields, m_at[Properties], m_at);
    }

    void read() {
        readHeads();
        readConnection();
        const bool firstGeneration = text(InstanceId).starts_with("ApplicationGatewayRole");
        const std::int64_t unit = firstGeneration ? kMillisecond : kSecond;
        const TimeNs begin =
            readAzureTime(m_fields, {m_at[TimeStamp], m_at[Time], m_at[TimeGenerated]}, m_context, m_record);
        setTimes(m_record, begin, readDuration(m_fields, m_at[TimeTaken], unit));
        LogFacts& facts = m_record.facts;
        facts.transactionId.assign(text(TransactionId));
        facts.backend.assign(text(ServerRouted));
        facts.backendNs = readDuration(m_fields, m_at[ServerResponseLatency], kSecond);
        facts.receivedBytes = readSize(m_fields, m_at[ReceivedBytes]);
        facts.sentBytes = readSize(m_fields, m_at[SentBytes]);
        m_context.calls.read(m_record);
        const std::string_view error = text(ErrorInfo);
        if (error != "ERRORINFO_NO_ERROR") m_record.call.errorCode.assign(error);
    }
    LogRecord&& take() { return std::move(m_record); }

private:
    std::string_view text(Column column) const { return m_fields.text(m_at[column]).value_or(std::string_view()); }

    void readHeads() {
        std::string target(text(OriginalRequestUriWithArgs));
        if (target.empty()) {
            target.assign(text(RequestUri));
            if (const std::string_view query = text(RequestQuery); !target.empty() && !query.empty()) {
                target += '?';
                target += query;
            }
        }
        setRequest(m_record, text(HttpMethod), target);
        setVersion(m_record, text(HttpVersion));
        setStatus(m_record, m_fields.integer(m_at[HttpStatus]));
        // A host that was rewritten is what the backend got.
        const std::string_view host = text(text(OriginalHost).empty() ? Host : OriginalHost);
        http::HeaderList& headers = m_record.http.request.headers;
        if (!host.empty()) headers.add("host", host);
        if (const std::string_view agent = text(UserAgent); !agent.empty()) headers.add("user-agent", agent);
    }

    void readConnection() {
        if (const auto client = endpointOf(text(ClientIp), m_fields.integer(m_at[ClientPort])))
            m_record.client = *client;
        m_record.tls = tlsVersionOf(text(SslProtocol));
        const std::string_view secured = text(SslEnabled);
        if (secured == "on") m_record.scheme = "https";
        if (secured == "off") {
            m_record.scheme = "http";
            m_record.tls = "none";
        }
    }

    LogFields& m_fields;
    ReadContext& m_context;
    ColumnTable<kColumns>::Found m_at;
    LogRecord m_record;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    Row row(fields, line, context);
    row.read();
    sink.onRecord(row.take());
}

} // namespace

RecordFormat appGatewayLog() {
    return {"app-gateway", "Application Gateway access log", matches, read};
}

} // namespace gatescope::gatewaylog

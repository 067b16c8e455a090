// SPDX-License-Identifier: Apache-2.0
// Access log of Azure Front Door, classic and standard. Durations are seconds.
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"

namespace gatescope::gatewaylog {

namespace {

enum Column : std::size_t {
    Time,
    TimeGenerated,
    Properties,
    TrackingReference,
    HttpMethod,
    HttpVersion,
    RequestUri,
    RequestBytes,
    ResponseBytes,
    UserAgent,
    ClientIp,
    ClientPort,
    SocketIp,
    TimeToFirstByte,
    TimeTaken,
    RequestProtocol,
    SecurityProtocol,
    HttpStatusCode,
    BackendHostname,
    OriginName,
    ErrorInfo,
    Referer,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"time",
                                        "timeGenerated",
                                        "properties",
                                        "trackingReference",
                                        "httpMethod",
                                        "httpVersion",
                                        "requestUri",
                                        "requestBytes",
                                        "responseBytes",
                                        "userAgent",
                                        "clientIp",
                                        "clientPort",
                                        "socketIp",
                                        "timeToFirstByte",
                                        "timeTaken",
                                        "requestProtocol",
                                        "securityProtocol",
                                        "httpStatusCode",
                                        "backendHostname",
                                        "originName",
                                        "errorInfo",
                                        "referer"}};

bool matches(const LogFields& fields) {
    if (const auto category = categoryOf(fields)) return http::equalsIgnoreCase(*category, "FrontDoorAccessLog");
    return fields.find("trackingReference") != LogFields::kNone && fields.find("socketIp") != LogFields::kNone;
}

class Row {
public:
    Row(LogFields& fields, std::uint64_t line, ReadContext& context)
        : m_fields(fields), m_context(context), m_at(kTable.find(fields)), m_record(recordOf("front-door", line)) {
        if (context.json.expand(fields, m_at[Properties])) kTable.findMore(fields, m_at[Properties], m_at);
    }

    void read() {
        readHeads();
        readConnection();
        const TimeNs begin = readAzureTime(m_fields, {m_at[Time], m_at[TimeGenerated]}, m_context, m_record);
        setTimes(m_record, begin, readDuration(m_fields, m_at[TimeTaken], kSecond));
        m_record.http.responseTrace.firstByte = endOf(begin, readDuration(m_fields, m_at[TimeToFirstByte], kSecond));
        m_record.facts.receivedBytes = readSize(m_fields, m_at[RequestBytes]);
        m_record.facts.sentBytes = readSize(m_fields, m_at[ResponseBytes]);
        m_record.facts.backend.assign(text(text(BackendHostname).empty() ? OriginName : BackendHostname));
        m_context.calls.read(m_record);
        if (text(ErrorInfo) != "NoError") m_record.call.errorCode.assign(text(ErrorInfo));
    }
    LogRecord&& take() { return std::move(m_record); }

private:
    std::string_view text(Column column) const { return m_fields.text(m_at[column]).value_or(std::string_view()); }

    void readHeads() {
        setRequest(m_record, text(HttpMethod), text(RequestUri));
        // As four numbers: `2.0.0.0`.
        const std::string_view version = text(HttpVersion).substr(0, 3);
        setVersion(m_record, version == "2.0"   ? "HTTP/2"
                             : version == "1.1" ? "HTTP/1.1"
                             : version == "1.0" ? "HTTP/1.0"
                                                : "");
        setStatus(m_record, m_fields.integer(m_at[HttpStatusCode]));
        addHeader(m_record.http.request.headers, "user-agent", UserAgent);
        addHeader(m_record.http.request.headers, "referer", Referer);
        addHeader(m_record.http.response.headers, "x-azure-ref", TrackingReference); // how the caller was told it
    }
    void addHeader(http::HeaderList& headers, std::string_view name, Column column) const {
        if (const std::string_view value = text(column); !value.empty()) headers.add(name, value);
    }

    /// The port is that of the client; it is the peer's where both have the same address.
    void readConnection() {
        const auto client = endpointOf(text(ClientIp), m_fields.integer(m_at[ClientPort]));
        const auto peer = endpointOf(text(SocketIp), {});
        if (client && (!peer || peer->address == client->address))
            m_record.client = *client;
        else if (peer)
            m_record.client = *peer;
        m_record.tls = tlsVersionOf(text(SecurityProtocol));
        const std::string_view protocol = text(RequestProtocol);
        if (http::equalsIgnoreCase(protocol, "https")) m_record.scheme = "https";
        if (http::equalsIgnoreCase(protocol, "http")) {
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

RecordFormat frontDoorLog() {
    return {"front-door", "Front Door access log", matches, read};
}

} // namespace gatescope::gatewaylog

// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/access_line.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <string>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "nginx-json";

/// Names of nginx's variables, and the other names that people give them. Names of header fields are not among them:
/// see loggedHeaderOf.
enum Column : std::size_t {
    Msec,
    TimeIso,
    TimeLocal,
    Time,
    Timestamp,
    AtTimestamp,
    Request,
    Method,
    RequestMethod,
    RequestUri,
    Uri,
    Path,
    Args,
    QueryString,
    Protocol,
    ServerProtocol,
    Status,
    RemoteAddr,
    RemotePort,
    ServerAddr,
    ServerPort,
    ServerName,
    SslServerName,
    Scheme,
    SslProtocol,
    RequestTime,
    UpstreamResponseTime,
    UpstreamAddr,
    RequestLength,
    ContentLength,
    BytesSent,
    BodyBytesSent,
    RequestId,
    TraceId,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"msec",
                                        "time_iso8601",
                                        "time_local",
                                        "time",
                                        "timestamp",
                                        "@timestamp",
                                        "request",
                                        "method",
                                        "request_method",
                                        "request_uri",
                                        "uri",
                                        "path",
                                        "args",
                                        "query_string",
                                        "protocol",
                                        "server_protocol",
                                        "status",
                                        "remote_addr",
                                        "remote_port",
                                        "server_addr",
                                        "server_port",
                                        "server_name",
                                        "ssl_server_name",
                                        "scheme",
                                        "ssl_protocol",
                                        "request_time",
                                        "upstream_response_time",
                                        "upstream_addr",
                                        "request_length",
                                        "content_length",
                                        "bytes_sent",
                                        "body_bytes_sent",
                                        "request_id",
                                        "trace_id"}};
using Found = ColumnTable<kColumns>::Found;

bool hasAny(const Found& found, std::initializer_list<Column> columns) {
    for (const Column column : columns)
        if (found[column] != LogFields::kNone) return true;
    return false;
}

bool matches(const LogFields& fields) {
    const Found found = kTable.find(fields);
    if (fields.find("response_flags") != LogFields::kNone) return false; // of Envoy
    return hasAny(found, {Status}) && hasAny(found, {Request, RequestUri, Uri, Path}) &&
           hasAny(found, {RemoteAddr, RequestTime, UpstreamResponseTime, BodyBytesSent, BytesSent, TimeIso});
}

/// Reads one record. All of its members may be absent.
class Reader {
public:
    Reader(const LogFields& fields, std::uint64_t line)
        : m_fields(fields), m_found(kTable.find(fields)), m_record(recordOf(kName, line)) {}

    LogRecord&& read() {
        readRequest();
        readTimes();
        readEnds();
        readBackend();
        readSizes();
        if (const auto id = text({RequestId})) m_record.facts.correlationId.assign(*id);
        if (const auto id = text({TraceId})) setTraceId(m_record, *id);
        return std::move(m_record);
    }

private:
    LogFields::Index first(std::initializer_list<Column> columns) const {
        for (const Column column : columns)
            if (firstSet(m_fields, {m_found[column]}) != LogFields::kNone) return m_found[column];
        return LogFields::kNone;
    }
    std::optional<std::string_view> text(std::initializer_list<Column> columns) const {
        return m_fields.text(first(columns));
    }
    std::optional<std::int64_t> integer(Column column) const { return m_fields.integer(m_found[column]); }

    void readRequest() {
        http::Exchange& exchange = m_record.http;
        const auto line = parseRequestLine(text({Request}).value_or(""));
        const auto method = text({Method, RequestMethod});
        const auto target = text({RequestUri, Uri, Path, Request});
        if (line)
            setRequest(m_record, line->method, line->target);
        else if (method)
            setRequest(m_record, *method, withArguments(target.value_or("")));
        setVersion(m_record, line ? line->protocol : text({Protocol, ServerProtocol}).value_or(""));
        addLoggedHeaders(m_fields, exchange.request.headers, exchange.response.headers);
        if (const auto host = text({SslServerName, ServerName}); host && *host != "_")
            if (!exchange.request.headers.find("host")) exchange.request.headers.add("host", *host);
        setStatus(m_record, integer(Status));
    }

    /// `$uri` has no query; `$args` is what it had.
    std::string withArguments(std::string_view target) const {
        std::string whole(target);
        const auto arguments = text({Args, QueryString});
        if (!arguments || target.find('?') != std::string_view::npos) return whole;
        return whole + '?' + std::string(*arguments);
    }

    /// A line is written when the request is over: its time is that of the end.
    void readTimes() {
        const LogFields::Index written = first({Msec, TimeIso, TimeLocal, Time, Timestamp, AtTimestamp});
        const TimeNs end = readTime(m_fields, written).time;
        const auto duration = readDuration(m_fields, m_found[RequestTime], kSecond);
        if (end == kNoTime) return;
        TimeNs begin = end;
        if (duration && !__builtin_sub_overflow(end, *duration, &begin))
            setTimes(m_record, begin, duration);
        else
            setTimes(m_record, end, {});
    }

    void readEnds() {
        if (const auto address = text({RemoteAddr}))
            m_record.client = endpointOf(*address, integer(RemotePort)).value_or(Endpoint{});
        if (const auto address = text({ServerAddr}))
            m_record.server = endpointOf(*address, integer(ServerPort)).value_or(Endpoint{});
        // The variable is empty for a connection without TLS.
        const LogFields::Index tls = m_found[SslProtocol];
        if (const auto version = m_fields.text(tls))
            m_record.tls = tlsVersionOf(*version);
        else if (tls != LogFields::kNone && m_fields[tls].kind == LogFields::Kind::Text)
            m_record.tls = "none";
        if (const auto scheme = text({Scheme}))
            m_record.scheme.assign(*scheme);
        else if (!m_record.tls.empty())
            m_record.scheme = m_record.tls == "none" ? "http" : "https";
    }

    void readBackend() {
        m_record.facts.backend.assign(lastAttempt(text({UpstreamAddr}).value_or("")));
        m_record.facts.backendNs = secondsOfAttempts(scalarText(m_fields, m_found[UpstreamResponseTime]).value_or(""));
    }

    void readSizes() {
        const auto size = [](std::optional<std::int64_t> octets) {
            return octets && *octets >= 0 ? std::optional(static_cast<std::uint64_t>(*octets)) : std::nullopt;
        };
        m_record.facts.receivedBytes = size(integer(RequestLength));
        m_record.facts.sentBytes = size(integer(BytesSent));
        setBodySizes(m_record, integer(ContentLength), integer(BodyBytesSent));
    }

    const LogFields& m_fields;
    const Found m_found;
    LogRecord m_record;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    LogRecord record = Reader(fields, line).read();
    context.calls.read(record);
    readTraceparent(record.http.request.headers.find("traceparent").value_or(""), record.facts);
    checkLoggedIdentity(record);
    sink.onRecord(std::move(record));
}

} // namespace

RecordFormat nginxJsonLog() {
    return {kName, "nginx access log (JSON)", matches, read};
}

} // namespace gatescope::gatewaylog

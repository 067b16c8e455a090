// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/envoy_outcome.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "envoy-json";

/// Whoever runs the proxy names the members. These are the names of Envoy's commands in lower case, of the samples of
/// Envoy AI Gateway and of Istio. Names of header fields are not among them: see loggedHeaderOf.
enum Column : std::size_t {
    StartTime,
    Time,
    Timestamp,
    AtTimestamp,
    Method,
    MethodHeader,
    OriginPath,
    OriginalPath,
    Path,
    PathHeader,
    Protocol,
    ResponseCode,
    Status,
    Flags,
    Details,
    Failure,
    BytesReceived,
    BytesSent,
    Duration,
    ResponseDuration,
    ServiceTimeHeader,
    ServiceTime,
    UpstreamHost,
    UpstreamCluster,
    DirectRemote,
    DirectRemotePort,
    Remote,
    RemotePort,
    Local,
    LocalPort,
    ServerName,
    TlsVersion,
    TraceId,
    RequestModel,
    ResponseModel,
    ResponseId,
    InputTokens,
    OutputTokens,
    TotalTokens,
    CacheReadTokens,
    CachedInputTokens,
    CacheWriteTokens,
    CacheCreationTokens,
    ReasoningTokens,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"start_time",
                                        "time",
                                        "timestamp",
                                        "@timestamp",
                                        "method",
                                        ":method",
                                        "x-envoy-origin-path",
                                        "x-envoy-original-path",
                                        "path",
                                        ":path",
                                        "protocol",
                                        "response_code",
                                        "status",
                                        "response_flags",
                                        "response_code_details",
                                        "upstream_transport_failure_reason",
                                        "bytes_received",
                                        "bytes_sent",
                                        "duration",
                                        "response_duration",
                                        "x-envoy-upstream-service-time",
                                        "upstream_service_time",
                                        "upstream_host",
                                        "upstream_cluster",
                                        "downstream_direct_remote_address",
                                        "downstream_direct_remote_port",
                                        "downstream_remote_address",
                                        "downstream_remote_port",
                                        "downstream_local_address",
                                        "downstream_local_port",
                                        "requested_server_name",
                                        "downstream_tls_version",
                                        "trace_id",
                                        "gen_ai.request.model",
                                        "gen_ai.response.model",
                                        "gen_ai.response.id",
                                        "gen_ai.usage.input_tokens",
                                        "gen_ai.usage.output_tokens",
                                        "gen_ai.usage.total_tokens",
                                        "gen_ai.usage.cache_read.input_tokens",
                                        "gen_ai.usage.cached_input_tokens",
                                        "gen_ai.usage.cache_write.input_tokens",
                                        "gen_ai.usage.cache_creation.input_tokens",
                                        "gen_ai.usage.reasoning.output_tokens"}};
using Found = ColumnTable<kColumns>::Found;

bool matches(const LogFields& fields) {
    const Found found = kTable.find(fields);
    const auto has = [&](Column column) { return found[column] != LogFields::kNone; };
    if (has(Flags)) return has(ResponseCode) || has(Status) || has(StartTime);
    const bool speaksOfUpstream = has(UpstreamHost) || has(UpstreamCluster) || has(ServiceTimeHeader);
    return (has(ResponseCode) && speaksOfUpstream) ||
           (has(StartTime) && (has(InputTokens) || has(OutputTokens) || has(RequestModel)));
}

class Reader {
public:
    Reader(const LogFields& fields, std::uint64_t line)
        : m_fields(fields), m_found(kTable.find(fields)), m_record(recordOf(kName, line)) {}

    LogRecord& readExchange() {
        readRequest();
        readEnds();
        const TimeNs begin = readTime(m_fields, first({StartTime, Time, Timestamp, AtTimestamp})).time;
        setTimes(m_record, begin, readDuration(m_fields, m_found[Duration], kMillisecond));
        m_record.http.responseTrace.firstByte =
            endOf(begin, readDuration(m_fields, m_found[ResponseDuration], kMillisecond));
        setBodySizes(m_record, integer({BytesReceived}), integer({BytesSent}));
        m_record.facts.backend.assign(envoyHost(text({UpstreamHost, UpstreamCluster})));
        m_record.facts.backendNs = readDuration(m_fields, first({ServiceTimeHeader, ServiceTime}), kMillisecond);
        setTraceId(m_record, text({TraceId}));
        return m_record;
    }

    /// What the log states beside the exchange.
    LogRecord&& readCall() {
        stateUsage(m_record.call, {.input = integer({InputTokens}),
                                   .output = integer({OutputTokens}),
                                   .total = integer({TotalTokens}),
                                   .cached = integer({CacheReadTokens, CachedInputTokens}),
                                   .cacheWrite = integer({CacheWriteTokens, CacheCreationTokens}),
                                   .reasoning = integer({ReasoningTokens})});
        stateNames(m_record.call, {.deployment = {},
                                   .requestedModel = text({RequestModel}),
                                   .servedModel = text({ResponseModel}),
                                   .responseId = text({ResponseId})});
        setEnvoyOutcome(m_record, text({Flags}), text({Details}), text({Failure}));
        return std::move(m_record);
    }

private:
    LogFields::Index first(std::initializer_list<Column> columns) const {
        for (const Column column : columns)
            if (firstSet(m_fields, {m_found[column]}) != LogFields::kNone) return m_found[column];
        return LogFields::kNone;
    }
    std::string_view text(std::initializer_list<Column> columns) const {
        return m_fields.text(first(columns)).value_or("");
    }
    std::optional<std::int64_t> integer(std::initializer_list<Column> columns) const {
        return m_fields.integer(first(columns));
    }

    void readRequest() {
        http::Exchange& exchange = m_record.http;
        setRequest(m_record, text({Method, MethodHeader}), text({OriginPath, OriginalPath, Path, PathHeader}));
        setVersion(m_record, text({Protocol}));
        addLoggedHeaders(m_fields, exchange.request.headers, exchange.response.headers);
        setStatus(m_record, integer({ResponseCode, Status}));
    }

    void readEnds() {
        // The other remote address may have been taken from X-Forwarded-For.
        const auto direct = endpointOf(text({DirectRemote}), integer({DirectRemotePort}));
        const auto remote = direct ? direct : endpointOf(text({Remote}), integer({RemotePort}));
        m_record.client = remote.value_or(Endpoint{});
        m_record.server = endpointOf(text({Local}), integer({LocalPort})).value_or(Endpoint{});
        m_record.tls = tlsVersionOf(text({TlsVersion}));
        if (!m_record.tls.empty()) m_record.scheme = "https";
        http::HeaderList& headers = m_record.http.request.headers;
        if (const std::string_view name = text({ServerName}); !name.empty() && !headers.find("host"))
            headers.add("host", name);
    }

    const LogFields& m_fields;
    const Found m_found;
    LogRecord m_record;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    Reader reader(fields, line);
    LogRecord& record = reader.readExchange();
    context.calls.read(record);
    readTraceparent(record.http.request.headers.find("traceparent").value_or(""), record.facts);
    LogRecord whole = reader.readCall();
    checkLoggedIdentity(whole);
    sink.onRecord(std::move(whole));
}

} // namespace

RecordFormat envoyJsonLog() {
    return {kName, "Envoy access log (JSON)", matches, read};
}

} // namespace gatescope::gatewaylog

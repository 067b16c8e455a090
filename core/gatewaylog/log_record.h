// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/base/ip_address.h"
#include "core/http/message.h"
#include "core/llm/call_facts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::gatewaylog {

/// What only a log says of a call. Empty text is "not logged", which does not mean "not sent".
struct LogFacts {
    std::uint64_t line = 0;    ///< in its input, from 1: where the record begins; 0: not from a log
    std::string correlationId; ///< of API Management: one gateway request
    std::string transactionId; ///< of Application Gateway: the header x-appgw-trace-id
    std::string traceId;       ///< 32 hex digits, lower case (W3C trace context)
    std::string spanId;  ///< 16 hex digits, lower case: the span that this record is, or that the gateway was given
    std::string backend; ///< where the gateway sent the call: host, address, or the name of a pool member
    std::optional<std::int64_t> backendNs;      ///< time the backend took
    std::optional<std::uint64_t> receivedBytes; ///< of the request as the gateway counts it, heads and framing included
    std::optional<std::uint64_t> sentBytes;     ///< of the response, likewise
    bool versionKnown = false;   ///< the heads of the exchange hold the version of HTTP that the log states
    bool bodySizesKnown = false; ///< the two traces of the exchange hold body sizes that the log states
};

/// One call, request or span that a log tells of. The exchange holds what was logged: heads with the header fields
/// that the log names, times in the two traces (`firstByte` of the request: when it began; `lastByte` of the response:
/// begin plus duration), `seen` where the log speaks of that message, never `complete`.
struct LogRecord {
    std::string_view format; ///< `apim-gateway`, `nginx-json`, ...: a constant, what the field `source` shows
    http::Exchange http;
    llm::CallFacts call; ///< token counts that the log states have llm::TokenSource::Log
    Endpoint client;     ///< immediate peer of the gateway; port 0: not logged; Endpoint{}: neither
    Endpoint server;     ///< that end of the gateway, where logged
    std::string tls;     ///< `1.2`, `1.3`, `none`; empty: not logged
    std::string scheme;  ///< `https`, where the log says it and the target does not; empty: not logged
    LogFacts facts;
};

/// A row of API Management's log of model calls. Several make one call: they are put together by correlation id and
/// sequence number before any JSON in them is parsed.
struct LlmPart {
    std::uint64_t line = 0;
    TimeNs time = kNoTime;
    std::string correlationId;
    std::int64_t sequence = 0;
    std::string requestMessages;  ///< a piece of JSON text
    std::string responseMessages; ///< likewise
    std::string requestId, model, deployment;
    std::optional<std::int64_t> promptTokens, completionTokens, totalTokens, cachedTokens;
    std::optional<bool> stream;
};

/// A connection that a firewall or a flow log tells of.
struct LogFlow {
    std::string_view format; ///< `azure-firewall`
    std::uint64_t line = 0;
    TimeNs time = kNoTime;
    Endpoint source;
    Endpoint destination; ///< Endpoint{}: only a name is logged
    std::string host;     ///< where logged
    std::string action;   ///< `Allow`, `Deny`, as logged
};

/// A measured sum, such as the tokens of a minute under some dimensions.
struct LogMetric {
    std::string_view format; ///< `app-metrics`
    std::uint64_t line = 0;
    TimeNs time = kNoTime;
    std::string name; ///< `Total Tokens`
    double sum = 0;
    std::int64_t items = 0;
    std::vector<std::pair<std::string, std::string>> dimensions; ///< in the order of the log
};

/// Takes what a reader finds, in the order of the log.
class LogSink {
public:
    virtual ~LogSink() = default;
    virtual void onRecord(LogRecord&& record) = 0;
    virtual void onLlmPart(LlmPart&& part) = 0;
    virtual void onFlow(LogFlow&& flow) = 0;
    virtual void onMetric(LogMetric&& metric) = 0;
    /// Of a record that is damaged, cut or of no known kind; `packet` of the finding holds the line.
    virtual void onFinding(Finding&& finding) = 0;
};

} // namespace gatescope::gatewaylog

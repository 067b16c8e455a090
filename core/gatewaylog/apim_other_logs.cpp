// SPDX-License-Identifier: Apache-2.0
// Rows of API Management's gateway that tell of no model call by themselves: tools called over the Model Context
// Protocol, and connections of realtime sessions. They share the correlation id with the gateway log. Source:
// log-schemas.json (ApiManagementGatewayMCPLog, ApiManagementWebSocketConnectionLogs).
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/logged_exchange.h"

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kMcp = "apim-mcp";
constexpr std::string_view kWebSocket = "apim-websocket";

bool matchesMcp(const LogFields& fields) {
    if (isOfLog(fields, "GatewayMCPLogs", "ApiManagementGatewayMCPLog")) return true;
    return fields.find("McpServerEndpoint") != LogFields::kNone && fields.find("CorrelationId") != LogFields::kNone;
}

bool matchesWebSocket(const LogFields& fields) {
    return isOfLog(fields, "WebSocketConnectionLogs", "ApiManagementWebSocketConnectionLogs");
}

/// What both have: id, time and error.
LogRecord commonOf(std::string_view format, LogFields& fields, std::uint64_t line, ReadContext& context,
                   LogFields::Index properties) {
    LogRecord record = recordOf(format, line);
    const auto textOf = [&](std::string_view name) {
        const auto inside = fields.text(fields.find(name, properties));
        return inside ? *inside : fields.text(fields.find(name)).value_or(std::string_view());
    };
    record.facts.correlationId.assign(textOf("correlationId"));
    record.call.errorCode.assign(textOf("errorType"));
    if (record.call.errorCode.empty()) record.call.errorCode.assign(textOf("error"));
    record.http.requestTrace.firstByte =
        readAzureTime(fields, {fields.find("time"), fields.find("timeGenerated")}, context, record);
    return record;
}

LogFields::Index propertiesOf(LogFields& fields, ReadContext& context) {
    const LogFields::Index properties = fields.find("properties");
    return context.json.expand(fields, properties) ? properties : LogFields::kNone;
}

void readMcp(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    const LogFields::Index properties = propertiesOf(fields, context);
    LogRecord record = commonOf(kMcp, fields, line, context, properties);
    const auto inside = fields.text(fields.find("serverName", properties));
    const auto server = inside ? inside : fields.text(fields.find("serverName"));
    record.facts.backend.assign(server.value_or(std::string_view()));
    sink.onRecord(std::move(record));
}

void readWebSocket(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    LogRecord record = commonOf(kWebSocket, fields, line, context, propertiesOf(fields, context));
    record.http.request.version = record.http.response.version = http::Version::WebSocket;
    record.facts.versionKnown = true;
    sink.onRecord(std::move(record));
}

} // namespace

RecordFormat apimMcpLog() {
    return {kMcp, "API Management log of MCP calls", matchesMcp, readMcp};
}

RecordFormat apimWebSocketLog() {
    return {kWebSocket, "API Management log of WebSocket connections", matchesWebSocket, readWebSocket};
}

} // namespace gatescope::gatewaylog

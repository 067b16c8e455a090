// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/record_format.h"

namespace gatescope::gatewaylog {

// One function a format, each in a file of its own: apim_gateway_log.cpp has apimGatewayLog.

// Azure
RecordFormat apimGatewayLog();
RecordFormat apimLlmLog();
RecordFormat apimMcpLog();
RecordFormat apimWebSocketLog();
RecordFormat apimTrace();
RecordFormat appInsightsRequests();
RecordFormat appMetrics();
RecordFormat appGatewayLog();
RecordFormat frontDoorLog();
RecordFormat azureFirewallLog();
RecordFormat azureOpenAiLog();
DocumentFormat logAnalyticsAnswer();

// Other gateways and tools
RecordFormat envoyJsonLog();
RecordFormat kongLog();
RecordFormat liteLlmLog();
RecordFormat otlpSpans();
RecordFormat harArchive();
RecordFormat nginxJsonLog();
RecordFormat headerDump();
DocumentFormat headerText(); ///< a dump as a list or as text
LineFormat envoyTextLog();
LineFormat nginxCombinedLog();

} // namespace gatescope::gatewaylog

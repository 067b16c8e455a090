// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/formats.h"

#include <vector>

namespace gatescope::gatewaylog {

std::span<const RecordFormat> recordFormats() {
    static const std::vector<RecordFormat> kFormats{
        // Azure
        apimGatewayLog(), apimLlmLog(), apimMcpLog(), apimWebSocketLog(), apimTrace(), appInsightsRequests(),
        appMetrics(), appGatewayLog(), frontDoorLog(), azureFirewallLog(), azureOpenAiLog(),

        // Other gateways and tools
        otlpSpans(), harArchive(), liteLlmLog(), kongLog(), envoyJsonLog(), nginxJsonLog(),
        headerDump(), // the least sure of its own
    };
    return kFormats;
}

std::span<const DocumentFormat> documentFormats() {
    static const std::vector<DocumentFormat> kFormats{
        // Azure
        logAnalyticsAnswer(),

        // Other gateways and tools
        headerText(),
    };
    return kFormats;
}

std::span<const LineFormat> lineFormats() {
    static const std::vector<LineFormat> kFormats{envoyTextLog(), nginxCombinedLog()};
    return kFormats;
}

} // namespace gatescope::gatewaylog

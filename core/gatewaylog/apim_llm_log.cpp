// SPDX-License-Identifier: Apache-2.0
// Rows of model calls: category GatewayLlmLogs as exported, and the table ApiManagementGatewayLlmLog of Log Analytics.
// One call has several rows, which LlmAssembly puts together. Source: log-schemas.json (apimLlmExport,
// ApiManagementGatewayLlmLog).
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/json_text_of.h"
#include "core/gatewaylog/logged_exchange.h"

namespace gatescope::gatewaylog {

namespace {

enum Column : std::size_t {
    Time,
    TimeGenerated,
    CorrelationId,
    Properties,
    RequestId,
    ModelName,
    DeploymentName,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    PromptCachedTokens,
    IsStreamCompletion,
    SequenceNumber,
    RequestMessages,
    ResponseMessages,
    kColumns
};

constexpr ColumnTable<kColumns> kTable{{"time", "timeGenerated", "correlationId", "properties", "requestId",
                                        "modelName", "deploymentName", "promptTokens", "completionTokens",
                                        "totalTokens", "promptCachedTokens", "isStreamCompletion", "sequenceNumber",
                                        "requestMessages", "responseMessages"}};

bool matches(const LogFields& fields) {
    if (const auto category = categoryOf(fields)) {
        constexpr std::string_view kCategory = "GatewayLlmLogs"; // with a prefix in some exports
        return category->size() >= kCategory.size() &&
               http::equalsIgnoreCase(category->substr(category->size() - kCategory.size()), kCategory);
    }
    if (const auto table = fields.text(fields.find("Type"))) return *table == "ApiManagementGatewayLlmLog";
    // A chosen part of the table's columns.
    if (fields.find("correlationId") == LogFields::kNone) return false;
    for (const std::string_view name : {"promptTokens", "completionTokens", "totalTokens", "requestMessages",
                                        "responseMessages", "isStreamCompletion"})
        if (fields.find(name) != LogFields::kNone) return true;
    return false;
}

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    auto at = kTable.find(fields);
    if (context.json.expand(fields, at[Properties])) kTable.findMore(fields, at[Properties], at);
    const auto text = [&](Column column) { return std::string(fields.text(at[column]).value_or(std::string_view())); };
    LlmPart part;
    part.line = line;
    part.time = readAzureTime(fields, {at[Time], at[TimeGenerated]}, context, line, sink);
    part.correlationId = text(CorrelationId);
    part.sequence = fields.integer(at[SequenceNumber]).value_or(0);
    part.requestMessages = jsonTextOf(fields, at[RequestMessages]);
    part.responseMessages = jsonTextOf(fields, at[ResponseMessages]);
    part.requestId = text(RequestId);
    part.model = text(ModelName);
    part.deployment = text(DeploymentName);
    part.promptTokens = fields.integer(at[PromptTokens]);
    part.completionTokens = fields.integer(at[CompletionTokens]);
    part.totalTokens = fields.integer(at[TotalTokens]);
    part.cachedTokens = fields.integer(at[PromptCachedTokens]);
    part.stream = fields.boolean(at[IsStreamCompletion]);
    sink.onLlmPart(std::move(part));
}

} // namespace

RecordFormat apimLlmLog() {
    return {"apim-llm", "API Management log of model calls", matches, read};
}

} // namespace gatescope::gatewaylog

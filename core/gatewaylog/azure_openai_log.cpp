// SPDX-License-Identifier: Apache-2.0
// Category RequestResponse of Azure OpenAI and Foundry: no texts, no headers, no token counts, and the caller's address
// without its end. Source: log-schemas.json (azureOpenAiRequestResponse).
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"

#include <array>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

enum Column : std::size_t {
    Time,
    TimeGenerated,
    OperationName,
    CallerIpAddress,
    ResultSignature,
    DurationMs,
    CorrelationId,
    Properties,
    ModelDeploymentName,
    ModelName,
    ModelVersion,
    StreamType,
    RequestLength,
    ResponseLength,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"time", "timeGenerated", "operationName", "callerIPAddress", "resultSignature",
                                        "durationMs", "correlationId", "properties", "modelDeploymentName", "modelName",
                                        "modelVersion", "streamType", "requestLength", "responseLength"}};

/// Operations that are calls of a model, by the names of the service's own API description.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kCalls{
    {{"ChatCompletions_Create", "openai.chat"},
     {"Completions_Create", "openai.completions"},
     {"Embeddings_Create", "openai.embeddings"},
     {"Responses_Create", "openai.responses"},
     {"ImageGenerations_Create", "openai.images"},
     {"Transcriptions_Create", "openai.transcription"},
     {"Translations_Create", "openai.transcription"}}};

bool matches(const LogFields& fields) {
    const auto category = categoryOf(fields);
    if (!category || !http::equalsIgnoreCase(*category, "RequestResponse")) return false;
    return fields.find("resultSignature") != LogFields::kNone || fields.find("properties") != LogFields::kNone;
}

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    auto at = kTable.find(fields);
    if (context.json.expand(fields, at[Properties])) kTable.findMore(fields, at[Properties], at);
    const auto text = [&](Column column) { return fields.text(at[column]).value_or(std::string_view()); };
    LogRecord record = recordOf("azure-openai", line);
    const TimeNs begin = readAzureTime(fields, {at[Time], at[TimeGenerated]}, context, record);
    setTimes(record, begin, readDuration(fields, at[DurationMs], kMillisecond));
    setStatus(record, fields.integer(at[ResultSignature]));
    setBodySizes(record, fields.integer(at[RequestLength]), fields.integer(at[ResponseLength]));
    if (const auto client = endpointOf(text(CallerIpAddress), {})) record.client = *client;
    record.facts.correlationId.assign(text(CorrelationId));
    for (const auto& [operation, api] : kCalls)
        if (operation == text(OperationName)) record.call.api.assign(api);
    record.call.stream = text(StreamType) == "Streaming";
    // A version is part of the name by which the model answers: `gpt-4o` of 2024-11-20 is gpt-4o-2024-11-20.
    std::string served(text(ModelName));
    if (const std::string_view version = text(ModelVersion); !served.empty() && !version.empty()) {
        served += '-';
        served += version;
    }
    stateNames(record.call, {text(ModelDeploymentName), {}, served, {}});
    sink.onRecord(std::move(record));
}

} // namespace

RecordFormat azureOpenAiLog() {
    return {"azure-openai", "Azure OpenAI request log", matches, read};
}

} // namespace gatescope::gatewaylog

// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <array>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "litellm";

using Index = LogFields::Index;

/// Of the table of spend logs, and of what LiteLLM hands to its own loggers.
enum Column : std::size_t {
    RequestId,
    Id,
    TraceId,
    CallType,
    Spend,
    ResponseCost,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    StartTime,
    EndTime,
    CompletionStartTime,
    Model,
    ModelGroup,
    ApiBase,
    Metadata,
    Response,
    RequesterAddress,
    Status,
    ErrorInformation,
    ModelParameters,
    Stream,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"request_id",
                                        "id",
                                        "trace_id",
                                        "call_type",
                                        "spend",
                                        "response_cost",
                                        "prompt_tokens",
                                        "completion_tokens",
                                        "total_tokens",
                                        "startTime",
                                        "endTime",
                                        "completionStartTime",
                                        "model",
                                        "model_group",
                                        "api_base",
                                        "metadata",
                                        "response",
                                        "requester_ip_address",
                                        "status",
                                        "error_information",
                                        "model_parameters",
                                        "stream"}};
using Found = ColumnTable<kColumns>::Found;

/// The call that a client of the gateway made; others are the gateway's own work.
struct CallKind {
    std::string_view type; ///< without the `a` of the asynchronous form
    std::string_view api;
};
constexpr std::array<CallKind, 12> kCallKinds{{{"completion", "openai.chat"},
                                               {"text_completion", "openai.completions"},
                                               {"embedding", "openai.embeddings"},
                                               {"responses", "openai.responses"},
                                               {"anthropic_messages", "anthropic.messages"},
                                               {"image_generation", "openai.images"},
                                               {"image_edit", "openai.images"},
                                               {"transcription", "openai.transcription"},
                                               {"speech", "openai.speech"},
                                               {"moderation", "openai.moderations"},
                                               {"rerank", "rerank"},
                                               {"generate_content", "gemini"}}};

std::string_view apiOf(std::string_view type) {
    for (const CallKind& kind : kCallKinds)
        if (type == kind.type || (type.starts_with('a') && type.substr(1) == kind.type)) return kind.api;
    return {};
}

Index innerRecord(const LogFields& fields) {
    const Index inner = fields.find("standard_logging_object");
    return inner == LogFields::kNone ? LogFields::kRoot : inner;
}

bool matches(const LogFields& fields) {
    const Index inner = innerRecord(fields);
    if (inner != LogFields::kRoot) return true;
    const Found found = kTable.find(fields);
    const auto has = [&](Column column) { return found[column] != LogFields::kNone; };
    return has(CallType) && (has(Spend) || has(ResponseCost));
}

class Reader {
public:
    Reader(LogFields& fields, std::uint64_t line, ReadContext& context)
        : m_fields(fields), m_context(context), m_record(recordOf(kName, line)) {
        const Index inner = innerRecord(fields);
        if (inner != LogFields::kRoot) m_context.json.expand(m_fields, inner);
        m_found = kTable.find(m_fields, inner);
    }

    LogRecord&& read() {
        for (const Column column : {Metadata, Response, ErrorInformation, ModelParameters})
            m_context.json.expand(m_fields, m_found[column]);
        readTimes();
        readEnds();
        // The log speaks of the request without its head, but may know headers of the caller's own.
        m_record.http.requestTrace.seen = true;
        addHeaders(m_fields, m_fields.find("requester_custom_headers", m_found[Metadata]),
                   m_record.http.request.headers);
        m_context.calls.read(m_record);
        readTraceparent(m_record.http.request.headers.find("traceparent").value_or(""), m_record.facts);
        setTraceId(m_record, text(TraceId));
        readCall();
        return std::move(m_record);
    }

private:
    std::string_view text(Column column) const { return m_fields.text(m_found[column]).value_or(""); }
    std::string_view textOf(Index index) const { return m_fields.text(index).value_or(""); }
    std::optional<std::int64_t> integer(Column column) const { return m_fields.integer(m_found[column]); }

    void readTimes() {
        const TimeNs end = readTime(m_fields, m_found[EndTime]).time;
        m_record.http.requestTrace.firstByte = readTime(m_fields, m_found[StartTime]).time;
        m_record.http.responseTrace.lastByte = end;
    }

    void readEnds() {
        const Index inMetadata = m_fields.find("requester_ip_address", m_found[Metadata]);
        const Index address = firstSet(m_fields, {m_found[RequesterAddress], inMetadata});
        m_record.client = Endpoint::parse(textOf(address)).value_or(Endpoint{});
        m_record.facts.backend.assign(hostOf(text(ApiBase)));
    }

    void readCall() {
        llm::CallFacts& call = m_record.call;
        const TimeNs end = m_record.http.responseTrace.lastByte;
        call.api.assign(apiOf(text(CallType)));
        stateUsage(call, {.input = integer(PromptTokens),
                          .output = integer(CompletionTokens),
                          .total = integer(TotalTokens),
                          .cached = {},
                          .cacheWrite = {},
                          .reasoning = {}});
        stateNames(call, {.deployment = {},
                          .requestedModel = text(ModelGroup).empty() ? text(Model) : text(ModelGroup),
                          .servedModel = servedModel(),
                          .responseId = text(RequestId).empty() ? text(Id) : text(RequestId)});
        call.finishReason.assign(finishReason());
        const Index streamed = firstSet(m_fields, {m_found[Stream], m_fields.find("stream", m_found[ModelParameters])});
        call.streamRequested = m_fields.boolean(streamed).value_or(false);
        const TimeNs first = readTime(m_fields, m_found[CompletionStartTime]).time;
        // Of an answer that came whole, the first token has the time of the end.
        if (first != kNoTime && first != end) call.firstToken = first;
        call.stream = call.streamRequested || call.firstToken != kNoTime;
        readOutcome();
    }

    /// From the answer where it was stored; else the model that was asked, without the name of its provider.
    std::string_view servedModel() const {
        const std::string_view answered = textOf(m_fields.find("model", m_found[Response]));
        if (!answered.empty()) return answered;
        const std::string_view asked = text(Model);
        const std::size_t slash = asked.find('/');
        return slash == std::string_view::npos ? asked : asked.substr(slash + 1);
    }

    std::string_view finishReason() const {
        std::string_view reason;
        m_fields.forEach(m_fields.find("choices", m_found[Response]), [&](Index choice) {
            if (reason.empty()) reason = textOf(m_fields.find("finish_reason", choice));
        });
        return reason;
    }

    void readOutcome() {
        if (text(Status) != "failure") {
            m_record.http.responseTrace.seen = text(Status) == "success";
            return;
        }
        const std::string_view code = textOf(m_fields.find("error_code", m_found[ErrorInformation]));
        const std::string_view errorClass = textOf(m_fields.find("error_class", m_found[ErrorInformation]));
        setStatus(m_record, wholeNumber(code));
        m_record.call.errorCode.assign(!errorClass.empty() ? errorClass : code.empty() ? "failure" : code);
    }

    LogFields& m_fields;
    ReadContext& m_context;
    Found m_found{};
    LogRecord m_record;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    sink.onRecord(Reader(fields, line, context).read());
}

} // namespace

RecordFormat liteLlmLog() {
    return {kName, "LiteLLM spend log", matches, read};
}

} // namespace gatescope::gatewaylog

// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <initializer_list>
#include <utility>
#include <vector>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "otlp";

constexpr FindingKind kOtherSpans{
    "log.spans-without-call", Severity::Info, "Spans that are no call of a model were left out",
    "A trace holds the work of agents and tools, and plain HTTP calls, as well. Only the spans of model calls by the "
    "semantic conventions for generative AI are exchanges here.",
    ""};
constexpr FindingKind kOtherSignals{"log.no-spans", Severity::Low,
                                    "Metrics or log records of OpenTelemetry were left out",
                                    "Only spans tell of single calls.", "Export the traces as well."};

using Index = LogFields::Index;
using Kind = LogFields::Kind;

bool matches(const LogFields& fields) {
    return std::ranges::any_of(std::array<std::string_view, 3>{"resourceSpans", "resourceMetrics", "resourceLogs"},
                               [&](std::string_view name) { return fields.find(name) != LogFields::kNone; });
}

/// Attributes of a span: a name, and the member that holds its value.
class Attributes {
public:
    Attributes(const LogFields& fields, Index list) : m_fields(fields) {
        fields.forEach(list, [&](Index entry) {
            const auto key = fields.text(fields.find("key", entry));
            const Index value = fields.find("value", entry);
            if (key && value != LogFields::kNone) m_entries.emplace_back(*key, fields[value].first);
        });
    }

    /// The value of the first of `names` that is there: names changed from one version of the conventions to the next.
    Index find(std::initializer_list<std::string_view> names) const {
        for (const std::string_view name : names)
            for (const auto& [key, value] : m_entries)
                if (key == name && value != LogFields::kNone) return value;
        return LogFields::kNone;
    }
    std::string_view text(std::initializer_list<std::string_view> names) const {
        return m_fields.text(find(names)).value_or("");
    }
    std::optional<std::int64_t> integer(std::initializer_list<std::string_view> names) const {
        return m_fields.integer(find(names));
    }
    /// First text of a list, or a text.
    std::string_view firstText(std::initializer_list<std::string_view> names) const { return firstTextAt(find(names)); }
    bool hasPrefix(std::string_view prefix) const {
        return std::ranges::any_of(m_entries, [&](const auto& entry) { return entry.first.starts_with(prefix); });
    }
    /// Calls `visit(rest of the name, text)` for each attribute whose name begins with `prefix`.
    template <typename Visit>
    void forEachWith(std::string_view prefix, Visit&& visit) const {
        for (const auto& [key, value] : m_entries)
            if (key.size() > prefix.size() && key.starts_with(prefix))
                visit(key.substr(prefix.size()), firstTextAt(value));
    }
    const LogFields& fields() const { return m_fields; }

private:
    std::string_view firstTextAt(Index value) const {
        if (value == LogFields::kNone) return {};
        if (m_fields[value].kind != Kind::Object) return m_fields.text(value).value_or("");
        const Index values = m_fields.find("values", value);
        const Index entry = values == LogFields::kNone ? values : m_fields[values].first;
        return m_fields.text(m_fields.find("stringValue", entry)).value_or("");
    }

    const LogFields& m_fields;
    std::vector<std::pair<std::string_view, Index>> m_entries;
};

/// Work of agents, and calls that return what another call had made.
constexpr std::array<std::string_view, 6> kCalls{"chat",       "text_completion",  "embeddings",
                                                 "completion", "generate_content", "responses"};

bool isModelCall(const Attributes& attributes) {
    if (!attributes.hasPrefix("gen_ai.")) return false;
    const std::string_view operation = attributes.text({"gen_ai.operation.name"});
    if (!operation.empty()) return std::ranges::find(kCalls, operation) != kCalls.end();
    // The older generations did not name the operation.
    return attributes.find({"gen_ai.request.model", "gen_ai.response.model"}) != LogFields::kNone &&
           attributes.find({"gen_ai.tool.name", "gen_ai.agent.id"}) == LogFields::kNone;
}

std::string_view apiOf(const Attributes& attributes) {
    const std::string_view operation = attributes.text({"gen_ai.operation.name"});
    const std::string_view provider = attributes.text({"gen_ai.provider.name", "gen_ai.system"});
    if (operation == "embeddings") return "openai.embeddings";
    if (provider == "anthropic") return "anthropic.messages";
    if (provider == "aws.bedrock") return "bedrock.converse";
    if (provider.starts_with("gcp.") || operation == "generate_content") return "gemini";
    if (operation == "responses" || attributes.text({"openai.api.type"}) == "responses") return "openai.responses";
    return operation == "text_completion" || operation == "completion" ? "openai.completions" : "openai.chat";
}

TimeNs nanoseconds(const LogFields& fields, Index index) {
    const auto time = fields.integer(index);
    return time && *time > 0 ? *time : kNoTime;
}

/// One span that is a call of a model.
class Span {
public:
    Span(const LogFields& fields, Index span, const Attributes& attributes, std::uint64_t line)
        : m_fields(fields), m_span(span), m_attributes(attributes), m_record(recordOf(kName, line)) {}

    LogRecord&& read(ReadContext& context) {
        readExchange();
        context.calls.read(m_record);
        readCall();
        readAgent();
        readOutcome();
        return std::move(m_record);
    }

private:
    std::string_view member(std::string_view name) const {
        return m_fields.text(m_fields.find(name, m_span)).value_or("");
    }

    void readExchange() {
        http::Exchange& exchange = m_record.http;
        setRequest(m_record, m_attributes.text({"http.request.method", "http.method"}),
                   m_attributes.text({"url.full", "http.url", "url.path", "http.target"}));
        m_attributes.forEachWith("http.request.header.", [&](std::string_view name, std::string_view value) {
            exchange.request.headers.add(name, value);
        });
        m_attributes.forEachWith("http.response.header.", [&](std::string_view name, std::string_view value) {
            exchange.response.headers.add(name, value);
        });
        exchange.requestTrace.seen = true;
        exchange.requestTrace.firstByte = nanoseconds(m_fields, m_fields.find("startTimeUnixNano", m_span));
        exchange.responseTrace.lastByte = nanoseconds(m_fields, m_fields.find("endTimeUnixNano", m_span));
        setStatus(m_record, m_attributes.integer({"http.response.status_code", "http.status_code"}));
        setTraceId(m_record, member("traceId"));
        if (!m_record.facts.traceId.empty()) m_record.facts.spanId.assign(member("spanId"));
        m_record.facts.backend.assign(m_attributes.text({"server.address", "net.peer.name"}));
        const auto port = m_attributes.integer({"server.port", "net.peer.port"});
        if (port && *port > 0 && !m_record.facts.backend.empty()) m_record.facts.backend += fmt::format(":{}", *port);
    }

    void readCall() {
        llm::CallFacts& call = m_record.call;
        if (call.api.empty()) call.api.assign(apiOf(m_attributes));
        stateUsage(call,
                   {.input = m_attributes.integer({"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"}),
                    .output = m_attributes.integer({"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"}),
                    .total = m_attributes.integer({"gen_ai.usage.total_tokens", "llm.usage.total_tokens"}),
                    .cached = m_attributes.integer({"gen_ai.usage.cache_read.input_tokens",
                                                    "gen_ai.usage.cache_read_input_tokens",
                                                    "gen_ai.openai.usage.cached_tokens"}),
                    .cacheWrite = m_attributes.integer({"gen_ai.usage.cache_write.input_tokens",
                                                        "gen_ai.usage.cache_creation.input_tokens",
                                                        "gen_ai.usage.cache_creation_input_tokens"}),
                    .reasoning = m_attributes.integer(
                        {"gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"})});
        stateNames(call, {.deployment = {},
                          .requestedModel = m_attributes.text({"gen_ai.request.model"}),
                          .servedModel = m_attributes.text({"gen_ai.response.model"}),
                          .responseId = m_attributes.text({"gen_ai.response.id"})});
        call.finishReason.assign(m_attributes.firstText({"gen_ai.response.finish_reasons"}));
        const auto limit = m_attributes.integer({"gen_ai.request.max_tokens"});
        if (limit && *limit >= 0) call.maxTokens = limit;
        call.streamRequested =
            m_fields.boolean(m_attributes.find({"gen_ai.request.stream", "llm.is_streaming"})).value_or(false);
        call.stream = call.streamRequested;
        call.firstToken =
            endOf(m_record.http.requestTrace.firstByte,
                  readDuration(m_fields, m_attributes.find({"gen_ai.response.time_to_first_chunk"}), kSecond));
    }

    /// Foundry names an agent by its name and version: `planner:5`.
    void readAgent() {
        llm::Identity& identity = m_record.call.identity;
        if (!identity.agent.empty()) return;
        const std::string_view name = m_attributes.text({"gen_ai.agent.name"});
        const std::string_view id = m_attributes.text({"gen_ai.agent.id"});
        const std::size_t colon = id.rfind(':');
        identity.agent.assign(name.empty() ? id.substr(0, colon) : name);
        identity.agentVersion.assign(m_attributes.text({"gen_ai.agent.version"}));
        if (identity.agentVersion.empty() && colon != std::string_view::npos)
            identity.agentVersion.assign(id.substr(colon + 1));
    }

    void readOutcome() {
        const std::string_view error = m_attributes.text({"error.type"});
        if (m_record.http.response.status == 0 && error.size() == 3) setStatus(m_record, wholeNumber(error));
        const Index code = m_fields.find("code", m_fields.find("status", m_span));
        const bool hasFailed = m_fields.integer(code) == 2 || m_fields.text(code) == "STATUS_CODE_ERROR";
        if (!error.empty() || hasFailed)
            m_record.call.errorCode.assign(error.empty() ? "error" : error);
        else
            m_record.http.responseTrace.seen = true;
    }

    const LogFields& m_fields;
    const Index m_span;
    const Attributes& m_attributes;
    LogRecord m_record;
};

class Reader {
public:
    Reader(const LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink)
        : m_fields(fields), m_line(line), m_context(context), m_sink(sink) {}

    void read() {
        m_fields.forEach(m_fields.find("resourceSpans"), [&](Index resource) {
            for (const std::string_view scopes : {"scopeSpans", "instrumentationLibrarySpans"})
                m_fields.forEach(m_fields.find(scopes, resource), [&](Index scope) {
                    m_fields.forEach(m_fields.find("spans", scope), [&](Index span) { readSpan(span); });
                });
        });
        if (m_others != 0) tell(kOtherSpans, fmt::format("{} span{}", m_others, m_others == 1 ? "" : "s"));
        if (m_fields.find("resourceSpans") == LogFields::kNone) tell(kOtherSignals, {});
    }

private:
    void readSpan(Index span) {
        const Attributes attributes(m_fields, m_fields.find("attributes", span));
        if (isModelCall(attributes))
            m_sink.onRecord(Span(m_fields, span, attributes, m_line).read(m_context));
        else
            ++m_others;
    }
    void tell(const FindingKind& kind, std::string evidence) {
        Finding finding;
        finding.kind = &kind;
        finding.packet = m_line;
        if (!evidence.empty()) finding.evidence.push_back(std::move(evidence));
        m_sink.onFinding(std::move(finding));
    }

    const LogFields& m_fields;
    const std::uint64_t m_line;
    ReadContext& m_context;
    LogSink& m_sink;
    std::uint64_t m_others = 0;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    Reader(fields, line, context, sink).read();
}

} // namespace

RecordFormat otlpSpans() {
    return {kName, "OpenTelemetry spans (OTLP JSON)", matches, read};
}

} // namespace gatescope::gatewaylog

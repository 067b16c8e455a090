// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/call_reading.h"

#include "core/base/saturating.h"
#include "core/gatewaylog/json_records.h"
#include "core/gatewaylog/log_findings.h"
#include "core/llm/api_names.h"
#include "core/llm/call_observer.h"
#include "core/llm/json_text.h"

#include <algorithm>
#include <array>

namespace gatescope::gatewaylog {

namespace {

bool looksLikeEvents(std::string_view body) {
    body.remove_prefix(llm::skipBlanks(body, 0));
    return std::ranges::any_of(std::array<std::string_view, 4>{"data:", "event:", "id:", ": "},
                               [&](std::string_view word) { return body.starts_with(word); });
}

/// A copy without the named fields, which say how the body was on the wire and not how it stands in the log.
http::HeaderList without(const http::HeaderList& headers, std::string_view first, std::string_view second) {
    http::HeaderList kept;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        if (!http::equalsIgnoreCase(name, first) && !http::equalsIgnoreCase(name, second)) kept.add(name, value);
    }
    return kept;
}

/// Of another message of the same call: what is not there yet. How that message was coded says nothing of this one.
void addMissing(const http::HeaderList& from, http::HeaderList& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
        const auto [name, value] = from[i];
        const bool isCoding = name.size() > 8 && http::equalsIgnoreCase(name.substr(0, 8), "content-");
        if (!isCoding && !to.find(name)) to.add(name, value);
    }
}

/// True for JSON, or a last event of JSON, whose brackets are not closed: a log that was set to keep less than it
/// could.
bool endsEarly(std::string_view body) {
    while (!body.empty() && llm::isJsonBlank(body.back())) body.remove_suffix(1);
    if (looksLikeEvents(body)) {
        body.remove_prefix(body.rfind('\n') + 1); // npos + 1 is 0
        if (!body.starts_with("data:")) return false;
        body.remove_prefix(5);
    }
    body.remove_prefix(llm::skipBlanks(body, 0));
    const bool isJson = body.starts_with('{') || body.starts_with('[');
    return isJson && body != "[DONE]" && jsonValueEnd(body, 0) == std::string_view::npos;
}

std::optional<std::int64_t> counted(std::optional<std::int64_t> stated) {
    return stated && *stated >= 0 ? stated : std::nullopt;
}

void setIfEmpty(std::string& held, std::string_view value) {
    if (held.empty()) held.assign(value);
}

bool isHex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isZero(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

} // namespace

struct CallReading::State {
    llm::CallObserver observer;

    void readRequest(const LogRecord& record, const LoggedBodies& bodies);
    void readResponse(const LogRecord& record, const LoggedBodies& bodies);
};

CallReading::CallReading() : m_state(std::make_unique<State>()) {}
CallReading::~CallReading() = default;
CallReading::CallReading(CallReading&&) noexcept = default;
CallReading& CallReading::operator=(CallReading&&) noexcept = default;

void CallReading::State::readRequest(const LogRecord& record, const LoggedBodies& bodies) {
    const http::RequestHead& head = record.http.request;
    if (!bodies.request.empty() && head.headers.find("content-encoding")) {
        http::RequestHead decoded;
        decoded.method = head.method;
        decoded.target = head.target;
        decoded.headers = without(head.headers, "content-encoding", {});
        observer.onRequestHead(decoded);
    } else {
        observer.onRequestHead(head);
    }
    if (bodies.request.empty()) return;
    observer.onRequestBody(asBytes(bodies.request));
    if (bodies.requestIsCut) observer.onRequestGap();
    observer.onRequestEnd(!bodies.requestIsCut);
}

void CallReading::State::readResponse(const LogRecord& record, const LoggedBodies& bodies) {
    const http::ResponseHead& head = record.http.response;
    const bool events = looksLikeEvents(bodies.response);
    const bool named = http::isEventStream(head.headers.find("content-type").value_or(""));
    const bool coded = !bodies.response.empty() && head.headers.find("content-encoding");
    const bool hasMore = bodies.backendAnswer && bodies.backendAnswer->size() != 0;
    if (coded || (events && !named) || hasMore) {
        http::ResponseHead decoded;
        decoded.status = head.status;
        decoded.headers = without(head.headers, "content-encoding", events ? "content-type" : "");
        if (events) decoded.headers.add("content-type", "text/event-stream");
        if (hasMore) addMissing(*bodies.backendAnswer, decoded.headers);
        observer.onResponseHead(decoded);
    } else {
        observer.onResponseHead(head);
    }
    if (bodies.response.empty()) return;
    observer.onResponseBody(asBytes(bodies.response), kNoTime);
    if (bodies.responseIsCut)
        observer.onResponseGap();
    else if (events)
        observer.onResponseBody(asBytes("\n\n"), kNoTime); // logs leave out the blank line at the end
    observer.onResponseEnd(!bodies.responseIsCut);
}

void CallReading::read(LogRecord& record, const LoggedBodies& logged) {
    LoggedBodies bodies = logged;
    bodies.requestIsCut = bodies.requestIsCut || endsEarly(bodies.request);
    bodies.responseIsCut = bodies.responseIsCut || endsEarly(bodies.response);
    m_state->observer.begin();
    if (record.http.requestTrace.seen) m_state->readRequest(record, bodies);
    if (record.http.responseTrace.seen) m_state->readResponse(record, bodies);
    record.call = m_state->observer.take();
    if (bodies.requestIsCut) note(record, kTruncated, "request body");
    if (bodies.responseIsCut) note(record, kTruncated, "response body");
}

void stateUsage(llm::CallFacts& call, const StatedUsage& stated) {
    const llm::Usage reported = call.usage;
    llm::Usage usage;
    usage.input = counted(stated.input);
    usage.output = counted(stated.output);
    usage.total = counted(stated.total);
    if (!usage.input && !usage.output && !usage.total) return;
    usage.cached = counted(stated.cached);
    usage.cacheWrite = counted(stated.cacheWrite);
    usage.reasoning = counted(stated.reasoning);
    if (!usage.total && usage.input && usage.output) usage.total = saturatingAdd(*usage.input, *usage.output);
    if (reported.source == llm::TokenSource::Reported) {
        if (usage.input && usage.input == reported.input) {
            if (!usage.cached) usage.cached = reported.cached;
            if (!usage.cacheWrite) usage.cacheWrite = reported.cacheWrite;
            usage.cacheWrite1h = reported.cacheWrite1h;
            usage.audioInput = reported.audioInput;
            usage.imageInput = reported.imageInput;
        }
        if (usage.output && usage.output == reported.output) {
            if (!usage.reasoning) usage.reasoning = reported.reasoning;
            usage.audioOutput = reported.audioOutput;
            usage.imageOutput = reported.imageOutput;
        }
        usage.webSearches = reported.webSearches;
    }
    usage.source = llm::TokenSource::Log;
    call.usage = usage;
}

void stateNames(llm::CallFacts& call, const StatedNames& stated) {
    setIfEmpty(call.deployment, stated.deployment);
    setIfEmpty(call.requestedModel, stated.requestedModel);
    setIfEmpty(call.servedModel, stated.servedModel);
    setIfEmpty(call.responseId, stated.responseId);
    for (const std::string* name :
         {&call.identity.headerModel, &call.deployment, &call.requestedModel, &call.servedModel}) {
        if (name->empty()) continue;
        call.model = *name;
        return;
    }
}

void checkLoggedIdentity(LogRecord& record) {
    const llm::Identity& who = record.call.identity;
    if (!llm::isModelCall(record.call.api) || !who.project.empty() || !who.projectId.empty() || !who.agent.empty() ||
        !who.headerModel.empty())
        return;
    note(record, kHeaderNotLogged);
}

void note(LogRecord& record, const FindingKind& kind, std::string_view evidence) {
    Finding finding;
    finding.kind = &kind;
    if (!evidence.empty()) finding.evidence.emplace_back(evidence);
    finding.packet = record.facts.line;
    record.http.findings.push_back(std::move(finding));
}

void readTraceparent(std::string_view value, LogFacts& facts) {
    // W3C Trace Context, 3.2.2: version, trace id, parent id, flags.
    constexpr std::size_t kLeast = 55;
    if (value.size() < kLeast || value[2] != '-' || value[35] != '-' || value[52] != '-') return;
    const std::string_view version = value.substr(0, 2);
    const std::string_view trace = value.substr(3, 32);
    const std::string_view span = value.substr(36, 16);
    if (!isHex(version) || version == "ff" || !isHex(trace) || !isHex(span)) return;
    if (isZero(trace) || isZero(span)) return;
    facts.traceId.assign(trace);
    facts.spanId.assign(span);
}

} // namespace gatescope::gatewaylog

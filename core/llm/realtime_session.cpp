// SPDX-License-Identifier: Apache-2.0
#include "core/llm/realtime_session.h"

#include "core/llm/llm_findings.h"
#include "core/llm/realtime_message.h"
#include "core/llm/route.h"

#include <algorithm>
#include <deque>
#include <string_view>
#include <utility>

namespace gatescope::llm {

namespace {

enum class SessionKind : std::uint8_t {
    Unknown, ///< messages have to tell
    Realtime,
    Responses,
    Foreign
};

constexpr std::string_view kBeginningUnseen = "the beginning of the response was not captured";
constexpr std::string_view kMessagesLost = "messages of the response were lost";
constexpr std::string_view kSessionEnded = "the session ended before the response did";
constexpr std::string_view kTooMany = "more responses are under way than are followed";

/// What a response begins with: the client's word, or the end of the caller's turn.
http::MessageTrace traceOf(const http::WebSocketMessage& message) {
    http::MessageTrace trace;
    trace.firstByte = message.first.time;
    trace.lastByte = message.last.time;
    trace.firstPacket = message.first.packet;
    trace.lastPacket = message.last.packet;
    trace.bodyBytes = message.wireBytes;
    trace.seen = true;
    trace.complete = !message.cut;
    return trace;
}

void extend(http::MessageTrace& trace, const http::WebSocketMessage& message) {
    if (trace.firstPacket == 0 && trace.firstByte == kNoTime) {
        trace.firstByte = message.first.time;
        trace.firstPacket = message.first.packet;
    }
    trace.lastByte = message.last.time;
    trace.lastPacket = message.last.packet;
    trace.bodyBytes += message.wireBytes;
    trace.seen = true;
}

bool isEndOfResponse(std::string_view type) {
    return type == "response.done" || type == "response.completed" || type == "response.incomplete" ||
           type == "response.failed";
}

/// A call under way: facts are gathered by its observer.
struct OpenCall {
    CallObserver observer;
    http::MessageTrace request;
    http::MessageTrace response;
    std::string eventId; ///< of the client's `response.create`
    std::string responseId;
    std::optional<std::int64_t> maxTokens;
    std::optional<std::int64_t> limitTokens, remainingTokens;
    std::string_view flaw; ///< why it was not seen whole; empty: it was, so far
    bool isLastOfClient = false;
};

SessionKind kindOf(const http::RequestHead& head, Route& route) {
    route = recognise(head.method, head.target);
    if (route.format == WireFormat::OpenAiRealtime) return SessionKind::Realtime;
    // A session of the responses API has the path of its calls.
    if (Route posted = recognise("POST", head.target); posted.format == WireFormat::OpenAiResponses) {
        route = std::move(posted);
        return SessionKind::Responses;
    }
    return route.kind == RouteKind::Unknown ? SessionKind::Unknown : SessionKind::Foreign;
}

} // namespace

struct RealtimeSession::State {
    State(std::shared_ptr<const http::Exchange> seen, std::shared_ptr<CallWorkspace> shared,
          std::shared_ptr<const EstimateOptions> options, CallLimits callLimits)
        : workspace(shared ? std::move(shared) : std::make_shared<CallWorkspace>()), estimate(std::move(options)),
          limits(callLimits) {
        if (seen) {
            head = seen->request;
            nextIndex = seen->indexInConnection + 1;
            if (!head.method.empty()) kind = kindOf(head, route);
        }
        head.version = http::Version::WebSocket;
    }

    std::shared_ptr<CallWorkspace> workspace;
    std::shared_ptr<const EstimateOptions> estimate;
    CallLimits limits;
    RealtimeMessageReader reader;
    http::RequestHead head;
    Route route;
    SessionKind kind = SessionKind::Unknown;
    std::uint32_t nextIndex = 0;
    std::string sessionId, sessionModel, transcriptionModel;
    std::string lastEnded; ///< id of the last response that ended: what comes late for it is no new one
    std::optional<std::int64_t> limitTokens, remainingTokens; ///< told between two responses
    std::deque<OpenCall> asked;                               ///< `response.create` without an answer, the oldest first
    std::deque<OpenCall> open;                                ///< the oldest first
    std::optional<http::MessageTrace> turn;                   ///< the end of what the caller said last
    bool turnIsOpen = false;                                  ///< no response began since
    std::optional<http::MessageTrace> lastClient;             ///< the client's last message
    std::uint64_t turnBytes = 0;                              ///< sound since the turn before
    bool clientLost = false;                                  ///< since the last response began
    std::vector<RealtimeCall> done;

    void learnKind(const RealtimeMessage& message);
    const Route& callRoute();
    OpenCall make();
    void fromClient(const RealtimeMessage& message, const http::WebSocketMessage& raw);
    void fromServer(const RealtimeMessage& message, const http::WebSocketMessage& raw);
    void takeSession(const RealtimeMessage& message);
    void takeLimits(const RealtimeMessage& message);
    OpenCall beginAnswer();
    void created(const RealtimeMessage& message, const http::WebSocketMessage& raw);
    void partOfResponse(const RealtimeMessage& message, const http::WebSocketMessage& raw);
    std::deque<OpenCall>::iterator callOf(const std::string& responseId);
    void add(OpenCall call);
    void refused(const RealtimeMessage& message, const http::WebSocketMessage& raw);
    void transcribed(const http::WebSocketMessage& raw);
    void end(OpenCall&& call);
    void lost(bool byClient);
    void endAll();
    http::Exchange exchangeOf(const OpenCall& call);
};

void RealtimeSession::State::learnKind(const RealtimeMessage& message) {
    if (kind != SessionKind::Unknown) return;
    const std::string_view type = message.type;
    if (message.object.starts_with("realtime.") || type.starts_with("input_audio_buffer.") ||
        type.starts_with("conversation.item."))
        kind = SessionKind::Realtime;
    else if (message.object == "response" && type.starts_with("response."))
        kind = SessionKind::Responses;
    if (kind == SessionKind::Unknown) return;
    for (OpenCall& call : asked) { // they were not known to be calls
        call.observer.beginInSession(head, callRoute());
        call.observer.onRequestEnd(false);
    }
}

/// What a call is, when no handshake told it.
const Route& RealtimeSession::State::callRoute() {
    if (!route.api.empty() || kind == SessionKind::Unknown) return route;
    const bool realtime = kind == SessionKind::Realtime;
    route.kind = RouteKind::ModelCall;
    route.api = realtime ? "openai.realtime" : "openai.responses";
    route.format = realtime ? WireFormat::OpenAiRealtime : WireFormat::OpenAiResponses;
    return route;
}

OpenCall RealtimeSession::State::make() {
    OpenCall call{CallObserver(limits, workspace, estimate), {}, {}, {}, {}, {}, {}, {}, {}, false};
    call.observer.beginInSession(head, callRoute());
    return call;
}

void RealtimeSession::State::fromClient(const RealtimeMessage& message, const http::WebSocketMessage& raw) {
    for (OpenCall& call : asked) call.isLastOfClient = false;
    lastClient = traceOf(raw);
    if (message.type == "input_audio_buffer.append") turnBytes += raw.wireBytes;
    if (message.type != "response.create") return;
    if (asked.size() == kMaxOpen) {
        asked.front().flaw = kTooMany;
        end(std::move(asked.front()));
        asked.pop_front();
    }
    OpenCall& call = asked.emplace_back(make());
    call.request = traceOf(raw);
    call.eventId = message.eventId;
    call.maxTokens = message.maxTokens;
    call.isLastOfClient = true;
    // A realtime prompt is the conversation so far, so its octets and digest would say something else.
    if (callRoute().format == WireFormat::OpenAiResponses) call.observer.onRequestBody(asBytes(raw.data));
    call.observer.onRequestEnd(!raw.cut);
}

void RealtimeSession::State::fromServer(const RealtimeMessage& message, const http::WebSocketMessage& raw) {
    const std::string_view type = message.type;
    if (type == "session.created" || type == "session.updated" || type == "transcription_session.created" ||
        type == "transcription_session.updated") {
        takeSession(message);
    } else if (kind == SessionKind::Unknown) {
        return;
    } else if (type == "rate_limits.updated") {
        takeLimits(message);
    } else if (type == "input_audio_buffer.committed") {
        turn = traceOf(raw);
        turn->bodyBytes = std::exchange(turnBytes, 0);
        turnIsOpen = true;
    } else if (type == "conversation.item.input_audio_transcription.completed" ||
               type == "conversation.item.input_audio_transcription.failed") {
        transcribed(raw);
    } else if (type == "error") {
        refused(message, raw);
    } else if (type == "response.created") {
        created(message, raw);
    } else if (type.starts_with("response.")) {
        partOfResponse(message, raw);
    }
}

void RealtimeSession::State::takeSession(const RealtimeMessage& message) {
    if (!message.sessionId.empty()) sessionId = message.sessionId;
    if (!message.sessionModel.empty()) sessionModel = message.sessionModel;
    if (!message.transcriptionModel.empty()) transcriptionModel = message.transcriptionModel;
}

void RealtimeSession::State::takeLimits(const RealtimeMessage& message) {
    // They are told as a response begins, and some services tell them behind its end.
    const bool underWay = !open.empty();
    (underWay ? open.back().limitTokens : limitTokens) = message.limitTokens;
    (underWay ? open.back().remainingTokens : remainingTokens) = message.remainingTokens;
}

/// The call that a response answers: the client's oldest wish, else what the server took as the caller's turn.
OpenCall RealtimeSession::State::beginAnswer() {
    if (!asked.empty()) {
        OpenCall call = std::move(asked.front());
        asked.pop_front();
        return call;
    }
    OpenCall call = make();
    if (turnIsOpen)
        call.request = *turn;
    else if (lastClient)
        call.request = *lastClient;
    if (clientLost) {
        call.request.complete = false;
        call.request.gap = true;
    }
    call.observer.onRequestEnd(false);
    turnIsOpen = clientLost = false;
    return call;
}

void RealtimeSession::State::add(OpenCall call) {
    if (open.size() == kMaxOpen) {
        open.front().flaw = kTooMany;
        end(std::move(open.front()));
        open.pop_front();
    }
    call.limitTokens = std::exchange(limitTokens, {});
    call.remainingTokens = std::exchange(remainingTokens, {});
    open.push_back(std::move(call));
}

void RealtimeSession::State::created(const RealtimeMessage& message, const http::WebSocketMessage& raw) {
    if (callOf(message.responseId) == open.end() || message.responseId.empty()) {
        add(beginAnswer());
        open.back().responseId = message.responseId;
        if (!open.back().maxTokens) open.back().maxTokens = message.maxTokens;
    }
    partOfResponse(message, raw);
}

std::deque<OpenCall>::iterator RealtimeSession::State::callOf(const std::string& responseId) {
    // Events of the responses API name their response only at its beginning and end; one is under way at a time.
    if (responseId.empty()) return open.empty() ? open.end() : open.end() - 1;
    return std::ranges::find(open, responseId, &OpenCall::responseId);
}

void RealtimeSession::State::partOfResponse(const RealtimeMessage& message, const http::WebSocketMessage& raw) {
    auto at = callOf(message.responseId);
    if (at == open.end()) {
        if (!message.responseId.empty() && message.responseId == lastEnded) return;
        OpenCall begun = beginAnswer();
        begun.flaw = kBeginningUnseen;
        begun.response.gap = true;
        begun.observer.onResponseGap();
        begun.responseId = message.responseId;
        add(std::move(begun));
        at = open.end() - 1;
    }
    extend(at->response, raw);
    at->observer.onMessage(raw.data, raw.last.time);
    if (!isEndOfResponse(message.type)) return;
    OpenCall call = std::move(*at);
    open.erase(at);
    call.response.complete = !call.response.gap;
    lastEnded = call.responseId;
    end(std::move(call));
}

/// An error is about one message of the client; only where that asked for a response it is a call that failed.
void RealtimeSession::State::refused(const RealtimeMessage& message, const http::WebSocketMessage& raw) {
    const std::string& about = message.errorEventId;
    auto at = std::ranges::find_if(asked, [&](const OpenCall& call) {
        return about.empty() ? call.eventId.empty() && call.isLastOfClient : call.eventId == about;
    });
    auto& list = at == asked.end() ? open : asked;
    if (at == asked.end()) {
        // In a session of the responses API it ends the answer, as it does in a stream.
        if (kind != SessionKind::Responses || open.empty()) return;
        at = open.end() - 1;
    }
    extend(at->response, raw);
    at->observer.onMessage(raw.data, raw.last.time);
    at->response.complete = !at->response.gap;
    OpenCall call = std::move(*at);
    list.erase(at);
    end(std::move(call));
}

/// What another model wrote down of the caller's speech, which has a bill of its own.
void RealtimeSession::State::transcribed(const http::WebSocketMessage& raw) {
    Route transcription;
    transcription.kind = RouteKind::ModelCall;
    transcription.api = "openai.transcription";
    transcription.format = WireFormat::OpenAiMedia;
    OpenCall call{CallObserver(limits, workspace), {}, {}, {}, {}, {}, {}, {}, {}, false};
    call.observer.beginInSession(head, transcription);
    if (turn || lastClient) call.request = turn ? *turn : *lastClient;
    extend(call.response, raw);
    call.response.complete = true;
    call.observer.onMessage(raw.data, raw.last.time);
    call.observer.onRequestEnd(false);
    call.observer.onResponseEnd(false);
    RealtimeCall told{exchangeOf(call), call.observer.take()};
    CallFacts& facts = told.facts;
    facts.stream = false;
    facts.streamEvents = facts.contentEvents = facts.usageEvent = 0;
    facts.contentBytes.reset();
    facts.firstToken = kNoTime;
    facts.requestedModel = facts.model = transcriptionModel;
    facts.sessionId = sessionId;
    done.push_back(std::move(told));
}

http::Exchange RealtimeSession::State::exchangeOf(const OpenCall& call) {
    http::Exchange exchange;
    exchange.request = head;
    exchange.response.version = http::Version::WebSocket;
    exchange.requestTrace = call.request;
    exchange.responseTrace = call.response;
    exchange.indexInConnection = nextIndex++;
    return exchange;
}

void RealtimeSession::State::end(OpenCall&& call) {
    if (kind == SessionKind::Unknown) return; // other programs may say `response.create` too
    call.observer.onResponseEnd(call.response.complete);
    RealtimeCall told{exchangeOf(call), call.observer.take()};
    CallFacts& facts = told.facts;
    if (facts.servedModel.empty()) facts.servedModel = sessionModel;
    if (facts.model.empty()) facts.model = facts.servedModel;
    if (facts.responseId.empty()) facts.responseId = std::move(call.responseId);
    if (!facts.maxTokens) facts.maxTokens = call.maxTokens;
    if (call.limitTokens) facts.limit.limitTokens = call.limitTokens;
    if (call.remainingTokens) facts.limit.remainingTokens = call.remainingTokens;
    facts.sessionId = sessionId;
    if (!call.flaw.empty()) {
        Finding finding;
        finding.kind = &kResponseIncomplete;
        finding.evidence.emplace_back(call.flaw);
        if (call.response.firstPacket != 0) {
            finding.input = inputOf(call.response.firstPacket);
            finding.packet = numberOf(call.response.firstPacket);
        }
        facts.findings.push_back(std::move(finding));
    }
    done.push_back(std::move(told));
}

void RealtimeSession::State::lost(bool byClient) {
    if (byClient) {
        clientLost = true;
        return;
    }
    for (OpenCall& call : open) {
        if (call.flaw.empty()) call.flaw = kMessagesLost;
        call.response.gap = true;
        call.observer.onResponseGap();
    }
}

void RealtimeSession::State::endAll() {
    for (auto* list : {&open, &asked}) {
        while (!list->empty()) {
            OpenCall call = std::move(list->front());
            list->pop_front();
            if (call.flaw.empty()) call.flaw = kSessionEnded;
            end(std::move(call));
        }
    }
}

RealtimeSession::RealtimeSession(std::shared_ptr<const http::Exchange> handshake,
                                 std::shared_ptr<CallWorkspace> workspace,
                                 std::shared_ptr<const EstimateOptions> estimate, CallLimits limits)
    : m_state(std::make_unique<State>(std::move(handshake), std::move(workspace), std::move(estimate), limits)) {}
RealtimeSession::~RealtimeSession() = default;

void RealtimeSession::onMessage(const http::WebSocketMessage& message) {
    State& state = *m_state;
    if (state.kind == SessionKind::Foreign) return;
    const RealtimeMessage* read = state.reader.read(message.data);
    if (read == nullptr) {
        // A message of a session is JSON; one that cannot be read may have been any.
        if (message.cut) state.lost(message.fromClient);
        return;
    }
    state.learnKind(*read);
    if (message.fromClient)
        state.fromClient(*read, message);
    else
        state.fromServer(*read, message);
}

void RealtimeSession::onLost(bool fromClient) {
    if (m_state->kind != SessionKind::Foreign) m_state->lost(fromClient);
}

void RealtimeSession::onEnded() {
    m_state->endAll();
}

std::vector<RealtimeCall> RealtimeSession::takeDone() {
    return std::exchange(m_state->done, {});
}

const std::string& RealtimeSession::sessionId() const {
    return m_state->sessionId;
}

} // namespace gatescope::llm

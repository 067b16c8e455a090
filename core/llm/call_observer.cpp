// SPDX-License-Identifier: Apache-2.0
#include "core/llm/call_observer.h"

#include "core/llm/answer_stream.h"
#include "core/llm/body_digest.h"
#include "core/llm/body_reader.h"
#include "core/llm/event_filter.h"
#include "core/llm/form_reader.h"
#include "core/llm/identity.h"
#include "core/llm/kept_body.h"
#include "core/llm/llm_findings.h"
#include "core/llm/message_side.h"
#include "core/llm/response_headers.h"
#include "core/llm/route.h"
#include "core/llm/throttle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace gatescope::llm {

namespace {

/// Embeddings are lists of thousands of numbers with everything of interest around them, so their ends are enough.
constexpr KeptBody::Limits kEmbeddingLimits{4096, 512, 2048};

bool containsIgnoreCase(std::string_view text, std::string_view word) {
    for (std::size_t i = 0; i + word.size() <= text.size(); ++i)
        if (http::equalsIgnoreCase(text.substr(i, word.size()), word)) return true;
    return false;
}

/// A body without a type is tried; one of another type is none of ours.
bool mayBeJson(std::optional<std::string_view> contentType) {
    return !contentType || containsIgnoreCase(*contentType, "json");
}

bool reportsUsage(WireFormat format) {
    return format != WireFormat::None;
}

/// APIs that answer with text, whatever its length.
bool deliversText(WireFormat format) {
    return reportsUsage(format) && format != WireFormat::OpenAiEmbeddings;
}

/// By the rule in the contract.
const std::string& bestModel(const CallFacts& facts) {
    for (const std::string* name : {&facts.identity.headerModel, &facts.deployment, &facts.requestedModel})
        if (!name->empty()) return *name;
    return facts.servedModel;
}

/// Octets of a refusal that is no JSON, kept to tell who refused.
constexpr std::size_t kMaxRefusalText = 1024;
constexpr std::int64_t kOneMinute = 60'000'000'000;

} // namespace

struct CallWorkspace::State {
    BodyReader reader;
    TokenClaims claims;
    BufferPool buffers;
};

CallWorkspace::CallWorkspace() : m_state(std::make_unique<State>()) {}
CallWorkspace::~CallWorkspace() = default;

struct CallObserver::State {
    State(CallLimits callLimits, std::shared_ptr<CallWorkspace> shared, std::shared_ptr<const EstimateOptions> options)
        : bounds(callLimits), workspace(std::move(shared)), work(*workspace->m_state),
          events(callLimits.maxEventBytes) {
        if (options && options->method != EstimateMethod::Off) count(std::move(options));
    }
    ~State() { clear(); }

    /// Our own count of the tokens, when it was asked for.
    struct OwnCount {
        std::shared_ptr<const EstimateOptions> options;
        TextCount prompt, content;
    };

    CallLimits bounds;
    std::unique_ptr<OwnCount> own;
    std::shared_ptr<CallWorkspace> workspace;
    CallWorkspace::State& work;
    CallFacts facts;
    Route route;
    MessageSide request;
    MessageSide response;
    RequestFacts requestFacts;
    ResponseFacts responseFacts;
    AnswerStream events;
    EventFilter filter;
    BodyDigest digest;
    LimitHeaders limits;
    std::optional<std::int64_t> bedrockInput, bedrockOutput; ///< counts from headers, for a body without
    std::string refusalText;                                 ///< the beginning of a refusal that is no JSON
    int status = 0;
    TimeNs pieceTime = kNoTime;
    bool used = false;               ///< something was told since the last clear
    std::string formBoundary;        ///< of a request that is a form; empty: it is none
    bool sessionOfResponses = false; ///< if the answer is 101
    bool inSession = false;          ///< the answer comes as messages, and no status says that it succeeds

    void count(std::shared_ptr<const EstimateOptions> options);
    void clear();
    void open(const http::RequestHead& head, Route&& recognised);
    void becomeHandshake();
    Framing framingOf(std::string_view contentType) const;
    void takeHeaders(const http::HeaderList& headers);
    KeptBody::Limits bodyLimits() const;
    void find(const FindingKind& kind, std::string_view evidence = {});
    void checkCoding(const MessageSide& side, bool complete);
    void onEvent(const AnswerEvent& told);
    void endRequest(bool complete);
    void endResponse(bool complete);
    void readJsonResponse(bool complete);
    void settleStream(bool complete);
    void settleLimits();
    void settleUsage();
    void settleEstimate();
    bool succeeded() const { return inSession || (status >= 200 && status < 300); }
};

void CallObserver::State::count(std::shared_ptr<const EstimateOptions> options) {
    bounds.maxWholeBody = std::max(bounds.maxWholeBody, options->maxWholeBody);
    const EstimateOptions& used_ = *options;
    own.reset(new OwnCount{std::move(options), TextCount(used_), TextCount(used_)});
    requestFacts.text = &own->prompt;
    responseFacts.text = &own->content;
}

void CallObserver::State::clear() {
    if (!std::exchange(used, false)) return;
    request.clear(work.buffers);
    response.clear(work.buffers);
    requestFacts.clear();
    responseFacts.clear();
    events.reset();
    filter.reset();
    digest.reset();
    facts = {};
    route = {};
    limits = {};
    bedrockInput.reset();
    bedrockOutput.reset();
    refusalText.clear();
    formBoundary.clear();
    status = 0;
    inSession = sessionOfResponses = false;
    if (!own) return;
    own->prompt.clear();
    own->content.clear();
}

void CallObserver::State::open(const http::RequestHead& head, Route&& recognised) {
    used = true;
    route = std::move(recognised);
    facts.identity = readIdentity(head.headers, work.claims);
    facts.api.assign(route.api);
}

Framing CallObserver::State::framingOf(std::string_view contentType) const {
    if (http::isEventStream(contentType)) return Framing::Events;
    if (containsIgnoreCase(contentType, "application/vnd.amazon.eventstream")) return Framing::AwsFrames;
    // A refusal is one document, or a list of one.
    const bool isList = route.streams && route.format == WireFormat::Gemini && succeeded();
    return isList && containsIgnoreCase(contentType, "json") ? Framing::JsonList : Framing::None;
}

/// The calls of a session are its responses, each an exchange of its own.
void CallObserver::State::becomeHandshake() {
    if (route.format == WireFormat::OpenAiRealtime)
        facts.api = "openai.realtime.session";
    else if (sessionOfResponses)
        facts.api = "openai.responses.session";
    else
        return;
    route.kind = RouteKind::Management;
}

void CallObserver::State::takeHeaders(const http::HeaderList& headers) {
    if (route.kind != RouteKind::ModelCall) {
        facts.stream = http::isEventStream(headers.find("content-type").value_or(""));
        return;
    }
    const ResponseHeaders found = readResponseHeaders(headers);
    const Framing framing = framingOf(found.contentType.value_or(""));
    events.begin(framing);
    facts.stream = framing != Framing::None;
    facts.servedModel.assign(found.servedModel);
    responseFacts.error.code.assign(found.bedrockError.substr(0, kMaxEvidence));
    limits = found.limits;
    bedrockInput = found.bedrockInput;
    bedrockOutput = found.bedrockOutput;
    // Refusals are read whatever they are called: proxies answer in plain text.
    response.wanted = facts.stream || mayBeJson(found.contentType) || mayBeRefusal(status);
    response.declaredJson = found.contentType && mayBeJson(found.contentType);
    if (response.wanted) response.open(found.contentEncoding, bounds.maxDecodedBytes);
}

KeptBody::Limits CallObserver::State::bodyLimits() const {
    return {bounds.maxWholeBody, bounds.headBytes, bounds.tailBytes};
}

void CallObserver::State::find(const FindingKind& kind, std::string_view evidence) {
    const auto same = [&](const Finding& finding) { return finding.kind == &kind; };
    if (std::ranges::any_of(facts.findings, same)) return;
    Finding finding;
    finding.kind = &kind;
    if (!evidence.empty()) finding.evidence.emplace_back(evidence);
    facts.findings.push_back(std::move(finding));
}

void CallObserver::State::checkCoding(const MessageSide& side, bool complete) {
    if (!side.decoder || !side.started) return;
    using Status = http::ContentDecoder::Status;
    const Status status_ = side.decoder->status();
    if (status_ == Status::LimitReached)
        find(kDecompressionLimit, side.coding);
    else if (status_ != Status::Ok)
        find(kContentCoding, side.coding);
    else if (complete && !side.gap && !side.decoder->finished())
        find(kContentCoding, side.coding);
}

void CallObserver::State::onEvent(const AnswerEvent& told) {
    const http::ServerSentEvent& event = told.event;
    ++facts.streamEvents;
    if (event.data == "[DONE]") return;
    if (!told.failure.empty()) {
        responseFacts.error.present = true;
        responseFacts.error.code.assign(told.failure.substr(0, kMaxEvidence));
    }
    const bool waiting = facts.firstToken == kNoTime;
    const EventLook look = own ? EventLook{} : filter.look(route.format, event);
    if (!waiting && !look.parse) {
        facts.contentEvents += look.content ? 1 : 0;
        responseFacts.contentBytes += static_cast<std::int64_t>(look.octets);
        return;
    }
    work.reader.readEvent(route.format, event.data, responseFacts);
    if (responseFacts.usageSeen) facts.usageEvent = facts.streamEvents;
    if (!responseFacts.content) return;
    ++facts.contentEvents;
    if (waiting) facts.firstToken = pieceTime;
}

void CallObserver::State::endRequest(bool complete) {
    if (request.ended) return;
    used = request.ended = true;
    if (complete && !request.gap) facts.requestDigest = digest.value();
    if (!request.wanted) return;
    checkCoding(request, complete);
    const KeptBody& body = request.body;
    const bool whole = request.whole(complete);
    if (body.empty()) return;
    if (!formBoundary.empty()) {
        readForm(body.head(), formBoundary, requestFacts);
        if (!body.isWhole()) readForm(body.tail(), formBoundary, requestFacts);
    } else if (body.isWhole() && whole) {
        if (!work.reader.readRequest(body.whole(), requestFacts) && request.declaredJson) find(kBodyNotJson, "request");
    } else {
        work.reader.readRequestHead(body.head(), requestFacts);
        if (!body.isWhole()) {
            if (whole) work.reader.readRequestTail(body.tail(), requestFacts);
            if (requestFacts.model.empty()) find(kBodyTooLarge, "request");
        }
    }
    request.body.release(work.buffers);
}

void CallObserver::State::readJsonResponse(bool complete) {
    const KeptBody& body = response.body;
    const bool whole = response.whole(complete);
    if (body.empty()) return;
    if (body.isWhole() && whole) {
        const bool valid = work.reader.readResponse(route.format, body.whole(), responseFacts);
        if (!valid && response.declaredJson) find(kBodyNotJson, "response");
        if (!valid && mayBeRefusal(status)) refusalText.assign(body.whole().view().substr(0, kMaxRefusalText));
        if (valid && succeeded() && !responseFacts.error.present && deliversText(route.format))
            facts.contentBytes = responseFacts.contentBytes;
        return;
    }
    work.reader.readResponseHead(route.format, body.head(), responseFacts);
    if (body.isWhole()) return;
    if (whole) work.reader.readResponseTail(route.format, body.tail(), responseFacts);
    const bool listsChoices = route.format == WireFormat::OpenAiChat || route.format == WireFormat::Gemini;
    if (responseFacts.usage.empty() || (listsChoices && responseFacts.finishReason.empty()))
        find(kBodyTooLarge, "response");
}

void CallObserver::State::settleStream(bool complete) {
    const bool eventsLost = events.oversized() != 0 || events.damaged() != 0 || response.gap;
    if (events.oversized() != 0) find(kEventTooLong);
    if (events.damaged() != 0) find(kFramesDamaged);
    if (!eventsLost && response.started) facts.contentBytes = responseFacts.contentBytes;
    if (!succeeded()) return;
    if (responseFacts.error.present) {
        if (!inSession) find(kErrorInStream, responseFacts.error.code);
    } else if (complete && response.started && !response.gap && responseFacts.usage.empty() &&
               reportsUsage(route.format)) {
        find(kMissingStreamUsage);
    }
}

void CallObserver::State::settleLimits() {
    LimitFacts& limit = facts.limit;
    limit.gatewayTokens = limits.consumed;
    limit.limitTokens = limits.limit;
    limit.remainingTokens = limits.gatewayRemaining ? limits.gatewayRemaining : limits.remaining;
    limit.retryAfterNs = limits.wait;
    limit.origin = limitOrigin(status, limits, responseFacts.error, refusalText);
    if (limit.origin.empty()) return;
    limit.retryAfterNs = waitAsked(limits, responseFacts.error, refusalText);
    if (limit.origin == "apim-token-too-large") find(kLimitUnsatisfiable);
    if (limit.origin == "apim-token-rate" && limit.retryAfterNs && *limit.retryAfterNs > kOneMinute)
        find(kLimitDebt, std::to_string(*limit.retryAfterNs / (kOneMinute / 60)) + " s");
}

void CallObserver::State::settleUsage() {
    const auto takeInvoked = [this](std::optional<std::int64_t> input, std::optional<std::int64_t> output) {
        if (!responseFacts.usage.empty() || !input || !output) return;
        responseFacts.usage.input = input;
        responseFacts.usage.output = output;
    };
    takeInvoked(bedrockInput, bedrockOutput);
    takeInvoked(responseFacts.invokedInput, responseFacts.invokedOutput);
    facts.usage = normalised(route.format, responseFacts.usage);
    if (facts.usage.source == TokenSource::Reported) {
        if (partsExceedTotal(facts.usage)) find(kPartsExceedTotal);
        if (limits.consumed && facts.usage.total && differMuch(*limits.consumed, *facts.usage.total))
            find(kLimiterVersusBilled,
                 std::to_string(*limits.consumed) + " booked, " + std::to_string(*facts.usage.total) + " reported");
    } else if (limits.consumed) {
        facts.usage.total = limits.consumed;
        facts.usage.source = TokenSource::Gateway;
    }
}

void CallObserver::State::settleEstimate() {
    if (!own) return;
    const std::array<std::string_view, 4> models{facts.servedModel, facts.requestedModel, facts.deployment,
                                                 facts.identity.headerModel};
    const bool answersWithText = route.format != WireFormat::OpenAiEmbeddings;
    facts.estimate = estimateOf(*own->options, models, facts.promptBytes, own->prompt,
                                answersWithText ? facts.contentBytes : std::nullopt, own->content);
    // A refused call has a prompt and used no tokens.
    if (facts.usage.source != TokenSource::Missing || !succeeded()) return;
    facts.usage.input = facts.estimate.input;
    facts.usage.output = facts.estimate.output;
    if (!answersWithText)
        facts.usage.total = facts.usage.input;
    else if (facts.usage.input && facts.usage.output)
        facts.usage.total = *facts.usage.input + *facts.usage.output;
    if (facts.usage.input || facts.usage.output) facts.usage.source = TokenSource::Estimated;
}

void CallObserver::State::endResponse(bool complete) {
    if (response.ended) return;
    used = response.ended = true;
    if (!response.wanted) return;
    checkCoding(response, complete);
    if (facts.stream)
        settleStream(complete);
    else
        readJsonResponse(complete);
    response.body.release(work.buffers);
}

CallObserver::CallObserver(CallLimits limits, std::shared_ptr<CallWorkspace> workspace,
                           std::shared_ptr<const EstimateOptions> estimate)
    : m_state(std::make_unique<State>(limits, workspace ? std::move(workspace) : std::make_shared<CallWorkspace>(),
                                      std::move(estimate))) {}
CallObserver::~CallObserver() = default;
CallObserver::CallObserver(CallObserver&&) noexcept = default;
CallObserver& CallObserver::operator=(CallObserver&&) noexcept = default;

void CallObserver::begin() {
    m_state->clear();
}

void CallObserver::onRequestHead(const http::RequestHead& head) {
    State& state = *m_state;
    state.open(head, recognise(head.method, head.target));
    state.sessionOfResponses = head.method == "GET" && head.headers.find("upgrade") &&
                               recognise("POST", head.target).format == WireFormat::OpenAiResponses;
    if (state.route.kind != RouteKind::ModelCall) return;
    const auto type = head.headers.find("content-type");
    state.formBoundary.assign(formBoundary(type.value_or("")));
    state.request.declaredJson = type && mayBeJson(type);
    state.request.wanted = mayBeJson(type) || !state.formBoundary.empty();
    if (state.request.wanted) state.request.open(head.headers.find("content-encoding"), state.bounds.maxDecodedBytes);
}

void CallObserver::onRequestBody(Bytes piece) {
    State& state = *m_state;
    if (state.request.ended || state.route.kind != RouteKind::ModelCall) return;
    state.digest.add(asText(piece));
    if (!state.request.wanted) return;
    state.request.decode(piece, [&](Bytes decoded) {
        if (!state.request.gap) state.request.body.append(asText(decoded), state.bodyLimits(), state.work.buffers);
    });
}

void CallObserver::onRequestGap() {
    m_state->used = true;
    m_state->request.gap = true;
}

void CallObserver::onRequestEnd(bool complete) {
    m_state->endRequest(complete);
}

void CallObserver::onResponseHead(const http::ResponseHead& head) {
    State& state = *m_state;
    state.used = true;
    state.status = head.status;
    if (head.status == 101) state.becomeHandshake();
    state.takeHeaders(head.headers);
}

void CallObserver::onResponseBody(Bytes piece, TimeNs time) {
    State& state = *m_state;
    if (!state.response.wanted || state.response.ended) return;
    state.pieceTime = time;
    if (state.facts.stream) {
        state.response.decode(piece, [&](Bytes decoded) {
            state.events.feed(decoded, [&](const AnswerEvent& event) { state.onEvent(event); });
        });
        return;
    }
    const KeptBody::Limits limits =
        state.route.format == WireFormat::OpenAiEmbeddings ? kEmbeddingLimits : state.bodyLimits();
    state.response.decode(piece, [&](Bytes decoded) {
        if (!state.response.gap) state.response.body.append(asText(decoded), limits, state.work.buffers);
    });
}

void CallObserver::onResponseGap() {
    m_state->used = true;
    m_state->response.gap = true;
    if (m_state->facts.stream) m_state->events.gap();
}

void CallObserver::onResponseEnd(bool complete) {
    m_state->endResponse(complete);
}

void CallObserver::beginInSession(const http::RequestHead& handshake, const Route& route) {
    State& state = *m_state;
    state.clear();
    state.open(handshake, Route(route));
    state.inSession = state.facts.stream = true;
    state.request.wanted = state.request.declaredJson = state.response.wanted = true;
}

void CallObserver::onMessage(std::string_view data, TimeNs time) {
    State& state = *m_state;
    if (state.response.ended) return;
    state.used = state.response.started = true;
    state.pieceTime = time;
    state.onEvent({{{}, data}, {}});
}

CallFacts CallObserver::soFar() const {
    constexpr std::int64_t kOctetsOfToken = 4; // as estimates by octets have it
    const State& state = *m_state;
    CallFacts facts = state.facts;
    facts.deployment = state.route.deployment;
    facts.requestedModel = state.requestFacts.model;
    facts.streamRequested = state.requestFacts.stream || state.route.streams;
    if (facts.servedModel.empty()) facts.servedModel = state.responseFacts.model;
    facts.responseId = state.responseFacts.responseId;
    facts.maxTokens = state.requestFacts.maxTokens;
    facts.promptBytes = state.requestFacts.promptBytes;
    facts.images = state.requestFacts.images;
    facts.model = bestModel(facts);
    if (state.route.kind != RouteKind::ModelCall || !facts.stream) return facts;
    facts.contentBytes = state.responseFacts.contentBytes;
    if (!state.responseFacts.usage.empty()) {
        facts.usage = normalised(state.route.format, state.responseFacts.usage);
    } else if (*facts.contentBytes != 0) {
        facts.usage.output = (*facts.contentBytes + kOctetsOfToken - 1) / kOctetsOfToken;
        facts.usage.source = TokenSource::Estimated;
    }
    return facts;
}

CallFacts CallObserver::take() {
    State& state = *m_state;
    state.endRequest(false);
    state.endResponse(false);
    if (state.route.kind == RouteKind::ModelCall) {
        state.settleLimits();
        state.settleUsage();
    }
    CallFacts& facts = state.facts;
    facts.deployment = std::move(state.route.deployment);
    facts.requestedModel = std::move(state.requestFacts.model);
    facts.streamRequested = state.requestFacts.stream || state.route.streams;
    if (facts.servedModel.empty()) facts.servedModel = std::move(state.responseFacts.model);
    facts.responseId = std::move(state.responseFacts.responseId);
    facts.finishReason = std::move(state.responseFacts.finishReason);
    facts.errorCode = std::move(state.responseFacts.error.code);
    facts.serviceTier = std::move(state.responseFacts.serviceTier);
    facts.maxTokens = state.requestFacts.maxTokens;
    facts.promptBytes = state.requestFacts.promptBytes;
    facts.images = state.requestFacts.images;
    facts.toolCalls = state.responseFacts.tools.count();
    facts.tools = state.responseFacts.tools.joined();
    facts.contentFilter = state.responseFacts.verdicts.joined();
    facts.model = bestModel(facts);
    if (state.route.kind == RouteKind::ModelCall) state.settleEstimate();
    CallFacts taken = std::move(facts);
    state.clear();
    return taken;
}

} // namespace gatescope::llm

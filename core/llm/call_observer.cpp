// SPDX-License-Identifier: Apache-2.0
#include "core/llm/call_observer.h"

#include "core/http/content_decoder.h"
#include "core/http/event_stream.h"
#include "core/llm/body_reader.h"
#include "core/llm/event_filter.h"
#include "core/llm/identity.h"
#include "core/llm/kept_body.h"
#include "core/llm/llm_findings.h"
#include "core/llm/route.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace gatescope::llm {

namespace {

/// Embeddings are lists of thousands of numbers with everything of interest around them, so their ends are enough.
constexpr KeptBody::Limits kEmbeddingLimits{4096, 512, 2048};

constexpr std::size_t kMaxEvidence = 64;

bool containsIgnoreCase(std::string_view text, std::string_view word) {
    for (std::size_t i = 0; i + word.size() <= text.size(); ++i)
        if (http::equalsIgnoreCase(text.substr(i, word.size()), word)) return true;
    return false;
}

/// A body without a type is tried; one of another type is none of ours.
bool mayBeJson(std::optional<std::string_view> contentType) {
    return !contentType || containsIgnoreCase(*contentType, "json");
}

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number < 0) return {};
    return number;
}

bool reportsUsage(WireFormat format) {
    return format != WireFormat::None;
}

/// One direction of the exchange.
struct Side {
    std::optional<http::ContentDecoder> decoder; ///< none when nothing is to be undone
    std::string coding;                          ///< for the evidence
    KeptBody body;
    bool wanted = false;
    bool declaredJson = false;
    bool started = false; ///< octets of the body were seen
    bool gap = false;
    bool ended = false;

    void clear(BufferPool& pool) {
        decoder.reset();
        coding.clear();
        body.release(pool);
        wanted = declaredJson = started = gap = ended = false;
    }
    void open(std::optional<std::string_view> encoding, std::uint64_t maxDecoded) {
        if (!encoding || encoding->empty()) return;
        decoder.emplace(*encoding, maxDecoded);
        if (decoder->isIdentity())
            decoder.reset();
        else
            coding.assign(encoding->substr(0, kMaxEvidence));
    }
    /// True when the body came whole and its coding was undone to its end.
    bool whole(bool complete) const { return complete && !gap && (!decoder || decoder->finished()); }
};

} // namespace

struct CallWorkspace::State {
    BodyReader reader;
    TokenClaims claims;
    BufferPool buffers;
};

CallWorkspace::CallWorkspace() : m_state(std::make_unique<State>()) {}
CallWorkspace::~CallWorkspace() = default;

struct CallObserver::State {
    State(CallLimits callLimits, std::shared_ptr<CallWorkspace> shared)
        : limits(callLimits), workspace(std::move(shared)), work(*workspace->m_state),
          events(callLimits.maxEventBytes) {}
    ~State() { clear(); }

    CallLimits limits;
    std::shared_ptr<CallWorkspace> workspace;
    CallWorkspace::State& work;
    CallFacts facts;
    Route route;
    Side request;
    Side response;
    RequestFacts requestFacts;
    ResponseFacts responseFacts;
    http::EventStreamDecoder events;
    std::optional<std::int64_t> gatewayTokens;
    int status = 0;
    TimeNs pieceTime = kNoTime;
    bool used = false; ///< something was told since the last clear

    void clear();
    void readResponseHeaders(const http::HeaderList& headers);
    KeptBody::Limits bodyLimits() const;
    void find(const FindingKind& kind, std::string_view evidence = {});
    template <typename Take>
    void decode(Side& side, Bytes piece, Take&& take);
    void checkCoding(const Side& side, bool complete);
    void onEvent(const http::ServerSentEvent& event);
    void endRequest(bool complete);
    void endResponse(bool complete);
    void readJsonResponse(bool complete);
    void settleStream(bool complete);
    void settleUsage();
};

void CallObserver::State::clear() {
    if (!std::exchange(used, false)) return;
    request.clear(work.buffers);
    response.clear(work.buffers);
    requestFacts.clear();
    responseFacts.clear();
    events.reset();
    facts = {};
    route = {};
    gatewayTokens.reset();
    status = 0;
}

void CallObserver::State::readResponseHeaders(const http::HeaderList& headers) {
    std::optional<std::string_view> type;
    std::optional<std::string_view> encoding;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        switch (name.size()) { // few names share a length, so most are passed over without a comparison
        case 12:
            if (!type && http::equalsIgnoreCase(name, "content-type")) type = value;
            break;
        case 16:
            if (!encoding && http::equalsIgnoreCase(name, "content-encoding")) encoding = value;
            break;
        case 17:
            if (facts.servedModel.empty() && http::equalsIgnoreCase(name, "x-ms-served-model"))
                facts.servedModel.assign(value);
            break;
        case 22:
            if (!gatewayTokens && http::equalsIgnoreCase(name, "x-apim-tokens-consumed"))
                gatewayTokens = wholeNumber(value);
            break;
        default:
            break;
        }
    }
    facts.stream = type && http::isEventStream(*type);
    if (route.kind != RouteKind::ModelCall) {
        facts.servedModel.clear();
        gatewayTokens.reset();
        return;
    }
    response.wanted = facts.stream || mayBeJson(type);
    response.declaredJson = type.has_value();
    if (response.wanted) response.open(encoding, limits.maxDecodedBytes);
}

KeptBody::Limits CallObserver::State::bodyLimits() const {
    return {limits.maxWholeBody, limits.headBytes, limits.tailBytes};
}

void CallObserver::State::find(const FindingKind& kind, std::string_view evidence) {
    const auto same = [&](const Finding& finding) { return finding.kind == &kind; };
    if (std::ranges::any_of(facts.findings, same)) return;
    Finding finding;
    finding.kind = &kind;
    if (!evidence.empty()) finding.evidence.emplace_back(evidence);
    facts.findings.push_back(std::move(finding));
}

template <typename Take>
void CallObserver::State::decode(Side& side, Bytes piece, Take&& take) {
    side.started = side.started || !piece.empty();
    if (!side.decoder) {
        take(piece);
    } else if (!side.gap) { // behind a gap nothing can be decoded
        side.decoder->feed(piece, [&take](Bytes decoded) { take(decoded); });
    }
}

void CallObserver::State::checkCoding(const Side& side, bool complete) {
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

void CallObserver::State::onEvent(const http::ServerSentEvent& event) {
    ++facts.streamEvents;
    if (event.data == "[DONE]") return;
    const bool waiting = facts.firstToken == kNoTime;
    if (!waiting && !mayHoldOutcome(route.format, event)) return;
    work.reader.readEvent(route.format, event.data, responseFacts);
    if (waiting && responseFacts.content) facts.firstToken = pieceTime;
}

void CallObserver::State::endRequest(bool complete) {
    if (request.ended) return;
    used = request.ended = true;
    if (!request.wanted) return;
    checkCoding(request, complete);
    const KeptBody& body = request.body;
    const bool whole = request.whole(complete);
    if (body.empty()) return;
    if (body.isWhole() && whole) {
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
        if (!work.reader.readResponse(route.format, body.whole(), responseFacts) && response.declaredJson)
            find(kBodyNotJson, "response");
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
    if (events.oversizedEvents() != 0) find(kEventTooLong);
    const bool succeeded = status >= 200 && status < 300 && responseFacts.errorCode.empty();
    if (complete && succeeded && response.started && !response.gap && responseFacts.usage.empty() &&
        reportsUsage(route.format))
        find(kMissingStreamUsage);
}

void CallObserver::State::settleUsage() {
    facts.usage = normalised(route.format, responseFacts.usage);
    if (facts.usage.source == TokenSource::Reported) {
        if (partsExceedTotal(facts.usage)) find(kPartsExceedTotal);
    } else if (gatewayTokens) {
        facts.usage.total = gatewayTokens;
        facts.usage.source = TokenSource::Gateway;
    }
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

CallObserver::CallObserver(CallLimits limits, std::shared_ptr<CallWorkspace> workspace)
    : m_state(std::make_unique<State>(limits, workspace ? std::move(workspace) : std::make_shared<CallWorkspace>())) {}
CallObserver::~CallObserver() = default;
CallObserver::CallObserver(CallObserver&&) noexcept = default;
CallObserver& CallObserver::operator=(CallObserver&&) noexcept = default;

void CallObserver::begin() {
    m_state->clear();
}

void CallObserver::onRequestHead(const http::RequestHead& head) {
    State& state = *m_state;
    state.used = true;
    state.route = recognise(head.method, head.target);
    state.facts.identity = readIdentity(head.headers, state.work.claims);
    if (state.route.kind != RouteKind::ModelCall) return;
    state.facts.api.assign(state.route.api);
    const auto type = head.headers.find("content-type");
    state.request.wanted = mayBeJson(type);
    state.request.declaredJson = type.has_value();
    if (state.request.wanted) state.request.open(head.headers.find("content-encoding"), state.limits.maxDecodedBytes);
}

void CallObserver::onRequestBody(Bytes piece) {
    State& state = *m_state;
    if (!state.request.wanted || state.request.ended) return;
    state.decode(state.request, piece, [&](Bytes decoded) {
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
    state.readResponseHeaders(head.headers);
}

void CallObserver::onResponseBody(Bytes piece, TimeNs time) {
    State& state = *m_state;
    if (!state.response.wanted || state.response.ended) return;
    state.pieceTime = time;
    if (state.facts.stream) {
        state.decode(state.response, piece, [&](Bytes decoded) {
            state.events.feed(decoded, [&](const http::ServerSentEvent& event) { state.onEvent(event); });
        });
        return;
    }
    const KeptBody::Limits limits =
        state.route.format == WireFormat::OpenAiEmbeddings ? kEmbeddingLimits : state.bodyLimits();
    state.decode(state.response, piece, [&](Bytes decoded) {
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

CallFacts CallObserver::take() {
    State& state = *m_state;
    state.endRequest(false);
    state.endResponse(false);
    CallFacts& facts = state.facts;
    facts.deployment = std::move(state.route.deployment);
    facts.requestedModel = std::move(state.requestFacts.model);
    facts.streamRequested = state.requestFacts.stream;
    if (facts.servedModel.empty()) facts.servedModel = std::move(state.responseFacts.model);
    facts.finishReason = std::move(state.responseFacts.finishReason);
    facts.errorCode = std::move(state.responseFacts.errorCode);
    state.settleUsage();
    for (const std::string* name :
         {&facts.identity.headerModel, &facts.deployment, &facts.requestedModel, &facts.servedModel}) {
        if (name->empty()) continue;
        facts.model = *name;
        break;
    }
    CallFacts taken = std::move(facts);
    state.clear();
    return taken;
}

} // namespace gatescope::llm

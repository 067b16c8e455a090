// SPDX-License-Identifier: Apache-2.0
// The first octets choose API, coding, status and piece length; the rest is the request target, or both bodies, or
// messages of a session. No crash, the same facts for any split, and the same look at an event whatever came before it.
#include "core/llm/body_reader.h"
#include "core/llm/call_observer.h"
#include "core/llm/event_filter.h"
#include "core/llm/route.h"
#include "core/llm/wait_time.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

using namespace gatescope;

namespace {

constexpr std::array<std::string_view, 8> kTargets{"/v1/chat/completions",
                                                   "/v1/responses",
                                                   "/v1/messages",
                                                   "/v1/embeddings",
                                                   "/v1beta/models/g:generateContent",
                                                   "/model/m/converse",
                                                   "/v1/images/generations",
                                                   "/v1/rerank"};

/// With the highest bit of the second octet: streams that are no server-sent events, and a form.
struct Framed {
    std::string_view target;
    std::string_view requestType;
    std::string_view responseType;
};
constexpr std::array<Framed, 4> kFramed{
    {{"/model/m/converse-stream", "application/json", "application/vnd.amazon.eventstream"},
     {"/model/m/invoke-with-response-stream", "application/json", "application/vnd.amazon.eventstream"},
     {"/v1beta/models/g:streamGenerateContent", "application/json", "application/json"},
     {"/v1/audio/transcriptions", "multipart/form-data; boundary=b", "application/json"}}};

struct Shape {
    std::string_view target;
    std::string_view requestType;
    std::string_view responseType;
    bool complete;
    bool gzip;
    bool refused;
};

llm::CallFacts observe(const Shape& shape, Bytes body, std::size_t pieceLength) {
    llm::CallLimits limits;
    limits.maxWholeBody = 512;
    limits.headBytes = 128;
    limits.tailBytes = 128;
    limits.maxEventBytes = 1024;
    limits.maxDecodedBytes = 1 << 18;
    llm::CallObserver observer(limits);
    observer.begin();
    http::RequestHead request;
    request.method = "POST";
    request.target = shape.target;
    request.headers.add("Authorization",
                        "Bearer x." + std::string(asText(body.first(std::min<std::size_t>(body.size(), 200)))));
    if (!shape.requestType.empty()) request.headers.add("content-type", shape.requestType);
    observer.onRequestHead(request);
    http::ResponseHead response;
    response.status = shape.refused ? 429 : 200;
    if (shape.refused) response.headers.add("Retry-After", asText(body.first(std::min<std::size_t>(body.size(), 40))));
    response.headers.add("content-type", shape.responseType);
    if (shape.gzip) response.headers.add("content-encoding", "gzip");
    observer.onResponseHead(response);
    for (Bytes rest = body; !rest.empty(); rest = rest.subspan(std::min(pieceLength, rest.size()))) {
        const Bytes piece = rest.first(std::min(pieceLength, rest.size()));
        observer.onRequestBody(piece);
        observer.onResponseBody(piece, 1);
    }
    observer.onRequestEnd(shape.complete);
    observer.onResponseEnd(shape.complete);
    return observer.take();
}

bool same(const llm::CallFacts& a, const llm::CallFacts& b) {
    return a.requestedModel == b.requestedModel && a.servedModel == b.servedModel &&
           a.streamRequested == b.streamRequested && a.streamEvents == b.streamEvents && a.firstToken == b.firstToken &&
           a.usage.input == b.usage.input && a.usage.output == b.usage.output && a.usage.total == b.usage.total &&
           a.finishReason == b.finishReason && a.errorCode == b.errorCode && a.findings.size() == b.findings.size() &&
           a.contentEvents == b.contentEvents && a.contentBytes == b.contentBytes && a.usageEvent == b.usageEvent &&
           a.toolCalls == b.toolCalls && a.tools == b.tools && a.contentFilter == b.contentFilter &&
           a.limit.origin == b.limit.origin && a.limit.retryAfterNs == b.limit.retryAfterNs &&
           a.maxTokens == b.maxTokens && a.promptBytes == b.promptBytes && a.images == b.images &&
           a.requestDigest == b.requestDigest && a.serviceTier == b.serviceTier;
}

/// Each line is an event, or a message of a session.
void readLines(std::string_view text) {
    using enum llm::WireFormat;
    std::array<llm::EventFilter, 3> used;
    llm::BodyReader reader;
    llm::ResponseFacts session;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        reader.readEvent(OpenAiRealtime, line, session);
        llm::waitInText(line);
        const std::size_t tab = line.find('\t');
        const http::ServerSentEvent event{tab == std::string_view::npos ? "" : line.substr(0, tab),
                                          tab == std::string_view::npos ? line : line.substr(tab + 1)};
        std::size_t at = 0;
        for (const llm::WireFormat format : {OpenAiChat, OpenAiResponses, Anthropic}) {
            const llm::EventLook a = used[at++].look(format, event);
            const llm::EventLook b = llm::EventFilter().look(format, event);
            if (a.parse != b.parse || a.content != b.content || a.octets != b.octets) std::abort();
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Bytes body{data + 2, size - 2};
    llm::recognise("POST", asText(body));
    llm::recognise("GET", asText(body));
    if ((data[0] & 128) != 0) readLines(asText(body));
    const bool stream = (data[0] & 8) != 0;
    const Framed plain{kTargets[data[0] % kTargets.size()], "", stream ? "text/event-stream" : "application/json"};
    const Framed& how = (data[1] & 128) != 0 ? kFramed[data[0] % kFramed.size()] : plain;
    const Shape shape{how.target,          how.requestType,     how.responseType,
                      (data[0] & 16) != 0, (data[0] & 32) != 0, (data[0] & 64) != 0};
    const llm::CallFacts whole = observe(shape, body, body.size() + 1);
    // A broken coding may fail at another octet of the output when it comes in pieces; plain bodies may not differ.
    const llm::CallFacts pieces = observe(shape, body, 1 + (data[1] & 127U));
    if (!shape.gzip && !same(whole, pieces)) std::abort();
    return 0;
}

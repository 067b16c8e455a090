// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/call_observer.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::llm::test {

/// One exchange as a test writes it down.
struct Call {
    std::string method = "POST";
    std::string target = "/v1/chat/completions";
    std::vector<std::pair<std::string, std::string>> requestHeaders{{"Content-Type", "application/json"}};
    std::string requestBody = R"({"model":"m"})";
    int status = 200;
    std::vector<std::pair<std::string, std::string>> responseHeaders{{"Content-Type", "application/json"}};
    std::string responseBody = "{}";
    bool requestComplete = true;
    bool responseComplete = true;
};

inline Call streamCall(std::string target, std::string events) {
    Call call;
    call.target = std::move(target);
    call.responseHeaders = {{"Content-Type", "text/event-stream; charset=utf-8"}};
    call.responseBody = std::move(events);
    return call;
}

using NextLength = std::function<std::size_t()>;
inline std::size_t wholePiece() {
    return std::size_t(-1);
}

/// Calls `take` with pieces that lie in memory of their own.
inline void inPieces(std::string_view text, const NextLength& next,
                     const std::function<void(Bytes, std::size_t)>& take) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::string_view part = text.substr(at, next());
        const std::vector<char> piece(part.begin(), part.end());
        at += part.size();
        take(asBytes({piece.data(), piece.size()}), at);
    }
}

/// The time of a piece is the offset of its end in the body.
inline CallFacts observe(CallObserver& observer, const Call& call, const NextLength& next = wholePiece) {
    observer.begin();
    http::RequestHead request;
    request.method = call.method;
    request.target = call.target;
    for (const auto& [name, value] : call.requestHeaders) request.headers.add(name, value);
    observer.onRequestHead(request);
    inPieces(call.requestBody, next, [&](Bytes piece, std::size_t) { observer.onRequestBody(piece); });
    observer.onRequestEnd(call.requestComplete);
    http::ResponseHead response;
    response.status = call.status;
    for (const auto& [name, value] : call.responseHeaders) response.headers.add(name, value);
    observer.onResponseHead(response);
    inPieces(call.responseBody, next,
             [&](Bytes piece, std::size_t end) { observer.onResponseBody(piece, static_cast<TimeNs>(end)); });
    observer.onResponseEnd(call.responseComplete);
    return observer.take();
}

inline CallFacts observe(const Call& call, CallLimits limits = {}, const NextLength& next = wholePiece) {
    CallObserver observer(limits);
    return observe(observer, call, next);
}

inline bool found(const CallFacts& facts, std::string_view id) {
    return std::ranges::any_of(facts.findings, [&](const Finding& finding) { return finding.kind->id == id; });
}

/// Everything but times in one text, for comparisons of runs.
inline std::string described(const CallFacts& f) {
    const auto count = [](const std::optional<std::int64_t>& value) { return value ? std::to_string(*value) : "-"; };
    std::string text =
        f.api + '|' + f.deployment + '|' + f.requestedModel + '|' + f.servedModel + '|' + f.model + '|' +
        (f.streamRequested ? "s" : "-") + (f.stream ? "S" : "-") + std::to_string(f.streamEvents) + '|' +
        count(f.usage.input) + ',' + count(f.usage.output) + ',' + count(f.usage.total) + ',' + count(f.usage.cached) +
        ',' + count(f.usage.cacheWrite) + ',' + count(f.usage.reasoning) + ',' + std::string(toString(f.usage.source)) +
        '|' + f.finishReason + '|' + f.errorCode + '|' + (f.firstToken == kNoTime ? "" : "T") + '|' +
        std::to_string(f.contentEvents) + ',' + count(f.contentBytes) + ',' + std::to_string(f.usageEvent) + '|' +
        count(f.usage.cacheWrite1h) + ',' + count(f.usage.audioInput) + ',' + count(f.usage.audioOutput) + ',' +
        count(f.usage.imageInput) + ',' + count(f.usage.imageOutput) + ',' + count(f.usage.webSearches) + '|' +
        std::string(f.limit.origin) + ',' + count(f.limit.retryAfterNs) + ',' + count(f.limit.gatewayTokens) + ',' +
        count(f.limit.limitTokens) + ',' + count(f.limit.remainingTokens) + '|' + f.serviceTier + '|' +
        count(f.maxTokens) + ',' + count(f.promptBytes) + ',' + std::to_string(f.images) + '|' +
        std::to_string(f.toolCalls) + ',' + f.tools + '|' + f.contentFilter + '|' + std::to_string(f.requestDigest);
    for (const Finding& finding : f.findings) text += '|' + std::string(finding.kind->id);
    return text;
}

} // namespace gatescope::llm::test

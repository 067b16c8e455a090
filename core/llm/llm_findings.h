// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::llm {

inline constexpr FindingKind kBodyNotJson{
    "llm.body-not-json", Severity::Low, "A model call's body is not valid JSON",
    "The body is declared as JSON but cannot be parsed, so model, tokens and errors may be missing for this exchange.",
    "Open the body of the exchange to see what was sent."};

inline constexpr FindingKind kBodyTooLarge{
    "llm.body-too-large-to-parse", Severity::Info, "A model call's body was too large to read whole",
    "Only both ends of the body were looked at. Facts that stand in the middle of it, such as the model or the token "
    "counts, are missing for this exchange.",
    ""};

inline constexpr FindingKind kContentCoding{
    "llm.content-coding", Severity::Medium, "A body's content coding could not be undone",
    "The coding named in Content-Encoding is unknown or its data is damaged, so the body could not be read to its end. "
    "Model and token counts may be missing for this exchange.",
    ""};

inline constexpr FindingKind kDecompressionLimit{
    "llm.decompression-limit", Severity::Medium, "A compressed body unpacks to more than the limit",
    "Decoding stopped at the limit. Facts behind it are missing. A very high ratio can be an attack on whoever unpacks "
    "the body.",
    ""};

inline constexpr FindingKind kMissingStreamUsage{
    "usage.missing-stream-usage", Severity::Medium, "A streamed answer carries no token usage",
    "The stream came to its end without token counts, so this call is not in the token totals.",
    "For chat completions, set stream_options.include_usage to true in the request."};

inline constexpr FindingKind kClientLeft{
    "llm.client-left-stream", Severity::Medium, "The client closed the connection while the answer was being streamed",
    "The answer was not read to its end and its token counts were not sent. The model may have worked on, and the "
    "tokens "
    "may still be billed.",
    "Compare the client's timeout with the time that the model needs for an answer of this length."};

inline constexpr FindingKind kStreamCut{
    "llm.stream-cut", Severity::Medium, "The server's side closed the connection before the streamed answer ended",
    "The answer is not whole and its token counts were not sent. The tokens may still be billed.",
    "Look for timeouts and restarts of the gateway and of what stands between it and the model."};

inline constexpr FindingKind kStalled{
    "llm.stalled", Severity::Medium, "A call stands still",
    "For minutes nothing was sent in either direction. Load balancers and ingress controllers cut connections that are "
    "idle so long (on Azure after 4 minutes unless configured otherwise), mostly without telling the client.",
    "Ask for a streamed answer, or for keep-alive events in the stream; for long thinking use background mode and "
    "poll."};

inline constexpr FindingKind kErrorInStream{
    "llm.error-in-stream", Severity::Medium, "A streamed answer reported an error after status 200",
    "The status says success, but the model's service gave up inside the stream. Logs that only keep the status count "
    "this call as a success.",
    ""};

inline constexpr FindingKind kLimiterVersusBilled{
    "usage.limiter-vs-billed", Severity::Medium, "The gateway's limiter booked another number of tokens than was used",
    "The count in the gateway's header and the count that the model reported differ by more than a fifth. Streamed "
    "answers and images are estimated by the limiter.",
    "Use the reported tokens for cost, and the booked ones only to explain refused calls."};

inline constexpr FindingKind kLimitUnsatisfiable{
    "limit.unsatisfiable", Severity::High, "A call was refused by a token limit that waiting will not satisfy",
    "The request alone is larger than the limit, so the same call is refused however often it is repeated.",
    "Shorten the request, or raise tokens-per-minute of the policy."};

inline constexpr FindingKind kLimitDebt{
    "limit.debt", Severity::Info, "A token limiter asked to wait for more than a minute",
    "The limiter counts tokens per minute, so more than a minute means that calls before this one used more than the "
    "limit and the debt has to be worked off first.",
    ""};

inline constexpr FindingKind kPartsExceedTotal{
    "usage.parts-exceed-total", Severity::Low, "The reported token counts do not add up",
    "A part is larger than its whole, or input and output do not add up to the reported total. The counts are shown as "
    "they were reported.",
    ""};

inline constexpr FindingKind kEventTooLong{
    "llm.event-too-long", Severity::Low, "A stream holds an event over the size limit",
    "The event was skipped. If it carried the token counts, they are missing for this exchange.", ""};

inline constexpr FindingKind kFramesDamaged{
    "llm.event-frames-damaged", Severity::Medium, "Frames of an Amazon event stream cannot be read",
    "Their check sums or headers are wrong, so they were left out. If one of them carried the token counts, those are "
    "missing for this exchange.",
    "If many exchanges have it, something on the way changes bodies: compare captures before and behind the gateway."};

inline constexpr FindingKind kResponseIncomplete{
    "llm.realtime-response-incomplete", Severity::Medium, "A response of a session was not seen whole",
    "A part of it is missing, or the session ended before the response did. If its last message is among what is "
    "missing, so are its token counts, and they may still be billed.",
    "Begin the capture before the session does. If nothing was lost, look for who closed the connection."};

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::analysis {

/// The fields of an exchange, in the order of the contract (`gscope fields`).
enum class FieldId : std::uint8_t {
    Id,
    Input,
    Source,
    Flow,
    Packet,
    Time,
    Duration,
    Ttfb,
    Ttft,
    Client,
    Server,
    Protocol,
    Tls,
    Method,
    Scheme,
    Host,
    Path,
    Query,
    Status,
    RequestBytes,
    ResponseBytes,
    Complete,
    Project,
    ProjectId,
    Agent,
    AgentVersion,
    Model,
    Connection,
    Deployment,
    RequestedModel,
    ServedModel,
    Api,
    Caller,
    Stream,
    InputTokens,
    OutputTokens,
    TotalTokens,
    CachedTokens,
    CacheWriteTokens,
    ReasoningTokens,
    TokenSource,
    FinishReason,
    ErrorCode,
    LimitOrigin,
    ForwardedFor,
    EffectiveClient,
    Ja4,
    Traceparent,
    RequestId,
    StreamEvents,
    ContentEvents,
    ContentBytes,
    UsageEvent,
    ClosedBy,
    MaxTokens,
    PromptBytes,
    Images,
    ToolCalls,
    Tools,
    ContentFilter,
    AudioInputTokens,
    AudioOutputTokens,
    ImageInputTokens,
    ImageOutputTokens,
    CacheWrite1hTokens,
    WebSearches,
    SessionId,
    StreamId,
    ServiceTier,
    GatewayTokens,
    LimitTokens,
    RemainingTokens,
    RetryAfter,
    EstimatedInputTokens,
    EstimatedOutputTokens,
    EstimateMethod,
    Line,
    CorrelationId,
    ResponseId,
    TransactionId,
    TraceId,
    Backend,
    BackendTime,
    ClientClass,
    JoinedBy,
    JoinCertainty,
    JoinedWith,
    LogicalCall,
    Attempt,
    State,
    Findings,
    RequestHeader, ///< `header:NAME`
    ResponseHeader ///< `response-header:NAME`
};

enum class FieldType : std::uint8_t { Integer, Duration, Time, Boolean, Text, TextList };

struct FieldInfo {
    FieldId id;
    std::string_view name; ///< as in the contract: `duration_ms`
    FieldType type;
    std::string_view meaning;
};

/// All named fields, in the order of the contract; the two header forms are not in it.
std::span<const FieldInfo> fields();

/// The named field whose name is nearest to `name`, or an empty view when none is near.
std::string_view nearestFieldName(std::string_view name);

/// A field as the user named it.
struct Field {
    FieldId id = FieldId::Id;
    FieldType type = FieldType::Integer;
    std::string header; ///< lower case, for the two header forms

    /// The name in the contract's spelling.
    std::string name() const;
    /// Unknown names give an error that says what is near.
    static std::expected<Field, Error> parse(std::string_view name);
    bool operator==(const Field&) const = default;
};

/// A comma-separated list of fields.
std::expected<std::vector<Field>, Error> parseFields(std::string_view list);

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gatescope::analysis {

/// What proves that two records tell of the same call, surest first (the order in which the rules are tried).
enum class JoinRule : std::uint8_t {
    SequenceNumbers, ///< both sides of an address translation: the same TCP sequence numbers
    CorrelationId,   ///< API Management's id of one gateway request
    Traceparent,     ///< the whole header, or a trace id that no other call of either side has
    ResponseId,      ///< the model's id of its answer
    TransactionId,   ///< x-appgw-trace-id
    ClientPort,      ///< source address and port, within the life of the connection
    UniqueMatch      ///< method, path, status, size and time fit one call of the other side and no second one
};
/// `sequence-numbers`, `correlation-id`, `traceparent`, `response-id`, `transaction-id`, `client-port`, `unique-match`.
std::string_view toString(JoinRule rule);
/// `sure` for an id that only this call has, `likely` for what rests on time and size.
std::string_view certaintyOf(JoinRule rule);

/// One call as several records tell it.
struct JoinedCall {
    std::vector<Row> parts;      ///< packets first, then the log that knows the most
    std::vector<JoinRule> rules; ///< that tied them, surest first
    /// Index into `Snapshot::flows` of the connection that carried the call and whose content nobody could read.
    std::optional<std::uint32_t> flow;
    std::optional<std::uint32_t> loggedFlow; ///< likewise of a connection that a firewall tells of
};

/// How the clocks of two inputs differ, from pairs tied by ids.
struct ClockOffset {
    std::uint32_t log = 0, other = 0; ///< inputs
    std::int64_t offsetNs = 0;        ///< add to the log's times
    std::uint64_t pairs = 0;
};

/// Of one input: what was joined and what was not.
struct JoinCount {
    std::uint32_t input = 0;
    bool isLog = false;
    std::uint64_t records = 0; ///< exchanges of a capture, or calls of a log
    std::uint64_t joined = 0;
    std::uint64_t unjoined = 0; ///< of a log: calls that no packets show; of a capture: calls that no log knows
    std::uint64_t flows = 0;    ///< connections whose content nobody could read
    std::uint64_t flowsJoined = 0;
};

struct JoinResult {
    std::vector<JoinedCall> calls; ///< in the order of their first parts
    std::vector<ClockOffset> offsets;
    std::vector<JoinCount> counts;
    std::vector<std::uint32_t> unexplainedFlows; ///< indices into `Snapshot::flows`
    std::vector<Row> unjoinedRows;
};

/// Ties the records of logs to those of captures and of other logs. Rows of packets are tied to each other only where
/// their connections are one, captured on both sides of an address translation; two hops of a proxy are two calls.
/// Deterministic: the same for any order of arrival. `raw` must not hold joined rows already.
JoinResult joinRecords(const Snapshot& raw);

} // namespace gatescope::analysis

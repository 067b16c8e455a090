// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_record.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace gatescope::gatewaylog {

/// Bodies as a log holds them: text, content coding undone. Empty: not logged.
struct LoggedBodies {
    std::string_view request;
    std::string_view response;  ///< JSON, or server-sent events
    bool requestIsCut = false;  ///< the log does not hold all of it
    bool responseIsCut = false; ///< likewise
    /// Headers of the backend's answer, where logged apart: they speak of the call, not of what the client got.
    const http::HeaderList* backendAnswer = nullptr;
};

/// Token counts that a log states in fields of its own.
struct StatedUsage {
    std::optional<std::int64_t> input, output, total;
    std::optional<std::int64_t> cached, cacheWrite, reasoning;
};

/// Names that a log states in fields of its own. Empty: it does not.
struct StatedNames {
    std::string_view deployment;
    std::string_view requestedModel;
    std::string_view servedModel;
    std::string_view responseId;
};

/// Reads what was logged of a call as a call of a model. One reader owns it.
class CallReading {
public:
    CallReading();
    ~CallReading();
    CallReading(CallReading&&) noexcept;
    CallReading& operator=(CallReading&&) noexcept;

    /// Fills `record.call` from the heads in `record.http` (of the messages that are `seen`) and the bodies. A body
    /// that is cut gives a finding, and only what stands in its complete members counts. JSON whose brackets are not
    /// closed is cut, whatever the log says.
    void read(LogRecord& record, const LoggedBodies& bodies = {});

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Token counts of the log go before those of a body. Negative ones are none. Parts that the log does not state stay as
/// reported where their whole is the same. The total is the stated one, else the sum where both parts are known.
void stateUsage(llm::CallFacts& call, const StatedUsage& stated);

/// Fills what headers, target and bodies left open, and chooses the model again by the rule of the contract: header,
/// deployment, requested, served.
void stateNames(llm::CallFacts& call, const StatedNames& stated);

/// `log.header-not-logged`, for a model call whose record names neither project, agent nor model in a header.
void checkLoggedIdentity(LogRecord& record);

/// Adds a finding to the record.
void note(LogRecord& record, const FindingKind& kind, std::string_view evidence = {});

/// Sets `traceId` and `spanId` from a W3C traceparent; leaves them when it is none.
void readTraceparent(std::string_view value, LogFacts& facts);

} // namespace gatescope::gatewaylog

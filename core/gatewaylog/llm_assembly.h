// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_record.h"

#include <cstddef>
#include <memory>

namespace gatescope::gatewaylog {

struct AssemblyLimits {
    std::size_t maxCallBytes = 4U << 20;  ///< messages of one call: the gateway writes at most 2 MB of each direction
    std::size_t maxHeldBytes = 64U << 20; ///< of all calls; past it the oldest ones are read with what is there
};

/// Puts the rows of API Management's model log together: one record (`apim-llm`) for each correlation id. Rows may come
/// in any order, twice (delivery is at least once) and from several inputs of a run. The row with a deployment or with
/// token counts is the head; messages are joined by sequence number, each direction by itself, and only then parsed. A
/// missing number or a body at its cap is a finding (`log.truncated`), and the text is never read as if it were whole.
/// Rows without request id, model and tokens are probes of the platform and are left out. One thread at a time.
class LlmAssembly {
public:
    explicit LlmAssembly(AssemblyLimits limits = {});
    ~LlmAssembly();

    /// `input` goes back with the record, so that it can be told apart.
    void add(std::uint32_t input, LlmPart&& part);
    struct Whole {
        std::uint32_t input = 0; ///< of the head, else of the first row
        LogRecord record;
    };
    /// Nothing follows: all calls, in the order in which their first rows came.
    std::vector<Whole> finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::gatewaylog

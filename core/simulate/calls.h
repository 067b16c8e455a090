// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/simulate/token_count.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::simulate {

/// A call of a model, as a limiter sees it.
struct Call {
    analysis::Row row = 0;
    TimeNs start = kNoTime; ///< first byte of the request; always known
    TimeNs end = kNoTime;   ///< last byte of the answer, never before `start`; kNoTime: no answer was seen
    Count input, output, total, cached;
    Count maxTokens;    ///< output that the request allows
    Count promptBytes;  ///< octets of text in the prompt
    Count requestBytes; ///< octets of the request's body
    Count images;
    Count gatewayTokens;      ///< what a gateway said that it booked
    Count limitTokens;        ///< the limit that a header stated
    Count remainingTokens;    ///< what a header stated as left
    std::uint16_t status = 0; ///< 0: no answer was seen
    bool stream = false;
    bool countedByGateway = false; ///< `total` is what the gateway said, because the answer said nothing
};

/// Where the prompt's size is taken from before the answer is known.
enum class PromptEstimator : std::uint8_t {
    Reported, ///< the input tokens that were reported later, where known: nearest to what a gateway's tokenizer counts
    Bytes     ///< octets of the prompt / 4, else of the request body / 4
};

/// What a gateway counts for one image of a streamed or estimated call, whatever its size.
/// Source: Azure API Management, llm-token-limit, usage notes.
inline constexpr std::int64_t kTokensPerImage = 1200;

/// Prompt tokens as a gateway would estimate them on arrival. `Reported` falls back to `Bytes` for a call that reports
/// nothing, such as one that was really refused. With images the text is counted by `Bytes` where possible, because
/// reported tokens contain the images already, and each image adds kTokensPerImage. Unknown when nothing is known.
Count promptEstimate(const Call& call, PromptEstimator estimator);

/// Total tokens as reported; where only one part is known, that part. Unknown when nothing was reported.
Count billedTokens(const Call& call);

/// The calls of models among `rows` (others do not pass a token limiter), by start, then in the order of ids.
struct Calls {
    std::vector<Call> list;
    std::uint64_t withoutTime = 0; ///< calls that were left out because nobody saw their request
};
Calls callsOf(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows);

/// One value of a counter key: a part for each field, absent where the call has no value. Secrets are masked unless
/// revealed, as everywhere.
using KeyParts = std::vector<std::optional<std::string>>;

/// Calls with the counter that each falls into.
struct KeyedCalls {
    std::vector<analysis::Field> fields;
    Calls calls;
    std::vector<std::uint32_t> keyOf; ///< by place in `calls.list`: index into `keys`
    std::vector<KeyParts> keys;       ///< most tokens first, as `analysis::groupBy` gives them
    /// By key: distinct payers behind it. A payer is a project, else an application, else a client address.
    std::vector<std::uint32_t> payers;
};
/// No fields: one counter for all.
KeyedCalls keyedCalls(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                      const std::vector<analysis::Field>& fields, bool reveal = false);
/// Gives the same calls other keys, which is cheaper than taking them out of the dataset again.
void assignKeys(const analysis::Snapshot& snapshot, const std::vector<analysis::Field>& fields, bool reveal,
                KeyedCalls& keyed);

} // namespace gatescope::simulate

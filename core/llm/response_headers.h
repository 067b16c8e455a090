// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// What an answer's headers say of limits. Names are those of resources/header-catalogue.json; a policy of API
/// Management may choose others, which nobody can know.
struct LimitHeaders {
    std::optional<std::int64_t> consumed;         ///< `x-apim-tokens-consumed`
    std::optional<std::int64_t> gatewayRemaining; ///< `x-apim-remaining-token`
    std::optional<std::int64_t> limit;            ///< `x-ratelimit-limit-tokens`, `anthropic-ratelimit-tokens-limit`
    std::optional<std::int64_t> remaining;        ///< `x-ratelimit-remaining-tokens`, ...
    std::optional<std::int64_t> wait;             ///< ns: `retry-after-ms`, else `retry-after`
    bool provisioned = false;                     ///< `x-ms-spillover-*`, utilisation of provisioned units
    bool envoyRateLimited = false;
    bool envoyOverloaded = false;
    bool litellm = false;
    bool throttledByBedrock = false; ///< `x-amzn-errortype: ThrottlingException`
};

/// What is of interest in the headers of a model's answer.
struct ResponseHeaders {
    std::optional<std::string_view> contentType;     ///< views into the list
    std::optional<std::string_view> contentEncoding; ///< likewise
    std::string_view servedModel;
    std::string_view bedrockError;                           ///< class of the error, without what follows its colon
    std::optional<std::int64_t> bedrockInput, bedrockOutput; ///< token counts of InvokeModel
    LimitHeaders limits;
};

/// One pass over the fields. Headers that LiteLLM passes on as `llm_provider-NAME` count where NAME itself is absent.
ResponseHeaders readResponseHeaders(const http::HeaderList& headers);

} // namespace gatescope::llm

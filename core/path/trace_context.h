// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::path {

/// A traceparent header (W3C Trace Context, 3.2). Views refer to the text given.
struct Traceparent {
    std::string_view traceId;  ///< 32 hex digits
    std::string_view parentId; ///< 16 hex digits
    std::uint8_t version = 0;
    std::uint8_t flags = 0;
    bool isSampled = false;
    bool isRedacted = false; ///< an X stands in one of the ids
};

/// Nothing for version `ff`, an id of zeros, upper case, or another length (later versions may be longer, after a
/// dash). `X` is accepted for digits of the ids, because dumps are masked with it.
std::optional<Traceparent> readTraceparent(std::string_view text);

/// The span id in `leaf_customer_span_id` of a Correlation-Context or baggage header, as 16 hex digits. It is sent
/// either so or as a decimal signed number of 64 bits (Azure agent-server SDK). Nothing when it is not there, is
/// masked, or is no such number.
std::optional<std::string> leafSpanId(std::string_view header);

/// The value of one key in a Correlation-Context or baggage list, without properties and blanks; as sent.
std::optional<std::string_view> baggageValue(std::string_view header, std::string_view key);

} // namespace gatescope::path

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/route.h"
#include "core/llm/usage.h"

#include <string>

namespace gatescope::llm {

/// Token counts of one usage object, and the tier that it names.
struct UsageObject {
    RawUsage counts;
    std::string serviceTier; ///< Anthropic `service_tier`, Gemini `trafficType`
};

/// Reads the object at which resources/token-usage-fields.json puts the counts of this format. Null or another type
/// gives no counts. Defined for the value type of the JSON parser only.
template <typename Value>
UsageObject readUsageObject(WireFormat format, Value value);

} // namespace gatescope::llm

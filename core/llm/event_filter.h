// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/event_stream.h"
#include "core/llm/route.h"

#include <string_view>

namespace gatescope::llm {

/// True when `data` has a member `usage`, `usageMetadata`, `finish_reason`, `finishReason` or `error` whose value is
/// not null, at any depth. Text inside a JSON string is never taken for one, as its quotes are escaped. One pass.
bool mentionsOutcome(std::string_view data);

/// Cheap test whether an event can say more than another piece of content: false for nearly all events of a stream.
/// A true answer is only a reason to parse it.
bool mayHoldOutcome(WireFormat format, const http::ServerSentEvent& event);

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/event_stream.h"
#include "core/llm/route.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// What one look at an event tells.
struct EventLook {
    bool parse = true;      ///< it may say more than another piece of content: only a parser knows
    bool content = false;   ///< without parsing: it delivers content, reasoning or input of a tool
    std::size_t octets = 0; ///< of text, as unescapedOctets counts it
};

/// Looks at the events of one stream without parsing them: nearly all are content, and what they deliver is measured
/// where it stands. What it says of an event that need not be parsed is what BodyReader would say. Text inside a JSON
/// string is never taken for a member, as its quotes are escaped.
///
/// Events of a stream mostly differ in their text only. What stands before and after it in the last one is remembered:
/// an event with the same around a text needs no look at anything else.
class EventFilter {
public:
    EventLook look(WireFormat format, const http::ServerSentEvent& event);
    /// Begins a new stream.
    void reset();

private:
    /// Longer surroundings are not worth remembering.
    static constexpr std::size_t kMaxSurroundings = 4096;

    std::string m_name;
    std::string m_before;  ///< up to the opening quote of the text, which included; empty: nothing is remembered
    std::string m_after;   ///< from its closing quote on
    bool m_marked = false; ///< such an event carries content even when its text is empty
};

} // namespace gatescope::llm

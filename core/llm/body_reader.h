// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/body_facts.h"
#include "core/llm/padded_buffer.h"
#include "core/llm/route.h"

#include <memory>
#include <string_view>

namespace gatescope::llm {

/// Takes facts out of JSON. Only members at the depth where the API puts them count; text inside strings never does.
/// Texts over 256 octets are not taken. Facts found before an error stay. One worker owns it.
class BodyReader {
public:
    BodyReader();
    ~BodyReader();
    BodyReader(const BodyReader&) = delete;
    BodyReader& operator=(const BodyReader&) = delete;

    /// A whole document. False when it is not valid.
    bool readRequest(const PaddedBuffer& body, RequestFacts& facts);
    bool readResponse(WireFormat format, const PaddedBuffer& body, ResponseFacts& facts);
    /// The data of one event, or one message of a realtime session.
    bool readEvent(WireFormat format, std::string_view data, ResponseFacts& facts);

    /// The beginning of a document that was cut: its complete members are read, at the top and in the first elements of
    /// its lists. What would need all of it (prompt, text delivered, calls of tools) is left unknown.
    void readRequestHead(std::string_view head, RequestFacts& facts);
    void readResponseHead(WireFormat format, std::string_view head, ResponseFacts& facts);
    /// The end of a complete document whose beginning is missing: its top-level members from the first one found on,
    /// and why the last choice ended. Exact: the text behind `{` is one whole object if and only if it began at a
    /// top-level member, and likewise behind the beginning of a list.
    void readRequestTail(std::string_view tail, RequestFacts& facts);
    void readResponseTail(WireFormat format, std::string_view tail, ResponseFacts& facts);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::llm

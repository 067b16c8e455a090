// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/finding.h"
#include "core/base/packet_ref.h"
#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::http {

/// Compares ASCII text without regard to case. Header names are ASCII tokens (RFC 9110, 5.1).
bool equalsIgnoreCase(std::string_view a, std::string_view b);

/// `text/event-stream`, with or without parameters (WHATWG HTML, 9.2.1).
bool isEventStream(std::string_view contentType);

/// Header fields in the order and case in which they were sent, in one buffer.
class HeaderList {
public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    void clear();
    void add(std::string_view name, std::string_view value);
    std::size_t size() const { return m_entries.size(); }
    Field operator[](std::size_t index) const;
    /// First field of that name, in any case.
    std::optional<std::string_view> find(std::string_view name) const;
    /// Bytes held, for limits.
    std::size_t bytes() const { return m_text.size(); }

private:
    struct Entry {
        std::uint32_t nameAt, nameLength, valueLength; ///< the value follows the name
    };
    std::string m_text;
    std::vector<Entry> m_entries;
};

enum class Version : std::uint8_t { Http10, Http11, H2, H2c, WebSocket, H3 };
/// As the contract writes it: `http/1.1`, `h2`.
std::string_view toString(Version version);

struct RequestHead {
    std::string method;
    std::string target; ///< as sent: origin form, absolute form, authority form or `*`
    Version version = Version::Http11;
    HeaderList headers;
    /// Fields that refer to entries of a compression table which were sent before the capture began, or were lost
    /// (RFC 7541, 2.3.2): they are not in `headers`, and `method` or `target` may be among them.
    std::uint32_t unknownFields = 0;
};

struct ResponseHead {
    int status = 0;
    std::string reason;
    Version version = Version::Http11;
    HeaderList headers;
    std::uint32_t unknownFields = 0; ///< as in RequestHead
};

/// How a message's body was seen.
struct MessageTrace {
    TimeNs firstByte = kNoTime;
    TimeNs lastByte = kNoTime;
    PacketRef firstPacket = 0; ///< 0: not seen
    PacketRef lastPacket = 0;
    std::uint64_t bodyBytes = 0; ///< after transfer decoding, before content decoding
    bool seen = false;           ///< the head was seen whole
    bool complete = false;       ///< seen whole, to its end
    bool gap = false;            ///< bytes of it were never captured
};

/// One request with its final response (RFC 9110, 3.4), or the half of it that was seen.
struct Exchange {
    RequestHead request;
    ResponseHead response;
    MessageTrace requestTrace;
    MessageTrace responseTrace;
    std::uint32_t indexInConnection = 0; ///< from 0, in the order of requests (or responses without one)
    std::uint32_t streamId = 0;          ///< of HTTP/2; 0: another protocol
    std::vector<Finding> findings;
};

} // namespace gatescope::http

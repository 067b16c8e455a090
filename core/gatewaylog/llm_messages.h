// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/call_reading.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::gatewaylog {

/// Messages of one direction of a call, in numbered pieces that cut the JSON anywhere.
class MessageText {
public:
    /// False: that number is there already, as delivery may happen twice.
    bool add(std::int64_t number, std::string&& text);
    bool empty() const { return m_pieces.empty(); }

    struct Joined {
        std::string text; ///< from the beginning up to the first piece that is missing
        bool isCut =
            false; ///< a piece is missing, two different ones have the same number, or the text is no whole JSON
    };
    /// `numbers`: of all rows of the call in order, because both directions may share them.
    Joined joined(std::span<const std::int64_t> numbers) const;

private:
    std::vector<std::pair<std::int64_t, std::string>> m_pieces; ///< in order of the numbers
    bool m_disagrees = false;
};

/// What the messages of a call say.
struct MessageFacts {
    bool hasRequest = false, hasResponse = false;
    bool requestIsCut = false, responseIsCut = false;
    std::optional<std::int64_t> promptBytes, contentBytes;
    std::uint32_t images = 0;
    std::uint32_t toolCalls = 0;
    std::string tools;
};

/// Reads messages when they are put together. The log keeps the messages of a body without the rest of it.
class LlmMessages {
public:
    MessageFacts read(const MessageText& request, const MessageText& response, std::span<const std::int64_t> numbers);

private:
    CallReading m_calls;
};

} // namespace gatescope::gatewaylog

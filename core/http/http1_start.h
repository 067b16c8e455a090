// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::http {

/// What the first octets of a direction look like.
enum class StartKind : std::uint8_t {
    Request,
    Response,
    Http2Preface, ///< RFC 9113, 3.4
    Tls,          ///< a handshake or alert record, RFC 8446, 5.1
    Undecided,    ///< too few octets to tell
    Other
};
/// Octets after which `classifyStart` is never undecided.
inline constexpr std::size_t kStartBytes = 24;

StartKind classifyStart(std::string_view text);

/// The next place in the middle of a stream where a message begins beyond doubt: a whole start line, at the front of
/// the text, after a line end, or (responses) right after another message. Inside JSON no raw line end can stand, so a
/// quoted start line is not taken for one.
struct FoundStart {
    std::size_t offset = 0;
    StartKind kind = StartKind::Other;
};
std::optional<FoundStart> findStart(std::string_view text, bool requests, bool responses);

} // namespace gatescope::http

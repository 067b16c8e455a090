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
/// Octets after which `classifyStart` is never undecided, but for a request line with a method that is not known: that
/// one must be whole, to its version, because many protocols begin with a word in capitals.
inline constexpr std::size_t kStartBytes = 24;
/// Of such a line, and of a start line that is looked for over more than one piece (RFC 9112, 3).
inline constexpr std::size_t kMaxStartLine = 8'000;
/// Of a method in such a line.
inline constexpr std::size_t kMaxStartMethod = 32;

/// `wholeStart`: the text is known to begin where a message does, so that the word at its front is no end of another.
/// Only then a method that is not known is taken for one.
StartKind classifyStart(std::string_view text, bool wholeStart);

/// Of a first line that only claims to be HTTP.
inline constexpr std::size_t kMaxClaimLine = 256;

/// Whether a connection that begins with something else begins with a line of text that names HTTP/1 all the same: a
/// request line which is not right, and which the other end may answer. Request: it does.
StartKind classifyClaim(std::string_view text);

/// The next place in the middle of a stream where a message begins beyond doubt: a whole start line, at the front of
/// the text, after a line end, or (responses) right after another message. Inside JSON no raw line end can stand, so a
/// quoted start line is not taken for one. `fresh`: where the last piece begins in the text; a message may begin there
/// without a line end before it, and a status line there is taken before its line ends.
struct FoundStart {
    std::size_t offset = 0;
    StartKind kind = StartKind::Other;
};
std::optional<FoundStart> findStart(std::string_view text, bool requests, bool responses, std::size_t fresh = 0);

/// Where a start line that is not whole may begin at the end of a text in which none was found; its size: nowhere.
std::size_t findUnfinishedStart(std::string_view text, bool requests, bool responses);

} // namespace gatescope::http

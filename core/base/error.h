// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace gatescope {

/// Why one value could not be decoded.
enum class DecodeError : std::uint8_t {
    Truncated,   ///< our capture ends before the value does (snap length, cut file)
    Malformed,   ///< the sender sent something that the specification forbids
    Unsupported, ///< well formed, but of a kind that this program does not know
    LimitReached ///< a named limit stopped us
};

/// What kind of trouble a file, device or setting gave. Decides the exit status of `gscope`.
enum class ErrorKind : std::uint8_t {
    CannotOpen,    ///< no such file, no right, a read error before anything was read
    UnknownFormat, ///< opened, but of no kind that we know
    Damaged,       ///< read in part: everything before the damage was delivered
    Usage,         ///< the caller asked for something that does not exist
    Stopped,       ///< the user stopped it
    Internal
};

/// Trouble with a file, a device or a setting, in words for a person. Never holds a secret.
struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string message;
};

} // namespace gatescope

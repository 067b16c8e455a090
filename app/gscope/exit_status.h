// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <string>

namespace gatescope::cli {

/// How `gscope` ends, by the contract.
enum class ExitStatus : std::uint8_t {
    Done = 0,
    Found = 1,      ///< done, and something at or over `--fail-on` was found
    WrongUse = 2,   ///< unknown verb, option, field or filter
    NotOpened = 3,  ///< an input could not be opened or is of no known kind; the others were still read
    ReadInPart = 4, ///< a cut or damaged input, or stopped by the user
    OwnError = 5
};

/// Of two things that happened in one run, the one that decides the status.
ExitStatus worse(ExitStatus a, ExitStatus b);

/// Why a verb cannot go on.
struct Failure {
    ExitStatus status = ExitStatus::OwnError;
    std::string message; ///< for a person; empty when it was said already
};

/// The user asked for what cannot be.
Failure wrongUse(std::string message);

/// What trouble with a file means for the status.
Failure failureOf(const Error& error);

/// One message on standard error, with the program's name before it. Control characters are shown, not sent.
void say(const std::string& message);

} // namespace gatescope::cli

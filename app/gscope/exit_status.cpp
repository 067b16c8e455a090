// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/exit_status.h"

#include "core/report/escape.h"

#include <array>
#include <cstddef>
#include <cstdio>

namespace gatescope::cli {

ExitStatus worse(ExitStatus a, ExitStatus b) {
    // A failed run says more than a cut file, and `Found` is only for runs that saw everything.
    constexpr std::array<int, 6> kRank{0, 1, 4, 3, 2, 5};
    return kRank[static_cast<std::size_t>(a)] >= kRank[static_cast<std::size_t>(b)] ? a : b;
}

void say(const std::string& message) {
    std::string text = "gscope: ";
    report::appendTerminalLines(text, message);
    text += '\n';
    std::fputs(text.c_str(), stderr);
}

Failure wrongUse(std::string message) {
    return {ExitStatus::WrongUse, std::move(message)};
}

Failure failureOf(const Error& error) {
    switch (error.kind) {
    case ErrorKind::CannotOpen:
    case ErrorKind::UnknownFormat:
        return {ExitStatus::NotOpened, error.message};
    case ErrorKind::Damaged:
    case ErrorKind::Stopped:
        return {ExitStatus::ReadInPart, error.message};
    case ErrorKind::Usage:
        return {ExitStatus::WrongUse, error.message};
    case ErrorKind::Internal:
        break;
    }
    return {ExitStatus::OwnError, error.message};
}

} // namespace gatescope::cli

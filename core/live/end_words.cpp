// SPDX-License-Identifier: Apache-2.0
#include "core/live/end_words.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::live {

namespace {

std::string seconds(TimeNs time) {
    constexpr TimeNs kSecond = 1'000'000'000;
    if (time % kSecond == 0) return fmt::format("{} s", time / kSecond);
    return fmt::format("{:.3f} s", static_cast<double>(time) / static_cast<double>(kSecond));
}

std::string quotedForShell(const std::string& path) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";
    if (path.find_first_not_of(kPlain) == std::string::npos) return path;
    std::string quoted = "'";
    for (const char one : path) quoted += one == '\'' ? std::string("'\\''") : std::string(1, one);
    return quoted + "'";
}

} // namespace

std::string endWords(const EndedMessage& end, const StopConditions& stop) {
    switch (end.reason) {
    case EndReason::Asked:
        return "stopped";
    case EndReason::TimeOver:
        return fmt::format("{} are over", seconds(stop.time));
    case EndReason::EnoughPackets:
        return fmt::format("{} packets are captured", stop.packets);
    case EndReason::EnoughBytes:
        return fmt::format("{} octets are written", stop.bytes);
    case EndReason::EnoughFiles:
        return fmt::format("{} files are full", stop.files);
    case EndReason::PlayedToEnd:
        return "the capture was played to its end";
    case EndReason::NoRights:
        return "no right to capture";
    case EndReason::NoInterface:
        return fmt::format("there is no interface {}", end.text);
    case EndReason::BadFilter:
        return fmt::format("the capture filter: {}", end.text);
    case EndReason::BadDevice:
        return fmt::format("cannot capture on {}", end.text);
    case EndReason::BadPlayedFile:
        return fmt::format("the capture to play: {}", end.text);
    case EndReason::BadProtocol:
        return fmt::format("the capture helper did not understand this program: {}", end.text);
    case EndReason::NoSandbox:
        return fmt::format("the capture helper could not give up its rights ({})", end.text);
    case EndReason::InterfaceGone: {
        const std::size_t colon = std::min(end.text.find(": "), end.text.size());
        return fmt::format("the interface {} is gone{}", end.text.substr(0, colon),
                           colon == end.text.size() ? "" : fmt::format(" ({})", end.text.substr(colon + 2)));
    }
    case EndReason::CannotWrite:
        return fmt::format("the file cannot be written: {}", end.text);
    }
    return "";
}

std::optional<Error> endError(const EndedMessage& end, const std::string& helper) {
    if (end.reason < EndReason::NoRights) return std::nullopt;
    std::string words = endWords(end, {});
    ErrorKind kind = ErrorKind::CannotOpen;
    if (end.reason == EndReason::NoRights)
        words += fmt::format(" ({}). This gives it to the capture helper, and to nothing else:\n"
                             "sudo setcap cap_net_raw=ep {}",
                             end.text, quotedForShell(helper));
    if (end.reason == EndReason::BadFilter) kind = ErrorKind::Usage;
    if (end.reason == EndReason::InterfaceGone || end.reason == EndReason::CannotWrite) kind = ErrorKind::Damaged;
    if (end.reason == EndReason::BadProtocol || end.reason == EndReason::NoSandbox) kind = ErrorKind::Internal;
    return Error{kind, std::move(words)};
}

} // namespace gatescope::live

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/live/capture_request.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

/// What the capture helper and its parent say to each other, over a socket pair that keeps messages whole
/// (SOCK_SEQPACKET). A message is one octet of type and its fields: numbers little-endian, texts with 16 bits of length
/// in front. Nothing may follow. Both ends are written for another end that is hostile: every message has a longest
/// length, every text and list too, and what is not exactly right is refused. This file is part of the helper: it
/// includes nothing but the standard library.
namespace gatescope::live {

inline constexpr std::uint32_t kProtocolMagic = 0x50435347; ///< `GSCP`
inline constexpr std::uint16_t kProtocolVersion = 1;
inline constexpr std::size_t kMaxMessageBytes = 16 * 1024;
inline constexpr std::size_t kMaxFilterBytes = 8 * 1024;
inline constexpr std::size_t kMaxNameBytes = 64;
inline constexpr std::size_t kMaxTextBytes = 1024;
/// Where the helper finds its end.
inline constexpr int kControlDescriptor = 3;

// From the parent.

/// First. With the descriptor of the played capture, if one is played. Paths are not sent.
struct StartMessage {
    CaptureRequest request;
    bool playsFile = false;
    RingOptions ring;
    StopConditions stop;
};
/// With a descriptor, from the time that it runs: the file to write, empty; or the one to go on with when that is full.
/// Numbers count from 1.
struct FileMessage {
    std::uint32_t number = 0;
};
struct StopMessage {};
using ParentMessage = std::variant<StartMessage, FileMessage, StopMessage>;

// From the helper.

struct HelloMessage {};
/// Everything is open, nothing is allowed any more. Link types in the order of the interfaces.
struct RunningMessage {
    std::vector<std::uint16_t> linkTypes;
};
struct InterfaceReport {
    std::uint64_t packets = 0, kernelDropped = 0;
    bool isGone = false;
};
/// After each flush and each second. What it says of earlier files is that they are complete.
struct ReportMessage {
    std::uint32_t file = 0;
    std::uint64_t fileBytes = 0; ///< flushed; ends with a whole block
    std::uint64_t packets = 0, bytes = 0, ownDropped = 0, copies = 0, trimmedBytes = 0;
    std::vector<InterfaceReport> interfaces;
};
enum class EndReason : std::uint8_t {
    Asked,
    TimeOver,
    EnoughPackets,
    EnoughBytes,
    EnoughFiles,
    PlayedToEnd,
    NoRights,    ///< from here on: it did not go as asked; `text` says more
    NoInterface, ///< `text` begins with its name
    BadFilter,
    BadDevice,
    BadPlayedFile,
    BadProtocol,
    NoSandbox,
    InterfaceGone,
    CannotWrite,
};
struct EndedMessage {
    EndReason reason = EndReason::Asked;
    std::string text;
};
using HelperMessage = std::variant<HelloMessage, RunningMessage, ReportMessage, EndedMessage>;

/// Texts and lists over their limits are cut.
std::string encode(const ParentMessage& message);
std::string encode(const HelperMessage& message);
/// Nothing: it is none, or of another version.
std::optional<ParentMessage> parseParentMessage(std::span<const std::uint8_t> bytes);
std::optional<HelperMessage> parseHelperMessage(std::span<const std::uint8_t> bytes);

/// False: it could not be sent. Never waits: what does not fit is not sent.
bool sendMessage(int socket, const std::string& message, int descriptor = -1);

struct Received {
    enum class Kind : std::uint8_t { Message, Nothing, Closed } kind = Kind::Nothing;
    std::vector<std::uint8_t> bytes; ///< empty if it was too long or came with more than one descriptor
    int descriptor = -1;             ///< the caller's to close
};
/// Does not wait. A descriptor that comes with it closes on exec.
Received receiveMessage(int socket);

} // namespace gatescope::live

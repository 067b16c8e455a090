// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/ip_address.h"
#include "core/base/packet_ref.h"
#include "core/base/time.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gatescope::tcp {

/// One of the two ends of a connection, in the order in which they were first seen sending.
enum class Side : std::uint8_t { First, Second };
constexpr Side otherSide(Side side) {
    return side == Side::First ? Side::Second : Side::First;
}
constexpr std::size_t indexOf(Side side) {
    return static_cast<std::size_t>(side);
}

/// The packet that carried some bytes.
struct Place {
    PacketRef packet = 0;
    TimeNs time = kNoTime;
};

enum class CloseReason : std::uint8_t {
    Finished,  ///< both ends sent FIN and everything before it was delivered
    Reset,     ///< RST
    Abandoned, ///< idle too long, too many connections, or the port was used again
    CaptureEnd
};

/// What a connection's decoder is told. Each direction comes in order and without repetition; a range that was never
/// captured comes as a gap. Bytes that answer something (their segment acknowledged it) come after what they answer,
/// as far as that was captured.
class StreamConsumer {
public:
    virtual ~StreamConsumer() = default;
    /// `data` is valid during the call only.
    virtual void onData(Side from, Bytes data, const Place& place) = 0;
    /// `length` octets of this direction are lost; data goes on after them.
    virtual void onGap(Side from, std::uint64_t length, const Place& place) = 0;
    /// This end sends no more (FIN), and all before it was delivered.
    virtual void onFin(Side from, const Place& place) = 0;
    /// This end broke the connection off (RST). Told once, when the RST was seen: octets that were on their way may
    /// follow.
    virtual void onReset(Side /*from*/, const Place& /*place*/) {}
    /// Nothing follows.
    virtual void onClosed(CloseReason reason) = 0;
};

/// What is known of a connection besides its bytes.
struct ConnectionInfo {
    std::array<Endpoint, 2> ends; ///< by Side
    std::optional<Side> client;   ///< who sent the SYN; absent when the handshake was not captured
    PacketRef firstPacket = 0;
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
    std::uint64_t packets = 0; ///< without copies
    std::uint64_t copies = 0;  ///< packets that were captured once more
    /// Initial sequence numbers of client and server, where both SYNs were captured: equal for the two sides of an
    /// address translation, and by chance for nobody else.
    std::optional<std::uint64_t> sequencePair;
    std::uint64_t payloadBytes = 0; ///< new ones, delivered
    std::uint64_t lostBytes = 0;    ///< in gaps
};

} // namespace gatescope::tcp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/types.h"

#include <cstdint>
#include <vector>

namespace gatescope::tls {

/// One handshake message (RFC 8446, 4). What it points to is valid during the call only.
struct HandshakeMessage {
    static constexpr std::size_t kHeaderBytes = 4;
    HandshakeType type = HandshakeType::HelloRequest;
    Bytes body;
    Bytes whole; ///< with its header, as transcripts want it
    Place first; ///< of the fragment in which it begins
    Place last;  ///< of the fragment in which it ends
};

/// A message that is longer than the reader keeps; it is skipped.
struct LongHandshakeMessage {
    HandshakeType type = HandshakeType::HelloRequest;
    std::uint32_t length = 0; ///< of its body, as its header says
    Place first;
};

class HandshakeSink {
public:
    virtual ~HandshakeSink() = default;
    virtual void onMessage(const HandshakeMessage& message) = 0;
    /// Told when its header is there; the messages behind it are given as usual.
    virtual void onTooLong(const LongHandshakeMessage& message) = 0;
};

/// Puts the handshake messages of one direction together from the fragments of its handshake records, however they
/// are split. A message that lies within one fragment is given without a copy. The sink may call `reset`;
/// what follows in the same fragment is read on.
class HandshakeReader {
public:
    /// Of a message's body. Certificates of real servers reach 100 KB; their message has a length of 24 bits.
    static constexpr std::size_t kMaxMessageBytes = (1U << 20) + (64U << 10);

    void feed(Bytes fragment, const Place& place, HandshakeSink& sink);
    /// Forgets what has begun: after a loss, and where the keys change.
    void reset();
    /// A message has begun and has not come whole.
    bool isInMessage() const { return !m_held.empty() || m_skip != 0; }

private:
    /// Gives the messages at the start of `bytes` that need no copy, up to one that is cut or too long.
    Bytes takeWhole(Bytes bytes, const Place& place, HandshakeSink& sink);
    /// Completes the message that is held; what is left of `bytes`.
    Bytes fillHeld(Bytes bytes, const Place& place, HandshakeSink& sink);
    /// Once the header is held: a message that is too long is said so, and let go.
    void checkHeld(HandshakeSink& sink);

    std::vector<std::uint8_t> m_held; ///< the beginning of a message
    Place m_heldPlace;
    std::size_t m_skip = 0; ///< octets left of a message that is too long
};

} // namespace gatescope::tls

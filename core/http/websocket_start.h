// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>

namespace gatescope::http {

/// Finds frames in the middle of a WebSocket: the header of a text message whose payload begins like JSON. Inside JSON,
/// quotation marks are escaped and raw line ends do not stand, so no payload of the protocols that are read here looks
/// like that by itself. Decided by the octets from the header on alone, whatever pieces they come in.
class WebSocketSearch {
public:
    enum class Verdict : std::uint8_t { No, Yes, TooFew };
    /// Octets of payload that are looked at; shorter messages are not taken for a beginning.
    static constexpr std::size_t kProofBytes = 16;
    static constexpr std::size_t kCompressedProofBytes = 64;
    /// Longer ones exist in theory; in practice a length like that is noise.
    static constexpr std::uint64_t kMaxLength = 64U << 20;
    /// Inflating costs a microsecond, so it is tried so many times until a frame is found.
    static constexpr unsigned kMaxInflateTries = 4'096;

    /// `masked`: frames of a client. `compressed`: messages may be.
    WebSocketSearch(bool masked, bool compressed) : m_masked(masked), m_compressed(compressed) {}

    Verdict isMessage(Bytes bytes);
    /// Position of the first message, or of the first octets that are too few to tell, or the end.
    std::size_t find(Bytes bytes, Verdict& verdict);
    void restart() { m_tries = 0; }

private:
    bool m_masked;
    bool m_compressed;
    unsigned m_tries = 0;
};

/// Whether a piece of a connection captured from its middle is one frame after the other, the last possibly unfinished,
/// with a text message of JSON among them. For choosing a decoder only. `fromClient`: they are masked.
bool looksLikeWebSocket(Bytes bytes, bool& fromClient);

} // namespace gatescope::http

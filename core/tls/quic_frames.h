// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstdint>

namespace gatescope::tls {

/// Told what the frames of an Initial packet say.
class QuicFrameSink {
public:
    virtual ~QuicFrameSink() = default;
    virtual void onCrypto(std::uint64_t offset, Bytes data) = 0;
    /// `error`: RFC 9000, 20.1; 0x0100 and above are alerts of TLS.
    virtual void onConnectionClose(std::uint64_t error) = 0;
};

/// Reads the frames that may stand in an Initial packet (RFC 9000, 12.4): PADDING, PING, ACK, CRYPTO, CONNECTION_CLOSE.
/// Ends at the first that may not, or is cut.
void readQuicFrames(Bytes frames, QuicFrameSink& sink);

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret_bytes.h"
#include "core/tls/quic_packet.h"
#include "core/tls/types.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::tls {

/// The keys of the Initial packets of one connection, both directions. They follow from a connection id that everybody
/// sees (RFC 9001, 5.2; RFC 9369, 3.3).
class QuicInitialKeys {
public:
    /// Of versions 1 and 2, drafts 22 to 34 of version 1, and the versions of mvfst that follow them.
    static bool isKnown(std::uint32_t version);
    /// `clientDestination`: the connection id that the client sends its first Initial to; after a Retry, the next.
    /// Nothing: the version is not known.
    static std::optional<QuicInitialKeys> derive(std::uint32_t version, Bytes clientDestination);

    std::uint32_t version() const { return m_version; }
    const std::string& connectionId() const { return m_connectionId; }

    /// What an Initial packet of that end holds: its frames, in `frames`, until the next call. `largest`: the highest
    /// packet number so far of that end; raised. False: it does not verify.
    bool open(Peer from, const QuicPacket& packet, std::optional<std::uint64_t>& largest,
              std::vector<std::uint8_t>& frames) const;

private:
    struct Keys {
        SecretBytes key;
        SecretBytes iv;
        SecretBytes headerProtection;
    };
    QuicInitialKeys() = default;

    std::uint32_t m_version = 0;
    std::string m_connectionId;
    std::array<Keys, 2> m_keys; ///< by indexOf(Peer) of the sender
};

} // namespace gatescope::tls

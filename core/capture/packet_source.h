// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/finding.h"
#include "core/base/secret_bytes.h"
#include "core/capture/packet.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace gatescope::capture {

/// What a capture says of one of its interfaces.
struct InterfaceInfo {
    std::string name; ///< `eth0`; empty: not said
    std::uint16_t linkType = 0;
    std::uint32_t snapLength = 0; ///< 0: no limit, or not known

    static constexpr std::size_t kMaxNameBytes = 256; ///< longer names are cut
};

/// What is known of a source so far. Grows while it is read.
struct SourceInfo {
    std::string format;                    ///< `pcap`, `pcapng`; with a wrapper: `pcapng (zstd)`
    std::vector<std::string> comments;     ///< of sections, packets and other blocks, up to a limit
    std::vector<PacketRef> commentPackets; ///< of each comment its packet; 0: it is not one of a packet
    /// By Packet::interfaceIndex, up to a limit: those of packets behind it are not described.
    std::vector<InterfaceInfo> interfaces;
    std::vector<SecretText> tlsSecrets; ///< key logs of decryption secrets blocks, in order
    std::uint64_t droppedPackets = 0;   ///< as counters in the file say
};

/// Anything that gives packets in order: a file, a pipe, later a live interface.
class PacketSource {
public:
    virtual ~PacketSource() = default;

    /// Fills `block` (whose buffer is reused) with the next packets. True: there are some, or, of a source that still
    /// grows, none came for now. False: the end, with
    /// everything delivered. An error of kind Damaged comes once, after all packets before the damage; its message
    /// names the byte offset.
    virtual std::expected<bool, Error> read(PacketBlock& block) = 0;

    /// Bytes of the file taken so far and its size; size 0 when it is not known (a pipe). For progress only.
    virtual std::uint64_t bytesRead() const = 0;
    virtual std::uint64_t totalBytes() const = 0;

    virtual const SourceInfo& info() const = 0;
    /// Odd things met so far and not yet taken: cut file, unknown link type, dropped packets.
    virtual std::vector<Finding> takeFindings() = 0;
};

} // namespace gatescope::capture

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/packet_source.h"

#include <cstddef>
#include <stop_token>
#include <string>

namespace gatescope::capture {

struct ReaderLimits {
    std::size_t blockBytes = 256U << 10;    ///< one read; measured as fast as mapping the file
    std::size_t maxPacketBytes = 16U << 20; ///< larger than any snap length in use (262,144) and than jumbo GRO
    std::size_t maxBlockBytes = 64U << 20;  ///< one pcapng block, secrets and custom blocks included
    std::size_t maxInterfaces = 65'536;     ///< in one section
    std::size_t maxComments = 1'000;
    std::size_t maxCommentBytes = 1U << 20;  ///< of all comments together
    std::size_t maxSecretsBytes = 64U << 20; ///< key log text kept from decryption secrets blocks
};

/// Opens a capture by its content, never by its name: pcap (both byte orders, micro- and nanoseconds) or pcapng,
/// plain or wrapped in gzip, zstd or lz4 (frame format). `-` is standard input. Wrappers may not be nested.
/// Errors: CannotOpen (with the system's reason), UnknownFormat (names what the first bytes look like; an empty file,
/// a modified pcap and a version that is not known as well), Internal (no memory). Messages do not repeat the path.
/// A file that is cut inside its first header opens; its first read() then gives Damaged.
/// Waiting for a silent pipe ends soon after `stop`, with an error of kind Stopped.
/// Formats: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ and .../draft-ietf-opsawg-pcapng/.
std::expected<std::unique_ptr<PacketSource>, Error> openCapture(const std::string& path, ReaderLimits limits = {},
                                                                std::stop_token stop = {});

} // namespace gatescope::capture

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/base/error.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::tls {
class SecretStore;
}

namespace gatescope::pipeline {

struct PacketExport {
    std::vector<analysis::Row> rows; ///< whose connections are wanted
    std::vector<std::string> paths;  ///< where the inputs are, in the snapshot's order
    std::string application;         ///< what writes the file
    std::string comment;             ///< what was chosen; never holds a secret
    /// Where the secrets of the TLS sessions on the chosen connections are taken from, to be written as a key log of
    /// their own; null: none are written. Sessions that a private key opened have none.
    std::shared_ptr<tls::SecretStore> secrets{};
    std::vector<std::uint16_t> vxlanPorts{}; ///< as in RunOptions
};

struct PacketExportResult {
    std::uint64_t connections = 0; ///< chosen
    std::uint64_t packets = 0;
    std::uint64_t sessionsWithSecrets = 0; ///< whose secrets were written
    std::uint64_t withoutTime = 0;         ///< written with the time of the packet before
    std::uint64_t commentsLeftOut = 0;     ///< of whole captures, found when nothing could take them any more
    std::uint64_t rowsWithoutPackets = 0;  ///< known from logs only
    bool clocksDiffer = false;             ///< times of the analysis were corrected; those written are not
};

/// Reads the captures again and writes the packets of the connections of these rows as one pcapng: whole connections
/// with handshake and end, the packets as they were captured (with the tunnels around them), with their comments, in
/// the order of the analysis, with their times as captured. A connection that used the same ports before or after is
/// another one. `write` gives false when it cannot write. Errors: Stopped; Internal when `write` failed; Usage when no
/// row has packets though there are rows.
std::expected<PacketExportResult, Error> exportPackets(const analysis::Snapshot& snapshot, const PacketExport& wanted,
                                                       const std::function<bool(std::string_view)>& write,
                                                       const std::stop_token& stop = {});

} // namespace gatescope::pipeline

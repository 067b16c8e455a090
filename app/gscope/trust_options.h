// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "core/path/trust.h"

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gatescope::cli {

/// Whom the user believes, as typed.
struct TrustOptions {
    std::vector<std::string> trusted;
    std::string topology;
    std::string frontDoorId;
    std::optional<unsigned> trustedHops;
    bool receivedOnly = false;
};

/// --trusted, --topology, --front-door-id, --trusted-hops, --no-remote-address.
void addTrustOptions(CLI::App& command, TrustOptions& options);

/// Reads the topology and adds what was typed, which wins. Never none. Wrong use: a range that is none, a topology with
/// a mistake; not opened: no such file.
std::expected<std::shared_ptr<const path::Trust>, Failure> trustOf(const TrustOptions& options);

} // namespace gatescope::cli

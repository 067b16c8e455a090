// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/forwarded.h"
#include "core/path/source_path.h"
#include "core/path/trusted_hops.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::path {

/// The hops that a request names, and the client that trust leads to: one evaluation for the drawing and for columns.
/// The peers behind the list are CLIENT-IP (or X-Azure-SocketIP where there is no list, because Front Door lists it),
/// then the log's peer, then the client of the packets: what was observed stands nearer than what a header states.
/// Refers to the claims and to itself, so it stays where it was made.
struct ClientChain {
    ClientChain(const ClientClaims& claims, const Trust& trust);
    ClientChain(const ClientChain&) = delete;
    ClientChain& operator=(const ClientChain&) = delete;

    ForwardedFor list;   ///< X-Forwarded-For
    Forwarded forwarded; ///< RFC 7239
    /// Where the listed items come from: `x-forwarded-for`; `forwarded` when only that one is there.
    std::string_view listSource;
    std::optional<Endpoint> statedPeer; ///< CLIENT-IP, else X-Azure-SocketIP
    HopChain chain;

private:
    std::array<std::string, 3> m_peerTexts;
};

} // namespace gatescope::path

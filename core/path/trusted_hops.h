// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/forwarded_for.h"
#include "core/path/source_path.h"
#include "core/path/trust.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace gatescope::path {

/// The hops up to whoever sent the request to the gateway, the furthest first, with the client that trust leads to.
struct HopChain {
    struct Item {
        HopNode node;
        bool fromList = true; ///< false: the peer, which the list does not have
        bool trusted = false;
    };
    std::vector<Item> items;
    /// Index of the effective client. None: there is no item, or a fixed count of hops leads to a peer that nobody
    /// knows.
    std::optional<std::size_t> client;

    /// The trusted hop right of the client; none: the client is the last item, so nobody but the receiver saw it.
    const Item* verifier() const { return client && *client + 1 < items.size() ? &items[*client + 1] : nullptr; }
};

/// Walks the list from its right end while the addresses are trusted: the first one that is not is the effective
/// client; when all are, it is the leftmost. Nothing is trusted that `trust` does not name. `peers`, the nearest last,
/// are appended first unless the list ends with their address. With `Trust::trustedHops` the client is found by
/// counting, as Envoy does (xff_num_trusted_hops, use_remote_address). The texts of the result are those given.
HopChain evaluateHops(const std::vector<HopNode>& list, const std::vector<HopNode>& peers, const Trust& trust);

/// The client of a chain in words.
EffectiveClient clientOf(const HopChain& chain);

/// A peer as a node of the chain. `text` must outlive it.
HopNode peerNode(const Endpoint& peer, std::string_view text);

} // namespace gatescope::path

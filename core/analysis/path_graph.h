// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/path/source_path.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::analysis {

/// The way of one exchange, from its headers, its log and its packets.
path::SourcePath pathOf(const Snapshot& snapshot, Row row, const path::Trust& trust);

/// Totals over a node or an edge.
struct PathTotals {
    std::uint64_t exchanges = 0;
    std::uint64_t errors = 0; ///< status >= 400 or no answer
    std::uint64_t throttled = 0;
    std::optional<std::int64_t> totalTokens; ///< of those that are known
    std::optional<std::int64_t> durationP95; ///< ns
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
};

/// Equal hops of many exchanges: same lane, role, address (without port) and name.
struct PathNode {
    path::Lane lane = path::Lane::ClientNetwork;
    path::Role role = path::Role::Client;
    std::string address; ///< text; empty: no address
    path::AddressKind kind = path::AddressKind::Public;
    std::string rangeName; ///< of the narrowest special range; empty: none
    std::string name;      ///< without revisions of agents
    std::string subnet;
    path::Standing standing = path::Standing::Inferred; ///< best of its hops
    std::uint64_t ports = 0;                            ///< different source ports seen (a NAT rewrites them)
    std::vector<path::Evidence> evidence;               ///< of the first hop, for the hover
    PathTotals totals;
    std::uint64_t groupedNodes = 0; ///< how many small nodes this one stands for; 0: it is one node
};

struct PathEdge {
    std::uint32_t from = 0, to = 0; ///< indices of nodes; lanes never go backwards
    path::Standing standing = path::Standing::Inferred;
    bool gap = false;  ///< something between the two that nothing shows
    std::string label; ///< protocol and host, where known: `TLS 1.3, apimx.azure-api.net`
    PathTotals totals;
};

/// A different way, hop by hop; what `gscope paths` lists.
struct PathSummary {
    path::SourcePath example; ///< of the first exchange that took it
    Row firstRow = 0;
    std::vector<std::uint32_t> nodes;
    PathTotals totals;
};

struct PathGraph {
    std::vector<PathNode> nodes; ///< by lane, then by exchanges (most first), then by address and name
    std::vector<PathEdge> edges;
    std::vector<PathSummary> paths;      ///< most exchanges first
    std::uint64_t withoutPath = 0;       ///< exchanges that say nothing of their way
    std::vector<PlacedFinding> findings; ///< of single requests and of all together (`path.multi-subnet-project`, ...)
};

struct PathOptions {
    std::shared_ptr<const path::Trust> trust; ///< none: nothing is trusted
    std::size_t maxNodesPerLane = 0;          ///< small nodes are put together beyond this; 0: no such limit
};

/// One pass over the rows; the same for any number of threads and any order of arrival. `stopWanted` is asked now and
/// then; when it says yes an empty graph comes back.
PathGraph pathGraph(const Snapshot& snapshot, const std::vector<Row>& rows, const PathOptions& options,
                    const std::function<bool()>& stopWanted = {});

/// The findings of `pathGraph` alone, for lists of all findings. Without `trust` nothing is trusted.
std::vector<PlacedFinding> pathFindings(const Snapshot& snapshot, const std::vector<Row>& rows,
                                        const path::Trust& trust);

/// The nodes of `row` in the graph's own numbering, for "click filters": a filter condition that lets exactly the
/// exchanges of a node through, such as `effective_client == "100.64.9.87"`; empty when no field can say it.
std::string nodeCondition(const PathNode& node);

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/path_graph.h"

#include "core/analysis/path_checks.h"
#include "core/analysis/path_input.h"
#include "core/analysis/path_totals.h"
#include "core/analysis/path_ways.h"
#include "core/path/connection_label.h"
#include "core/path/forwarded_for.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace gatescope::analysis {

namespace {

using path::Hop;
using path::Standing;
using Index = std::uint32_t;

std::string addressText(const Hop& hop) {
    return hop.address ? hop.address->toString() : std::string();
}

/// What makes two hops of different exchanges one node.
using NodeKey = std::tuple<path::Lane, path::Role, std::string, std::string>;

NodeKey keyOf(const Hop& hop) {
    // A hop without address and name is told by what stands in their place.
    return {hop.lane, hop.role, addressText(hop), hop.name.empty() ? hop.text : hop.name};
}

PathNode nodeOf(const Hop& hop) {
    PathNode node;
    std::tie(node.lane, node.role, node.address, node.name) = keyOf(hop);
    if (hop.address) node.kind = hop.addressClass.kind;
    if (!hop.addressClass.ranges.empty()) node.rangeName = hop.addressClass.ranges.front()->name;
    node.subnet = hop.subnet;
    node.standing = hop.standing;
    node.evidence = hop.evidence;
    return node;
}

/// Two sides of an edge: it is no better known than the worse of them.
Standing worse(Standing a, Standing b) {
    return std::max(a, b);
}

/// The connection that reaches the front end or the gateway is the one that headers and packets describe.
bool isGatewaySide(path::Role role) {
    return role == path::Role::FrontEnd || role == path::Role::Gateway || role == path::Role::PrivateEndpoint;
}

class GraphBuilder {
public:
    GraphBuilder(const Snapshot& snapshot, const std::vector<Row>& rows, const path::Trust& trust,
                 const std::function<bool()>& stopWanted)
        : m_snapshot(snapshot), m_rows(rows), m_trust(trust), m_stopWanted(stopWanted) {}

    PathGraph build(std::size_t maxNodesPerLane) {
        m_ways = pathWays(m_snapshot, m_rows, m_stopWanted);
        if (m_ways.indexes.size() != m_rows.size() || !readWays()) return {};
        m_graph.findings = wayFindings(m_snapshot, m_rows, m_ways, m_read, m_trust);
        makePaths();
        countPorts();
        total();
        if (maxNodesPerLane != 0) putSmallNodesTogether(maxNodesPerLane);
        sortNodes();
        makeEdges();
        totalNodes();
        sortPaths();
        return std::move(m_graph);
    }

private:
    bool readWays() {
        m_read.reserve(m_ways.ways.size());
        for (const PathWays::Way& way : m_ways.ways) {
            if (m_stopWanted && m_stopWanted()) return false;
            const ExchangePath exchange(m_snapshot, way.firstRow);
            m_read.push_back(path::readPath(exchange.input(), m_trust));
            m_labels.push_back(path::connectionLabel(exchange.input()));
        }
        return true;
    }

    Index nodeIndexOf(const Hop& hop) {
        const auto [at, isNew] = m_nodeIndexes.try_emplace(keyOf(hop), static_cast<Index>(m_graph.nodes.size()));
        if (isNew)
            m_graph.nodes.push_back(nodeOf(hop));
        else
            m_graph.nodes[at->second].standing = std::min(m_graph.nodes[at->second].standing, hop.standing);
        return at->second;
    }

    /// Ways that show the same hops with the same standing are one path.
    void makePaths() {
        std::map<std::vector<Index>, Index> known;
        m_pathOfWay.resize(m_ways.ways.size(), PathWays::kNoWay);
        for (Index way = 0; way < m_read.size(); ++way) {
            const path::SourcePath& read = m_read[way];
            if (read.hops.empty()) continue;
            std::vector<Index> nodes, key;
            for (const Hop& hop : read.hops) {
                nodes.push_back(nodeIndexOf(hop));
                key.push_back(nodes.back());
                key.push_back(static_cast<Index>(hop.standing) * 2 + Index{hop.gapBefore});
            }
            const auto [at, isNew] = known.try_emplace(std::move(key), static_cast<Index>(m_graph.paths.size()));
            m_pathOfWay[way] = at->second;
            if (!isNew) continue;
            PathSummary summary;
            summary.example = read;
            summary.firstRow = m_ways.ways[way].firstRow;
            summary.nodes = std::move(nodes);
            m_graph.paths.push_back(std::move(summary));
            m_pathLabels.push_back(m_labels[way]);
        }
    }

    /// Different ports at each node: the ways have none, so the values are looked at once each.
    void countPorts() {
        std::unordered_set<std::uint64_t> seen;  // way and value
        std::unordered_set<std::uint64_t> ports; // node and port
        const StringPool::Code clientIp = m_snapshot.headerCode("client-ip");
        std::vector<StringPool::Code> codes(m_rows.size());
        for (const auto& [field, header] :
             {std::pair(FieldId::ForwardedFor, StringPool::kNone), std::pair(FieldId::RequestHeader, clientIp),
              std::pair(FieldId::Client, StringPool::kNone)}) {
            if (field == FieldId::RequestHeader && header == StringPool::kNone) continue;
            m_snapshot.codes(field, header, m_rows, codes.data());
            for (std::size_t i = 0; i < codes.size(); ++i) {
                const Index path = pathOfRow(i);
                if (codes[i] == StringPool::kNone || path == PathWays::kNoWay) continue;
                if (seen.insert(std::uint64_t{path} << 32 | codes[i]).second) addPorts(path, codes[i], ports);
            }
        }
    }

    void addPorts(Index pathIndex, StringPool::Code code, std::unordered_set<std::uint64_t>& ports) {
        const PathSummary& summary = m_graph.paths[pathIndex];
        for (const path::HopNode& entry : path::readForwardedFor(m_snapshot.text(code)).entries) {
            if (entry.port == 0) continue;
            for (std::size_t h = 0; h < summary.nodes.size(); ++h) {
                const Hop& hop = summary.example.hops[h];
                if (hop.address != entry.address || hop.port == 0 || !isSource(hop)) continue;
                if (ports.insert(std::uint64_t{summary.nodes[h]} << 16 | entry.port).second)
                    ++m_graph.nodes[summary.nodes[h]].ports;
                break;
            }
        }
    }

    /// A server's port says nothing of a NAT.
    static bool isSource(const Hop& hop) { return hop.role != path::Role::Backend && hop.role != path::Role::Model; }

    Index pathOfRow(std::size_t place) const {
        const Index way = m_ways.indexes[place];
        return way == PathWays::kNoWay ? PathWays::kNoWay : m_pathOfWay[way];
    }

    void total() {
        std::vector<Row> rows;
        std::vector<Index> indexes;
        rows.reserve(m_rows.size());
        indexes.reserve(m_rows.size());
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            const Index path = pathOfRow(i);
            if (path == PathWays::kNoWay) {
                ++m_graph.withoutPath;
                continue;
            }
            rows.push_back(m_rows[i]);
            indexes.push_back(path);
        }
        m_sums.emplace(m_snapshot, rows, indexes, m_graph.paths.size());
        for (Index i = 0; i < m_graph.paths.size(); ++i) m_graph.paths[i].totals = m_sums->of({&i, 1});
        for (const PathSummary& summary : m_graph.paths)
            for (const Index node : onceEach(summary.nodes))
                m_graph.nodes[node].totals.exchanges += summary.totals.exchanges;
    }

    static std::vector<Index> onceEach(std::vector<Index> nodes) {
        std::ranges::sort(nodes);
        const auto rest = std::ranges::unique(nodes);
        nodes.erase(rest.begin(), rest.end());
        return nodes;
    }

    static auto orderOf(const PathNode& node) {
        return std::tuple(node.lane, node.groupedNodes != 0, ~node.totals.exchanges, std::string_view(node.address),
                          std::string_view(node.name), node.role);
    }

    /// `places[i]`: where node `i` went.
    void renumber(const std::vector<Index>& places) {
        for (PathSummary& summary : m_graph.paths)
            for (Index& node : summary.nodes) node = places[node];
    }

    void sortNodes() {
        std::vector<Index> order(m_graph.nodes.size());
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::sort(order, {}, [&](Index node) { return orderOf(m_graph.nodes[node]); });
        std::vector<PathNode> sorted;
        std::vector<Index> places(order.size());
        sorted.reserve(order.size());
        for (Index i = 0; i < order.size(); ++i) {
            places[order[i]] = i;
            sorted.push_back(std::move(m_graph.nodes[order[i]]));
        }
        m_graph.nodes = std::move(sorted);
        renumber(places);
    }

    void putSmallNodesTogether(std::size_t most) {
        sortNodes();
        std::vector<PathNode> kept;
        std::vector<Index> places(m_graph.nodes.size());
        std::map<path::Lane, std::size_t> laneSizes;
        for (const PathNode& node : m_graph.nodes) ++laneSizes[node.lane];
        std::size_t inLane = 0;
        for (Index i = 0; i < m_graph.nodes.size(); ++i) {
            PathNode& node = m_graph.nodes[i];
            if (i == 0 || kept.back().lane != node.lane) inLane = 0;
            ++inLane;
            const bool stays = laneSizes[node.lane] <= most || inLane < most;
            if (!stays && inLane == most) kept.push_back(groupIn(node.lane, node.role));
            if (!stays) takeIn(kept.back(), node);
            if (stays) kept.push_back(std::move(node));
            places[i] = static_cast<Index>(kept.size() - 1);
        }
        m_graph.nodes = std::move(kept);
        renumber(places);
    }

    static PathNode groupIn(path::Lane lane, path::Role role) {
        PathNode group;
        group.lane = lane;
        group.role = role;
        return group;
    }
    static void takeIn(PathNode& group, const PathNode& node) {
        ++group.groupedNodes;
        group.standing = std::min(group.standing, node.standing);
        group.ports += node.ports;
    }

    void makeEdges() {
        std::map<std::pair<Index, Index>, std::pair<Index, std::vector<Index>>> edges; // to edge, and its paths
        for (Index p = 0; p < m_graph.paths.size(); ++p) {
            const PathSummary& summary = m_graph.paths[p];
            for (std::size_t h = 1; h < summary.nodes.size(); ++h) {
                const std::pair key(summary.nodes[h - 1], summary.nodes[h]);
                if (key.first == key.second) continue; // both were put together
                auto& [place, paths] = edges[key];
                if (paths.empty() || paths.back() != p) paths.push_back(p);
            }
        }
        for (auto& [key, entry] : edges) {
            PathEdge edge;
            edge.from = key.first;
            edge.to = key.second;
            describe(edge, entry.second);
            edge.totals = m_sums->of(entry.second);
            m_graph.edges.push_back(std::move(edge));
        }
    }

    void describe(PathEdge& edge, const std::vector<Index>& paths) const {
        bool everywhereGap = true;
        for (const Index p : paths) {
            const PathSummary& summary = m_graph.paths[p];
            for (std::size_t h = 1; h < summary.nodes.size(); ++h) {
                if (summary.nodes[h - 1] != edge.from || summary.nodes[h] != edge.to) continue;
                const Hop& from = summary.example.hops[h - 1];
                const Hop& to = summary.example.hops[h];
                edge.standing = std::min(edge.standing, worse(from.standing, to.standing));
                everywhereGap = everywhereGap && to.gapBefore;
                if (edge.label.empty() && isGatewaySide(to.role) && !isGatewaySide(from.role))
                    edge.label = m_pathLabels[p];
            }
        }
        edge.gap = everywhereGap;
    }

    void totalNodes() {
        std::vector<std::vector<Index>> paths(m_graph.nodes.size());
        for (Index p = 0; p < m_graph.paths.size(); ++p)
            for (const Index node : onceEach(m_graph.paths[p].nodes)) paths[node].push_back(p);
        for (Index node = 0; node < paths.size(); ++node) m_graph.nodes[node].totals = m_sums->of(paths[node]);
    }

    void sortPaths() {
        std::ranges::stable_sort(m_graph.paths, std::ranges::greater(),
                                 [](const PathSummary& summary) { return summary.totals.exchanges; });
    }

    const Snapshot& m_snapshot;
    const std::vector<Row>& m_rows;
    const path::Trust& m_trust;
    const std::function<bool()>& m_stopWanted;
    PathWays m_ways;
    std::vector<path::SourcePath> m_read;  ///< by way
    std::vector<std::string> m_labels;     ///< by way
    std::vector<std::string> m_pathLabels; ///< by path, before they are sorted
    std::vector<Index> m_pathOfWay;
    std::map<NodeKey, Index> m_nodeIndexes;
    std::optional<PathSums> m_sums;
    PathGraph m_graph;
};

} // namespace

PathGraph pathGraph(const Snapshot& snapshot, const std::vector<Row>& rows, const PathOptions& options,
                    const std::function<bool()>& stopWanted) {
    static const path::Trust kNobody;
    return GraphBuilder(snapshot, rows, options.trust ? *options.trust : kNobody, stopWanted)
        .build(options.maxNodesPerLane);
}

std::vector<PlacedFinding> pathFindings(const Snapshot& snapshot, const std::vector<Row>& rows,
                                        const path::Trust& trust) {
    const PathWays ways = pathWays(snapshot, rows);
    std::vector<path::SourcePath> read;
    read.reserve(ways.ways.size());
    for (const PathWays::Way& way : ways.ways) read.push_back(pathOf(snapshot, way.firstRow, trust));
    return wayFindings(snapshot, rows, ways, read, trust);
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/path/source_path.h"

#include "core/http/message.h"
#include "core/path/hop_building.h"
#include "core/path/request_checks.h"
#include "core/path/text_scan.h"

#include <algorithm>

namespace gatescope::path {

namespace {

/// The drawing goes from left to right only. What stands nearer to the gateway is known better, so the others give way.
void keepLanesInOrder(std::vector<Hop>& hops) {
    for (std::size_t i = hops.size(); i-- > 1;) hops[i - 1].lane = std::min(hops[i - 1].lane, hops[i].lane);
}

/// The first evidence of a hop from the list is its entry there.
std::vector<std::size_t> listedHops(const std::vector<Hop>& hops, std::string_view listSource) {
    std::vector<std::size_t> listed;
    for (std::size_t i = 0; i < hops.size(); ++i)
        if (!hops[i].evidence.empty() && hops[i].evidence.front().source == listSource) listed.push_back(i);
    return listed;
}

} // namespace

SourcePath readPath(const PathInput& input, const Trust& trust) {
    const RequestFacts facts(input, trust);
    SourcePath path;
    addServerSide(facts, clientSide(facts), path);
    keepLanesInOrder(path.hops);
    path.clientHops = listedHops(path.hops, facts.listSource);
    EffectiveClient client = clientOf(facts.chain);
    path.effectiveClient = client.address;
    path.effectiveClientText = std::move(client.text);
    path.verifiedBy = client.verifiedBy;
    path.findings = checkRequest(facts);
    return path;
}

} // namespace gatescope::path

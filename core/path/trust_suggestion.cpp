// SPDX-License-Identifier: Apache-2.0
#include "core/path/trust_suggestion.h"

#include "core/path/network_range.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::path {

std::optional<TrustSuggestion> suggestTrust(const SourcePath& path) {
    constexpr unsigned kRecommendedBits = 96 + 24;
    const auto find = [&](auto&& fits) { return std::ranges::find_if(path.hops, fits); };
    const auto agent = find([](const Hop& hop) {
        return hop.role == Role::Agent && hop.address && hop.addressClass.kind == AddressKind::Cgnat;
    });
    const auto app = find([](const Hop& hop) { return hop.role == Role::DataProxy; });
    const auto proxy = find([](const Hop& hop) {
        return hop.lane == Lane::DelegatedSubnet && hop.address && !hop.trusted && hop.address->isV4();
    });
    if (agent == path.hops.end() || app == path.hops.end() || proxy == path.hops.end()) return std::nullopt;
    if (agent > app || app > proxy || path.effectiveClient != proxy->address) return std::nullopt;
    TrustSuggestion suggestion;
    suggestion.cidr = NetworkRange::around(*proxy->address, kRecommendedBits).toString();
    suggestion.proxy = *proxy->address;
    suggestion.client = *agent->address;
    suggestion.words = fmt::format(
        "{} looks like the address of the data proxy in the subnet that is delegated to your agents. If {} is that "
        "subnet and nothing else is in it, trusting it makes {} the effective client.",
        suggestion.proxy.toString(), suggestion.cidr, suggestion.client.toString());
    return suggestion;
}

} // namespace gatescope::path

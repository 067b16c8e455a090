// SPDX-License-Identifier: Apache-2.0
#include "core/path/network_range.h"
#include "core/path/path_findings.h"
#include "core/path/trust.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace gatescope::path {

namespace {

struct Reserved {
    std::string_view cidr;
    std::string_view by; ///< who reserves it
};

/// Foundry agents: limitations of virtual networks (2026-06). Container Apps: workload profiles, custom virtual
/// networks. The narrowest range that fits comes first.
constexpr std::array<Reserved, 14> kReserved{
    {{"168.63.129.16/32", "Azure (platform virtual IP)"},
     {"169.254.0.0/16", "Foundry agents and Container Apps (link-local)"},
     {"172.30.0.0/16", "Foundry agents and Container Apps"},
     {"172.31.0.0/16", "Foundry agents and Container Apps"},
     {"192.0.2.0/24", "Foundry agents and Container Apps (documentation range)"},
     {"0.0.0.0/8", "Foundry agents"},
     {"127.0.0.0/8", "Foundry agents (loopback)"},
     {"100.100.0.0/17", "Foundry agents and Container Apps workload profiles"},
     {"100.100.128.0/19", "Container Apps workload profiles"},
     {"100.100.160.0/19", "Container Apps workload profiles"},
     {"100.100.192.0/19", "Foundry agents and Container Apps workload profiles"},
     {"100.100.224.0/19", "Foundry agents"},
     {"100.64.0.0/11", "Foundry agents, whose containers have such addresses"},
     {"100.64.0.0/10", "RFC 6598 (shared address space, CGNAT), which Foundry does not support"}}};

constexpr std::array<std::string_view, 3> kPrivateRanges{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"};

struct Checked {
    const Subnet* subnet;
    NetworkRange range;
};

/// Bare ranges of --trusted may be anything, and networks of the platform are not the user's to choose.
bool isCustomers(const Subnet& subnet) {
    if (subnet.role == "platform") return false;
    return !subnet.role.empty() || !subnet.name.empty() || !subnet.where.empty();
}

bool isSpecific(const Subnet& subnet) {
    return !subnet.role.empty() && subnet.role != "customer" && subnet.role != "platform";
}

std::string described(const Subnet& subnet) {
    std::string text = subnet.name.empty() ? subnet.cidr : fmt::format("{} {}", subnet.name, subnet.cidr);
    if (!subnet.where.empty()) text += fmt::format(" in {}", subnet.where);
    return text;
}

class TopologyCheck {
public:
    explicit TopologyCheck(const Trust& trust) {
        for (const Subnet& subnet : trust.subnets)
            if (const auto range = NetworkRange::parse(subnet.cidr); range && isCustomers(subnet))
                m_checked.push_back({&subnet, *range});
    }

    std::vector<Finding> findings() {
        for (const Checked& checked : m_checked) {
            reserved(checked);
            supported(checked);
        }
        overlaps();
        return std::move(m_findings);
    }

private:
    void add(const FindingKind& kind, std::vector<std::string> evidence) {
        Finding finding;
        finding.kind = &kind;
        finding.evidence = std::move(evidence);
        m_findings.push_back(std::move(finding));
    }

    void reserved(const Checked& checked) {
        std::vector<std::string> evidence{described(*checked.subnet)};
        std::vector<NetworkRange> told;
        for (const Reserved& entry : kReserved) {
            const auto range = NetworkRange::parse(entry.cidr);
            if (!range || !range->overlaps(checked.range)) continue;
            // Inside a narrower range that was named already the wider one says nothing more.
            if (std::ranges::any_of(told, [&](const auto& narrower) { return narrower.contains(checked.range); }))
                continue;
            told.push_back(*range);
            evidence.push_back(fmt::format("{} is reserved by {}", entry.cidr, entry.by));
        }
        if (!told.empty()) add(kReservedOverlap, std::move(evidence));
    }

    void supported(const Checked& checked) {
        const bool agents = checked.subnet->role == "agent-subnet";
        if (!agents && checked.subnet->role != "private-endpoint") return;
        const bool isPrivate = std::ranges::any_of(kPrivateRanges, [&](std::string_view cidr) {
            const auto range = NetworkRange::parse(cidr);
            return range && range->contains(checked.range);
        });
        if (!isPrivate) add(kSubnetNotPrivate, {described(*checked.subnet)});
        constexpr unsigned kSmallest = 96 + 27;
        if (agents && checked.range.isV4() && checked.range.prefixBits() > kSmallest)
            add(kAgentSubnetSmall, {described(*checked.subnet)});
    }

    /// A network and the subnets that it is made of overlap by nature; two subnets must not.
    void overlaps() {
        std::ranges::stable_sort(m_checked, {}, [](const Checked& checked) {
            return std::pair(checked.range.first(), checked.range.prefixBits());
        });
        std::vector<const Checked*> open; // those that hold the next one's first address, widest first
        std::size_t told = 0;
        for (const Checked& checked : m_checked) {
            std::erase_if(open, [&](const Checked* other) { return !other->range.contains(checked.range); });
            for (const Checked* other : open) {
                const bool same = other->range == checked.range;
                if (!same && !(isSpecific(*other->subnet) && isSpecific(*checked.subnet))) continue;
                if (++told <= kMostOverlaps)
                    add(kSubnetOverlap, {described(*other->subnet), described(*checked.subnet)});
            }
            open.push_back(&checked);
        }
    }

    static constexpr std::size_t kMostOverlaps = 100; ///< a file with one mistake in all ranges says it often enough
    std::vector<Checked> m_checked;
    std::vector<Finding> m_findings;
};

} // namespace

std::vector<Finding> checkTopology(const Trust& trust) {
    return TopologyCheck(trust).findings();
}

} // namespace gatescope::path

// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/filter.h"
#include "core/analysis/path_graph.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace gatescope::analysis {

namespace {

/// Fields and headers whose values are the name of a hop, by the source of the evidence.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNameFields{
    {{"host", "host"},
     {"disguised-host", "header:disguised-host"},
     {"x-forwarded-host", "header:x-forwarded-host"},
     {"x-site-deployment-id", "header:x-site-deployment-id"},
     {"x-ms-containerapp-name", "header:x-ms-containerapp-name"},
     {"x-ms-region", "response-header:x-ms-region"},
     {"log", "backend"}}};

/// Fields that hold addresses, by the source of the evidence.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kAddressFields{
    {{"x-forwarded-for", "forwarded_for"},
     {"client-ip", "header:client-ip"},
     {"packets", "client"},
     {"log", "client"},
     {"x-envoy-external-address", "header:x-envoy-external-address"},
     {"x-real-ip", "header:x-real-ip"},
     {"x-azure-socketip", "header:x-azure-socketip"},
     {"x-azure-clientip", "header:x-azure-clientip"}}};

template <std::size_t Count>
std::string_view fieldFor(const std::array<std::pair<std::string_view, std::string_view>, Count>& fields,
                          std::string_view source) {
    const auto at = std::ranges::find(fields, source, &std::pair<std::string_view, std::string_view>::first);
    return at == fields.end() ? std::string_view() : at->second;
}

bool isServer(path::Role role) {
    return role == path::Role::DataProxy || role == path::Role::FrontEnd || role == path::Role::Gateway ||
           role == path::Role::Backend;
}

std::string byAddress(const PathNode& node) {
    std::string condition;
    for (const path::Evidence& evidence : node.evidence) {
        if (evidence.against) continue;
        std::string_view field = fieldFor(kAddressFields, evidence.source);
        if (field == "client" && isServer(node.role)) field = "server";
        if (field.empty() || condition.find(fmt::format("{} in", field)) != std::string::npos) continue;
        if (!condition.empty()) condition += " || ";
        condition +=
            fmt::format("{} in {}/{}", field, node.address, node.address.find(':') == std::string::npos ? 32 : 128);
    }
    return condition.find("||") == std::string::npos ? condition : "(" + condition + ")";
}

std::string byName(const PathNode& node) {
    if (node.name.empty()) return {};
    if (node.role == path::Role::Model) return "model == " + quoteForFilter(node.name);
    if (node.role == path::Role::Agent) return "agent == " + quoteForFilter(node.name);
    for (const path::Evidence& evidence : node.evidence) {
        const std::string_view field = fieldFor(kNameFields, evidence.source);
        if (field.empty() || evidence.value != node.name) continue;
        if (field == "host") // the name stands without its port
            return fmt::format("(host == {} || host contains {})", quoteForFilter(node.name),
                               quoteForFilter(node.name + ':'));
        return fmt::format("{} == {}", field, quoteForFilter(node.name));
    }
    return {};
}

} // namespace

std::string nodeCondition(const PathNode& node) {
    if (node.groupedNodes != 0) return {};
    const std::string address = node.address.empty() ? std::string() : byAddress(node);
    const std::string name = byName(node);
    if (address.empty() || name.empty()) return address + name;
    return address + " && " + name;
}

} // namespace gatescope::analysis

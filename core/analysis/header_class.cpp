// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/header_class.h"

#include <algorithm>
#include <array>

namespace gatescope::analysis {

namespace {

constexpr std::array<std::string_view, 12> kTraceParts{
    "trace", "request-id",  "requestid",    "baggage", "correlation",     "span",
    "x-b3",  "x-azure-ref", "x-arr-log-id", "call-id", "request-context", "b3"};
constexpr std::array<std::string_view, 5> kLimitParts{"ratelimit", "retry-after", "x-apim-", "should-retry", "spend"};
constexpr std::array<std::string_view, 5> kAddressParts{"forwarded", "-ip", "clientip", "socketip", "external-address"};

bool hasAny(std::string_view name, const auto& parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

} // namespace

std::string_view headerClass(std::string_view lowerName, const HeaderKnowledge* knowledge, Sensitivity sensitivity) {
    if (sensitivity == Sensitivity::Secret) return "secret";
    if (knowledge == nullptr) return "other";
    if (hasAny(lowerName, kTraceParts)) return "trace";
    if (hasAny(lowerName, kLimitParts)) return "limit";
    if (sensitivity == Sensitivity::Network || hasAny(lowerName, kAddressParts)) return "network";
    const bool onTheWay = knowledge->trust == "front-end" || knowledge->trust == "upstream" ||
                          lowerName.starts_with("x-k8se-") || lowerName.starts_with("x-ms-containerapp-") ||
                          lowerName.starts_with("x-envoy-");
    if (onTheWay) return "infrastructure";
    if (sensitivity == Sensitivity::Id || sensitivity == Sensitivity::Personal) return "identity";
    return "message";
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#include "core/trust/other_issues.h"

#include "core/trust/days.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::trust {

std::string programmesText(std::uint8_t programmes) {
    constexpr std::array<std::pair<Programme, std::string_view>, 6> kNames = {
        {{Programme::Mozilla, "Mozilla"},
         {Programme::Microsoft, "Microsoft"},
         {Programme::Apple, "Apple"},
         {Programme::Android, "Android"},
         {Programme::OpenJdk, "OpenJDK 17"},
         {Programme::OracleJdk, "Oracle JDK 13"}}};
    std::vector<std::string_view> list;
    for (const auto& [programme, name] : kNames)
        if ((programmes & bitOf(programme)) != 0) list.push_back(name);
    if (list.empty()) return "no programme";
    std::string text(list.front());
    for (std::size_t at = 1; at < list.size(); ++at) {
        text += at + 1 == list.size() ? " and " : ", ";
        text += list[at];
    }
    return text;
}

std::vector<CaIssue> issuesOf(std::string_view name, std::string_view keyId) {
    const auto fits = [&](std::string_view other) { return keyId.empty() || other.empty() || other == keyId; };
    std::vector<CaIssue> issues;
    for (const PublicIntermediate& row : publicIntermediatesNamed(name))
        if (fits(row.subjectKeyId))
            issues.push_back(
                {&row, nullptr, row.notAfter, "under " + std::string(row.issuer) + " until " + dayOf(row.notAfter)});
    for (const PublicRoot& row : publicRootsNamed(name))
        if (fits(row.keyId))
            issues.push_back({nullptr, &row, row.notAfter,
                              "as a root of " + programmesText(row.programmes) + " until " + dayOf(row.notAfter)});
    std::ranges::stable_sort(issues, std::ranges::greater(), &CaIssue::notAfter);
    return issues;
}

} // namespace gatescope::trust

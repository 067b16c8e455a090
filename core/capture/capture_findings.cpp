// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_findings.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::capture {

FindingCounter::Entry& FindingCounter::count(const FindingKind& kind) {
    auto found = std::ranges::find(m_entries, &kind, &Entry::kind);
    if (found == m_entries.end()) {
        m_entries.push_back({.kind = &kind, .count = 0, .taken = 0, .packet = {}, .evidence = {}});
        found = std::prev(m_entries.end());
    }
    ++found->count;
    return *found;
}

std::vector<Finding> FindingCounter::take(bool atEnd) {
    std::vector<Finding> findings;
    for (Entry& entry : m_entries) {
        const bool isNews = entry.taken == 0 || (atEnd && entry.taken != entry.count);
        if (!isNews) continue;
        entry.taken = entry.count;
        Finding finding{
            .kind = entry.kind, .evidence = entry.evidence, .input = {}, .packet = entry.packet, .flowStart = {}};
        if (entry.count > 1) finding.evidence.push_back(fmt::format("{} times", entry.count));
        findings.push_back(std::move(finding));
    }
    return findings;
}

} // namespace gatescope::capture

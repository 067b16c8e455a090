// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/finding_collector.h"

#include <algorithm>
#include <compare>
#include <string_view>

namespace gatescope::analysis {

const FindingKind kFindingsLeftOut{
    "analysis.findings-left-out", Severity::Info, "Some findings are not listed",
    "There were more findings than the list holds. The worst are listed; each exchange still names all of its own.",
    "Look at a shorter span of the capture to see the others."};

namespace {

int toInt(std::strong_ordering order) {
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

bool keepRather(const std::shared_ptr<const CollectedFinding>& a, const std::shared_ptr<const CollectedFinding>& b) {
    if (const int place = comparePlace(a->finding, b->finding); place != 0) return place < 0;
    if (const auto order = a->finding.flowStart <=> b->finding.flowStart; order != 0) return order < 0;
    if (a->row.has_value() != b->row.has_value()) return b->row.has_value();
    if (a->indexInFlow != b->indexInFlow) return a->indexInFlow < b->indexInFlow;
    return a->finding.evidence < b->finding.evidence;
}

} // namespace

int comparePlace(const Finding& a, const Finding& b) {
    if (a.kind->severity != b.kind->severity) return a.kind->severity > b.kind->severity ? -1 : 1;
    if (const int order = a.kind->id.compare(b.kind->id); order != 0) return order;
    if (const auto order = a.input <=> b.input; order != 0) return toInt(order);
    if (const auto order = a.packet <=> b.packet; order != 0) return toInt(order);
    return toInt(a.line <=> b.line);
}

void FindingCollector::add(CollectedFinding finding) {
    if (!finding.finding.kind) return;
    ++m_total;
    m_list.push_back(std::make_shared<const CollectedFinding>(std::move(finding)));
    if (m_list.size() >= 2 * kMaxFindings) cut(); // seldom, so that each finding costs little
}

void FindingCollector::cut() {
    if (m_list.size() <= kMaxFindings) return;
    std::nth_element(m_list.begin(), m_list.begin() + kMaxFindings, m_list.end(), keepRather);
    m_list.resize(kMaxFindings);
}

const FindingCollector::List& FindingCollector::kept() {
    cut();
    return m_list;
}

} // namespace gatescope::analysis

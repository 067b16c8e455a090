// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace gatescope::analysis {

/// A finding and the exchange that it belongs to.
struct CollectedFinding {
    Finding finding;
    std::optional<std::uint32_t> row;
    std::uint32_t indexInFlow = 0; ///< of that exchange
};

/// Keeps the worst findings of a capture. Which ones are kept depends on the findings alone, never on the order in
/// which they came.
class FindingCollector {
public:
    /// A capture of broken traffic can give several findings an exchange; nobody reads more than these, and each takes
    /// some 300 bytes.
    static constexpr std::size_t kMaxFindings = 20'000;
    using List = std::vector<std::shared_ptr<const CollectedFinding>>;

    void add(CollectedFinding finding);
    /// Those kept, at most kMaxFindings, in no order of use.
    const List& kept();
    /// Findings that came, kept or not.
    std::uint64_t total() const { return m_total; }

private:
    void cut();

    List m_list;
    std::uint64_t m_total = 0;
};

/// Says how many findings were left out.
extern const FindingKind kFindingsLeftOut;

/// Worst first, then by kind, input and packet; what cannot be known of two findings without the other rows.
/// Negative, zero or positive.
int comparePlace(const Finding& a, const Finding& b);

} // namespace gatescope::analysis

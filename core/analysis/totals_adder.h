// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"

#include <memory>
#include <span>

namespace gatescope::analysis {

class Attempts;

/// Works out the totals of many sets of rows, with buffers that are used again. One thread.
class TotalsAdder {
public:
    explicit TotalsAdder(const Snapshot& snapshot);
    ~TotalsAdder();

    Totals totals(std::span<const Row> rows);

private:
    struct Cells;

    void add(Totals& totals, std::span<const Row> block);
    void addTokens(Totals& totals, std::size_t i) const;

    const Snapshot& m_snapshot;
    const Attempts& m_attempts;
    StringPool::Code m_estimated;
    std::unique_ptr<Cells> m_cells;
};

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/snapshot_state.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace gatescope::analysis {

/// How much of the front of a store is forgotten.
struct StoreCut {
    Row rows = 0;
    std::size_t flows = 0;
    std::size_t sessions = 0;

    bool empty() const { return rows == 0 && flows == 0 && sessions == 0; }
};

/// What `keep` leaves out of a dataset that is not complete. Empty until it is worth it.
StoreCut cutFor(const Snapshot::State& state, const Retention& keep, TimeNs now);

/// Makes a store without the front of another, with a string pool of its own: only so are the texts of forgotten rows
/// freed, because readers of older snapshots may look at any of them. The bulk is copied from a snapshot while writers
/// go on; the rest, in a moment, with the store locked.
class StoreCopy {
public:
    StoreCopy(const Snapshot::State& from, const StoreCut& cut);

    /// What came since, the findings and all that is one for the store. Caller holds the mutex of `from`.
    void takeRest(Store& from);
    std::shared_ptr<Store> take() { return std::move(m_to); }

private:
    void copyRow(const Chunk& from, std::size_t offset);
    void copyHeaders(const HeaderRun& from, Chunk& to, std::size_t offset);
    StringPool::Code codeOf(StringPool::Code old);
    std::uint32_t listOf(std::uint32_t old);

    const Store& m_from;
    StoreCut m_cut;
    std::size_t m_rows, m_flows, m_sessions; ///< taken, of `m_from`
    std::shared_ptr<Store> m_to;
    std::vector<StringPool::Code> m_codes; ///< by code in `m_from`; kNone: not met
    std::unordered_map<std::uint32_t, std::uint32_t> m_lists;
    std::vector<StringPool::Code> m_values; ///< scratch
};

} // namespace gatescope::analysis

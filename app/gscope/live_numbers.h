// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/numbering.h"

#include <cstdint>
#include <map>
#include <utility>

namespace gatescope::cli {

/// Numbers in the order of first appearance, which never change, for rows that are written while more comes.
class LiveNumbers final : public report::Numbering {
public:
    /// An exchange among all: its connection and its place there.
    using Key = std::pair<PacketRef, std::uint32_t>;
    static Key keyOf(const analysis::Snapshot& snapshot, analysis::Row row) {
        return {snapshot.flowStart(row), snapshot.indexInFlow(row)};
    }

    /// Numbers what is new in the order of its time, and lets go what the snapshot has forgotten.
    void note(const analysis::Snapshot& snapshot);

    std::int64_t exchange(const analysis::Snapshot& snapshot, analysis::Row row) override;
    std::optional<std::uint64_t> flow(const analysis::Snapshot& snapshot, PacketRef flowStart) override;
    std::uint64_t session(const analysis::TlsSession& session) override;

private:
    template <typename K>
    struct Numbers {
        std::map<K, std::uint64_t> known;
        std::uint64_t last = 0;
        std::uint64_t of(const K& key) {
            const auto [at, isNew] = known.try_emplace(key, last + 1);
            if (isNew) ++last;
            return at->second;
        }
    };
    using SessionKey = std::pair<PacketRef, std::uint64_t>;
    void forget(const analysis::Snapshot& snapshot);

    Numbers<Key> m_exchanges;
    Numbers<PacketRef> m_flows;
    Numbers<SessionKey> m_sessions;
    analysis::Row m_next = 0; ///< rows of ended exchanges below have their numbers
    std::uint64_t m_renumberings = 0;
};

} // namespace gatescope::cli

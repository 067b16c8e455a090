// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <cstdint>
#include <optional>

namespace gatescope::report {

/// The numbers by which rows name exchanges, connections and TLS sessions: those of the snapshot. They are ranks, so
/// they move while more comes; whoever writes rows before everything is known derives numbers that stay.
class Numbering {
public:
    virtual ~Numbering() = default;
    virtual std::int64_t exchange(const analysis::Snapshot& snapshot, analysis::Row row) { return snapshot.id(row); }
    /// Nothing: the connection is not known (yet).
    virtual std::optional<std::uint64_t> flow(const analysis::Snapshot& snapshot, PacketRef flowStart) {
        const analysis::Flow* flow = snapshot.flowOf(flowStart);
        return flow ? std::optional(flow->number) : std::nullopt;
    }
    virtual std::uint64_t session(const analysis::TlsSession& session) { return session.number; }
};

} // namespace gatescope::report

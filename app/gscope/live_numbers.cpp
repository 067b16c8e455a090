// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/live_numbers.h"

#include <algorithm>
#include <set>

namespace gatescope::cli {

void LiveNumbers::note(const analysis::Snapshot& snapshot) {
    if (snapshot.renumberings() != m_renumberings) forget(snapshot);
    analysis::Row next = m_next;
    for (const analysis::Row row : snapshot.order()) {
        const bool isOpen = snapshot.isOpen(row);
        if (!isOpen && row < m_next) continue;
        // Records of a call that are tied together at the end have their numbers; the row that shows them has one of
        // theirs.
        m_exchanges.of(keyOf(snapshot, row));
        m_flows.of(snapshot.flowStart(row));
        if (!isOpen) next = std::max(next, row + 1);
    }
    m_next = next;
}

void LiveNumbers::forget(const analysis::Snapshot& snapshot) {
    m_renumberings = snapshot.renumberings();
    m_next = 0;
    std::set<Key> exchanges;
    std::set<PacketRef> flows;
    for (const analysis::Row row : snapshot.order()) {
        exchanges.insert(keyOf(snapshot, row));
        flows.insert(snapshot.flowStart(row));
    }
    for (const analysis::Flow& flow : snapshot.flows()) flows.insert(flow.record.start());
    std::set<SessionKey> sessions;
    for (const analysis::TlsSession& session : snapshot.tlsSessions()) {
        sessions.insert({session.record->flowStart, session.record->packet});
        flows.insert(session.record->flowStart);
    }
    std::erase_if(m_exchanges.known, [&](const auto& each) { return !exchanges.contains(each.first); });
    std::erase_if(m_flows.known, [&](const auto& each) { return !flows.contains(each.first); });
    std::erase_if(m_sessions.known, [&](const auto& each) { return !sessions.contains(each.first); });
}

std::int64_t LiveNumbers::exchange(const analysis::Snapshot& snapshot, analysis::Row row) {
    return static_cast<std::int64_t>(m_exchanges.of(keyOf(snapshot, row)));
}

std::optional<std::uint64_t> LiveNumbers::flow(const analysis::Snapshot&, PacketRef flowStart) {
    return m_flows.of(flowStart);
}

std::uint64_t LiveNumbers::session(const analysis::TlsSession& session) {
    return m_sessions.of({session.record->flowStart, session.record->packet});
}

} // namespace gatescope::cli

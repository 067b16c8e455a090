// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/attempts.h"
#include "core/analysis/dataset_store.h"

#include <mutex>
#include <unordered_map>

namespace gatescope::analysis {

/// Connections with their numbers, made when first asked for.
class FlowIndex {
public:
    void build(const PagedVector<FlowRecord>& records, std::size_t count);
    const std::vector<Flow>& flows() const { return m_flows; }
    const Flow* find(PacketRef start) const;

private:
    std::vector<Flow> m_flows;               ///< by number
    std::vector<std::uint32_t> m_byIdentity; ///< places in m_flows, by input and first packet
};

/// TLS sessions with their numbers, made when first asked for.
class SessionIndex {
public:
    void build(const PagedVector<std::shared_ptr<const TlsRecord>>& records, std::size_t count,
               const std::vector<std::shared_ptr<const TlsRecord>>& open);
    const std::vector<TlsSession>& sessions() const { return m_sessions; }
    const TlsSession* find(PacketRef flowStart) const;

private:
    std::vector<TlsSession> m_sessions;  ///< by number
    std::vector<std::uint32_t> m_byFlow; ///< places in m_sessions, by flow, then number
};

struct Snapshot::State {
    std::shared_ptr<const Store> store;
    std::shared_ptr<const InputNames> inputs;
    std::vector<const Chunk*> chunks; ///< those of the store, then `openChunks`
    std::vector<std::unique_ptr<const Chunk>> openChunks;
    std::size_t ended = 0; ///< rows of the store
    Row firstOpen = 0;     ///< rows of calls under way, up to `rows`
    std::size_t rows = 0;
    std::uint64_t renumberings = 0;
    std::size_t flowRecords = 0;
    std::size_t metricRecords = 0;
    std::size_t sessionRecords = 0;
    std::vector<std::shared_ptr<const TlsRecord>> openSessions;
    std::shared_ptr<const JoinIndex> joins;       ///< null: nothing is joined
    std::shared_ptr<const ClientColumns> clients; ///< null before the dataset is finished
    std::shared_ptr<const path::Trust> trust;
    std::shared_ptr<const std::vector<CaptureSpan>> captures;
    StringPool::Code codes = 1;
    bool complete = false;
    RowOrder::Rows order;
    RowOrder::Rows ranks;
    FindingCollector::List collected;
    std::uint64_t findingsTotal = 0;

    const FlowIndex& flowIndex() const;
    const SessionIndex& sessionIndex() const;
    const std::vector<PlacedFinding>& findings(const Snapshot& self) const;
    const Attempts& attempts(const Snapshot& self) const;
    /// A column that is not in the chunks; null for all others, and before it is there. Rows behind its end are in the
    /// chunks.
    const std::vector<StringPool::Code>* column(FieldId field) const {
        if (!clients) return nullptr;
        if (field == FieldId::EffectiveClient) return &clients->client;
        return field == FieldId::ClientClass ? &clients->kind : nullptr;
    }
    const Chunk& chunk(Row row) const { return *chunks[row >> kChunkBits]; }

private:
    std::vector<PlacedFinding> placeFindings(const Snapshot& self) const;

    mutable std::once_flag m_flowsOnce, m_findingsOnce, m_attemptsOnce, m_sessionsOnce;
    mutable Attempts m_attempts;
    mutable FlowIndex m_flowIndex;
    mutable SessionIndex m_sessionIndex;
    mutable std::vector<PlacedFinding> m_findings;
};

} // namespace gatescope::analysis

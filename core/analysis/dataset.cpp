// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/dataset.h"

#include "core/analysis/snapshot_state.h"

namespace gatescope::analysis {

struct Dataset::State {
    std::shared_ptr<Store> store;
    std::uint64_t changes = 0; ///< guarded by the store's mutex

    std::mutex snapshotMutex; ///< taken before the store's
    RowOrder order;
    Snapshot last;
    std::uint64_t lastChanges = 0;
};

Dataset::Dataset(std::vector<std::string> inputs) : m_state(std::make_unique<State>()) {
    m_state->store = std::make_shared<Store>(std::move(inputs));
    m_state->changes = 1; // so that the first snapshot is taken and knows the inputs
}

Dataset::~Dataset() = default;

void Dataset::append(Batch&& batch) {
    if (batch.empty()) return;
    Store& store = *m_state->store;
    const std::lock_guard lock(store.mutex);
    for (ExchangeRecord& record : batch.exchanges) store.append(record);
    for (FlowRecord& record : batch.flows) store.appendFlow(record);
    for (gatewaylog::LogMetric& metric : batch.metrics) store.appendMetric(metric);
    for (TlsRecord& record : batch.sessions) store.appendSession(record);
    for (Finding& finding : batch.findings) store.appendFinding(finding);
    ++m_state->changes;
}

void Dataset::finish() {
    const Snapshot raw = snapshot();
    JoinResult joined = joinRecords(raw);
    Store& store = *m_state->store;
    const std::lock_guard lock(store.mutex);
    store.appendJoined(std::move(joined), raw.flows());
    store.clients = makeClientColumns(store, *store.trust);
    store.complete = true;
    ++m_state->changes;
}

void Dataset::setTrust(std::shared_ptr<const path::Trust> trust) {
    Store& store = *m_state->store;
    const std::lock_guard lock(store.mutex);
    store.trust = trust ? std::move(trust) : std::make_shared<const path::Trust>();
    if (!store.complete) return;
    store.clients = makeClientColumns(store, *store.trust);
    ++m_state->changes;
}

void Dataset::setCaptures(std::vector<CaptureSpan> captures) {
    Store& store = *m_state->store;
    const std::lock_guard lock(store.mutex);
    store.captures = std::make_shared<const std::vector<CaptureSpan>>(std::move(captures));
    ++m_state->changes;
}

std::size_t Dataset::size() const {
    const std::lock_guard lock(m_state->store->mutex);
    return m_state->store->rows;
}

Snapshot Dataset::snapshot() const {
    const std::lock_guard oneAtATime(m_state->snapshotMutex);
    auto state = std::make_shared<Snapshot::State>();
    {
        Store& store = *m_state->store;
        const std::lock_guard lock(store.mutex);
        if (m_state->changes == m_state->lastChanges) return m_state->last;
        m_state->lastChanges = m_state->changes;
        state->chunks.reserve(store.chunks.size());
        for (const auto& chunk : store.chunks) state->chunks.push_back(chunk.get());
        state->rows = store.rows;
        state->flowRecords = store.flows.size();
        state->metricRecords = store.metrics.size();
        state->sessionRecords = store.sessions.size();
        state->joins = store.joins;
        state->clients = store.clients;
        state->trust = store.trust;
        state->captures = store.captures;
        state->codes = store.pool.size();
        state->complete = store.complete;
        state->collected = store.findings.kept();
        state->findingsTotal = store.findings.total();
    }
    // Sorting happens outside the writers' lock: the rows counted above no longer change.
    m_state->order.update(state->chunks, state->rows);
    if (state->joins) m_state->order.leaveOut(*state->joins);
    state->store = m_state->store;
    state->order = m_state->order.order();
    state->ranks = m_state->order.ranks();
    m_state->last.m_state = std::move(state);
    return m_state->last;
}

} // namespace gatescope::analysis

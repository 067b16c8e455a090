// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/dataset.h"

#include "core/analysis/snapshot_state.h"
#include "core/analysis/store_copy.h"

#include <algorithm>
#include <iterator>

namespace gatescope::analysis {

struct Dataset::State {
    /// The store with its lock held, whichever it is by now.
    struct Locked {
        std::lock_guard<std::mutex> pointer;
        Store& store;
        std::lock_guard<std::mutex> content;
        explicit Locked(State& state) : pointer(state.mutex), store(*state.store), content(store.mutex) {}
    };

    std::mutex mutex; ///< of all that follows but what `snapshotMutex` guards; taken before the store's
    std::shared_ptr<Store> store;
    std::vector<std::shared_ptr<Store>> retired; ///< until no snapshot needs them: whoever holds the last one is spared
    std::vector<OpenRecords> open;               ///< by writer
    std::uint64_t changes = 0;

    std::mutex snapshotMutex; ///< taken before `mutex`
    RowOrder order;
    Snapshot last;
    std::uint64_t lastChanges = 0;
    /// What is still read, perhaps. Whoever takes a snapshot frees those that nobody reads any more: a snapshot that
    /// has worked out its connections takes long to free, and its last reader may be a GUI thread.
    std::vector<Snapshot> given;

    void take(Batch& batch, Store& into);
    OpenRecords allOpen() const;
    std::vector<Snapshot> takeUnread();
};

void Dataset::State::take(Batch& batch, Store& into) {
    for (ExchangeRecord& record : batch.exchanges) into.append(record);
    for (FlowRecord& record : batch.flows) into.appendFlow(record);
    for (gatewaylog::LogMetric& metric : batch.metrics) into.appendMetric(metric);
    for (TlsRecord& record : batch.sessions) into.appendSession(record);
    for (Finding& finding : batch.findings) into.appendFinding(finding);
    ++changes;
}

OpenRecords Dataset::State::allOpen() const {
    OpenRecords all;
    for (const OpenRecords& its : open) {
        all.exchanges.insert(all.exchanges.end(), its.exchanges.begin(), its.exchanges.end());
        all.sessions.insert(all.sessions.end(), its.sessions.begin(), its.sessions.end());
    }
    return all;
}

std::vector<Snapshot> Dataset::State::takeUnread() {
    const auto unread = std::partition(given.begin(), given.end(),
                                       [](const Snapshot& snapshot) { return snapshot.m_state.use_count() > 1; });
    std::vector<Snapshot> taken(std::make_move_iterator(unread), std::make_move_iterator(given.end()));
    given.erase(unread, given.end());
    return taken;
}

Dataset::Dataset(std::vector<std::string> inputs) : m_state(std::make_unique<State>()) {
    m_state->store = std::make_shared<Store>(std::move(inputs));
    m_state->changes = 1; // so that the first snapshot is taken and knows the inputs
}

Dataset::~Dataset() = default;

void Dataset::append(Batch&& batch) {
    if (batch.empty()) return;
    const State::Locked locked(*m_state);
    m_state->take(batch, locked.store);
}

void Dataset::append(Batch&& batch, std::size_t writer, OpenRecords open) {
    const State::Locked locked(*m_state);
    auto& all = m_state->open;
    if (all.size() <= writer) all.resize(writer + 1);
    if (batch.empty() && open == all[writer]) return;
    m_state->take(batch, locked.store);
    all[writer] = std::move(open);
}

std::uint32_t Dataset::addInput(std::string name) {
    const State::Locked locked(*m_state);
    ++m_state->changes;
    return locked.store.addInput(std::move(name));
}

void Dataset::followClients() {
    const State::Locked locked(*m_state);
    locked.store.followClients();
}

void Dataset::finish() {
    {
        const State::Locked locked(*m_state);
        m_state->open.clear();
        ++m_state->changes;
    }
    const Snapshot raw = snapshot();
    JoinResult joined = joinRecords(raw);
    const State::Locked locked(*m_state);
    Store& store = locked.store;
    store.appendJoined(std::move(joined), raw.flows());
    store.clients = makeClientColumns(store);
    store.complete = true;
    ++m_state->changes;
}

void Dataset::setTrust(std::shared_ptr<const path::Trust> trust) {
    const State::Locked locked(*m_state);
    Store& store = locked.store;
    store.trust = trust ? std::move(trust) : std::make_shared<const path::Trust>();
    if (!store.complete && !store.followsClients()) return;
    store.clients = makeClientColumns(store);
    if (store.followsClients()) store.followClients();
    ++m_state->changes;
}

void Dataset::setCaptures(std::vector<CaptureSpan> captures) {
    const State::Locked locked(*m_state);
    locked.store.captures = std::make_shared<const std::vector<CaptureSpan>>(std::move(captures));
    ++m_state->changes;
}

std::size_t Dataset::size() const {
    return State::Locked(*m_state).store.rows;
}

std::uint64_t Dataset::changes() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->changes;
}

Snapshot Dataset::snapshot() const {
    std::vector<Snapshot> unread; // freed when nothing is locked any more
    const std::lock_guard oneAtATime(m_state->snapshotMutex);
    unread = m_state->takeUnread();
    auto state = std::make_shared<Snapshot::State>();
    {
        const State::Locked locked(*m_state);
        Store& store = locked.store;
        if (m_state->changes == m_state->lastChanges) return m_state->last;
        m_state->lastChanges = m_state->changes;
        auto [open, sessions] = m_state->allOpen();
        state->store = m_state->store;
        state->inputs = store.inputs;
        state->chunks.reserve(store.chunks.size() + 1);
        for (const auto& chunk : store.chunks) state->chunks.push_back(chunk.get());
        state->ended = store.rows;
        state->firstOpen = static_cast<Row>(open.empty() ? store.rows : store.chunks.size() * kChunkRows);
        state->rows = state->firstOpen + open.size();
        state->renumberings = store.renumberings;
        state->flowRecords = store.flows.size();
        state->metricRecords = store.metrics.size();
        state->sessionRecords = store.sessions.size();
        state->openSessions = std::move(sessions);
        state->joins = store.joins;
        state->clients = store.clients;
        state->trust = store.trust;
        state->captures = store.captures;
        state->collected = store.findings.kept();
        const std::size_t ended = state->collected.size();
        state->openChunks = store.writeOpen(state->firstOpen, open, state->collected);
        state->findingsTotal = store.findings.total() + state->collected.size() - ended;
        state->codes = store.pool.size();
        state->complete = store.complete;
        for (const auto& chunk : state->openChunks) state->chunks.push_back(chunk.get());
    }
    // Sorting happens outside the writers' lock: the rows counted above no longer change.
    RowOrder& order = m_state->order;
    order.update(state->chunks, state->ended);
    if (state->joins) order.leaveOut(*state->joins);
    if (state->firstOpen == state->rows)
        std::tie(state->order, state->ranks) = std::pair(order.order(), order.ranks());
    else
        std::tie(state->order, state->ranks) =
            order.with(state->chunks, state->firstOpen, static_cast<Row>(state->rows));
    m_state->last.m_state = std::move(state);
    m_state->given.push_back(m_state->last);
    return m_state->last;
}

bool Dataset::retain(const Retention& keep, TimeNs now) {
    const Snapshot before = snapshot();
    const StoreCut cut = cutFor(*before.m_state, keep, now);
    {
        const std::lock_guard lock(m_state->mutex);
        std::erase_if(m_state->retired, [](const auto& store) { return store.use_count() == 1; });
    }
    if (cut.empty()) return false;
    StoreCopy copy(*before.m_state, cut); // while writers go on
    const std::lock_guard oneAtATime(m_state->snapshotMutex);
    const std::lock_guard lock(m_state->mutex);
    {
        const std::lock_guard content(m_state->store->mutex);
        copy.takeRest(*m_state->store);
    }
    m_state->retired.push_back(std::exchange(m_state->store, copy.take()));
    m_state->order = {};
    ++m_state->changes;
    return true;
}

} // namespace gatescope::analysis

// SPDX-License-Identifier: Apache-2.0
// What a worker tells of calls and sessions that are under way.
#include "core/pipeline/worker_parts.h"

namespace gatescope::pipeline {

namespace {

/// Calls under way that one worker tells at a time; each is written again for every snapshot.
constexpr std::size_t kMaxOpenTold = 5'000;

constexpr FindingKind kManyOpen{
    "live.many-open", Severity::Low, "More calls are under way than are shown",
    "All of them are decoded and shown when they end.",
    "If there should not be as many, look for clients that open connections and never close them."};

} // namespace

void Worker::lookForStalls(TimeNs now) {
    if (m_stallsLookedFor != kNoTime && elapsed(m_stallsLookedFor, now) < kSecond) return;
    m_stallsLookedFor = now;
    for (CallExchange* exchange : m_open) exchange->lookForStall(now, m_options.stallAfter);
}

std::vector<std::shared_ptr<const analysis::ExchangeRecord>> Worker::openExchanges(TimeNs now) {
    std::vector<std::shared_ptr<const analysis::ExchangeRecord>> open;
    if (!m_tellsOpen) return open;
    open.reserve(std::min(m_open.size(), kMaxOpenTold));
    for (CallExchange* exchange : m_open) {
        if (!exchange->exchange.requestTrace.seen || !exchange->isCall()) continue;
        if (open.size() == kMaxOpenTold) {
            if (!std::exchange(m_toldMany, true))
                m_batch.findings.push_back({&kManyOpen, {std::to_string(m_open.size()) + " calls"}, {}, {}, {}});
            break;
        }
        const bool isDue = exchange->isChanged && elapsed(exchange->toldAt, now) >= kTellEvery;
        if (!exchange->told || isDue) {
            auto record = std::make_shared<analysis::ExchangeRecord>();
            record->http = exchange->exchange;
            record->call = exchange->observer->soFar();
            exchange->hasEvents = record->call.streamEvents != 0;
            record->state = exchange->state();
            place(exchange->stream, *record);
            exchange->told = std::move(record);
            exchange->toldAt = now;
            exchange->isChanged = false;
        }
        open.push_back(exchange->told);
    }
    return open;
}

std::vector<std::shared_ptr<const analysis::TlsRecord>> Worker::openSessions(TimeNs now) const {
    std::vector<std::shared_ptr<const analysis::TlsRecord>> open;
    if (!m_tellsOpen) return open;
    for (HttpStream* stream : m_secured) {
        if (open.size() >= kMaxOpenTold) break; // the others are told when they end
        stream->addOpenSessions(now, open);
    }
    return open;
}

} // namespace gatescope::pipeline

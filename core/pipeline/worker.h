// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/http/connection.h"
#include "core/llm/call_observer.h"
#include "core/llm/realtime_session.h"
#include "core/packet/tcp_segment.h"
#include "core/pipeline/quic_flows.h"
#include "core/tcp/connection_table.h"
#include "core/tls/certificate_pool.h"
#include "core/tls/secret_store.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace gatescope::pipeline {

/// Connections are spread over so many tables, each with its share of the limits, however many workers there are: that
/// is what makes the result the same with any number of threads, also where a limit is reached.
inline constexpr unsigned kShares = 16;

/// The share that a connection belongs to. The upper bits of the hash; the lower ones choose the slot in a table.
inline unsigned shareOf(const packet::TcpSegment& segment) {
    return static_cast<unsigned>(segment.flowHash >> 40) % kShares;
}

/// Nothing was seen of a call for so long: Azure's load balancers cut such connections.
inline constexpr TimeNs kStallAfter = 240'000'000'000;

struct WorkerOptions {
    tcp::Limits limits; ///< of one share
    std::shared_ptr<const llm::EstimateOptions> estimate;
    std::shared_ptr<tls::SecretStore> secrets; ///< never null
    bool usesLearnedSecrets = false;           ///< of an earlier reading
    TimeNs stallAfter = kStallAfter;
    std::optional<std::size_t> live{}; ///< its number as a writer: calls under way are told too; nothing: they are not
};

/// Decodes the connections of one worker, from segments to records, and hands them to the dataset in batches.
/// Used by one thread at a time.
class Worker final : private tcp::ConnectionHandler, private QuicFlowListener {
public:
    Worker(analysis::Dataset& dataset, WorkerOptions options);
    ~Worker() override;

    /// This worker decodes the connections of that share.
    void take(unsigned share);
    /// From now on secrets up to that generation may be used.
    void setSecretsGeneration(std::uint64_t generation) { m_generation = generation; }
    /// Segments that follow each other. What they need is far apart in memory, so it is fetched ahead of use.
    void add(std::span<const packet::TcpSegment> segments);
    /// A datagram of QUIC.
    void addQuic(const packet::TcpSegment& datagram);
    /// After each block of packets: housekeeping up to that packet time, and what is ready goes to the dataset.
    void endOfBlock(TimeNs now);
    /// Whether calls under way are told, in a live run.
    void setTellsOpen(bool tells) { m_tellsOpen = tells; }
    /// The captures are over.
    void finish();
    /// Packets that were captured twice.
    tcp::CopyCount copies() const;

private:
    class HttpStream;
    class SessionCalls;
    struct CallExchange;

    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override;
    void forgotten(const tcp::ConnectionInfo& info, std::unique_ptr<tcp::StreamConsumer> consumer) override;
    void found(Finding&& finding) override;
    void onQuicFlow(analysis::FlowRecord&& flow, analysis::TlsRecord&& session) override;
    void onQuicFinding(Finding&& finding) override;

    std::unique_ptr<llm::CallObserver> borrowObserver();
    void giveBack(std::unique_ptr<llm::CallObserver> observer);
    void record(HttpStream& stream, CallExchange& exchange);
    void record(HttpStream& stream, analysis::ExchangeRecord&& record);
    void record(HttpStream& stream, analysis::TlsRecord&& record);
    /// Where it was seen, and by whom it was sent.
    static void place(HttpStream& stream, analysis::ExchangeRecord& record);
    void lookForStalls(TimeNs now);
    std::vector<std::shared_ptr<const analysis::ExchangeRecord>> openExchanges(TimeNs now);
    std::vector<std::shared_ptr<const analysis::TlsRecord>> openSessions(TimeNs now) const;
    static void place(const HttpStream& stream, analysis::TlsRecord& record);
    void flush(TimeNs now);

    analysis::Dataset& m_dataset;
    WorkerOptions m_options;
    std::vector<CallExchange*> m_open;  ///< under way, in no order; each knows its place
    std::vector<HttpStream*> m_secured; ///< connections with TLS under way, in no order
    bool m_tellsOpen = true;
    bool m_toldMany = false;
    TimeNs m_stallsLookedFor = kNoTime;
    std::uint64_t m_generation = 0; ///< of the secrets
    tls::CertificatePool m_certificates;
    std::array<std::unique_ptr<tcp::ConnectionTable>, kShares> m_tables; ///< null: another worker's
    std::array<std::unique_ptr<QuicFlows>, kShares> m_quic;              ///< null: none was seen yet
    std::shared_ptr<llm::CallWorkspace> m_workspace;                     ///< one for all observers of this worker
    std::vector<std::unique_ptr<llm::CallObserver>> m_idleObservers;
    analysis::Batch m_batch;
};

} // namespace gatescope::pipeline

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/client_columns.h"
#include "core/analysis/columns.h"
#include "core/analysis/dataset.h"
#include "core/analysis/finding_collector.h"
#include "core/analysis/header_names.h"
#include "core/analysis/join_index.h"
#include "core/analysis/paged_vector.h"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatescope::analysis {

/// The inputs of a dataset.
struct InputNames {
    std::vector<std::string> names;
    std::vector<StringPool::Code> codes;
};

/// A call under way, as its writer told of it last.
using OpenExchange = std::shared_ptr<const ExchangeRecord>;

/// What a dataset and its snapshots share. Writers hold `mutex`; readers touch only what their snapshot counted.
struct Store {
    explicit Store(std::vector<std::string> inputNames);
    ~Store();

    std::uint32_t addInput(std::string name);

    /// Caller holds `mutex` for all of these.
    void append(ExchangeRecord& record);
    /// Writes calls under way into chunks of their own, as rows from `first` on; those of one snapshot.
    std::vector<std::unique_ptr<const Chunk>> writeOpen(Row first, const std::vector<OpenExchange>& open,
                                                        FindingCollector::List& found);
    /// From now on clients are worked out as rows come, by `trust`.
    void followClients();
    bool followsClients() const { return m_clientReader != nullptr; }
    void appendFlow(FlowRecord& record);
    void appendMetric(gatewaylog::LogMetric& metric);
    void appendSession(TlsRecord& record);
    void appendFinding(Finding& finding);
    /// One row for each call that several records tell of; theirs are hidden from then on. Once, when all is there.
    void appendJoined(JoinResult&& result, const std::vector<Flow>& connections);

    mutable std::mutex mutex;
    /// Replaced when one is added, because a reader may be in it.
    std::shared_ptr<const InputNames> inputs;
    StringPool pool;
    HeaderNameTable headerNames{pool};
    std::vector<std::unique_ptr<Chunk>> chunks;
    PagedVector<FlowRecord> flows; ///< in arrival order, replaced ones too
    PagedVector<gatewaylog::LogMetric> metrics;
    PagedVector<std::shared_ptr<const TlsRecord>> sessions; ///< in arrival order
    std::shared_ptr<const JoinIndex> joins;
    std::shared_ptr<const ClientColumns> clients;
    std::shared_ptr<const path::Trust> trust = std::make_shared<const path::Trust>();
    std::shared_ptr<const std::vector<CaptureSpan>> captures = std::make_shared<const std::vector<CaptureSpan>>();
    FindingCollector findings;
    std::size_t rows = 0;
    std::uint64_t renumberings = 0;
    bool complete = false;

private:
    struct RowWriter;
    class JoinedRowWriter;
    /// Endpoints come again with each exchange of a connection, and their text is costly.
    struct EndpointEntry {
        Endpoint endpoint;
        StringPool::Code code = StringPool::kNone;
    };
    static constexpr std::size_t kEndpointEntries = 4096; ///< direct mapped; a clash costs one formatting

    StringPool::Code endpointCode(const Endpoint& endpoint);
    void writeHeaders(Chunk& chunk, std::size_t offset, const ExchangeRecord& record);
    StringPool::Code forwardedForCode(const http::HeaderList& headers);
    void noteUnjoined(const JoinIndex& index, const std::vector<Flow>& connections);
    /// All cells of a row but its findings.
    void write(RowWriter& row, const ExchangeRecord& record);
    void takeFindings(ExchangeRecord& record, RowWriter& row);
    /// Their ids, as the column has them.
    void writeFindingIds(const ExchangeRecord& record, RowWriter& row);

    std::unique_ptr<ClientReader> m_clientReader; ///< null: clients are worked out when all is there
    std::vector<EndpointEntry> m_endpoints;
    std::vector<StringPool::Code> m_values; ///< scratch
    std::string m_text;                     ///< scratch
};

/// Builds the order of rows step by step: only what came since the last call is sorted.
class RowOrder {
public:
    using Rows = std::shared_ptr<const std::vector<Row>>;

    void update(const std::vector<const Chunk*>& chunks, std::size_t rows);
    /// The order and ranks with the rows from `first` to `last` sorted in, which are calls under way.
    std::pair<Rows, Rows> with(const std::vector<const Chunk*>& chunks, Row first, Row last) const;
    /// Once, after the last update: leaves out the records behind joined rows: their rank is that of the row that shows
    /// them.
    void leaveOut(const JoinIndex& joins);
    const Rows& order() const { return m_order; }
    /// By row, its place in `order`.
    const Rows& ranks() const { return m_ranks; }

private:
    Rows m_order = std::make_shared<const std::vector<Row>>();
    Rows m_ranks = std::make_shared<const std::vector<Row>>();
    bool m_final = false; ///< rows were left out; no row comes any more
};

/// When a row begins, as its order needs it: the request's first byte, else the response's.
TimeNs startTimeOf(const Chunk& chunk, std::size_t offset);

} // namespace gatescope::analysis

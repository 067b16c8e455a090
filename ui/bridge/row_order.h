// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/analysis/filter.h"
#include "core/analysis/grouping.h"
#include "ui/bridge/newest_job.h"
#include "ui/bridge/time_span.h"

#include <QObject>

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::ui {

struct SortKey {
    analysis::Field field;
    bool descending = false;
    bool operator==(const SortKey&) const = default;
};

/// What the user wants to see.
struct RowQuery {
    analysis::Snapshot snapshot;
    std::uint64_t generation = 0; ///< of the snapshot
    analysis::Filter filter;      ///< from the filter bar; the groups are made of what it lets through
    analysis::Filter group;       ///< the chosen group, narrows further
    std::optional<TimeSpan> span; ///< of the brush; narrows like a condition on `time`, for the groups too
    std::optional<SortKey> sort;  ///< none: by time
};

/// The answer: which rows in which order, with the sums over them.
struct RowOrder {
    analysis::Snapshot snapshot;
    std::uint64_t generation = 0;
    std::string filterText; ///< of the query that this answers
    std::string groupText;
    std::optional<TimeSpan> span;
    std::optional<SortKey> sort;
    std::shared_ptr<const std::vector<analysis::Row>> rows;
    /// By time; what filter and group let through, whatever span is chosen.
    std::shared_ptr<const std::vector<analysis::Row>> anyTime;
    /// By row: its place in `rows`, or -1.
    std::shared_ptr<const std::vector<int>> places;
    analysis::Totals totals;         ///< over `rows`
    analysis::Totals filteredTotals; ///< over what filter and span let through, whatever group is chosen
    /// Over the rows that filter and span let through: by project; then agent and version; then model.
    std::shared_ptr<const std::vector<analysis::Group>> groups[3];
    bool severalDays = false; ///< times need their date
    std::size_t gaps = 0;     ///< places where packets are missing, in the whole capture
};

/// Rows whose request began in the span, in their order; those without a time are in no span.
std::vector<analysis::Row> rowsWithin(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                                      const TimeSpan& span);

/// Rows sorted by a field, rows without a value last either way, ties by time. Empty when stopped.
std::vector<analysis::Row> sortedRows(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                                      const SortKey& key, std::stop_token stop = {});

/// Answers the newest query in a thread of its own; queries overtaken by a newer one are dropped.
class RowOrderWorker : public QObject {
    Q_OBJECT
public:
    explicit RowOrderWorker(QObject* parent = nullptr);

    /// `urgent`: the user asked, so a query in work is given up. Else (a file grew) that one is finished first, or
    /// nothing would be shown until the file is read.
    void ask(RowQuery query, bool urgent);
    /// Forgets what was asked; no answer comes.
    void forget() { m_job.forget(); }

Q_SIGNALS:
    void answered(const gatescope::ui::RowOrder& order);

private:
    class Engine;
    std::shared_ptr<Engine> m_engine; ///< used by one job at a time
    NewestJob m_job{this};
};

} // namespace gatescope::ui

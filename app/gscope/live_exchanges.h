// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/live_numbers.h"
#include "app/gscope/live_writer.h"
#include "core/analysis/filter.h"
#include "core/report/row_writer.h"

#include <chrono>
#include <functional>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::cli {

/// Which calls are written, and how.
struct LiveCalls {
    analysis::Filter filter;
    std::vector<analysis::Field> fields;
    bool reveal = false;
    bool endedOnly = false;
};

/// Calls as lines while they come: one when the request is seen, when the answer begins and when its events begin, then
/// one a second while the answer goes on, and a last one when it is over. Each has the same `id`.
class LiveExchanges final : public LiveWriter {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kAgainAfter{1};

    LiveExchanges(LiveCalls calls, const report::WriterOptions& options, report::ByteSink& sink,
                  std::function<Clock::time_point()> now = &Clock::now);

    std::expected<void, Failure> show(const LiveView& view) override;
    /// The same, without a run.
    void show(const analysis::Snapshot& snapshot, bool isLast);
    bool refused() const override { return m_out.refused(); }

private:
    struct Told {
        std::string_view state;                         ///< one of the constants
        std::pair<std::int64_t, std::int64_t> progress; ///< octets and tokens then
        Clock::time_point when;
    };

    void findPlace(const analysis::Snapshot& snapshot);
    bool isDue(const analysis::Snapshot& snapshot, analysis::Row row, Clock::time_point now) const;
    bool wasTold(const analysis::Snapshot& snapshot, analysis::Row row) const;
    void remember(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& written, Clock::time_point now);

    LiveCalls m_calls;
    report::RowWriter m_out;
    std::function<Clock::time_point()> m_now;
    LiveNumbers m_numbers;
    std::map<LiveNumbers::Key, Told> m_open;
    analysis::Row m_next = 0;  ///< ended exchanges below were written
    LiveNumbers::Key m_last{}; ///< of the highest of those
    std::uint64_t m_renumberings = 0;
};

} // namespace gatescope::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/header_drift.h"
#include "ui/bridge/time_span.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::ui {

/// What the page of the headers wants to know.
struct HeaderQuestion {
    enum class Against {
        Nothing,
        FirstHalf, ///< the first half of the time shown with the second
        Other      ///< another input
    };

    analysis::Snapshot snapshot;
    std::shared_ptr<const std::vector<analysis::Row>> rows;
    Against against = Against::Nothing;
    std::optional<TimeSpan> span;            ///< of the brush; none: from the first to the last of `rows`
    std::optional<analysis::Snapshot> other; ///< the older set, for Against::Other
    bool otherIsNewer = false;
    std::string filterText, groupText; ///< narrow the other input too
};

/// Everything the page shows, worked out off the GUI thread.
struct HeaderAnswer {
    std::vector<analysis::HeaderUse> inventory;
    bool compared = false;
    std::vector<analysis::HeaderChange> changes;
    std::size_t rowsBefore = 0, rowsNow = 0;
    std::optional<TimeNs> middle; ///< where the time was halved
};

/// Empty when stopped.
std::optional<HeaderAnswer> answerHeaders(const HeaderQuestion& question, std::stop_token stop);

/// Changes that are one: all but DriftKind::Same.
std::size_t changedCount(const std::vector<analysis::HeaderChange>& changes);

} // namespace gatescope::ui

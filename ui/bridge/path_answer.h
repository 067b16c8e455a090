// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/path_graph.h"

#include <QString>

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::ui {

/// What the page of the source paths wants to know.
struct PathQuestion {
    analysis::Snapshot snapshot;
    std::shared_ptr<const std::vector<analysis::Row>> rows;
    std::shared_ptr<const path::Trust> trust;
    std::size_t top = 12; ///< nodes of a lane; the small ones beyond it are put together
};

/// All findings of one kind.
struct PathFinding {
    const FindingKind* kind = nullptr;
    std::uint64_t count = 0;
    std::vector<std::string> evidence; ///< of the first
    std::optional<analysis::Row> firstRow;
    QString condition;   ///< lets its requests through; empty: it is of none in particular
    bool allRows = true; ///< the condition names all its requests, not only the first kMostIds
};

/// Everything the page shows, worked out off the GUI thread.
struct PathAnswer {
    static constexpr std::size_t kMostIds = 100; ///< of requests in one condition: it stands in the filter bar

    analysis::PathGraph graph;
    /// By node, edge and path: the condition that lets exactly its exchanges through. Empty where no field can say it.
    std::vector<QString> nodeConditions, edgeConditions, pathConditions;
    std::vector<PathFinding> findings; ///< worst first, then most frequent first
};

/// Empty when stopped.
std::optional<PathAnswer> answerPaths(const PathQuestion& question, std::stop_token stop);

/// A graph with its conditions; `snapshot` gives the ids of the findings' requests.
PathAnswer pathAnswerOf(analysis::PathGraph graph, const analysis::Snapshot& snapshot);

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/path_graph.h"

#include <string>

namespace gatescope::report {

/// The graph of source paths in Graphviz' DOT language: a cluster a lane, edges as wide as they have exchanges, red by
/// the share of errors; solid: seen or proven, dashed: claimed, dotted: inferred; `gap` where something is missing.
std::string pathsAsDot(const analysis::PathGraph& graph);

} // namespace gatescope::report

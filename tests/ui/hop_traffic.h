// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/path_graph.h"
#include "tests/ui/sample_traffic.h"

namespace gatescope::ui::test {

/// Calls that came different ways, known by heart. To gpt-4o all of them:
/// 6 of the agent at 100.64.9.87 by way of its data proxy, from 10.0.9.213 with six ports, one of them 429;
/// 3 of the agent at 100.64.12.4 by way of the same data proxy, from 10.0.9.214;
/// 2 from 10.0.4.7 that claim 100.64.9.87 without the marks of a data proxy;
/// 1 from 20.50.1.7 without any forwarding header, answered with 500.
analysis::Batch hopBatch();
analysis::Snapshot hopSnapshot();

/// By hand, as the engine would give it: agent (CGNAT, claimed, 812 calls) to data proxy (inferred) to 10.0.9.213
/// (private, proven, a NAT of 14 ports) to the gateway (seen) to two backends (800 and 12 calls, the last all 429), and
/// a gap before the data proxy.
analysis::PathGraph handMadeGraph();
/// As many agents, each with one edge to one gateway.
analysis::PathGraph wideGraph(std::uint32_t agents);

} // namespace gatescope::ui::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

namespace gatescope::pipeline {

inline constexpr FindingKind kTooManyQuicConnections{
    "quic.too-many-connections", Severity::Low, "More QUIC connections at a time than the limit",
    "Those that were silent longest were ended early: how they ended is not known, and packets that came later do not "
    "count.",
    "Read a shorter part of the capture, or filter it to the addresses of the gateway."};

} // namespace gatescope::pipeline

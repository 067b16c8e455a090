// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/grouping.h"

#include <QString>

namespace gatescope::ui {

/// Lines for a tool tip: requests, tokens, errors, throttling, durations. What is not known has no line.
QString totalsText(const analysis::Totals& totals);

} // namespace gatescope::ui

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pipeline/analysis_run.h"

#include <string>
#include <vector>

namespace gatescope::pipeline {

/// Secrets may stand behind the packets that they open, or follow from another session; a session that resumes one
/// which was itself resumed needs one reading more.
inline constexpr int kMaxReadings = 5;

/// Whether the same inputs, read once more with the same secrets, would show more than after this run, the
/// `readings`th; and whether they can be: files and folders, no pipes.
bool isWorthReadingAgain(const RunResult& result, const std::vector<std::string>& paths, int readings);

} // namespace gatescope::pipeline

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pipeline/analysis_run.h"

#include <string>
#include <vector>

namespace gatescope::cli {

/// One line on standard error that is written over and over, and cleared at the end.
class ProgressLine {
public:
    ProgressLine(bool isShown, std::vector<std::string> names) : m_isShown(isShown), m_names(std::move(names)) {}
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// Called from the reading thread.
    void show(const pipeline::Progress& progress);

private:
    bool m_isShown;
    bool m_isOnScreen = false;
    std::vector<std::string> m_names;
};

} // namespace gatescope::cli

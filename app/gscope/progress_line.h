// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pipeline/analysis_run.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatescope::cli {

/// One line on standard error that is written over and over, and cleared at the end.
class StatusLine {
public:
    explicit StatusLine(bool isShown) : m_isShown(isShown) {}
    ~StatusLine() { clear(); }
    StatusLine(const StatusLine&) = delete;
    StatusLine& operator=(const StatusLine&) = delete;

    void show(std::string_view text);
    /// Something else will be written to the terminal.
    void clear();
    bool isShown() const { return m_isShown; }

private:
    bool m_isShown;
    bool m_isOnScreen = false;
};

/// How far the reading of inputs is.
class ProgressLine {
public:
    ProgressLine(bool isShown, std::vector<std::string> names) : m_line(isShown), m_names(std::move(names)) {}

    /// Called from the reading thread.
    void show(const pipeline::Progress& progress);

private:
    StatusLine m_line;
    std::vector<std::string> m_names;
};

} // namespace gatescope::cli

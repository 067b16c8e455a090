// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/progress_line.h"

#include "core/report/escape.h"

#include <cstdio>
#include <fmt/format.h>
#include <iterator>

namespace gatescope::cli {

void StatusLine::clear() {
    if (!m_isOnScreen) return;
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    m_isOnScreen = false;
}

void StatusLine::show(std::string_view text) {
    if (!m_isShown) return;
    std::string line = "\r";
    line += text;
    line += "\033[K";
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
    m_isOnScreen = true;
}

void ProgressLine::show(const pipeline::Progress& progress) {
    if (!m_line.isShown()) return;
    std::string line;
    if (progress.totalBytes != 0)
        fmt::format_to(std::back_inserter(line), "{:3}%  ", progress.bytesRead * 100 / progress.totalBytes);
    fmt::format_to(std::back_inserter(line), "{} MB  {} packets  ", progress.bytesRead / 1'000'000, progress.packets);
    if (progress.input < m_names.size()) report::appendTerminalText(line, m_names[progress.input]);
    m_line.show(line);
}

} // namespace gatescope::cli

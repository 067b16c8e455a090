// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "app/gscope/file_output.h"
#include "app/gscope/live_run.h"
#include "core/analysis/dataset.h"
#include "core/report/changed_rows.h"

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace gatescope::cli {

/// One moment of a live run.
struct LiveView {
    const analysis::Snapshot& snapshot;
    const LiveRun& run;
    bool isLast = false; ///< nothing more comes
};

/// Writes what a live run shows, again and again.
class LiveWriter {
public:
    virtual ~LiveWriter() = default;
    virtual std::expected<void, Failure> show(const LiveView& view) = 0;
    /// Nobody reads any more.
    virtual bool refused() const { return false; }
};

/// Text in memory.
class TextSink final : public report::ByteSink {
public:
    bool write(std::string_view bytes) override {
        text += bytes;
        return true;
    }
    std::string text;
};

/// The lower part of a terminal, written over and over.
class Screen {
public:
    explicit Screen(FileOutput& file) : m_file(file) {}
    std::size_t width() const { return m_file.terminalWidth(); }
    /// Lines that can be shown.
    std::size_t height() const;
    /// Shows as many of the lines as fit, in the place of those before. False: the terminal is gone.
    bool draw(std::string_view text);

private:
    FileOutput& m_file;
    std::size_t m_lines = 0; ///< on screen
    std::size_t m_width = 0; ///< of the terminal then
};

/// Packets, losses and calls so far, in one line.
std::string statusLine(const LiveView& view);

} // namespace gatescope::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "core/report/format.h"

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::cli {

/// Where results go: standard output, or a file that appears under its name only when it is whole.
class FileOutput : public report::ByteSink {
public:
    /// `path` empty or `-`: standard output. A regular file is written beside its place and renamed by `commit`; it
    /// must not be one of the `inputs`. Devices and pipes are written directly.
    static std::expected<std::unique_ptr<FileOutput>, Failure> open(const std::string& path,
                                                                    const std::vector<std::string>& inputs);
    ~FileOutput() override;
    FileOutput(const FileOutput&) = delete;
    FileOutput& operator=(const FileOutput&) = delete;

    bool write(std::string_view bytes) override;
    /// Puts the file in its place. A reader that went away (closed pipe) is no failure.
    std::expected<void, Failure> commit();
    /// Columns of the terminal that the results go to; 0 when it is none.
    std::size_t terminalWidth() const;
    /// And its lines.
    std::size_t terminalHeight() const;

private:
    FileOutput(int descriptor, std::string name);

    int m_descriptor;
    std::string m_name;      ///< for messages
    std::string m_target;    ///< rename to; empty: written directly
    std::string m_temporary; ///< to be removed unless committed
    int m_error = 0;         ///< errno of the first write that failed
};

} // namespace gatescope::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"

#include <expected>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::cli {

/// What the user named, made into captures and logs to read.
class Inputs {
public:
    /// Folders become the captures and logs in them, in the natural order of their names; hidden files and files of no
    /// known kind are passed over. `rereadable`: standard input is first copied to a file without a name, because it is
    /// read twice. Wrong use: `-` twice.
    static std::expected<Inputs, Failure> expand(const std::vector<std::string>& given, bool rereadable,
                                                 const std::stop_token& stop);
    /// Captures that are not opened by their paths.
    static Inputs named(std::vector<std::string> names);
    ~Inputs();
    Inputs(Inputs&& other) noexcept;
    Inputs& operator=(Inputs&&) = delete;

    const std::vector<std::string>& names() const { return m_names; } ///< as shown
    const std::vector<std::string>& paths() const { return m_paths; } ///< to open, same order
    /// Named, but with nothing to read, and why.
    const std::vector<std::pair<std::string, std::string>>& unusable() const { return m_unusable; }
    /// Folders of which files were left out, and how many.
    const std::vector<std::pair<std::string, std::string>>& remarks() const { return m_remarks; }

private:
    Inputs() = default;
    std::expected<void, Failure> addStandardInput(bool rereadable, const std::stop_token& stop);
    void addFolder(const std::string& folder, const std::stop_token& stop);

    std::vector<std::string> m_names, m_paths;
    std::vector<std::pair<std::string, std::string>> m_unusable, m_remarks;
    int m_spool = -1;
};

} // namespace gatescope::cli

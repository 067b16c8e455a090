// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <expected>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::pipeline {

/// What a folder that was named as an input stands for.
struct FolderInputs {
    std::vector<std::string> paths; ///< captures and logs, in the natural order of their names; never none
    std::size_t skipped = 0;        ///< files that are neither
};

bool isFolder(const std::string& path);

/// Looks into each file of a folder (capture::filesInFolder: no hidden files, nothing of folders inside). A file that
/// cannot be opened is among the paths, so that reading it says why. Errors: CannotOpen, UnknownFormat when nothing in
/// it can be read, Stopped. Messages do not repeat the path.
std::expected<FolderInputs, Error> inputsInFolder(const std::string& path, const std::stop_token& stop = {});

/// `3 files left out, neither captures nor logs`; empty for none.
std::string skippedText(std::size_t skipped);

} // namespace gatescope::pipeline

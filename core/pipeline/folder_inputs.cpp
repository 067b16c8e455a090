// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/folder_inputs.h"

#include "core/capture/folder.h"
#include "core/pipeline/analysis_run.h"

#include <fmt/format.h>
#include <utility>

namespace gatescope::pipeline {

bool isFolder(const std::string& path) {
    return capture::isFolder(path);
}

std::expected<FolderInputs, Error> inputsInFolder(const std::string& path, const std::stop_token& stop) {
    auto files = capture::filesInFolder(path);
    if (!files) return std::unexpected(std::move(files).error());
    FolderInputs inputs;
    for (std::string& file : *files) {
        if (stop.stop_requested()) return std::unexpected(Error{ErrorKind::Stopped, "not read, stopped before"});
        if (isReadable(file))
            inputs.paths.push_back(std::move(file));
        else
            ++inputs.skipped;
    }
    if (!inputs.paths.empty()) return inputs;
    std::string message = "neither captures nor logs in this folder";
    if (inputs.skipped != 0)
        message += fmt::format(" ({} {} of other kinds)", inputs.skipped, inputs.skipped == 1 ? "file" : "files");
    return std::unexpected(Error{ErrorKind::UnknownFormat, std::move(message)});
}

std::string skippedText(std::size_t skipped) {
    if (skipped == 0) return {};
    return fmt::format("{} {} left out, neither {} nor {}", skipped, skipped == 1 ? "file" : "files",
                       skipped == 1 ? "a capture" : "captures", skipped == 1 ? "a log" : "logs");
}

} // namespace gatescope::pipeline

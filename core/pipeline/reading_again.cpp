// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/reading_again.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace gatescope::pipeline {

bool isWorthReadingAgain(const RunResult& result, const std::vector<std::string>& paths, int readings) {
    if (result.sessionsWithLateSecrets == 0 || result.stopped || readings >= kMaxReadings) return false;
    return std::ranges::all_of(paths, [](const std::string& path) {
        std::error_code error;
        const auto kind = std::filesystem::status(path, error).type();
        return kind == std::filesystem::file_type::regular || kind == std::filesystem::file_type::directory;
    });
}

} // namespace gatescope::pipeline

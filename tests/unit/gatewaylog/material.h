// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace gatescope::gatewaylog::test {

/// The folder of material that is shared by people who work on the project and is no part of it; empty: not there.
inline std::filesystem::path sharedFolder() {
    const char* given = std::getenv("GATESCOPE_SHARED");
    const std::filesystem::path folder =
        given != nullptr ? std::filesystem::path(given) : std::filesystem::path(GATESCOPE_SOURCE_DIR) / "../shared";
    std::error_code error;
    return std::filesystem::is_directory(folder, error) ? folder : std::filesystem::path();
}

inline std::string fileText(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace gatescope::gatewaylog::test

// SPDX-License-Identifier: Apache-2.0
#include "core/capture/folder.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

namespace gatescope::capture {

namespace fs = std::filesystem;

namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes a run of digits off the front of `text`, without its leading zeros.
std::string_view takeNumber(std::string_view& text) {
    const std::size_t length = static_cast<std::size_t>(std::ranges::find_if_not(text, isDigit) - text.begin());
    std::string_view number = text.substr(0, length);
    text.remove_prefix(length);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
}

} // namespace

bool isNaturallyBefore(std::string_view a, std::string_view b) {
    std::string_view restA = a;
    std::string_view restB = b;
    while (!restA.empty() && !restB.empty()) {
        if (isDigit(restA.front()) && isDigit(restB.front())) {
            const std::string_view numberA = takeNumber(restA);
            const std::string_view numberB = takeNumber(restB);
            if (numberA.size() != numberB.size()) return numberA.size() < numberB.size();
            if (numberA != numberB) return numberA < numberB;
        } else {
            if (restA.front() != restB.front()) return restA.front() < restB.front();
            restA.remove_prefix(1);
            restB.remove_prefix(1);
        }
    }
    if (restA.empty() != restB.empty()) return restA.empty();
    return a < b;
}

bool isFolder(const std::string& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

std::expected<std::vector<std::string>, Error> filesInFolder(const std::string& path) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        std::error_code ignored;
        if (at->path().filename().string().starts_with('.') || !at->is_regular_file(ignored)) continue;
        files.push_back(at->path().string());
    }
    if (error)
        return std::unexpected(
            Error{ErrorKind::CannotOpen, fmt::format("the folder cannot be read: {}", error.message())});
    std::ranges::sort(files, isNaturallyBefore);
    return files;
}

} // namespace gatescope::capture

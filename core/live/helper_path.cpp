// SPDX-License-Identifier: Apache-2.0
#include "core/live/capture_session.h"

#include <array>
#include <fmt/format.h>
#include <string>
#include <unistd.h>

namespace gatescope::live {

namespace {

constexpr std::string_view kName = "gatescope-capture";

/// The folder of this program, as the kernel knows it; empty: it cannot say.
std::string ownFolder() {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0 || static_cast<std::size_t>(length) == path.size()) return {};
    const std::string_view program(path.data(), static_cast<std::size_t>(length));
    return std::string(program.substr(0, program.rfind('/')));
}

} // namespace

// Neither PATH nor any other variable is asked: nobody shall slip another program in.
std::expected<std::string, Error> helperPath() {
    std::string beside = fmt::format("{}/{}", ownFolder(), kName);
    if (::access(beside.c_str(), X_OK) == 0) return beside;
    std::string installed = fmt::format("{}/{}", GATESCOPE_HELPER_FOLDER, kName);
    if (::access(installed.c_str(), X_OK) == 0) return installed;
    return std::unexpected(Error{ErrorKind::CannotOpen,
                                 fmt::format("the capture helper is missing: neither {} nor {}", beside, installed)});
}

} // namespace gatescope::live

// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/inputs.h"

#include "core/pipeline/folder_inputs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace gatescope::cli {

namespace {

/// Copies standard input to a file that only this process can see.
std::expected<int, Failure> spoolStandardInput(const std::stop_token& stop) {
    const char* folder = std::getenv("TMPDIR");
    std::string path = fmt::format("{}/gscope.XXXXXX", folder != nullptr && *folder != '\0' ? folder : "/tmp");
    const auto failure = [&] {
        return std::unexpected(Failure{
            ExitStatus::OwnError, fmt::format("cannot keep standard input in {}: {}", path, std::strerror(errno))});
    };
    const int spool = mkostemp(path.data(), O_CLOEXEC); // made with mode 0600
    if (spool < 0) return failure();
    unlink(path.c_str());
    std::vector<char> buffer(1 << 20);
    while (!stop.stop_requested()) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        constexpr int kPatience = 50; // ms until the next look at the stop request
        if (poll(&input, 1, kPatience) <= 0) continue;
        const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count == 0) return spool;
        if (count < 0 && errno == EINTR) continue;
        const char* at = buffer.data();
        for (ssize_t left = count; left > 0;) {
            const ssize_t written = write(spool, at, static_cast<std::size_t>(left));
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) break;
            at += written;
            left -= written;
        }
        if (count < 0 || at != buffer.data() + count) {
            const auto result = failure();
            close(spool);
            return result;
        }
    }
    close(spool);
    return std::unexpected(Failure{ExitStatus::ReadInPart, "stopped while reading standard input"});
}

} // namespace

Inputs::~Inputs() {
    if (m_spool >= 0) close(m_spool);
}

Inputs::Inputs(Inputs&& other) noexcept
    : m_names(std::move(other.m_names)), m_paths(std::move(other.m_paths)), m_unusable(std::move(other.m_unusable)),
      m_remarks(std::move(other.m_remarks)), m_spool(std::exchange(other.m_spool, -1)) {}

std::expected<Inputs, Failure> Inputs::expand(const std::vector<std::string>& given, bool rereadable,
                                              const std::stop_token& stop) {
    if (std::ranges::count(given, "-") > 1)
        return std::unexpected(Failure{ExitStatus::WrongUse, "standard input (-) can be given once only"});
    Inputs inputs;
    for (const std::string& name : given) {
        if (name == "-") {
            if (auto added = inputs.addStandardInput(rereadable, stop); !added) return std::unexpected(added.error());
        } else if (pipeline::isFolder(name)) {
            inputs.addFolder(name, stop);
        } else {
            inputs.m_names.push_back(name);
            inputs.m_paths.push_back(name);
        }
    }
    return inputs;
}

Inputs Inputs::named(std::vector<std::string> names) {
    Inputs inputs;
    inputs.m_paths = names;
    inputs.m_names = std::move(names);
    return inputs;
}

std::expected<void, Failure> Inputs::addStandardInput(bool rereadable, const std::stop_token& stop) {
    std::string path = "-";
    if (rereadable) {
        const auto spool = spoolStandardInput(stop);
        if (!spool) return std::unexpected(spool.error());
        m_spool = *spool;
        path = fmt::format("/proc/self/fd/{}", m_spool);
    }
    m_names.emplace_back("-");
    m_paths.push_back(path);
    return {};
}

void Inputs::addFolder(const std::string& folder, const std::stop_token& stop) {
    const auto found = pipeline::inputsInFolder(folder, stop);
    if (!found) {
        m_unusable.emplace_back(folder, found.error().message);
        return;
    }
    if (found->skipped != 0) m_remarks.emplace_back(folder, pipeline::skippedText(found->skipped));
    m_names.insert(m_names.end(), found->paths.begin(), found->paths.end());
    m_paths.insert(m_paths.end(), found->paths.begin(), found->paths.end());
}

} // namespace gatescope::cli

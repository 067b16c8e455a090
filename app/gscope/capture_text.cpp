// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/capture_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace gatescope::cli {

namespace {

std::string sizeText(std::uint64_t bytes) {
    if (bytes < 1'000) return fmt::format("{} octets", bytes);
    if (bytes < 1'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

} // namespace

std::string countsText(const live::CaptureCounts& counts) {
    std::vector<std::string> parts{fmt::format("{} packets", counts.packets), sizeText(counts.bytes)};
    if (counts.dropped() == 0) parts.emplace_back("none dropped");
    const auto addDropped = [&parts](std::uint64_t count, const char* by) {
        if (count != 0) parts.push_back(fmt::format("{} dropped by {}", count, by));
    };
    addDropped(counts.kernelDropped, "the kernel");
    addDropped(counts.interfaceDropped, "the interface");
    addDropped(counts.ownDropped, "gatescope-capture");
    if (counts.copies != 0) parts.push_back(fmt::format("{} copies left out", counts.copies));
    if (counts.trimmedBytes != 0) parts.push_back(fmt::format("{} of bodies left out", sizeText(counts.trimmedBytes)));
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string endText(const live::CaptureStatus& status, const std::string& path) {
    std::string text = "captured " + countsText(status.counts);
    if (!path.empty() && status.files.size() == 1) text += " in " + status.files.front();
    if (!path.empty() && status.files.size() > 1)
        text += fmt::format(" in {} files, {} to {}", status.files.size(), status.files.front(), status.files.back());
    if (status.filesRemoved != 0) text += fmt::format("; {} older files were removed", status.filesRemoved);
    if (!status.error && !status.endedBecause.empty()) text += "; ended: " + status.endedBecause;
    return text;
}

} // namespace gatescope::cli

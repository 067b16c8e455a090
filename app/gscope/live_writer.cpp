// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/live_writer.h"

#include "app/gscope/capture_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::cli {

std::size_t Screen::height() const {
    // The cursor waits on the line below.
    return std::max<std::size_t>(m_file.terminalHeight(), 2) - 1;
}

bool Screen::draw(std::string_view text) {
    std::string out;
    if (m_width != 0 && m_width != width()) {
        // Lines may have been wrapped anew: nobody knows where they are.
        out = "\033[2J\033[H";
        m_lines = 0;
    }
    m_width = width();
    if (m_lines != 0) out += fmt::format("\033[{}A", m_lines);
    std::size_t lines = 0;
    while (!text.empty() && lines < height()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += "\r";
        out += text.substr(0, end);
        out += "\033[K\n";
        text.remove_prefix(std::min(end + 1, text.size()));
        ++lines;
    }
    out += "\033[J";
    m_lines = lines;
    return m_file.write(out);
}

std::string statusLine(const LiveView& view) {
    const std::size_t open = view.snapshot.openExchanges();
    const pipeline::LiveProgress progress = view.run.progress();
    std::string line;
    if (const auto status = view.run.captured())
        line = countsText(status->counts);
    else
        line = fmt::format("{} packets", progress.packets);
    line += fmt::format("; {} calls, {} under way", view.snapshot.exchanges() - open, open);
    constexpr std::uint64_t kWorthTelling = 1U << 20;
    if (progress.behindBytes >= kWorthTelling) line += fmt::format("; {} MiB behind", progress.behindBytes >> 20);
    if (progress.detail == pipeline::Detail::EndsOnly) line += "; calls under way are not shown until caught up";
    return line;
}

} // namespace gatescope::cli

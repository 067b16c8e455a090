// SPDX-License-Identifier: Apache-2.0
#include "core/path/forwarded_for.h"

#include "core/path/text_scan.h"

#include <array>

namespace gatescope::path {

std::string_view toString(Separator separator) {
    static constexpr std::array<std::string_view, 4> kWords{"", "comma", "semicolon", "mixed"};
    const auto index = static_cast<std::size_t>(separator);
    return index < kWords.size() ? kWords[index] : std::string_view();
}

ForwardedFor readForwardedFor(std::string_view text) {
    ForwardedFor list;
    bool commas = false;
    bool semicolons = false;
    // From the right, so that the limit keeps the entries that the nearest hops wrote.
    while (!text.empty()) {
        const auto at = text.find_last_of(",;");
        const bool last = at == std::string_view::npos;
        const std::string_view entry = trimmed(last ? text : text.substr(at + 1));
        if (!last) (text[at] == ',' ? commas : semicolons) = true;
        if (entry.empty())
            ++list.emptyEntries;
        else if (list.entries.size() < ForwardedFor::kMaxEntries)
            list.entries.push_back(readHopNode(entry));
        else
            ++list.droppedEntries;
        if (last) break;
        text = text.substr(0, at);
        if (text.empty()) ++list.emptyEntries; // the list begins with a separator
    }
    list.entries = {list.entries.rbegin(), list.entries.rend()};
    if (commas || semicolons)
        list.separator = commas && semicolons ? Separator::Mixed : commas ? Separator::Comma : Separator::Semicolon;
    return list;
}

} // namespace gatescope::path

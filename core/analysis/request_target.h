// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gatescope::analysis {

/// The parts of a request target (RFC 9112, 3.2). A part that the target does not have is empty.
struct RequestTarget {
    std::string_view scheme;
    std::string_view host; ///< with its port, as sent
    std::string_view path;
    std::string_view query; ///< after the first `?`
};
/// Any text gives some parts; what is no absolute or authority form is read as path and query. Views into `target`.
RequestTarget splitTarget(std::string_view method, std::string_view target);

/// Calls `visit` with each entry of an X-Forwarded-For value: split at `,` and at `;` (as dumps join it again), blanks
/// trimmed, empty ones skipped.
template <typename Visit>
void forEachForwarded(std::string_view value, Visit&& visit) {
    constexpr std::string_view kBlank = " \t";
    for (std::size_t from = 0; from < value.size();) {
        std::size_t end = value.find_first_of(",;", from);
        if (end == std::string_view::npos) end = value.size();
        std::string_view entry = value.substr(from, end - from);
        const auto first = entry.find_first_not_of(kBlank);
        if (first != std::string_view::npos) visit(entry.substr(first, entry.find_last_not_of(kBlank) - first + 1));
        from = end + 1;
    }
}

} // namespace gatescope::analysis

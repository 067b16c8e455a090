// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/request_target.h"

#include <algorithm>

namespace gatescope::analysis {

namespace {

bool isScheme(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
}

void splitPath(std::string_view text, RequestTarget& parts) {
    const auto mark = text.find('?');
    parts.path = text.substr(0, mark);
    if (mark != std::string_view::npos) parts.query = text.substr(mark + 1);
}

} // namespace

RequestTarget splitTarget(std::string_view method, std::string_view target) {
    RequestTarget parts;
    if (method == "CONNECT" && target.find('/') == std::string_view::npos) {
        parts.host = target;
        return parts;
    }
    const auto colon = target.find("://");
    if (target.starts_with('/') || colon == std::string_view::npos || !isScheme(target.substr(0, colon))) {
        splitPath(target, parts);
        return parts;
    }
    parts.scheme = target.substr(0, colon);
    const std::string_view rest = target.substr(colon + 3);
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    parts.host = rest.substr(0, end);
    // Credentials before the host are no part of its name and must never be shown.
    if (const auto at = parts.host.rfind('@'); at != std::string_view::npos) parts.host.remove_prefix(at + 1);
    splitPath(rest.substr(end), parts);
    if (parts.path.empty()) parts.path = "/"; // RFC 9110, 4.2.3
    return parts;
}

} // namespace gatescope::analysis

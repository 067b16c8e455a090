// SPDX-License-Identifier: Apache-2.0
#include "core/report/wire_text.h"

#include "core/analysis/masking.h"

#include <algorithm>

namespace gatescope::report {

namespace {

constexpr std::string_view kMasked = "***";

bool isTokenCharacter(char c) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || kOthers.contains(c);
}

std::string maskLine(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon != line.npos && colon != 0 && std::ranges::all_of(line.substr(0, colon), isTokenCharacter)) {
        const std::size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
        return std::string(line.substr(0, value)) + analysis::maskHeader(line.substr(0, colon), line.substr(value));
    }
    const std::size_t target = line.find(' ');
    const std::size_t version = line.rfind(" HTTP/");
    if (target != line.npos && version != line.npos && version > target)
        return std::string(line.substr(0, target + 1)) + maskTarget(line.substr(target + 1, version - target - 1)) +
               std::string(line.substr(version));
    return std::string(line);
}

} // namespace

std::string maskTarget(std::string_view target) {
    const std::size_t query = target.find('?');
    if (query == target.npos) return std::string(target);
    return std::string(target.substr(0, query + 1)) + analysis::maskQuery(target.substr(query + 1));
}

std::string maskWireText(std::string_view text, bool afterGap) {
    std::string masked;
    if (afterGap && !text.empty()) {
        text.remove_prefix(std::min(text.find('\n'), text.size()));
        masked = kMasked;
    }
    const std::string rest = analysis::maskText(text);
    for (std::size_t at = 0; at < rest.size();) {
        const std::size_t feed = std::min(rest.find('\n', at), rest.size());
        const bool hasReturn = feed > at && rest[feed - 1] == '\r';
        masked += maskLine(std::string_view(rest).substr(at, feed - at - (hasReturn ? 1 : 0)));
        if (hasReturn) masked += '\r';
        if (feed < rest.size()) masked += '\n';
        at = feed + 1;
    }
    return masked;
}

} // namespace gatescope::report

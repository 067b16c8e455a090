// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/filter_words.h"

#include "core/analysis/masking.h"

#include <algorithm>

namespace gatescope::cli {

namespace {

/// Whether it names a header that holds secrets.
bool namesSecret(std::string_view filter) {
    constexpr std::string_view kHeader = "header:"; // ends `response-header:` too
    for (std::size_t at = filter.find(kHeader); at != filter.npos; at = filter.find(kHeader, at)) {
        at += kHeader.size();
        const std::size_t end = std::min(filter.find_first_of(" \t\r\n=!<>~()&|,", at), filter.size());
        if (analysis::isSecretHeader(filter.substr(at, end - at))) return true;
    }
    return false;
}

/// Behind the quote that ends a text that begins at `start`.
std::size_t endOfText(std::string_view filter, std::size_t start) {
    for (std::size_t at = start; at < filter.size(); ++at) {
        if (filter[at] == '\\')
            ++at;
        else if (filter[at] == '"')
            return at;
    }
    return filter.size();
}

} // namespace

std::string maskFilter(std::string_view filter) {
    if (namesSecret(filter)) return "(a filter with the value of a secret header)";
    std::string words;
    for (std::size_t at = 0; at < filter.size(); ++at) {
        words += filter[at];
        if (filter[at] != '"') continue;
        const std::size_t end = endOfText(filter, at + 1);
        const std::string_view text = filter.substr(at + 1, end - at - 1);
        words += analysis::maskQuery(text);
        if (end < filter.size()) words += '"';
        at = end;
    }
    return analysis::maskText(words);
}

} // namespace gatescope::cli

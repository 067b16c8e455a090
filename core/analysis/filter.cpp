// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/filter.h"

#include "core/analysis/filter_node.h"

namespace gatescope::analysis {

std::expected<Filter, FilterError> Filter::parse(std::string_view text) {
    Filter filter;
    filter.m_text = text;
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return filter;
    auto root = Node::parse(text);
    if (!root) return std::unexpected(std::move(root.error()));
    filter.m_root = std::move(*root);
    return filter;
}

bool Filter::matchesEverything() const {
    return !m_root;
}

std::vector<Row> Filter::apply(const Snapshot& snapshot, const std::vector<Row>& rows, std::stop_token stop) const {
    if (stop.stop_requested()) return {};
    return m_root ? m_root->apply(snapshot, rows, std::move(stop)) : rows;
}

const std::string& Filter::text() const {
    return m_text;
}

std::string quoteForFilter(std::string_view value) {
    std::string quoted = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace gatescope::analysis

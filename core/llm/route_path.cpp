// SPDX-License-Identifier: Apache-2.0
#include "core/llm/route_path.h"

namespace gatescope::llm {

namespace {

constexpr int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

std::string percentDecoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && text.size() - i > 2;
        const int high = escape ? hexValue(text[i + 1]) : -1;
        const int low = escape ? hexValue(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            decoded += text[i];
            continue;
        }
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

Path::Path(std::string_view path) {
    if (path.starts_with('/')) path.remove_prefix(1);
    std::size_t total = 1 + static_cast<std::size_t>(std::ranges::count(path, '/'));
    while (total > kMaxSegments) {
        path.remove_prefix(path.find('/') + 1);
        --total;
    }
    while (m_size < total) {
        const std::size_t slash = path.find('/');
        m_segments[m_size] = path.substr(0, slash);
        if (m_segments[m_size].find('%') != std::string_view::npos) {
            m_decoded[m_size] = percentDecoded(m_segments[m_size]);
            m_segments[m_size] = m_decoded[m_size];
        }
        ++m_size;
        if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
    }
}

std::string queryValue(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t ampersand = query.find('&');
        const std::string_view pair = query.substr(0, ampersand);
        if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
            return percentDecoded(pair.substr(name.size() + 1));
        query = ampersand == std::string_view::npos ? std::string_view{} : query.substr(ampersand + 1);
    }
    return {};
}

} // namespace gatescope::llm

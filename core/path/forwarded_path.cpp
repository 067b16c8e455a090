// SPDX-License-Identifier: Apache-2.0
#include "core/path/forwarded_path.h"

#include "core/path/text_scan.h"

#include <algorithm>

namespace gatescope::path {

namespace {

std::optional<std::uint8_t> hexPair(std::string_view text) {
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size() || text.size() != 2) return std::nullopt;
    return value;
}

/// RFC 3986, 2.1; what is no escape stays.
std::string percentDecoded(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = text[i] == '%' ? hexPair(text.substr(i + 1, 2)) : std::nullopt;
        result += octet ? static_cast<char>(*octet) : text[i];
        if (octet) i += 2;
    }
    return result;
}

} // namespace

std::string deploymentOf(std::string_view target) {
    constexpr std::string_view kBefore = "/deployments/";
    const std::string_view path = split(target, '?').first;
    const auto at = path.find(kBefore);
    if (at == std::string_view::npos) return {};
    return percentDecoded(split(path.substr(at + kBefore.size()), '/').first);
}

std::optional<ForwardedPath> readForwardedPath(std::string_view text) {
    constexpr std::string_view kPrefix = "/v1/";
    text = trimmed(text);
    if (!text.starts_with(kPrefix)) return std::nullopt;
    const auto [scheme, behind] = split(text.substr(kPrefix.size()), '/');
    if (scheme != "https" && scheme != "http") return std::nullopt;
    ForwardedPath result;
    result.scheme = scheme;
    const std::size_t hostLength = std::min(behind.find_first_of("/?"), behind.size());
    result.host = behind.substr(0, hostLength);
    if (result.host.empty()) return std::nullopt;
    const auto [path, query] = split(behind.substr(hostLength), '?');
    result.path = path.empty() ? std::string_view("/") : path;
    result.query = query;
    result.deployment = deploymentOf(path);
    return result;
}

} // namespace gatescope::path

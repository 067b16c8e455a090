// SPDX-License-Identifier: Apache-2.0
#include "core/path/connection_label.h"

#include "core/path/ja4_text.h"
#include "core/path/path_headers.h"
#include "core/path/text_scan.h"
#include "core/path/well_known.h"

namespace gatescope::path {

std::string connectionLabel(const PathInput& input) {
    constexpr std::size_t kMaxHost = 100; // a drawing has no room for more
    const PathHeaders headers(input.request, nullptr);
    std::string label;
    const auto add = [&label](std::string_view part) {
        if (part.empty()) return;
        if (!label.empty()) label += ", ";
        label += part;
    };
    const std::string_view stated = trimmed(headers.forwardedTls);
    const std::string_view version = stated.empty() || stated.size() > 8 ? input.tls : stated;
    if (version == "none")
        add("no TLS");
    else if (!version.empty())
        add("TLS " + std::string(version));
    const auto ja4 = readJa4(headers.ja4.empty() ? input.ja4 : headers.ja4);
    if (ja4) add(ja4->alpn);
    add(hostName(input.host.empty() ? headers.host : input.host).substr(0, kMaxHost));
    return label;
}

} // namespace gatescope::path

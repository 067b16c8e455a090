// SPDX-License-Identifier: Apache-2.0
#include "core/path/connection_label.h"
#include "core/path/source_path.h"
#include "core/path/trust_suggestion.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace gatescope;
using namespace gatescope::path;

void require(bool condition) {
    if (!condition) std::abort();
}

/// What a line of the input is: a header field, or with a mark before it something else.
struct Input {
    http::HeaderList request, response;
    std::string target, model;
    PathInput path;
    Trust trust;

    explicit Input(std::string_view text) {
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            take(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        path.request = &request;
        path.response = &response;
        path.target = target;
        path.model = model;
    }

    void take(std::string_view line) {
        if (line.empty()) return;
        const std::string_view rest = line.substr(1);
        switch (line.front()) {
        case '>':
            path.packetClient = Endpoint::parse(rest);
            return;
        case '<':
            path.packetServer = Endpoint::parse(rest);
            return;
        case '=':
            path.logPeer = Endpoint::parse(rest);
            return;
        case '/':
            target = line;
            return;
        case '%':
            model = rest;
            return;
        case '+':
            if (auto subnet = parseTrusted(rest)) trust.subnets.push_back(*std::move(subnet));
            return;
        case '#':
            if (!trust.subnets.empty()) trust.subnets.back().role = rest;
            return;
        case '*':
            trust.trustedHops = static_cast<unsigned>(rest.size());
            return;
        default:
            break;
        }
        const auto colon = std::min(line.find(':'), line.size());
        const std::string_view value = line.substr(std::min(colon + 1, line.size()));
        (line.starts_with("x-ms-region") ? response : request).add(line.substr(0, colon), value);
    }
};

} // namespace

/// A path keeps its lanes in order, its indices in range and its evidence short, and is the same when read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Input input({reinterpret_cast<const char*>(data), size});
    const SourcePath path = readPath(input.path, input.trust);
    require(std::ranges::is_sorted(path.hops, {}, &Hop::lane));
    for (const std::size_t index : path.clientHops) require(index < path.hops.size());
    for (const Hop& hop : path.hops)
        for (const Evidence& evidence : hop.evidence) require(!evidence.source.empty() && evidence.value.size() <= 200);
    for (const Finding& finding : path.findings) require(finding.kind != nullptr && !finding.evidence.empty());
    const SourcePath again = readPath(input.path, input.trust);
    require(again.hops.size() == path.hops.size() && again.effectiveClientText == path.effectiveClientText);
    require(!path.verifiedBy || input.trust.trustedHops || input.trust.trusts(*path.verifiedBy));
    (void)suggestTrust(path);
    (void)connectionLabel(input.path);
    return 0;
}

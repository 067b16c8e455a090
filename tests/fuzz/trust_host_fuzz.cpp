// SPDX-License-Identifier: Apache-2.0
// Input: a host, a line break, and names of a certificate, one a line. What matches must be equal, or differ in the
// first label of a wildcard alone; evidence is fit for a terminal.
#include "core/trust/host_name.h"
#include "core/trust/sent_chain.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace gatescope;
using namespace gatescope::trust;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool isPlain(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f; });
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

void tryName(const HostName& host, std::string_view name) {
    const NameMatch match = matchName(name, host);
    require(sharedLabels(name, host.text) <= static_cast<std::size_t>(std::ranges::count(host.text, '.')) + 1);
    if (match != NameMatch::Match) return;
    const std::string own = lower(name);
    if (own == host.text) return;
    require(own.starts_with("*.") && host.text.find('.') != std::string::npos);
    require(own.substr(1) == host.text.substr(host.text.find('.')) && own.find('*', 1) == std::string::npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto nextLine = [&] {
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        return line;
    };
    const std::string_view asked = nextLine();
    const HostName host = readHostName(asked);
    if (host.text.size() <= 255 && !host.address)
        require(readHostName(host.text).text == host.text || host.trailingDot);
    Certificate leaf;
    leaf.subject = "CN=fuzz";
    for (std::size_t count = 0; !rest.empty() && count < 64; ++count) {
        const std::string_view name = nextLine();
        if (!host.address) tryName(host, name);
        const bool isAddress = name.starts_with('#'); // raw octets of an IP address
        leaf.names.push_back({isAddress ? AlternativeName::Kind::Ip : AlternativeName::Kind::Dns,
                              "name " + std::to_string(count), std::string(name.substr(isAddress ? 1 : 0))});
    }
    const Problems problems = checkHost(leaf, asked);
    require(problems.size() <= 1);
    for (const Problem& problem : problems) {
        require(problem.kind != nullptr && !problem.evidence.empty() && problem.evidence.size() <= 16);
        require(std::ranges::all_of(problem.evidence, isPlain));
    }
    return 0;
}

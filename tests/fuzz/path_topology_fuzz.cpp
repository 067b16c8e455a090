// SPDX-License-Identifier: Apache-2.0
#include "core/path/trust.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What is read can be written, read again and checked; an error says something.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gatescope::path;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto trust = readTopology(text);
    if (!trust) {
        if (trust.error().message.empty()) std::abort();
    } else {
        const auto again = readTopology(writeTopology(*trust));
        if (!again || again->subnets.size() != trust->subnets.size()) std::abort();
        for (const auto& finding : checkTopology(*trust))
            if (finding.kind == nullptr) std::abort();
    }
    (void)parseTrusted(text);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Input: lines of access logs in text. Read whole and in two pieces, which must give the same.
#include "core/gatewaylog/access_line.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <cstdlib>

using namespace gatescope;
using namespace gatescope::gatewaylog;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

/// Views of a line must lie in it.
void checkLine(std::string_view line) {
    const auto inside = [&](std::string_view part) {
        require(part.empty() || (part.data() >= line.data() && part.data() + part.size() <= line.data() + line.size()));
    };
    if (const auto envoy = parseEnvoyLine(line)) {
        for (const std::string_view part : {envoy->time, envoy->method, envoy->upstreamHost, envoy->route})
            inside(part);
        require(!envoy->method.empty() && !envoy->code.empty());
    }
    if (const auto nginx = parseNginxLine(line)) {
        for (const std::string_view part : {nginx->address, nginx->request, nginx->userAgent}) inside(part);
        require(nginx->code.size() == 3);
        require(withoutEscapes(nginx->request).size() <= nginx->request.size());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    checkLine(std::string_view(text).substr(0, text.find('\n')));
    const test::Found whole = test::readLog(text);
    const std::size_t half = size / 2 + 1;
    require(test::described(test::readLog(text, [half] { return half; })) == test::described(whole));
    for (const LogRecord& record : whole.records) require(record.facts.line != 0 && !record.format.empty());
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Input: a log in JSON or CSV. Read whole and in pieces, which must give the same; no record claims what it cannot
// know.
#include "tests/unit/gatewaylog/whole_log.h"

#include <cstdlib>

using namespace gatescope;
using namespace gatescope::gatewaylog;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const LogRecord& record) {
    const http::Exchange& exchange = record.http;
    require(record.facts.line != 0 && !record.format.empty());
    require(!exchange.requestTrace.complete && !exchange.responseTrace.complete);
    require(exchange.response.status == 0 || (exchange.response.status >= 100 && exchange.response.status <= 999));
    require(record.facts.traceId.empty() || record.facts.traceId.size() == 32);
    require(!record.facts.backendNs || *record.facts.backendNs >= 0);
    const llm::Usage& usage = record.call.usage;
    for (const auto& count : {usage.input, usage.output, usage.total, usage.cached, usage.cacheWrite, usage.reasoning})
        require(!count || *count >= 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const test::Found whole = test::readLog(text);
    for (const LogRecord& record : whole.records) check(record);
    LogLimits small;
    small.pieceBytes = 256;
    const std::size_t third = size / 3 + 1;
    require(test::described(test::readLog(text, [third] { return third; }, small)) == test::described(whole));
    return 0;
}

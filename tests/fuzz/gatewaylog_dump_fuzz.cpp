// SPDX-License-Identifier: Apache-2.0
// Input: a dump of headers, as text or JSON.
#include "core/gatewaylog/header_text.h"
#include "tests/unit/gatewaylog/whole_log.h"

#include <cstdlib>

using namespace gatescope;
using namespace gatescope::gatewaylog;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void checkNames(const http::HeaderList& headers) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        require(!headers[i].name.empty());
        require(headers[i].name.find_first_of(" \t\r\n") == std::string_view::npos);
        require(headers[i].value.find('\n') == std::string_view::npos);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    HeaderText found;
    if (readHeaderText(text, found)) {
        checkNames(found.request);
        checkNames(found.response);
        require(found.request.size() + found.response.size() >= 2);
        require(found.request.bytes() + found.response.bytes() <= text.size());
    }
    const test::Found whole = test::readLog(text);
    for (const LogRecord& record : whole.records)
        require(record.format != "header-dump" || record.http.requestTrace.firstByte == kNoTime);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "core/base/error.h"
#include "core/pipeline/content.h"
#include "core/report/format.h"

#include <cstdint>
#include <expected>
#include <string>

namespace gatescope::cli {

struct PageOptions {
    std::int64_t id = 0;
    std::string input;
    bool reveal = false;
    bool withEvents = false;
};

/// One exchange for people: both heads and bodies, JSON laid out, a stream put together.
std::string exchangePage(const pipeline::ExchangeContent& content, const PageOptions& options);
/// One exchange as one JSON object. A body that is not UTF-8 text has its size instead, with --reveal also its octets
/// in base64: nobody can mask what is inside.
std::string exchangeObject(const pipeline::ExchangeContent& content, const PageOptions& options, report::Format format);

/// One object does not fit into CSV or TSV.
std::expected<void, Failure> checkObjectFormat(const std::string& format);

} // namespace gatescope::cli

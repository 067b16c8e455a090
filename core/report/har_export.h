// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/report/format.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace gatescope::report {

struct HarOptions {
    std::string_view version{}; ///< of this program, for `creator`
    bool reveal = false;        ///< secrets in headers and URLs are masked unless set
};

/// What was written, and what a person should know about it.
struct HarSummary {
    std::uint64_t entries = 0;
    std::uint64_t withoutRequest = 0; ///< left out: an entry needs a method and a URL
    std::uint64_t withoutTime = 0;    ///< written with the year 1970, because an entry needs a time
};

/// Writes exchanges as an HTTP Archive (HAR 1.2), one entry a line. Bodies are not in it. Times have nanoseconds; a
/// phase or size that is not known is -1. What the standard has no member for goes into members that begin with an
/// underscore, as it allows: `_client`, `_server`, and `_call` with the fields of a model call under their names in
/// this program. Stops early when the sink refuses.
HarSummary writeHar(const analysis::Snapshot& snapshot, std::span<const analysis::Row> rows, const HarOptions& options,
                    ByteSink& sink);

} // namespace gatescope::report

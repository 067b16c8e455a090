// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::report {

enum class Format : std::uint8_t { Table, Json, Jsonl, Csv, Tsv };

/// `table`, `json`, `jsonl`, `csv`, `tsv`.
std::optional<Format> parseFormat(std::string_view text);

/// Where written bytes go. The room does no I/O of its own.
class ByteSink {
public:
    virtual ~ByteSink() = default;
    /// False: nothing more can be taken (a closed pipe, a full disk); the writer then stops.
    virtual bool write(std::string_view bytes) = 0;
};

} // namespace gatescope::report

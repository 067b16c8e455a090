// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/gatewaylog/log_reader.h"

#include <expected>
#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

inline constexpr std::size_t kMaxColumnNames = 500;     ///< no table has more columns
inline constexpr std::size_t kMaxColumnFile = 1U << 20; ///< octets

/// `NEW=OLD,NEW=OLD`: the name in the file, then the name that the log has by itself. Blanks around names do not count.
/// Errors are for a person and name the place.
std::expected<ColumnNames, Error> parseColumnPairs(std::string_view text);

/// A saved mapping: `{"columns": {"NEW": "OLD"}}`.
std::expected<ColumnNames, Error> parseColumnFile(std::string_view json);
std::string columnFileText(const ColumnNames& names);

} // namespace gatescope::gatewaylog

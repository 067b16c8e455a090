// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"
#include "core/gatewaylog/log_reader.h"

#include <string_view>

namespace gatescope::gatewaylog {

/// Without the byte order mark of UTF-8.
constexpr std::string_view withoutMark(std::string_view text) {
    return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

/// Gives columns that were renamed on export their names back.
inline void rename(LogFields& fields, const ColumnNames& renamed) {
    for (const auto& [from, to] : renamed)
        if (const LogFields::Index found = fields.find(from); found != LogFields::kNone) fields.rename(found, to);
}

} // namespace gatescope::gatewaylog

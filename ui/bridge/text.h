// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/base/time.h"

#include <QString>

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::ui {

/// Longest text of one table cell; a longer value ends in an ellipsis and is whole in the details.
inline constexpr std::size_t kMaxCellOctets = 512;

/// UTF-8 from a capture: bad octets become U+FFFD, control characters their Unicode pictures.
QString toText(std::string_view utf8);
std::string toUtf8(const QString& text);

QString countText(std::uint64_t count);        ///< `1,204,331`
QString wholeText(std::int64_t number);        ///< the same for a sum, which may be below 0
QString shortCount(std::int64_t count);        ///< `1.2M`, for narrow columns; exact below 10,000
QString bytesText(std::uint64_t octets);       ///< `474 B`, `1.2 MB`
QString durationText(std::int64_t ns);         ///< `612 ms`, `4.20 s`, `1 min 04 s`
QString clockText(TimeNs time, bool withDate); ///< `18:23:14.203` in UTC

/// Plural by hand: translations come later.
QString counted(std::uint64_t count, const char* one, const char* many);

/// Title of a column: `First token` for `ttft_ms`, the header's name for a header field.
QString fieldTitle(const analysis::Field& field);
/// One line on what a field means, from the contract or the header catalogue.
QString fieldMeaning(const analysis::Field& field);
/// Right-aligned in tables.
bool isNumeric(const analysis::Field& field);

/// A cell for people, masked. Empty when there is no value.
QString valueText(const analysis::Snapshot& snapshot, const analysis::Field& field, analysis::Row row);
/// Whole and masked, for a clipboard or a tool tip: times with nine digits, durations in milliseconds.
QString exactText(const analysis::Snapshot& snapshot, const analysis::Field& field, analysis::Row row);
/// Text fields: the raw value, for a filter; empty when there is none.
std::optional<std::string_view> rawText(const analysis::Snapshot& snapshot, const analysis::Field& field,
                                        analysis::Row row);
/// `project == "a"`, `!exists(project)`. Numbers and times are written as the filter language reads them.
std::string equalsExpression(const analysis::Snapshot& snapshot, const analysis::Field& field, analysis::Row row);

/// The same for the filter bar, where it can be read and is kept in the history: a value that would be masked on screen
/// is only asked for with `exists(...)`.
std::string shownCondition(const analysis::Snapshot& snapshot, const analysis::Field& field, analysis::Row row);

analysis::Field fieldOf(analysis::FieldId id);

} // namespace gatescope::ui

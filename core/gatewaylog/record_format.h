// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/call_reading.h"
#include "core/gatewaylog/json_fields.h"
#include "core/gatewaylog/log_fields.h"
#include "core/gatewaylog/log_record.h"
#include "core/gatewaylog/record_dispatch.h"
#include "core/llm/padded_buffer.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace gatescope::gatewaylog {

/// What the formats of one reader share.
struct ReadContext {
    JsonFields json; ///< `json.expand(fields, index)`: a text that is JSON
    CallReading calls;
    RecordDispatch records;   ///< for a document that holds records of other formats
    bool timesAreUtc = false; ///< the columns of this table say that their times are UTC
};

/// A format told record by record: JSON objects and rows of tables.
struct RecordFormat {
    std::string_view name;  ///< as in LogRecord::format
    std::string_view title; ///< for people
    /// By the members that are there, not by their values where that can be helped: in the head of a log a record may
    /// be cut, and the row under a line of column names may be empty. Must not take the records of another format.
    bool (*matches)(const LogFields& fields);
    /// May expand members. Every record that `matches` is read: what is wrong in it is left out, or a finding.
    void (*read)(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink);
};

/// A format whose log is one text.
struct DocumentFormat {
    std::string_view name;
    std::string_view title;
    /// `head` is its beginning without byte order mark, or all of it.
    bool (*recognise)(std::string_view head, bool whole);
    void (*read)(const llm::PaddedBuffer& text, ReadContext& context, LogSink& sink);
};

/// A format with one record a line.
struct LineFormat {
    std::string_view name;
    std::string_view title;
    /// A line without its end. Must be sure: damaged lines of other logs come here as well.
    bool (*recognise)(std::string_view line);
    /// False: the line is damaged; the caller says so.
    bool (*read)(std::string_view line, std::uint64_t number, ReadContext& context, LogSink& sink);
};

/// All formats, in the order in which they are asked. The entries of an envelope come one by one: of `records` and
/// `value`, of a list, and of `log.entries` (HAR).
std::span<const RecordFormat> recordFormats();
std::span<const DocumentFormat> documentFormats();
std::span<const LineFormat> lineFormats();

} // namespace gatescope::gatewaylog

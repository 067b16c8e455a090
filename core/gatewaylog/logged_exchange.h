// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"
#include "core/gatewaylog/log_record.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

// What the records of proxies have in common.

LogRecord recordOf(std::string_view format, std::uint64_t line);

/// `GET`, `/path?query`; the request was seen. A method of `-` or none leaves it as it is.
void setRequest(LogRecord& record, std::string_view method, std::string_view target);
/// `HTTP/1.1`, `http/2.0`, `h2`; anything else leaves the version unknown.
void setVersion(LogRecord& record, std::string_view text);
/// A status that an answer can have; anything else leaves it unanswered.
void setStatus(LogRecord& record, std::optional<std::int64_t> status);
/// When it began and how long it took, where known.
void setTimes(LogRecord& record, TimeNs begin, std::optional<std::int64_t> durationNs);
/// Sizes of both bodies; one alone says nothing, because the record has one mark for both.
void setBodySizes(LogRecord& record, std::optional<std::int64_t> request, std::optional<std::int64_t> response);

/// `TLSv1.3`, `TLSv1`, `1.2` as `1.3`, `1.0`, `1.2`; empty: none of these.
std::string tlsVersionOf(std::string_view text);

/// An address with its port, or with the port beside it.
std::optional<Endpoint> endpointOf(std::string_view address, std::optional<std::int64_t> port);

/// 32 hex digits become the trace id.
void setTraceId(LogRecord& record, std::string_view text);

/// A whole number as text, all of it.
std::optional<std::int64_t> wholeNumber(std::string_view digits);
/// The same as milliseconds, in nanoseconds; nothing when it is negative or too large.
std::optional<std::int64_t> millisecondsOf(std::string_view digits);

/// Host and port of a URL, or the text as it is.
std::string_view hostOf(std::string_view url);

/// The first of these members that has a value.
LogFields::Index firstSet(const LogFields& fields, std::initializer_list<LogFields::Index> members);

/// The last entry of a list as nginx writes it, one for each attempt: `10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80`.
std::string_view lastAttempt(std::string_view list);
/// Seconds of all attempts together, in nanoseconds. Attempts without an answer (`-`) add nothing; nothing: none had
/// one.
std::optional<std::int64_t> secondsOfAttempts(std::string_view list);

} // namespace gatescope::gatewaylog

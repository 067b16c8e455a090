// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/record_format.h"
#include "core/http/message.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace gatescope::gatewaylog {

// What the records of Azure's logs have in common.

/// `category` of an exported record or of the table AzureDiagnostics.
std::optional<std::string_view> categoryOf(const LogFields& fields);
/// Which log it is: the exported category or the table's name in the column Type, in any case.
bool isOfLog(const LogFields& fields, std::string_view category, std::string_view table);

/// The first of these members that holds a time. One that does not say its zone gives the record a finding.
TimeNs readAzureTime(const LogFields& fields, std::initializer_list<LogFields::Index> members,
                     const ReadContext& context, LogRecord& record);
/// The same for what is no call: the sink gets the finding.
TimeNs readAzureTime(const LogFields& fields, std::initializer_list<LogFields::Index> members,
                     const ReadContext& context, std::uint64_t line, LogSink& sink);

/// Headers that an object or its JSON text holds.
void addAzureHeaders(LogFields& fields, LogFields::Index headers, ReadContext& context, http::HeaderList& out);

/// A number of octets; nothing when it is not logged or negative.
std::optional<std::uint64_t> readSize(const LogFields& fields, LogFields::Index index);

} // namespace gatescope::gatewaylog

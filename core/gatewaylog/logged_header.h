// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"
#include "core/http/message.h"

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

/// A member of a proxy's log that holds the value of a header field.
struct LoggedHeader {
    bool isResponse = false;
    std::string name; ///< of the header: lower case, with dashes
};
/// By the member's name, which whoever runs the proxy chose: nginx's variables (`http_user_agent`,
/// `sent_http_x_ms_region`, `upstream_http_retry_after`), names of headers as they are or with underscores
/// (`x-request-id`, `x_forwarded_for`), and the usual short names (`user_agent`, `foundry_project_id`). Nothing: it is
/// something else.
std::optional<LoggedHeader> loggedHeaderOf(std::string_view member);

/// Adds the headers that an object of `fields` holds, in their order. Values that are not set (null, empty, `-`) were
/// not logged.
void addLoggedHeaders(const LogFields& fields, http::HeaderList& request, http::HeaderList& response,
                      LogFields::Index object = LogFields::kRoot);

/// Adds the members of an object as headers of these names: `{"Host": "x", "Accept": ["a", "b"]}`. Entries of a list
/// are joined with `, `. Also a list of `{"name": ..., "value": ...}`.
void addHeaders(const LogFields& fields, LogFields::Index headers, http::HeaderList& out);

/// A text, or a number or truth as text; nothing for null, and for what has members.
std::optional<std::string> scalarText(const LogFields& fields, LogFields::Index index);

} // namespace gatescope::gatewaylog

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/field.h"
#include "core/base/error.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::simulate {

/// How a gateway and its logs say what a field says.
struct GatewayExpression {
    std::string name;   ///< of a variable or column: letters, digits and underscores
    std::string policy; ///< body of a C# block that returns a text, "none" where there is no value
    std::string kql;    ///< over a row of ApiManagementGatewayLogs; empty: not in the logs
};

/// An error in words for a field that a gateway cannot know when a request comes, and for a header name that is no
/// header name (RFC 9110, section 5.1).
std::expected<GatewayExpression, Error> gatewayExpression(const analysis::Field& field);

/// The same for several; names are made distinct.
std::expected<std::vector<GatewayExpression>, Error> gatewayExpressions(const std::vector<analysis::Field>& fields);

/// For an attribute in double quotes.
std::string xmlAttribute(std::string_view text);

} // namespace gatescope::simulate

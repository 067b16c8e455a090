// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"

#include <string>

namespace gatescope::gatewaylog {

/// A text as it is; an object or a list as JSON text: some exports hold as an object what others hold as text. Empty
/// for anything else.
std::string jsonTextOf(const LogFields& fields, LogFields::Index index);

} // namespace gatescope::gatewaylog

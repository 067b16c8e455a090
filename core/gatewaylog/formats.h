// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/record_format.h"

namespace gatescope::gatewaylog {

// One function a format, each in a file of its own: apim_gateway_log.cpp has apimGatewayLog.

// Azure

// Other gateways and tools

} // namespace gatescope::gatewaylog

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/source_path.h"

#include <string>

namespace gatescope::path {

/// What is known of the connection that reached the front end or gateway: `TLS 1.3, h2, apimx.azure-api.net`. From
/// X-Forwarded-TlsVersion and the fingerprint's protocol, else from the packets; empty: nothing.
std::string connectionLabel(const PathInput& input);

} // namespace gatescope::path

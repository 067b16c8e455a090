// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/gatewaylog/log_record.h"

#include <string_view>

namespace gatescope::gatewaylog {

inline constexpr FindingKind kProxyFlags{
    "log.proxy-flags", Severity::Low, "The proxy says that it failed, cut or refused a request",
    "The flags in the log tell what happened between the proxy and one of its two sides; the status alone often does "
    "not.",
    "Look at the flags: UF, UH, UC and UT speak of the backend, DC of the caller, RL of a limit of the proxy itself."};

/// Takes Envoy's response flags (`UF,URX`), the code details and the failure of the connection to the backend: flags
/// are a finding, and the error code where the answer gave none. A refusal by a limit of the proxy gets its origin.
void setEnvoyOutcome(LogRecord& record, std::string_view flags, std::string_view details, std::string_view failure);

/// `tcp://10.0.2.1:80` without its scheme.
std::string_view envoyHost(std::string_view upstream);

} // namespace gatescope::gatewaylog

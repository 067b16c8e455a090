// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/types.h"

#include <optional>
#include <string>

namespace gatescope::tls {

/// A Name of X.501 in DER as RFC 4514 writes it: `CN=gw.example,O=Contoso,C=FI`. Nothing: it is none.
std::optional<std::string> nameText(Bytes encoded);

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/certificate.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// Certificates out of the value of a header: PEM whose line ends may have become blanks or `%0A`, or base64 of DER
/// alone, between commas where there are several, with colons around it (RFC 8941). What is none is passed over.
std::vector<CertificatePtr> certificatesInText(std::string_view text, std::size_t most);

/// `%41` becomes `A`; what is no such triplet stays. `+` stays, too: it is a digit of base64.
std::string percentDecoded(std::string_view text);

} // namespace gatescope::trust

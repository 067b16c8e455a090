// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/certificate.h"

#include <string>
#include <string_view>

struct asn1_string_st;
struct x509_st;

namespace gatescope::trust {

/// Fills everything of `certificate` that its fields and extensions say; what cannot be read is named in `unreadable`.
void readFields(x509_st* x509, Certificate& certificate);

/// A time of ASN.1; those beyond what TimeNs can say become its limits. kNoTime: null, or none.
TimeNs timeOf(const asn1_string_st* time);

/// Lower-case hexadecimal digits.
std::string hexText(std::string_view octets);

} // namespace gatescope::trust

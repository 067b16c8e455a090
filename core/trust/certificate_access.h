// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/certificate.h"

struct x509_st;

namespace gatescope::trust {

/// OpenSSL's object of a certificate, for the code of this room. It is never changed.
inline x509_st* x509Of(const Certificate& certificate) {
    return static_cast<x509_st*>(certificate.x509.get());
}

} // namespace gatescope::trust

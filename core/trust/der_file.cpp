// SPDX-License-Identifier: Apache-2.0
#include "core/trust/der_reader.h"
#include "core/trust/file_reading.h"
#include "core/trust/openssl_object.h"
#include "core/trust/quiet_errors.h"

#include <openssl/x509.h>

namespace gatescope::trust {

namespace {

bool isRevocationList(std::string_view der) {
    const QuietErrors quiet;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const OpenSslPtr<X509_CRL, X509_CRL_free> list(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    return list && at == reinterpret_cast<const unsigned char*>(der.data()) + der.size();
}

} // namespace

void readDerElements(std::string_view der, FileReading& reading) {
    DerReader elements(der);
    while (!elements.atEnd() && !reading.isFull()) {
        const auto element = elements.next();
        if (element && isRevocationList(element->whole))
            reading.addRevocationList(element->whole);
        else if (!element || !reading.addCertificate(element->whole))
            return reading.remark("what follows is neither a certificate nor a revocation list");
    }
}

} // namespace gatescope::trust

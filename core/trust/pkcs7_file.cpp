// SPDX-License-Identifier: Apache-2.0
#include "core/trust/file_reading.h"
#include "core/trust/openssl_encoded.h"
#include "core/trust/openssl_object.h"
#include "core/trust/quiet_errors.h"

#include <openssl/pkcs7.h>
#include <openssl/x509.h>

namespace gatescope::trust {

void readPkcs7(std::string_view der, FileReading& reading) {
    const QuietErrors quiet;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const OpenSslPtr<PKCS7, PKCS7_free> message(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
    if (!message) return reading.remark("the PKCS#7 structure is damaged");
    const STACK_OF(X509)* certificates = nullptr;
    const STACK_OF(X509_CRL)* lists = nullptr;
    if (PKCS7_type_is_signed(message.get()) && message->d.sign != nullptr) {
        certificates = message->d.sign->cert;
        lists = message->d.sign->crl;
    } else {
        return reading.remark("a PKCS#7 structure of another kind than signed data");
    }
    for (int i = 0; i < sk_X509_num(certificates); ++i)
        reading.addCertificate(encoded(i2d_X509, sk_X509_value(certificates, i)));
    for (int i = 0; i < sk_X509_CRL_num(lists); ++i)
        reading.addRevocationList(encoded(i2d_X509_CRL, sk_X509_CRL_value(lists, i)));
}

} // namespace gatescope::trust

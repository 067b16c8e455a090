// SPDX-License-Identifier: Apache-2.0
#include "core/trust/certificate.h"

#include "core/trust/certificate_access.h"
#include "core/trust/certificate_fields.h"
#include "core/trust/openssl_object.h"
#include "core/trust/quiet_errors.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace gatescope::trust {

namespace {

bool verifiesWith(X509* certificate, X509* issuer) {
    const QuietErrors quiet;
    EVP_PKEY* key = X509_get0_pubkey(issuer);
    return key != nullptr && X509_verify(certificate, key) == 1;
}

} // namespace

std::string Certificate::sha256Text() const {
    return hexText({reinterpret_cast<const char*>(sha256.data()), sha256.size()});
}

std::expected<CertificatePtr, DecodeError> readCertificate(std::string_view der) {
    if (der.size() > Certificate::kMaxBytes) return std::unexpected(DecodeError::LimitReached);
    const QuietErrors quiet;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const unsigned char* const end = at + der.size();
    const std::shared_ptr<X509> x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
    if (!x509 || at != end) return std::unexpected(DecodeError::Malformed);

    auto certificate = std::make_shared<Certificate>();
    certificate->der = der;
    certificate->x509 = x509;
    SHA256(reinterpret_cast<const unsigned char*>(der.data()), der.size(), certificate->sha256.data());
    readFields(x509.get(), *certificate);
    certificate->selfSigned = certificate->selfIssued && verifiesWith(x509.get(), x509.get());
    return certificate;
}

std::string toPem(const Certificate& certificate) {
    const OpenSslPtr<BIO, BIO_free_all> memory(BIO_new(BIO_s_mem()));
    std::string text = "# " + certificate.subject + '\n';
    if (!memory || PEM_write_bio_X509(memory.get(), x509Of(certificate)) != 1) return text;
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return text.append(data, static_cast<std::size_t>(size));
}

bool couldBeIssuedBy(const Certificate& certificate, const Certificate& issuer) {
    if (certificate.issuerKey != issuer.subjectKey) return false;
    return !certificate.authorityKeyId || !issuer.subjectKeyId || *certificate.authorityKeyId == *issuer.subjectKeyId;
}

bool isIssuedBy(const Certificate& certificate, const Certificate& issuer) {
    return couldBeIssuedBy(certificate, issuer) && verifiesWith(x509Of(certificate), x509Of(issuer));
}

} // namespace gatescope::trust

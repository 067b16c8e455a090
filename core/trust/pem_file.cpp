// SPDX-License-Identifier: Apache-2.0
#include "core/trust/der_reader.h"
#include "core/trust/file_reading.h"
#include "core/trust/openssl_object.h"
#include "core/trust/pem_text.h"
#include "core/trust/quiet_errors.h"

#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>

namespace gatescope::trust {

namespace {

bool names(const STACK_OF(ASN1_OBJECT) * purposes) {
    for (int at = 0; at < sk_ASN1_OBJECT_num(purposes); ++at) {
        const int purpose = OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes, at));
        if (purpose == NID_server_auth || purpose == NID_anyExtendedKeyUsage) return true;
    }
    return false;
}

/// OpenSSL's own form: the certificate, and behind it what it is trusted and not trusted for.
void readTrusted(std::string_view der, FileReading& reading) {
    const QuietErrors quiet;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const OpenSslPtr<X509, X509_free> certificate(d2i_X509_AUX(nullptr, &at, static_cast<long>(der.size())));
    const auto whole = DerReader(der).next();
    if (!certificate || !whole) {
        reading.addCertificate(der);
        return;
    }
    const auto* trusted = X509_get0_trust_objects(certificate.get());
    const auto* rejected = X509_get0_reject_objects(certificate.get());
    if ((rejected != nullptr && names(rejected)) || (trusted != nullptr && !names(trusted)))
        reading.leaveOut();
    else
        reading.addCertificate(whole->whole);
}

void readBlock(const PemBlock& block, FileReading& reading) {
    if (block.label.ends_with("PRIVATE KEY")) return reading.passOver("private key"); // not even decoded
    constexpr std::string_view kRead[] = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CRL", "PKCS7",
                                          "CMS"};
    if (std::ranges::find(kRead, block.label) == std::end(kRead)) return reading.passOver("block of another kind");
    constexpr std::size_t kMaxBody = CertificateFile::kMaxContainerBytes * 2; // in base 64, with ends of lines
    const auto der = block.body.size() <= kMaxBody ? decodeBase64(block.body) : std::nullopt;
    if (!der) return reading.remark("a block of PEM cannot be decoded");
    if (block.label == "X509 CRL") return readDerElements(*der, reading);
    if (block.label == "PKCS7" || block.label == "CMS") return readPkcs7(*der, reading);
    if (block.label == "TRUSTED CERTIFICATE") return readTrusted(*der, reading);
    reading.addCertificate(*der);
}

/// curl's bundle says `Certificate data from Mozilla as of: Tue Jul 15 03:12:01 2025 GMT`.
std::string dateOf(std::string_view text) {
    constexpr std::size_t kHead = 2'048;
    constexpr std::string_view kIntroduction = " as of: ";
    text = text.substr(0, std::min(kHead, text.find("-----BEGIN ")));
    const std::size_t at = text.find(kIntroduction);
    if (at == text.npos) return {};
    constexpr std::string_view kForm = "Tue Jul 15 03:12:01 2025";
    const std::string_view date = text.substr(at + kIntroduction.size(), kForm.size());
    if (date.size() != kForm.size()) return {};
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::size_t month = kMonths.find(date.substr(4, 3));
    const auto isDigits = [](std::string_view digits) {
        return std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    };
    std::string day(date.substr(8, 2));
    if (day[0] == ' ') day[0] = '0';
    if (month == kMonths.npos || month % 3 != 0 || !isDigits(day) || !isDigits(date.substr(20))) return {};
    const std::string number = std::to_string(month / 3 + 1);
    return std::string(date.substr(20)) + (number.size() < 2 ? "-0" : "-") + number + '-' + day;
}

} // namespace

void readPemText(std::string_view text, FileReading& reading) {
    reading.setAsOf(dateOf(text));
    while (const auto block = nextPemBlock(text)) readBlock(*block, reading);
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificate_maker.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace gatescope::test {

namespace {

[[noreturn]] void fail(const std::string& what) {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
    throw std::runtime_error(what + ": " + text.data());
}
void require(bool holds, const std::string& what) {
    if (!holds) fail(what);
}

std::shared_ptr<EVP_PKEY> makeKey(const std::string& kind) {
    EVP_PKEY* key = nullptr;
    if (kind == "ed25519")
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    else if (kind.starts_with("rsa"))
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(std::stoul(kind.substr(3))));
    else
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC",
                                kind == "ec384"   ? "P-384"
                                : kind == "ec521" ? "P-521"
                                                  : "P-256");
    require(key != nullptr, "key " + kind);
    return {key, EVP_PKEY_free};
}

void addPart(X509_NAME* name, const std::string& part) {
    const std::size_t equals = part.find('=');
    require(equals != std::string::npos, "name " + part);
    const std::string value = part.substr(equals + 1);
    require(X509_NAME_add_entry_by_txt(name, part.substr(0, equals).c_str(), MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), -1, 0) == 1,
            "name " + part);
}

void setName(X509_NAME* name, const std::string& text) {
    std::string part;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            part += text[++i];
        } else if (text[i] == ',') {
            addPart(name, part);
            part.clear();
        } else {
            part += text[i];
        }
    }
    if (!part.empty()) addPart(name, part);
}

void addExtension(X509* certificate, X509V3_CTX* context, const std::string& name, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_nconf(nullptr, context, name.c_str(), value.c_str());
    require(extension != nullptr, "extension " + name + "=" + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

bool names(const CertificateRecipe& recipe, std::string_view extension) {
    return std::ranges::any_of(recipe.extensions, [&](const auto& each) { return each.first == extension; });
}

void addExtensions(X509* certificate, X509* issuer, const CertificateRecipe& recipe) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509V3_set_ctx_nodb(&context);
    if (recipe.ca && !names(recipe, "basicConstraints"))
        addExtension(certificate, &context, "basicConstraints", "critical,CA:TRUE");
    if (recipe.ca && !names(recipe, "keyUsage"))
        addExtension(certificate, &context, "keyUsage", "critical,keyCertSign,cRLSign");
    if (!recipe.plain && !names(recipe, "subjectKeyIdentifier"))
        addExtension(certificate, &context, "subjectKeyIdentifier", "hash");
    for (const auto& [name, value] : recipe.extensions) addExtension(certificate, &context, name, value);
    if (!recipe.plain && !names(recipe, "authorityKeyIdentifier") && X509_get0_subject_key_id(issuer) != nullptr)
        addExtension(certificate, &context, "authorityKeyIdentifier", "keyid");
}

const EVP_MD* digestOf(EVP_PKEY* key, const std::string& name) {
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_get_digestbyname(name.c_str());
}

std::string derOf(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    require(size > 0, "encode");
    std::string octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return octets;
}

void setSerial(ASN1_INTEGER* serial, const std::string& hexadecimal) {
    BIGNUM* number = nullptr;
    require(BN_hex2bn(&number, hexadecimal.c_str()) > 0, "serial");
    BN_to_ASN1_INTEGER(number, serial);
    BN_free(number);
}

} // namespace

std::string MadeCertificate::pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_X509(memory.get(), static_cast<X509*>(x509.get()));
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

MadeCertificate makeCertificate(const CertificateRecipe& recipe, const MadeCertificate* issuer,
                                const MadeCertificate* key) {
    MadeCertificate made;
    made.key = key != nullptr ? key->key : makeKey(recipe.key);
    auto* ownKey = static_cast<EVP_PKEY*>(made.key.get());
    const std::shared_ptr<X509> x509(X509_new(), X509_free);
    X509* certificate = x509.get();
    X509_set_version(certificate, recipe.version - 1);
    setSerial(X509_get_serialNumber(certificate), recipe.serial);
    ASN1_TIME_set(X509_getm_notBefore(certificate), recipe.notBefore);
    ASN1_TIME_set(X509_getm_notAfter(certificate), recipe.notAfter);
    setName(X509_get_subject_name(certificate), recipe.subject);
    X509_set_pubkey(certificate, ownKey);
    X509* signer = issuer != nullptr ? static_cast<X509*>(issuer->x509.get()) : certificate;
    auto* signingKey = issuer != nullptr ? static_cast<EVP_PKEY*>(issuer->key.get()) : ownKey;
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    if (recipe.version == 3) addExtensions(certificate, signer, recipe);
    require(X509_sign(certificate, signingKey, digestOf(signingKey, recipe.digest)) > 0, "sign");
    made.der = derOf(certificate);
    if (recipe.breakSignature) made.der.back() = static_cast<char>(made.der.back() ^ 1);
    const auto* at = reinterpret_cast<const unsigned char*>(made.der.data());
    made.x509 = std::shared_ptr<X509>(d2i_X509(nullptr, &at, static_cast<long>(made.der.size())), X509_free);
    require(made.x509 != nullptr, "read again");
    return made;
}

std::string makeRevocationList(const MadeCertificate& issuer, const std::vector<std::string>& serials) {
    const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(X509_CRL_new(), X509_CRL_free);
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(static_cast<X509*>(issuer.x509.get())));
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> time(ASN1_TIME_new(), ASN1_TIME_free);
    ASN1_TIME_set(time.get(), 1'704'067'200);
    X509_CRL_set1_lastUpdate(list.get(), time.get());
    for (const std::string& serial : serials) {
        X509_REVOKED* entry = X509_REVOKED_new();
        const std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)> number(ASN1_INTEGER_new(), ASN1_INTEGER_free);
        setSerial(number.get(), serial);
        X509_REVOKED_set_serialNumber(entry, number.get());
        X509_REVOKED_set_revocationDate(entry, time.get());
        X509_CRL_add0_revoked(list.get(), entry);
    }
    ASN1_TIME_set(time.get(), 1'893'456'000);
    X509_CRL_set1_nextUpdate(list.get(), time.get());
    auto* key = static_cast<EVP_PKEY*>(issuer.key.get());
    require(X509_CRL_sign(list.get(), key, digestOf(key, "SHA256")) > 0, "sign a list");
    unsigned char* der = nullptr;
    const int size = i2d_X509_CRL(list.get(), &der);
    std::string octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return octets;
}

} // namespace gatescope::test

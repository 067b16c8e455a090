// SPDX-License-Identifier: Apache-2.0
// RFC 7292. Only bags of certificates and revocation lists are looked into; keys stay encrypted.
#include "core/trust/file_reading.h"
#include "core/trust/openssl_encoded.h"
#include "core/trust/openssl_object.h"
#include "core/trust/quiet_errors.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <cstdint>
#include <optional>

namespace gatescope::trust {

namespace {

using Bags = STACK_OF(PKCS12_SAFEBAG);

void freeBags(Bags* bags) {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
void freeSafes(STACK_OF(PKCS7) * safes) {
    sk_PKCS7_pop_free(safes, PKCS7_free);
}

struct Password {
    const char* text;
    int size;
};
constexpr Password kPasswords[] = {{nullptr, 0}, {"", 0}, {"changeit", 8}};

std::optional<std::uint64_t> numberOf(const ASN1_INTEGER* number) {
    std::uint64_t value = 0;
    if (number == nullptr) return 1; // the default of RFC 7292
    return ASN1_INTEGER_get_uint64(&value, number) == 1 ? std::optional(value) : std::nullopt;
}

/// Rounds of key derivation that the encryption asks for. None: not to be told, or another way of derivation.
std::optional<std::uint64_t> roundsOf(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* kind = nullptr;
    X509_ALGOR_get0(&kind, nullptr, nullptr, algorithm);
    if (OBJ_obj2nid(kind) != NID_pbes2) {
        const OpenSslPtr<PBEPARAM, PBEPARAM_free> parameters(
            static_cast<PBEPARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter)));
        return parameters ? numberOf(parameters->iter) : std::nullopt;
    }
    const OpenSslPtr<PBE2PARAM, PBE2PARAM_free> outer(
        static_cast<PBE2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter)));
    if (!outer || OBJ_obj2nid(outer->keyfunc->algorithm) != NID_id_pbkdf2) return std::nullopt;
    const OpenSslPtr<PBKDF2PARAM, PBKDF2PARAM_free> inner(
        static_cast<PBKDF2PARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), outer->keyfunc->parameter)));
    return inner ? numberOf(inner->iter) : std::nullopt;
}

class Pkcs12Reader {
public:
    Pkcs12Reader(PKCS12* file, FileReading& reading) : m_file(file), m_reading(reading) {}

    std::expected<void, Error> read() {
        const OpenSslPtr<STACK_OF(PKCS7), freeSafes> safes(PKCS12_unpack_authsafes(m_file));
        if (!safes) {
            m_reading.remark("the PKCS#12 structure is damaged");
            return {};
        }
        if (PKCS12_mac_present(m_file) == 1) findPassword();
        for (int at = 0; at < sk_PKCS7_num(safes.get()); ++at) readSafe(sk_PKCS7_value(safes.get(), at));
        if (m_locked && !m_reading.hasFound())
            return std::unexpected(Error{ErrorKind::Usage, "a PKCS#12 file with a password of its own; only files "
                                                           "without one, or with \"changeit\", can be read"});
        if (m_locked) m_reading.remark("an encrypted part of the PKCS#12 file was not read");
        return {};
    }

private:
    /// Takes the cost of one key derivation from what a file may cost.
    bool mayDerive(std::optional<std::uint64_t> rounds) {
        if (!rounds || *rounds > m_roundsLeft) return false;
        m_roundsLeft -= *rounds;
        return true;
    }

    void findPassword() {
        const ASN1_INTEGER* rounds = nullptr;
        PKCS12_get0_mac(nullptr, nullptr, nullptr, &rounds, m_file);
        for (const Password& password : kPasswords) {
            if (!mayDerive(numberOf(rounds))) return;
            if (PKCS12_verify_mac(m_file, password.text, password.size) == 1) {
                m_password = password;
                return;
            }
        }
    }

    void readSafe(PKCS7* safe) {
        if (PKCS7_type_is_data(safe)) {
            readBags(OpenSslPtr<Bags, freeBags>(PKCS12_unpack_p7data(safe)).get(), 0);
            return;
        }
        if (!PKCS7_type_is_encrypted(safe) || safe->d.encrypted == nullptr) return;
        const auto rounds = roundsOf(safe->d.encrypted->enc_data->algorithm);
        const auto tryPassword = [&](const Password& password) {
            if (!mayDerive(rounds)) return false;
            const OpenSslPtr<Bags, freeBags> bags(PKCS12_unpack_p7encdata(safe, password.text, password.size));
            readBags(bags.get(), 0);
            return bags != nullptr;
        };
        bool opened = false;
        if (m_password)
            opened = tryPassword(*m_password);
        else
            for (const Password& password : kPasswords) opened = opened || tryPassword(password);
        m_locked |= !opened;
    }

    void readBags(const Bags* bags, int depth) {
        constexpr int kMaxDepth = 4;
        if (bags == nullptr) return;
        for (int at = 0; at < sk_PKCS12_SAFEBAG_num(bags); ++at) {
            const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, at);
            switch (PKCS12_SAFEBAG_get_nid(bag)) {
            case NID_certBag:
                addCertificate(bag);
                break;
            case NID_crlBag:
                addRevocationList(bag);
                break;
            case NID_keyBag:
            case NID_pkcs8ShroudedKeyBag:
                m_reading.passOver("private key");
                break;
            case NID_safeContentsBag:
                if (depth < kMaxDepth) readBags(PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
                break;
            default:
                m_reading.passOver("entry of another kind");
                break;
            }
        }
    }

    void addCertificate(const PKCS12_SAFEBAG* bag) {
        const OpenSslPtr<X509, X509_free> certificate(PKCS12_SAFEBAG_get1_cert(bag));
        m_reading.addCertificate(certificate ? encoded(i2d_X509, certificate.get()) : std::string());
    }
    void addRevocationList(const PKCS12_SAFEBAG* bag) {
        const OpenSslPtr<X509_CRL, X509_CRL_free> list(PKCS12_SAFEBAG_get1_crl(bag));
        if (list) m_reading.addRevocationList(encoded(i2d_X509_CRL, list.get()));
    }

    PKCS12* m_file;
    FileReading& m_reading;
    std::optional<Password> m_password; ///< that the MAC confirmed
    std::uint64_t m_roundsLeft = CertificateFile::kMaxRounds;
    bool m_locked = false;
};

} // namespace

std::expected<void, Error> readPkcs12(std::string_view der, FileReading& reading) {
    const QuietErrors quiet;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const OpenSslPtr<PKCS12, PKCS12_free> file(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
    if (file) return Pkcs12Reader(file.get(), reading).read();
    reading.remark("the PKCS#12 structure is damaged");
    return {};
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/private_keys.h"

#include <algorithm>
#include <limits>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace gatescope::tls {

namespace {

constexpr std::size_t kPremasterBytes = 48;

/// What OpenSSL finds wrong is said in our words; its own list of errors stays as it was.
class QuietErrors {
public:
    QuietErrors() { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

std::unexpected<Error> refused(const char* why) {
    return std::unexpected(Error{ErrorKind::Usage, why});
}

/// RFC 5958, 3: told from a plain key by its first element, which is a sequence and no version number.
bool isEncryptedKey(const std::uint8_t* der, long length) {
    X509_SIG* const sealed = d2i_X509_SIG(nullptr, &der, length);
    X509_SIG_free(sealed);
    return sealed != nullptr;
}

} // namespace

/// What was found in a text.
struct PrivateKeys::Reading {
    std::vector<Key> rsa;
    bool hasEncrypted = false;
    bool hasOther = false; ///< not RSA
    bool hasDamaged = false;

    void take(const std::uint8_t* der, long length) {
        Key key(d2i_AutoPrivateKey(nullptr, &der, length));
        if (!key)
            hasDamaged = true;
        else if (EVP_PKEY_is_a(key.get(), "RSA") != 1)
            hasOther = true;
        else
            rsa.push_back(std::move(key));
    }
};

void PrivateKeys::Free::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

void PrivateKeys::readPem(std::string_view text, Reading& reading) {
    BIO* const bio = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long length = 0;
    // With this flag OpenSSL wipes what it read. Blocks are decoded here because its readers of keys ask for a
    // password.
    while (bio != nullptr && PEM_read_bio_ex(bio, &name, &header, &data, &length, PEM_FLAG_SECURE) == 1) {
        const std::string_view kind = name;
        if (kind.ends_with("PRIVATE KEY")) {
            const bool isEncrypted =
                kind == PEM_STRING_PKCS8 || std::string_view(header).find("ENCRYPTED") != std::string_view::npos;
            if (isEncrypted)
                reading.hasEncrypted = true;
            else
                reading.take(data, length);
        }
        OPENSSL_secure_free(name);
        OPENSSL_secure_free(header);
        OPENSSL_secure_clear_free(data, static_cast<std::size_t>(length));
    }
    BIO_free(bio);
}

void PrivateKeys::readDer(std::string_view der, Reading& reading) {
    const auto* const at = reinterpret_cast<const std::uint8_t*>(der.data());
    const auto length = static_cast<long>(der.size());
    if (isEncryptedKey(at, length))
        reading.hasEncrypted = true;
    else
        reading.take(at, length);
}

std::expected<void, Error> PrivateKeys::add(std::string_view text) {
    const QuietErrors quiet;
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return refused("too long for a private key");
    constexpr char kSequence = 0x30;
    Reading reading;
    if (text.starts_with(kSequence))
        readDer(text, reading);
    else
        readPem(text, reading);

    if (reading.rsa.empty()) {
        if (reading.hasEncrypted) return refused("the private key is protected with a password: give it without one");
        if (reading.hasOther)
            return refused("the private key is not RSA: only RSA key exchange can be decrypted with a key");
        if (reading.hasDamaged && !text.starts_with(kSequence)) return refused("the private key is damaged");
        return refused("there is no private key in it");
    }
    for (Key& key : reading.rsa) {
        if (std::ranges::any_of(m_keys, [&key](const Key& known) { return EVP_PKEY_eq(known.get(), key.get()) == 1; }))
            continue;
        if (m_keys.size() >= kMaxKeys) return refused("too many private keys: 64 at most");
        m_keys.push_back(std::move(key));
    }
    return {};
}

std::optional<SecretBytes> PrivateKeys::decrypted(evp_pkey_st* key, Bytes encrypted) {
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key, nullptr);
    SecretBytes plain(encrypted.size());
    std::size_t length = plain.size();
    bool isGood = context != nullptr && EVP_PKEY_decrypt_init(context) == 1 &&
                  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    // Newer versions answer a wrong padding with random octets, which could look like a secret. Older ones do not know
    // the setting.
    if (isGood) EVP_PKEY_CTX_ctrl_str(context, "rsa_pkcs1_implicit_rejection", "0");
    isGood = isGood && EVP_PKEY_decrypt(context, plain.data(), &length, encrypted.data(), encrypted.size()) == 1;
    EVP_PKEY_CTX_free(context);
    if (!isGood) return std::nullopt;
    plain.resize(length);
    return plain;
}

std::optional<SecretBytes> PrivateKeys::decryptPremaster(Bytes encrypted, std::uint16_t clientVersion) const {
    const QuietErrors quiet;
    for (const Key& key : m_keys) {
        if (static_cast<std::size_t>(EVP_PKEY_get_size(key.get())) != encrypted.size()) continue;
        auto plain = decrypted(key.get(), encrypted);
        if (plain && plain->size() == kPremasterBytes && loadBigEndian<std::uint16_t>(plain->data()) == clientVersion)
            return plain;
    }
    return std::nullopt;
}

bool looksLikePrivateKey(std::string_view text) {
    constexpr std::string_view kBegin = "-----BEGIN ";
    constexpr std::string_view kEnd = "PRIVATE KEY-----";
    for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
        const std::string_view line = text.substr(at, text.find_first_of("\r\n", at) - at);
        if (line.ends_with(kEnd)) return true;
    }
    return false;
}

} // namespace gatescope::tls

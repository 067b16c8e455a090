// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_cipher_kinds.h"

#include <algorithm>
#include <cstring>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace gatescope::tls {

namespace {

constexpr std::size_t kHeaderBytes = 5; // of a record
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kExplicitNonceBytes = 8; // RFC 5288, 3: sent with each record of TLS 1.2
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kShortTagBytes = 8; // RFC 6655, 4

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const char* cipherName(const CipherSuite& suite) {
    const bool isLong = suite.keySize == 32;
    switch (suite.cipher) {
    case BulkCipher::AesGcm:
        return isLong ? "AES-256-GCM" : "AES-128-GCM";
    case BulkCipher::AesCcm:
    case BulkCipher::AesCcm8:
        return isLong ? "AES-256-CCM" : "AES-128-CCM";
    case BulkCipher::AriaGcm:
        return isLong ? "ARIA-256-GCM" : "ARIA-128-GCM";
    case BulkCipher::CamelliaGcm:
        return isLong ? "CAMELLIA-256-GCM" : "CAMELLIA-128-GCM";
    case BulkCipher::ChaCha20Poly1305:
        return "ChaCha20-Poly1305";
    default:
        return "";
    }
}

/// How OpenSSL wants to be asked. What costs at records of a few hundred octets is not the cipher but the way to it:
/// parameters that are built once, and EVP_Cipher in place of EVP_DecryptUpdate, take a third off it.
enum class Calling : std::uint8_t {
    NonceByParameter, ///< GCM: nonce and tag in one call
    NonceByInit,
    LengthFirst ///< CCM
};

Calling callingOf(BulkCipher cipher) {
    switch (cipher) {
    case BulkCipher::AesCcm:
    case BulkCipher::AesCcm8:
        return Calling::LengthFirst;
    case BulkCipher::ChaCha20Poly1305:
        return Calling::NonceByInit;
    default:
        return Calling::NonceByParameter;
    }
}

/// TLS 1.3 (RFC 8446, 5.2) and the AEAD suites of TLS 1.2 (RFC 5246, 6.2.3.3; RFC 5288, 6655, 7905).
class AeadCipher final : public RecordCipher {
public:
    AeadCipher(Context context, std::uint16_t version, const CipherSuite& suite, const TrafficKeys& keys)
        : m_context(std::move(context)), m_isTls13(version == kTls13), m_calling(callingOf(suite.cipher)),
          m_explicitNonce(suite.fixedIvSize == kNonceBytes ? 0 : kExplicitNonceBytes),
          m_tagBytes(suite.cipher == BulkCipher::AesCcm8 ? kShortTagBytes : kTagBytes) {
        std::ranges::copy(keys.iv, m_fixed.begin());
        m_parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, m_tag.data(), m_tagBytes);
        m_parameters[1] = m_calling == Calling::NonceByParameter
                              ? OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_SET_IV_INV,
                                                                  m_nonce.data(), m_nonce.size())
                              : OSSL_PARAM_construct_end();
        m_parameters[2] = OSSL_PARAM_construct_end();
    }
    ~AeadCipher() override {
        explicit_bzero(m_fixed.data(), m_fixed.size());
        explicit_bzero(m_nonce.data(), m_nonce.size());
    }
    AeadCipher(const AeadCipher&) = delete; // its parameters point into it
    AeadCipher& operator=(const AeadCipher&) = delete;

    bool start(const CipherSuite& suite, const TrafficKeys& keys);
    std::optional<OpenedRecord> open(std::uint64_t sequence, const SealedRecord& record) override;
    bool chains() const override { return false; }
    std::size_t overhead() const override { return m_explicitNonce + m_tagBytes + (m_isTls13 ? 1 : 0); }

private:
    using Nonce = std::array<std::uint8_t, kNonceBytes>;

    void setNonce(std::uint64_t sequence, Bytes explicitPart);
    /// With the nonce and the tag that are set, into `m_output`.
    bool decrypt(Bytes additional, Bytes sealed);

    Context m_context;
    bool m_isTls13;
    Calling m_calling;
    std::size_t m_explicitNonce;
    std::size_t m_tagBytes;
    Nonce m_fixed{};
    Nonce m_nonce{};
    std::array<std::uint8_t, kTagBytes> m_tag{};
    std::array<OSSL_PARAM, 3> m_parameters;
    std::vector<std::uint8_t> m_output;
};

bool AeadCipher::start(const CipherSuite& suite, const TrafficKeys& keys) {
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, cipherName(suite), nullptr);
    if (cipher == nullptr) return false;
    EVP_CIPHER_CTX* context = m_context.get();
    bool isGood = EVP_DecryptInit_ex(context, cipher, nullptr, nullptr, nullptr) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, kNonceBytes, nullptr) == 1;
    EVP_CIPHER_free(cipher); // the context keeps it
    if (isGood && m_calling == Calling::LengthFirst)
        isGood = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(m_tagBytes), nullptr) == 1;
    isGood = isGood && EVP_DecryptInit_ex(context, nullptr, nullptr, keys.key.data(), nullptr) == 1;
    // Only a context that was given a nonce of this kind lets it be changed by parameter; -1: all of it.
    if (isGood && m_calling == Calling::NonceByParameter)
        isGood = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IV_FIXED, -1, m_fixed.data()) == 1;
    return isGood;
}

void AeadCipher::setNonce(std::uint64_t sequence, Bytes explicitPart) {
    m_nonce = m_fixed;
    std::uint8_t* const last8 = m_nonce.data() + kNonceBytes - kExplicitNonceBytes;
    if (!explicitPart.empty()) {
        std::memcpy(last8, explicitPart.data(), kExplicitNonceBytes);
        return;
    }
    for (unsigned i = 0; i < 8; ++i) // RFC 8446, 5.3
        last8[i] = static_cast<std::uint8_t>(last8[i] ^ (sequence >> (56 - 8 * i)));
}

bool AeadCipher::decrypt(Bytes additional, Bytes sealed) {
    EVP_CIPHER_CTX* context = m_context.get();
    if (m_output.size() < sealed.size()) m_output.resize(sealed.size());
    const auto size = static_cast<unsigned>(sealed.size());
    if (m_calling == Calling::NonceByParameter) {
        if (EVP_CIPHER_CTX_set_params(context, m_parameters.data()) != 1) return false;
    } else if (EVP_DecryptInit_ex2(context, nullptr, nullptr, m_nonce.data(), m_parameters.data()) != 1) {
        return false;
    }
    int written = 0;
    // CCM verifies together with the data. Without data OpenSSL does not verify at all, and takes any tag for good.
    if (m_calling == Calling::LengthFirst)
        return size != 0 && EVP_DecryptUpdate(context, nullptr, &written, nullptr, static_cast<int>(size)) == 1 &&
               EVP_DecryptUpdate(context, nullptr, &written, additional.data(), static_cast<int>(additional.size())) ==
                   1 &&
               EVP_DecryptUpdate(context, m_output.data(), &written, sealed.data(), static_cast<int>(size)) == 1;
    return EVP_Cipher(context, nullptr, additional.data(), static_cast<unsigned>(additional.size())) >= 0 &&
           (size == 0 || EVP_Cipher(context, m_output.data(), sealed.data(), size) >= 0) &&
           EVP_Cipher(context, nullptr, nullptr, 0) >= 0;
}

std::optional<OpenedRecord> AeadCipher::open(std::uint64_t sequence, const SealedRecord& record) {
    const Bytes fragment = record.fragment;
    if (fragment.size() < m_explicitNonce + m_tagBytes || fragment.size() > kMaxCiphertext) return std::nullopt;
    const Bytes sealed = fragment.subspan(m_explicitNonce, fragment.size() - m_explicitNonce - m_tagBytes);
    std::memcpy(m_tag.data(), fragment.last(m_tagBytes).data(), m_tagBytes);
    setNonce(sequence, fragment.first(m_explicitNonce));

    if (!m_isTls13) {
        if (!decrypt(pseudoHeader(sequence, record, sealed.size()), sealed)) return std::nullopt;
        return OpenedRecord{record.type, Bytes(m_output.data(), sealed.size())};
    }
    // Its additional data is the record's header; that is the end of a pseudo header.
    const auto header = pseudoHeader(sequence, record, fragment.size());
    if (!decrypt(Bytes(header).last(kHeaderBytes), sealed)) return std::nullopt;
    std::size_t size = sealed.size();
    while (size != 0 && m_output[size - 1] == 0) --size; // RFC 8446, 5.4
    if (size == 0) return std::nullopt;                  // nothing but padding: no such record is allowed
    return OpenedRecord{m_output[size - 1], Bytes(m_output.data(), size - 1)};
}

} // namespace

std::unique_ptr<RecordCipher> makeAeadCipher(std::uint16_t version, const CipherSuite& suite, const TrafficKeys& keys) {
    Context context(EVP_CIPHER_CTX_new());
    if (context == nullptr || keys.iv.size() != suite.fixedIvSize) return nullptr;
    auto made = std::make_unique<AeadCipher>(std::move(context), version, suite, keys);
    if (!made->start(suite, keys)) return nullptr;
    return made;
}

} // namespace gatescope::tls

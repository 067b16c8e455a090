// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_cipher_kinds.h"

#include <algorithm>
#include <cstring>
#include <openssl/evp.h>

namespace gatescope::tls {

namespace {

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

/// TLS 1.3 (RFC 8446, 5.2) and the AEAD suites of TLS 1.2 (RFC 5246, 6.2.3.3; RFC 5288, 6655, 7905).
class AeadCipher final : public RecordCipher {
public:
    AeadCipher(Context context, std::uint16_t version, const CipherSuite& suite, const TrafficKeys& keys)
        : m_context(std::move(context)), m_isTls13(version == kTls13),
          m_isCcm(suite.cipher == BulkCipher::AesCcm || suite.cipher == BulkCipher::AesCcm8),
          m_explicitNonce(suite.fixedIvSize == kNonceBytes ? 0 : kExplicitNonceBytes),
          m_tagBytes(suite.cipher == BulkCipher::AesCcm8 ? kShortTagBytes : kTagBytes) {
        std::ranges::copy(keys.iv, m_fixed.begin());
    }

    bool start(const CipherSuite& suite, const TrafficKeys& keys);
    std::optional<OpenedRecord> open(std::uint64_t sequence, const SealedRecord& record) override;
    bool chains() const override { return false; }
    std::size_t overhead() const override { return m_explicitNonce + m_tagBytes + (m_isTls13 ? 1 : 0); }

private:
    std::array<std::uint8_t, kNonceBytes> nonce(std::uint64_t sequence, Bytes explicitPart) const;
    bool decrypt(const std::array<std::uint8_t, kNonceBytes>& nonce, Bytes additional, Bytes sealed, Bytes tag);

    Context m_context;
    bool m_isTls13;
    bool m_isCcm;
    std::size_t m_explicitNonce;
    std::size_t m_tagBytes;
    std::array<std::uint8_t, kNonceBytes> m_fixed{};
    std::vector<std::uint8_t> m_output;
};

bool AeadCipher::start(const CipherSuite& suite, const TrafficKeys& keys) {
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, cipherName(suite), nullptr);
    if (cipher == nullptr) return false;
    EVP_CIPHER_CTX* context = m_context.get();
    bool isGood = EVP_DecryptInit_ex(context, cipher, nullptr, nullptr, nullptr) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, kNonceBytes, nullptr) == 1;
    if (isGood && m_isCcm)
        isGood = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(m_tagBytes), nullptr) == 1;
    isGood = isGood && EVP_DecryptInit_ex(context, nullptr, nullptr, keys.key.data(), nullptr) == 1;
    EVP_CIPHER_free(cipher); // the context keeps it
    return isGood;
}

std::array<std::uint8_t, kNonceBytes> AeadCipher::nonce(std::uint64_t sequence, Bytes explicitPart) const {
    std::array<std::uint8_t, kNonceBytes> made = m_fixed;
    if (!explicitPart.empty()) {
        std::ranges::copy(explicitPart, made.end() - kExplicitNonceBytes);
        return made;
    }
    for (unsigned i = 0; i < 8; ++i) // RFC 8446, 5.3
        made[kNonceBytes - 1 - i] = static_cast<std::uint8_t>(made[kNonceBytes - 1 - i] ^ (sequence >> (8 * i)));
    return made;
}

bool AeadCipher::decrypt(const std::array<std::uint8_t, kNonceBytes>& nonce, Bytes additional, Bytes sealed,
                         Bytes tag) {
    EVP_CIPHER_CTX* context = m_context.get();
    if (m_output.size() < sealed.size()) m_output.resize(sealed.size());
    const int size = static_cast<int>(sealed.size());
    int written = 0;
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                            const_cast<std::uint8_t*>(tag.data())) != 1 ||
        EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) != 1)
        return false;
    if (m_isCcm && EVP_DecryptUpdate(context, nullptr, &written, nullptr, size) != 1) return false;
    if (EVP_DecryptUpdate(context, nullptr, &written, additional.data(), static_cast<int>(additional.size())) != 1)
        return false;
    if (m_isCcm) return EVP_DecryptUpdate(context, m_output.data(), &written, sealed.data(), size) == 1;
    if (size != 0 && EVP_DecryptUpdate(context, m_output.data(), &written, sealed.data(), size) != 1) return false;
    return EVP_DecryptFinal_ex(context, m_output.data() + sealed.size(), &written) == 1;
}

std::optional<OpenedRecord> AeadCipher::open(std::uint64_t sequence, const SealedRecord& record) {
    const Bytes fragment = record.fragment;
    if (fragment.size() < m_explicitNonce + m_tagBytes || fragment.size() > kMaxCiphertext) return std::nullopt;
    const Bytes sealed = fragment.subspan(m_explicitNonce, fragment.size() - m_explicitNonce - m_tagBytes);
    const Bytes tag = fragment.last(m_tagBytes);
    const auto iv = nonce(sequence, fragment.first(m_explicitNonce));

    if (!m_isTls13) {
        if (!decrypt(iv, pseudoHeader(sequence, record, sealed.size()), sealed, tag)) return std::nullopt;
        return OpenedRecord{record.type, Bytes(m_output.data(), sealed.size())};
    }
    // Its additional data is the record's header; that is the end of a pseudo header.
    const auto header = pseudoHeader(sequence, record, fragment.size());
    if (!decrypt(iv, Bytes(header).last(5), sealed, tag)) return std::nullopt;
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

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_cipher_kinds.h"
#include "core/tls/record_mac.h"

#include <algorithm>
#include <openssl/evp.h>

namespace gatescope::tls {

namespace {

constexpr std::size_t kMaxBlockBytes = 16;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const char* cipherName(const CipherSuite& suite) {
    const bool isLong = suite.keySize == 32;
    switch (suite.cipher) {
    case BulkCipher::AesCbc:
        return isLong ? "AES-256-CBC" : "AES-128-CBC";
    case BulkCipher::CamelliaCbc:
        return isLong ? "CAMELLIA-256-CBC" : "CAMELLIA-128-CBC";
    case BulkCipher::TripleDesCbc:
        return "DES-EDE3-CBC";
    default:
        return "";
    }
}

/// Null: OpenSSL does not offer it.
Context makeContext(const CipherSuite& suite, Bytes key) {
    Context context(EVP_CIPHER_CTX_new());
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, cipherName(suite), nullptr);
    const bool isGood = context != nullptr && cipher != nullptr &&
                        EVP_DecryptInit_ex(context.get(), cipher, nullptr, key.data(), nullptr) == 1 &&
                        EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1;
    EVP_CIPHER_free(cipher); // the context keeps it
    if (!isGood) return nullptr;
    return context;
}

/// What is left of a decrypted record when its padding is taken off (RFC 5246, 6.2.3.2): each octet of it, the last
/// one included, is how many precede the last.
std::optional<Bytes> withoutPadding(Bytes decrypted) {
    if (decrypted.empty()) return std::nullopt;
    const std::uint8_t padding = decrypted.back();
    if (decrypted.size() < std::size_t{padding} + 1) return std::nullopt;
    const Bytes tail = decrypted.last(std::size_t{padding} + 1);
    if (!std::ranges::all_of(tail, [padding](std::uint8_t octet) { return octet == padding; })) return std::nullopt;
    return decrypted.first(decrypted.size() - tail.size());
}

/// Block ciphers with HMAC, TLS 1.0 to 1.2 (RFC 5246, 6.2.3.2; RFC 7366).
class CbcCipher final : public RecordCipher {
public:
    CbcCipher(Context context, RecordMac mac, std::uint16_t version, Bytes iv, bool encryptThenMac)
        : m_context(std::move(context)), m_mac(std::move(mac)),
          m_blockBytes(static_cast<std::size_t>(EVP_CIPHER_CTX_get_block_size(m_context.get()))),
          m_chains(version == kTls10), m_encryptThenMac(encryptThenMac) {
        if (m_chains) std::ranges::copy(iv, m_before.begin());
    }

    std::optional<OpenedRecord> open(std::uint64_t sequence, const SealedRecord& record) override;
    bool chains() const override { return m_chains; }
    std::size_t overhead() const override { return (m_chains ? 0 : m_blockBytes) + m_mac.size(); }

private:
    using Block = std::array<std::uint8_t, kMaxBlockBytes>;

    std::optional<Block> chainedIv(std::uint64_t sequence, Bytes lastBlock);
    std::optional<Bytes> verified(std::uint64_t sequence, const SealedRecord& record, Bytes iv, Bytes sealed);
    bool decrypt(Bytes iv, Bytes sealed);
    bool isRetry(Bytes lastBlock) const;

    Context m_context;
    RecordMac m_mac;
    std::size_t m_blockBytes;
    bool m_chains;
    bool m_encryptThenMac;
    bool m_failed = false;    ///< chained: the record before did not verify
    std::uint64_t m_next = 0; ///< chained, with encrypt-then-MAC: the number of the record that `m_before` is for
    Block m_before{};         ///< chained: the last block of the record before
    Block m_beforeThat{};     ///< and of the one before it
    std::vector<std::uint8_t> m_output;
};

bool CbcCipher::decrypt(Bytes iv, Bytes sealed) {
    // One block more: OpenSSL may write into it.
    if (m_output.size() < sealed.size() + kMaxBlockBytes) m_output.resize(sealed.size() + kMaxBlockBytes);
    int written = 0;
    return EVP_DecryptInit_ex(m_context.get(), nullptr, nullptr, nullptr, iv.data()) == 1 &&
           EVP_DecryptUpdate(m_context.get(), m_output.data(), &written, sealed.data(),
                             static_cast<int>(sealed.size())) == 1 &&
           static_cast<std::size_t>(written) == sealed.size();
}

std::optional<Bytes> CbcCipher::verified(std::uint64_t sequence, const SealedRecord& record, Bytes iv, Bytes sealed) {
    if (!decrypt(iv, sealed)) return std::nullopt;
    const auto content = withoutPadding(Bytes(m_output.data(), sealed.size()));
    if (!content || m_encryptThenMac) return content;
    if (content->size() < m_mac.size()) return std::nullopt;
    const Bytes text = content->first(content->size() - m_mac.size());
    if (!m_mac.matches(sequence, record, text, content->last(m_mac.size()))) return std::nullopt;
    return text;
}

/// The caller tries the same record with another sequence number.
bool CbcCipher::isRetry(Bytes lastBlock) const {
    return m_failed && std::equal(lastBlock.begin(), lastBlock.end(), m_before.begin());
}

/// The initialization vector, which is the last block of the record before. Nothing: that record is lost.
std::optional<CbcCipher::Block> CbcCipher::chainedIv(std::uint64_t sequence, Bytes lastBlock) {
    // A record whose MAC fits although one before it is missing: only the number tells.
    const bool isBroken = m_encryptThenMac && sequence != m_next;
    if (!isRetry(lastBlock)) m_beforeThat = m_before;
    std::ranges::copy(lastBlock, m_before.begin());
    m_next = sequence + 1;
    if (isBroken) return std::nullopt;
    return m_beforeThat;
}

std::optional<OpenedRecord> CbcCipher::open(std::uint64_t sequence, const SealedRecord& record) {
    Bytes sealed = record.fragment;
    if (sealed.size() > kMaxCiphertext) return std::nullopt;
    if (m_encryptThenMac) {
        if (sealed.size() < m_mac.size()) return std::nullopt;
        const Bytes tag = sealed.last(m_mac.size());
        sealed = sealed.first(sealed.size() - m_mac.size());
        if (!m_mac.matches(sequence, record, sealed, tag)) return std::nullopt;
    }
    const std::size_t least = m_chains ? m_blockBytes : 2 * m_blockBytes;
    if (sealed.size() < least || sealed.size() % m_blockBytes != 0) return std::nullopt;

    Block iv{};
    if (m_chains) {
        const auto known = chainedIv(sequence, sealed.last(m_blockBytes));
        if (!known) return std::nullopt;
        iv = *known;
    } else {
        std::ranges::copy(sealed.first(m_blockBytes), iv.begin());
        sealed = sealed.subspan(m_blockBytes);
    }
    const auto content = verified(sequence, record, Bytes(iv).first(m_blockBytes), sealed);
    m_failed = !content;
    if (!content) return std::nullopt;
    return OpenedRecord{record.type, *content};
}

} // namespace

std::unique_ptr<RecordCipher> makeCbcCipher(std::uint16_t version, const CipherSuite& suite, const TrafficKeys& keys,
                                            bool encryptThenMac) {
    if (version == kTls10 && keys.iv.size() != suite.fixedIvSize) return nullptr;
    auto mac = RecordMac::create(suite.macHash, keys.mac);
    Context context = makeContext(suite, keys.key);
    if (!mac || context == nullptr) return nullptr;
    return std::make_unique<CbcCipher>(std::move(context), *std::move(mac), version, keys.iv, encryptThenMac);
}

} // namespace gatescope::tls

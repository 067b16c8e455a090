// SPDX-License-Identifier: Apache-2.0
#include "core/tls/short_gcm.h"

#if defined(__x86_64__)

#include <algorithm>
#include <bit>
#include <cstring>
#include <immintrin.h>
#include <openssl/evp.h>

#define GATESCOPE_CARRYLESS __attribute__((target("pclmul,ssse3")))

namespace gatescope::tls {

namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kPowers = 8; ///< so many blocks are multiplied before one reduction

constexpr std::size_t kMaxBlocks = ShortGcm::kMaxBytes / kBlock;

/// Counter blocks, the first one with 1, whose nonces are zero.
alignas(kBlock) constexpr auto kCounters = [] {
    std::array<std::uint8_t, (kMaxBlocks + 1) * kBlock> blocks{};
    for (std::size_t i = 0; i <= kMaxBlocks; ++i) {
        blocks[i * kBlock + kBlock - 2] = static_cast<std::uint8_t>((i + 1) >> 8);
        blocks[i * kBlock + kBlock - 1] = static_cast<std::uint8_t>(i + 1);
    }
    return blocks;
}();

/// A product of two elements before its reduction, as three sums of half products.
struct Product {
    __m128i low;
    __m128i middle;
    __m128i high;
};

GATESCOPE_CARRYLESS inline __m128i reversed(__m128i block) {
    return _mm_shuffle_epi8(block, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

GATESCOPE_CARRYLESS inline void addProduct(Product& sum, __m128i a, __m128i b) {
    sum.low = _mm_xor_si128(sum.low, _mm_clmulepi64_si128(a, b, 0x00));
    sum.high = _mm_xor_si128(sum.high, _mm_clmulepi64_si128(a, b, 0x11));
    sum.middle =
        _mm_xor_si128(sum.middle, _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10)));
}

/// Modulo x^128 + x^7 + x^2 + x + 1. Bits of the field run the other way round (SP 800-38D, 6.3), hence the shift by
/// one of the whole product.
GATESCOPE_CARRYLESS inline __m128i reduced(const Product& product) {
    __m128i low = _mm_xor_si128(product.low, _mm_slli_si128(product.middle, 8));
    __m128i high = _mm_xor_si128(product.high, _mm_srli_si128(product.middle, 8));

    const __m128i lowCarry = _mm_srli_epi32(low, 31);
    const __m128i highCarry = _mm_srli_epi32(high, 31);
    low = _mm_or_si128(_mm_slli_epi32(low, 1), _mm_slli_si128(lowCarry, 4));
    high = _mm_or_si128(_mm_slli_epi32(high, 1), _mm_slli_si128(highCarry, 4));
    high = _mm_or_si128(high, _mm_srli_si128(lowCarry, 12));

    const __m128i folded =
        _mm_xor_si128(_mm_xor_si128(_mm_slli_epi32(low, 31), _mm_slli_epi32(low, 30)), _mm_slli_epi32(low, 25));
    low = _mm_xor_si128(low, _mm_slli_si128(folded, 12));
    __m128i rest = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi32(low, 1), _mm_srli_epi32(low, 2)), _mm_srli_epi32(low, 7));
    rest = _mm_xor_si128(rest, _mm_srli_si128(folded, 4));
    return _mm_xor_si128(high, _mm_xor_si128(low, rest));
}

GATESCOPE_CARRYLESS inline __m128i multiplied(__m128i a, __m128i b) {
    Product product{_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    addProduct(product, a, b);
    return reduced(product);
}

GATESCOPE_CARRYLESS inline __m128i loaded(const std::uint8_t* at) {
    return reversed(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}

class CarrylessGcm final : public ShortGcm {
public:
    explicit CarrylessGcm(EVP_CIPHER_CTX* context) : m_context(context) {}
    ~CarrylessGcm() override {
        EVP_CIPHER_CTX_free(m_context);
        explicit_bzero(m_powers, sizeof m_powers);
    }
    CarrylessGcm(const CarrylessGcm&) = delete;
    CarrylessGcm& operator=(const CarrylessGcm&) = delete;

    GATESCOPE_CARRYLESS bool start() {
        std::array<std::uint8_t, kBlock> zeros{};
        if (EVP_Cipher(m_context, zeros.data(), zeros.data(), kBlock) < 0) return false;
        const __m128i key = loaded(zeros.data());
        __m128i power = key;
        for (__m128i& stored : m_powers) {
            stored = power;
            power = multiplied(power, key);
        }
        return true;
    }

    GATESCOPE_CARRYLESS bool open(const std::array<std::uint8_t, kNonceBytes>& nonce, Bytes additional, Bytes sealed,
                                  const std::uint8_t* tag, std::uint8_t* to) override {
        // On the stack, which is in the cache; that of hundreds of sessions would not be.
        Stream streamed;
        if (additional.size() > kBlock || sealed.size() > kMaxBytes || !makeStream(streamed, nonce, sealed.size()))
            return false;
        const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(streamed.data()));
        const __m128i expected = _mm_xor_si128(reversed(hash(additional, sealed)), mask);
        const __m128i given = _mm_loadu_si128(reinterpret_cast<const __m128i*>(tag));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(expected, given)) != 0xffff) return false;
        const std::uint8_t* const stream = streamed.data() + kBlock;
        const std::size_t whole = sealed.size() / kBlock * kBlock;
        for (std::size_t i = 0; i < whole; i += kBlock)
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                             _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(sealed.data() + i)),
                                           _mm_loadu_si128(reinterpret_cast<const __m128i*>(stream + i))));
        for (std::size_t i = whole; i < sealed.size(); ++i) to[i] = static_cast<std::uint8_t>(sealed[i] ^ stream[i]);
        return true;
    }

private:
    using Stream = std::array<std::uint8_t, (kMaxBlocks + 1) * kBlock>;

    /// The mask of the tag, and behind it what the content was combined with (SP 800-38D, 7.1).
    bool makeStream(Stream& streamed, const std::array<std::uint8_t, kNonceBytes>& nonce, std::size_t size) {
        const std::size_t blocks = 1 + (size + kBlock - 1) / kBlock;
        std::array<std::uint8_t, kBlock> first{};
        std::copy(nonce.begin(), nonce.end(), first.begin());
        const __m128i start = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first.data()));
        auto* const stream = reinterpret_cast<__m128i*>(streamed.data());
        const auto* const counters = reinterpret_cast<const __m128i*>(kCounters.data());
        for (std::size_t i = 0; i < blocks; ++i)
            _mm_storeu_si128(stream + i, _mm_or_si128(start, _mm_loadu_si128(counters + i)));
        return EVP_Cipher(m_context, streamed.data(), streamed.data(), static_cast<unsigned>(blocks * kBlock)) >= 0;
    }

    /// SP 800-38D, 6.4, of both parts, each filled up with zeros, and their lengths in bits.
    GATESCOPE_CARRYLESS __m128i hash(Bytes additional, Bytes sealed) {
        const std::size_t textBlocks = (sealed.size() + kBlock - 1) / kBlock;
        const std::size_t blocks = textBlocks + 2;
        std::array<std::uint8_t, (kMaxBlocks + 2) * kBlock> hashed;
        std::uint8_t* const text = hashed.data() + kBlock;
        std::memset(hashed.data(), 0, kBlock);
        std::copy(additional.begin(), additional.end(), hashed.begin());
        if (textBlocks != 0) {
            std::memset(text + (textBlocks - 1) * kBlock, 0, kBlock);
            std::memcpy(text, sealed.data(), sealed.size());
        }
        const std::array<std::uint64_t, 2> lengths{std::byteswap(std::uint64_t{8 * additional.size()}),
                                                   std::byteswap(std::uint64_t{8 * sealed.size()})};
        std::memcpy(text + textBlocks * kBlock, lengths.data(), kBlock);

        __m128i sum = _mm_setzero_si128();
        for (std::size_t done = 0; done < blocks;) {
            const std::size_t count = std::min(blocks - done, kPowers);
            const std::uint8_t* const at = hashed.data() + done * kBlock;
            Product product{_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
            addProduct(product, _mm_xor_si128(sum, loaded(at)), m_powers[count - 1]);
            for (std::size_t i = 1; i < count; ++i)
                addProduct(product, loaded(at + i * kBlock), m_powers[count - 1 - i]);
            sum = reduced(product);
            done += count;
        }
        return sum;
    }

    EVP_CIPHER_CTX* m_context;
    __m128i m_powers[kPowers] = {}; ///< of the hash key, the first one first
};

/// Null: OpenSSL does not offer it.
EVP_CIPHER_CTX* blockCipher(Bytes key) {
    EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, key.size() == 32 ? "AES-256-ECB" : "AES-128-ECB", nullptr);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    const bool isGood = cipher != nullptr && context != nullptr &&
                        EVP_EncryptInit_ex(context, cipher, nullptr, key.data(), nullptr) == 1 &&
                        EVP_CIPHER_CTX_set_padding(context, 0) == 1;
    EVP_CIPHER_free(cipher); // the context keeps it
    if (isGood) return context;
    EVP_CIPHER_CTX_free(context);
    return nullptr;
}

} // namespace

std::unique_ptr<ShortGcm> ShortGcm::create(const CipherSuite& suite, Bytes key) {
    if (suite.cipher != BulkCipher::AesGcm || __builtin_cpu_supports("pclmul") == 0 ||
        __builtin_cpu_supports("ssse3") == 0)
        return nullptr;
    EVP_CIPHER_CTX* const context = blockCipher(key);
    if (context == nullptr) return nullptr;
    auto made = std::make_unique<CarrylessGcm>(context);
    if (!made->start()) return nullptr;
    return made;
}

} // namespace gatescope::tls

#else

namespace gatescope::tls {

std::unique_ptr<ShortGcm> ShortGcm::create(const CipherSuite&, Bytes) {
    return nullptr;
}

} // namespace gatescope::tls

#endif

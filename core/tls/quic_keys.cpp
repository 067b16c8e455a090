// SPDX-License-Identifier: Apache-2.0
#include "core/tls/quic_keys.h"

#include "core/tls/key_schedule.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace gatescope::tls {

namespace {

using Salt = std::array<std::uint8_t, 20>;
// draft-ietf-quic-tls-22, -23, -29; RFC 9001, 5.2; RFC 9369, 3.3.1.
constexpr Salt kSaltOfDraft22{0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
                              0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a};
constexpr Salt kSaltOfDraft23{0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
                              0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
constexpr Salt kSaltOfDraft29{0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                              0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
constexpr Salt kSaltOfVersion1{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                               0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr Salt kSaltOfVersion2{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                               0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};

constexpr std::size_t kSecretBytes = 32; // of SHA-256
constexpr std::size_t kKeyBytes = 16;    // of AES-128, which Initial packets always use
constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kSampleBytes = 16;
constexpr std::size_t kMaxNumberBytes = 4;

const Salt* saltOf(std::uint32_t version) {
    if (version == 1) return &kSaltOfVersion1;
    if (version == kQuicVersion2) return &kSaltOfVersion2;
    std::uint32_t draft = 0;
    if ((version & 0xffffff00) == 0xff000000) draft = version & 0xff;
    if (version == 0xfaceb001) draft = 22;
    if (version == 0xfaceb002) draft = 27;
    if (draft < 22 || draft > 34) return nullptr;
    if (draft == 22) return &kSaltOfDraft22;
    if (draft < 29) return &kSaltOfDraft23;
    return draft < 33 ? &kSaltOfDraft29 : &kSaltOfVersion1;
}

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

/// RFC 9001, 5.4.3.
bool maskOf(const SecretBytes& key, const std::uint8_t* sample, std::array<std::uint8_t, kSampleBytes>& mask) {
    const Context context(EVP_CIPHER_CTX_new());
    int length = 0;
    return context && EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr) == 1 &&
           EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
           EVP_EncryptUpdate(context.get(), mask.data(), &length, sample, kSampleBytes) == 1 &&
           length == static_cast<int>(kSampleBytes);
}

/// RFC 9000, A.3.
std::uint64_t wholeNumber(std::uint64_t truncated, std::size_t octets, std::optional<std::uint64_t> largest) {
    const std::uint64_t window = std::uint64_t{1} << (octets * 8);
    const std::uint64_t expected = largest ? *largest + 1 : 0;
    const std::uint64_t candidate = (expected & ~(window - 1)) | truncated;
    if (candidate + window / 2 <= expected && candidate + window < std::uint64_t{1} << 62) return candidate + window;
    if (candidate > expected + window / 2 && candidate >= window) return candidate - window;
    return candidate;
}

struct Sealed {
    Bytes header; ///< unprotected: what is authenticated
    Bytes body;   ///< with its tag
    std::array<std::uint8_t, kIvBytes> nonce{};
};

// RFC 9001, 5.3.
bool openSealed(const SecretBytes& key, const Sealed& sealed, std::vector<std::uint8_t>& plain) {
    const std::size_t size = sealed.body.size() - kTagBytes;
    plain.resize(size);
    std::array<std::uint8_t, kTagBytes> tag{};
    std::copy_n(sealed.body.data() + size, kTagBytes, tag.begin());
    std::array<std::uint8_t, kTagBytes> rest{};
    const Context context(EVP_CIPHER_CTX_new());
    int length = 0;
    return context &&
           EVP_DecryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), sealed.nonce.data()) == 1 &&
           EVP_DecryptUpdate(context.get(), nullptr, &length, sealed.header.data(),
                             static_cast<int>(sealed.header.size())) == 1 &&
           EVP_DecryptUpdate(context.get(), plain.data(), &length, sealed.body.data(), static_cast<int>(size)) == 1 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
           EVP_DecryptFinal_ex(context.get(), rest.data(), &length) == 1;
}

} // namespace

bool QuicInitialKeys::isKnown(std::uint32_t version) {
    return saltOf(version) != nullptr;
}

std::optional<QuicInitialKeys> QuicInitialKeys::derive(std::uint32_t version, Bytes clientDestination) {
    const Salt* salt = saltOf(version);
    if (salt == nullptr) return std::nullopt;
    const std::string_view prefix = version == kQuicVersion2 ? "quicv2 " : "quic ";
    const auto named = [&](std::string_view name) { return std::string(prefix) += name; };
    QuicInitialKeys keys;
    keys.m_version = version;
    keys.m_connectionId = asText(clientDestination);
    const SecretBytes initial = hkdfExtract(Hash::Sha256, *salt, clientDestination);
    for (const Peer peer : {Peer::Client, Peer::Server}) {
        const SecretBytes secret =
            hkdfExpandLabel(Hash::Sha256, initial, peer == Peer::Client ? "client in" : "server in", {}, kSecretBytes);
        Keys& of = keys.m_keys[indexOf(peer)];
        of.key = hkdfExpandLabel(Hash::Sha256, secret, named("key"), {}, kKeyBytes);
        of.iv = hkdfExpandLabel(Hash::Sha256, secret, named("iv"), {}, kIvBytes);
        of.headerProtection = hkdfExpandLabel(Hash::Sha256, secret, named("hp"), {}, kKeyBytes);
        if (of.key.size() != kKeyBytes || of.iv.size() != kIvBytes || of.headerProtection.size() != kKeyBytes)
            return std::nullopt; // OpenSSL refused
    }
    return keys;
}

bool QuicInitialKeys::open(Peer from, const QuicPacket& packet, std::optional<std::uint64_t>& largest,
                           std::vector<std::uint8_t>& frames) const {
    const Bytes whole = packet.whole;
    if (packet.isCut || whole.size() < packet.numberAt + kMaxNumberBytes + kSampleBytes) return false;
    const Keys& keys = m_keys[indexOf(from)];
    std::array<std::uint8_t, kSampleBytes> mask{};
    if (!maskOf(keys.headerProtection, whole.data() + packet.numberAt + kMaxNumberBytes, mask)) return false;

    std::vector<std::uint8_t> header(whole.begin(),
                                     whole.begin() + static_cast<std::ptrdiff_t>(packet.numberAt + kMaxNumberBytes));
    header[0] = static_cast<std::uint8_t>(header[0] ^ (mask[0] & 0x0f)); // RFC 9001, 5.4.1: of a long header
    const std::size_t numberBytes = (header[0] & 3U) + 1U;
    header.resize(packet.numberAt + numberBytes);
    std::uint64_t truncated = 0;
    for (std::size_t i = 0; i < numberBytes; ++i) {
        header[packet.numberAt + i] ^= mask[1 + i];
        truncated = truncated << 8 | header[packet.numberAt + i];
    }
    const std::uint64_t number = wholeNumber(truncated, numberBytes, largest);

    Sealed sealed{header, whole.subspan(header.size()), {}};
    std::copy(keys.iv.begin(), keys.iv.end(), sealed.nonce.begin());
    for (std::size_t i = 0; i < 8; ++i)
        sealed.nonce[kIvBytes - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i) & 0xff);
    if (!openSealed(keys.key, sealed, frames)) return false;
    largest = std::max(largest.value_or(0), number);
    return true;
}

} // namespace gatescope::tls

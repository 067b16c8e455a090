// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace gatescope::tls {

enum class KeyExchange : std::uint8_t { Tls13, Rsa, Dhe, Ecdhe, Other };
enum class BulkCipher : std::uint8_t {
    None, ///< integrity only
    AesGcm,
    AesCcm,
    AesCcm8,
    ChaCha20Poly1305,
    AesCbc,
    TripleDesCbc,
    CamelliaCbc,
    CamelliaGcm,
    AriaGcm,
    Rc4
};
/// Of the pseudo-random function or HKDF, and of the MAC of CBC suites.
enum class Hash : std::uint8_t { Md5, Sha1, Sha256, Sha384 };

/// What decoding needs to know of a suite. Sizes in octets.
struct CipherSuite {
    std::uint16_t id = 0;
    KeyExchange keyExchange = KeyExchange::Other;
    BulkCipher cipher = BulkCipher::None;
    std::uint8_t keySize = 0;
    std::uint8_t fixedIvSize = 0; ///< from the key block: AEAD salt, or a block for CBC of TLS 1.0
    Hash macHash = Hash::Sha256;  ///< of CBC, stream and integrity-only suites
    Hash prfHash = Hash::Sha256;
    bool isAead = false;
};

/// Nothing: a suite that is not decrypted.
std::optional<CipherSuite> findCipherSuite(std::uint16_t id);

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_cipher.h"

#include "core/tls/record_cipher_kinds.h"

namespace gatescope::tls {

std::unique_ptr<RecordCipher> RecordCipher::create(std::uint16_t version, const CipherSuite& suite,
                                                   const TrafficKeys& keys, bool encryptThenMac) {
    // SSL 3.0 has another MAC; suites of TLS 1.3 and the older ones are not mixed (RFC 8446, B.4), and AEAD came with
    // TLS 1.2.
    if (version < kTls10 || (version == kTls13) != (suite.keyExchange == KeyExchange::Tls13)) return nullptr;
    if (suite.isAead && version < kTls12) return nullptr;
    if (keys.key.size() != suite.keySize) return nullptr;
    switch (suite.cipher) {
    case BulkCipher::AesGcm:
    case BulkCipher::AesCcm:
    case BulkCipher::AesCcm8:
    case BulkCipher::ChaCha20Poly1305:
    case BulkCipher::CamelliaGcm:
    case BulkCipher::AriaGcm:
        return makeAeadCipher(version, suite, keys);
    case BulkCipher::AesCbc:
    case BulkCipher::TripleDesCbc:
    case BulkCipher::CamelliaCbc:
        return makeCbcCipher(version, suite, keys, encryptThenMac);
    case BulkCipher::Rc4:
    case BulkCipher::None:
        return makeStreamCipher(suite, keys);
    }
    return nullptr;
}

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/secret_bytes.h"
#include "core/tls/cipher_suite.h"
#include "core/tls/types.h"

#include <array>
#include <string_view>

namespace gatescope::tls {

/// What one direction is encrypted with. `mac` is empty for AEAD.
struct TrafficKeys {
    SecretBytes key;
    SecretBytes iv;
    SecretBytes mac;
};

/// RFC 8446, 7.1. Also for QUIC (RFC 9001, 5.1), whose labels begin with `quic`.
SecretBytes hkdfExtract(Hash hash, Bytes salt, Bytes input);
SecretBytes hkdfExpandLabel(Hash hash, Bytes secret, std::string_view label, Bytes context, std::size_t length);
/// RFC 8446, 7.3: keys from a traffic secret of any kind.
TrafficKeys trafficKeys(const CipherSuite& suite, Bytes secret);
/// RFC 8446, 7.2: the secret after a KeyUpdate.
SecretBytes nextTrafficSecret(const CipherSuite& suite, Bytes secret);

/// RFC 5246, 8.1 (1.2) and RFC 2246, 8.1 (1.0, 1.1).
SecretBytes masterSecret(std::uint16_t version, const CipherSuite& suite, Bytes premaster, const Random& client,
                         const Random& server);
/// RFC 7627, 4. `transcriptHash`: of all messages from ClientHello up to and with ClientKeyExchange.
SecretBytes extendedMasterSecret(std::uint16_t version, const CipherSuite& suite, Bytes premaster,
                                 Bytes transcriptHash);
/// RFC 5246, 6.3: the keys of client and server, by indexOf(Peer).
std::array<TrafficKeys, 2> keyBlock(std::uint16_t version, const CipherSuite& suite, Bytes masterSecret,
                                    const Random& client, const Random& server);

/// Hash of a transcript as extendedMasterSecret wants it: MD5 and SHA-1 behind each other before TLS 1.2.
SecretBytes transcriptHash(std::uint16_t version, const CipherSuite& suite, Bytes messages);

} // namespace gatescope::tls

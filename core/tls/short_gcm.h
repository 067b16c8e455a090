// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/tls/cipher_suite.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gatescope::tls {

/// AES-GCM (NIST SP 800-38D) for short records. OpenSSL's own GCM spends most of the time of such a record on its way
/// to the cipher; here that is one call, of AES, and only the hash is ours. What is longer than kMaxBytes OpenSSL does
/// better.
class ShortGcm {
public:
    static constexpr std::size_t kMaxBytes = 1024;
    static constexpr std::size_t kNonceBytes = 12;
    static constexpr std::size_t kTagBytes = 16;

    /// Null: another cipher, or a processor without carry-less multiplication.
    static std::unique_ptr<ShortGcm> create(const CipherSuite& suite, Bytes key);
    virtual ~ShortGcm() = default;

    /// Whether the tag fits; only then `to` is written. `additional` has at most 16 octets, `sealed` at most kMaxBytes.
    virtual bool open(const std::array<std::uint8_t, kNonceBytes>& nonce, Bytes additional, Bytes sealed,
                      const std::uint8_t* tag, std::uint8_t* to) = 0;
};

} // namespace gatescope::tls

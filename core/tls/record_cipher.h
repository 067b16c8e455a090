// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/tls/key_schedule.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace gatescope::tls {

/// The header of a record and its encrypted octets.
struct SealedRecord {
    std::uint8_t type = 0;
    std::uint16_t version = 0; ///< as in the record
    Bytes fragment;
};

/// What was in it. Points into the cipher's own buffer, until the next call.
struct OpenedRecord {
    std::uint8_t type = 0; ///< TLS 1.3: the inner type
    Bytes content;
};

/// Opens the records of one direction, one after the other. The context of the cipher is made once and used for all:
/// for records of a few hundred octets its set-up would cost more than the decryption.
///
/// Only a record that verifies gives anything. Sequence numbers are the caller's business: it may try several after
/// a loss (a wrong one does not verify and changes nothing, but for suites that chain records, see `chains`).
class RecordCipher {
public:
    /// RFC 8446, 5.2 and RFC 5246, 6.2.3.1.
    static constexpr std::size_t kMaxCiphertext = (1U << 14) + 2048;

    /// Null: OpenSSL does not offer the cipher.
    static std::unique_ptr<RecordCipher> create(std::uint16_t version, const CipherSuite& suite,
                                                const TrafficKeys& keys, bool encryptThenMac);
    virtual ~RecordCipher() = default;

    virtual std::optional<OpenedRecord> open(std::uint64_t sequence, const SealedRecord& record) = 0;
    /// A record depends on the one before it (CBC of TLS 1.0, RC4): after a loss nothing can be opened, or only what
    /// follows the next one.
    virtual bool chains() const = 0;
    /// Octets that encryption added to a record of that length, padding of CBC not counted: what a lost record takes
    /// off the content.
    virtual std::size_t overhead() const = 0;
};

} // namespace gatescope::tls

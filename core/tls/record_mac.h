// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/tls/cipher_suite.h"
#include "core/tls/record_cipher.h"

#include <cstddef>
#include <cstdint>
#include <optional>

struct evp_mac_ctx_st;

namespace gatescope::tls {

/// HMAC over records (RFC 5246, 6.2.3.1). The key is set once.
class RecordMac {
public:
    /// Nothing: OpenSSL does not offer the hash.
    static std::optional<RecordMac> create(Hash hash, Bytes key);
    ~RecordMac();
    RecordMac(RecordMac&& other) noexcept;
    RecordMac& operator=(RecordMac&&) = delete;

    std::size_t size() const { return m_size; }
    /// Whether `tag` is that of `content` in a record with this header and number.
    bool matches(std::uint64_t sequence, const SealedRecord& record, Bytes content, Bytes tag);

private:
    RecordMac(evp_mac_ctx_st* context, std::size_t size) : m_context(context), m_size(size) {}

    evp_mac_ctx_st* m_context;
    std::size_t m_size;
};

} // namespace gatescope::tls

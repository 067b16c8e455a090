// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/secret_bytes.h"
#include "core/tls/types.h"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace gatescope::tls {

/// RSA private keys of servers. OpenSSL wipes them.
class PrivateKeys {
public:
    static constexpr std::size_t kMaxKeys = 64;

    /// See SecretStore::addPrivateKey. A key that is there already is no error.
    std::expected<void, Error> add(std::string_view text);
    bool empty() const { return m_keys.empty(); }
    /// See SecretStore::decryptPremaster.
    std::optional<SecretBytes> decryptPremaster(Bytes encrypted, std::uint16_t clientVersion) const;

private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    using Key = std::unique_ptr<evp_pkey_st, Free>;
    struct Reading;

    static void readPem(std::string_view text, Reading& reading);
    static void readDer(std::string_view der, Reading& reading);
    static std::optional<SecretBytes> decrypted(evp_pkey_st* key, Bytes encrypted);

    std::vector<Key> m_keys;
};

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_mac.h"

#include "core/tls/record_cipher_kinds.h"

#include <array>
#include <cstring>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <utility>

namespace gatescope::tls {

namespace {

const char* digestName(Hash hash) {
    switch (hash) {
    case Hash::Md5:
        return "MD5";
    case Hash::Sha1:
        return "SHA1";
    case Hash::Sha256:
        return "SHA256";
    case Hash::Sha384:
        return "SHA384";
    }
    return "SHA256";
}

} // namespace

std::optional<RecordMac> RecordMac::create(Hash hash, Bytes key) {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* context = mac == nullptr ? nullptr : EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac); // the context keeps it
    if (context == nullptr) return std::nullopt;
    RecordMac made(context, 0);
    const std::array<OSSL_PARAM, 2> settings{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digestName(hash)), 0),
        OSSL_PARAM_construct_end()};
    if (EVP_MAC_init(context, key.data(), key.size(), settings.data()) != 1) return std::nullopt;
    made.m_size = EVP_MAC_CTX_get_mac_size(context);
    return made;
}

RecordMac::~RecordMac() {
    EVP_MAC_CTX_free(m_context);
}

RecordMac::RecordMac(RecordMac&& other) noexcept
    : m_context(std::exchange(other.m_context, nullptr)), m_size(other.m_size) {}

bool RecordMac::matches(std::uint64_t sequence, const SealedRecord& record, Bytes content, Bytes tag) {
    const auto header = pseudoHeader(sequence, record, content.size());
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> computed;
    std::size_t length = 0;
    return EVP_MAC_init(m_context, nullptr, 0, nullptr) == 1 &&
           EVP_MAC_update(m_context, header.data(), header.size()) == 1 &&
           EVP_MAC_update(m_context, content.data(), content.size()) == 1 &&
           EVP_MAC_final(m_context, computed.data(), &length, computed.size()) == 1 && length == tag.size() &&
           std::memcmp(computed.data(), tag.data(), length) == 0;
}

} // namespace gatescope::tls

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/key_schedule.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace gatescope::tls {

namespace {

constexpr std::size_t kMasterSecretBytes = 48;
/// Length octets allow 255 of label and context (RFC 8446, 7.1); the label's prefix takes six of its own.
constexpr std::string_view kLabelPrefix = "tls13 ";
constexpr std::size_t kMaxLabelPart = 255;
/// RFC 5869, 2.3: the counter of blocks is one octet.
constexpr std::size_t kMaxBlocks = 255;

const EVP_MD* digest(Hash hash) {
    switch (hash) {
    case Hash::Md5:
        return EVP_md5();
    case Hash::Sha1:
        return EVP_sha1();
    case Hash::Sha256:
        return EVP_sha256();
    case Hash::Sha384:
        return EVP_sha384();
    }
    return EVP_sha256();
}

void append(SecretBytes& to, Bytes bytes) {
    const std::size_t before = to.size();
    to.resize(before + bytes.size());
    if (!bytes.empty()) std::memcpy(to.data() + before, bytes.data(), bytes.size());
}

SecretBytes joined(std::initializer_list<Bytes> parts) {
    std::size_t size = 0;
    for (const Bytes part : parts) size += part.size();
    SecretBytes all;
    all.reserve(size);
    for (const Bytes part : parts) append(all, part);
    return all;
}

SecretBytes hmac(Hash hash, Bytes key, Bytes data) {
    SecretBytes tag(EVP_MAX_MD_SIZE);
    unsigned length = 0;
    if (HMAC(digest(hash), key.data(), static_cast<int>(key.size()), data.data(), data.size(), tag.data(), &length) ==
        nullptr)
        length = 0;
    tag.resize(length);
    return tag;
}

SecretBytes hashOf(Hash hash, Bytes data) {
    SecretBytes value(EVP_MAX_MD_SIZE);
    unsigned length = 0;
    if (EVP_Digest(data.data(), data.size(), value.data(), &length, digest(hash), nullptr) != 1) length = 0;
    value.resize(length);
    return value;
}

/// RFC 5246, 5: P_hash.
SecretBytes expanded(Hash hash, Bytes secret, Bytes seed, std::size_t length) {
    SecretBytes output;
    output.reserve(length + EVP_MAX_MD_SIZE);
    SecretBytes chain = hmac(hash, secret, seed);
    while (output.size() < length) {
        const SecretBytes block = hmac(hash, secret, joined({chain, seed}));
        if (block.empty()) return {};
        append(output, block);
        chain = hmac(hash, secret, chain);
    }
    output.resize(length);
    return output;
}

/// RFC 5246, 5 and RFC 2246, 5. `seed` holds the label already.
SecretBytes pseudoRandom(std::uint16_t version, Hash hash, Bytes secret, Bytes seed, std::size_t length) {
    if (version >= kTls12) return expanded(hash, secret, seed, length);
    const std::size_t half = (secret.size() + 1) / 2; // of an odd length both halves have the octet in the middle
    SecretBytes output = expanded(Hash::Md5, secret.first(half), seed, length);
    const SecretBytes other = expanded(Hash::Sha1, secret.last(half), seed, length);
    if (output.size() != length || other.size() != length) return {};
    std::ranges::transform(output, other, output.begin(),
                           [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a ^ b); });
    return output;
}

std::size_t macSize(const CipherSuite& suite) {
    if (suite.isAead) return 0;
    switch (suite.macHash) {
    case Hash::Md5:
        return 16;
    case Hash::Sha1:
        return 20;
    case Hash::Sha256:
        return 32;
    case Hash::Sha384:
        return 48;
    }
    return 0;
}

bool isCbc(BulkCipher cipher) {
    return cipher == BulkCipher::AesCbc || cipher == BulkCipher::TripleDesCbc || cipher == BulkCipher::CamelliaCbc;
}

} // namespace

SecretBytes hkdfExtract(Hash hash, Bytes salt, Bytes input) {
    return hmac(hash, salt, input);
}

SecretBytes hkdfExpandLabel(Hash hash, Bytes secret, std::string_view label, Bytes context, std::size_t length) {
    const auto hashSize = static_cast<std::size_t>(EVP_MD_get_size(digest(hash)));
    if (kLabelPrefix.size() + label.size() > kMaxLabelPart || context.size() > kMaxLabelPart ||
        length > kMaxBlocks * hashSize)
        return {};
    SecretBytes info;
    info.push_back(static_cast<std::uint8_t>(length >> 8));
    info.push_back(static_cast<std::uint8_t>(length));
    info.push_back(static_cast<std::uint8_t>(kLabelPrefix.size() + label.size()));
    append(info, asBytes(kLabelPrefix));
    append(info, asBytes(label));
    info.push_back(static_cast<std::uint8_t>(context.size()));
    append(info, context);

    SecretBytes output;
    output.reserve(length + hashSize);
    SecretBytes block;
    for (std::uint8_t counter = 1; output.size() < length; ++counter) {
        block = hmac(hash, secret, joined({block, info, Bytes(&counter, 1)}));
        if (block.empty()) return {};
        append(output, block);
    }
    output.resize(length);
    return output;
}

TrafficKeys trafficKeys(const CipherSuite& suite, Bytes secret) {
    return {.key = hkdfExpandLabel(suite.prfHash, secret, "key", {}, suite.keySize),
            .iv = hkdfExpandLabel(suite.prfHash, secret, "iv", {}, suite.fixedIvSize),
            .mac = {}};
}

SecretBytes nextTrafficSecret(const CipherSuite& suite, Bytes secret) {
    return hkdfExpandLabel(suite.prfHash, secret, "traffic upd", {}, secret.size());
}

SecretBytes masterSecret(std::uint16_t version, const CipherSuite& suite, Bytes premaster, const Random& client,
                         const Random& server) {
    return pseudoRandom(version, suite.prfHash, premaster, joined({asBytes("master secret"), client, server}),
                        kMasterSecretBytes);
}

SecretBytes extendedMasterSecret(std::uint16_t version, const CipherSuite& suite, Bytes premaster,
                                 Bytes transcriptHash) {
    return pseudoRandom(version, suite.prfHash, premaster, joined({asBytes("extended master secret"), transcriptHash}),
                        kMasterSecretBytes);
}

std::array<TrafficKeys, 2> keyBlock(std::uint16_t version, const CipherSuite& suite, Bytes masterSecret,
                                    const Random& client, const Random& server) {
    const std::size_t mac = macSize(suite);
    const std::size_t key = suite.keySize;
    // From TLS 1.1 on each CBC record brings its own (RFC 4346, 6.3).
    const std::size_t iv = isCbc(suite.cipher) && version > kTls10 ? 0 : suite.fixedIvSize;
    const SecretBytes block = pseudoRandom(version, suite.prfHash, masterSecret,
                                           joined({asBytes("key expansion"), server, client}), 2 * (mac + key + iv));
    std::array<TrafficKeys, 2> keys;
    ByteReader reader(block);
    const auto taken = [&reader](std::size_t size) { return joined({reader.take(size)}); };
    for (TrafficKeys& side : keys) side.mac = taken(mac);
    for (TrafficKeys& side : keys) side.key = taken(key);
    for (TrafficKeys& side : keys) side.iv = taken(iv);
    return keys;
}

SecretBytes transcriptHash(std::uint16_t version, const CipherSuite& suite, Bytes messages) {
    if (version >= kTls12) return hashOf(suite.prfHash, messages);
    return joined({hashOf(Hash::Md5, messages), hashOf(Hash::Sha1, messages)});
}

} // namespace gatescope::tls

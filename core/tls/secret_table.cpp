// SPDX-License-Identifier: Apache-2.0
#include "core/tls/secret_table.h"

#include "core/base/hash.h"

#include <algorithm>
#include <cstring>

namespace gatescope::tls {

namespace {
constexpr std::size_t kFirstPlaces = 64;
} // namespace

std::size_t SecretTable::placeOf(const Key& key) const {
    std::array<std::uint64_t, 4> words;
    static_assert(sizeof words == sizeof(Key));
    std::memcpy(words.data(), key.data(), key.size());
    std::uint64_t hash = m_seed;
    for (const std::uint64_t word : words) hash = mix64(hash, word);
    std::size_t place = hash & (m_places.size() - 1);
    while (m_places[place] != kNone && m_owners[m_places[place]].key != key)
        place = (place + 1) & (m_places.size() - 1);
    return place;
}

std::uint32_t SecretTable::ownerOf(const Key& key) const {
    return m_places.empty() ? kNone : m_places[placeOf(key)];
}

void SecretTable::grow() {
    m_places.assign(std::max(kFirstPlaces, 2 * m_places.size()), kNone);
    for (std::size_t i = 0; i < m_owners.size(); ++i)
        m_places[placeOf(m_owners[i].key)] = static_cast<std::uint32_t>(i);
}

std::uint32_t SecretTable::makeOwner(const Key& key) {
    if (const std::uint32_t known = ownerOf(key); known != kNone) return known;
    if (4 * (m_owners.size() + 1) > 3 * m_places.size()) grow();
    const auto made = static_cast<std::uint32_t>(m_owners.size());
    m_places[placeOf(key)] = made;
    m_owners.add({.key = key, .first = kNone});
    return made;
}

std::uint32_t SecretTable::secretOf(std::uint32_t owner, std::uint8_t label) const {
    std::uint32_t at = m_owners[owner].first; // as many as there are labels, at most
    while (at != kNone && m_secrets[at].label != label) at = m_secrets[at].next;
    return at;
}

void SecretTable::set(Secret& stored, Bytes secret, std::uint64_t generation) {
    stored.size = static_cast<std::uint8_t>(std::min(secret.size(), kMaxSecretBytes));
    std::copy_n(secret.begin(), stored.size, stored.bytes.begin());
    stored.generation = generation;
}

void SecretTable::addTo(std::uint32_t owner, std::uint8_t label, Bytes secret, std::uint64_t generation) {
    Secret made{.bytes = {}, .generation = 0, .next = m_owners[owner].first, .label = label, .size = 0};
    set(made, secret, generation);
    m_owners[owner].first = static_cast<std::uint32_t>(m_secrets.size());
    m_secrets.add(made);
    explicit_bzero(made.bytes.data(), made.bytes.size());
}

SecretTable::Added SecretTable::add(const Key& key, std::uint8_t label, Bytes secret, std::uint64_t generation) {
    const std::uint32_t owner = makeOwner(key);
    const std::uint32_t known = secretOf(owner, label);
    if (known == kNone) {
        addTo(owner, label, secret, generation);
        return Added::New;
    }
    Secret& stored = m_secrets[known];
    const bool isLonger = secret.size() > stored.size &&
                          std::equal(stored.bytes.begin(), stored.bytes.begin() + stored.size, secret.begin());
    if (!isLonger) return Added::Known;
    set(stored, secret, generation);
    return Added::New;
}

void SecretTable::replace(const Key& key, std::uint8_t label, Bytes secret, std::uint64_t generation) {
    const std::uint32_t owner = makeOwner(key);
    const std::uint32_t known = secretOf(owner, label);
    if (known == kNone)
        addTo(owner, label, secret, generation);
    else
        set(m_secrets[known], secret, generation);
}

Bytes SecretTable::find(const Key& key, std::uint8_t label, std::uint64_t generation) const {
    const std::uint32_t owner = ownerOf(key);
    const std::uint32_t at = owner == kNone ? kNone : secretOf(owner, label);
    if (at == kNone || m_secrets[at].generation > generation) return {};
    return Bytes(m_secrets[at].bytes).first(m_secrets[at].size);
}

bool SecretTable::knows(const Key& key, std::uint64_t generation) const {
    const std::uint32_t owner = ownerOf(key);
    if (owner == kNone) return false;
    for (std::uint32_t at = m_owners[owner].first; at != kNone; at = m_secrets[at].next)
        if (m_secrets[at].generation <= generation) return true;
    return false;
}

} // namespace gatescope::tls

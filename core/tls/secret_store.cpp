// SPDX-License-Identifier: Apache-2.0
#include "core/tls/secret_store.h"

#include "core/tls/key_log.h"
#include "core/tls/private_keys.h"
#include "core/tls/secret_table.h"

#include <algorithm>
#include <mutex>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <set>
#include <shared_mutex>

namespace gatescope::tls {

namespace {

static_assert(SecretTable::kLabels == kSecretLabels);
static_assert(PrivateKeys::kMaxKeys == SecretStore::kMaxKeys);
constexpr std::uint8_t kOnly = 0; ///< label where there is one secret a key

std::uint64_t randomSeed() {
    std::uint64_t seed = 0;
    // Without it tables work all the same; only somebody who knows that could fill them badly.
    RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
    return seed;
}

/// Session ids and tickets of any length.
SecretTable::Key shortened(Bytes idOrTicket) {
    SecretTable::Key key{};
    EVP_Digest(idOrTicket.data(), idOrTicket.size(), key.data(), nullptr, EVP_sha256(), nullptr);
    return key;
}

SecretTable::Key premasterKey(Bytes firstOctets) {
    SecretTable::Key key{};
    std::ranges::copy(firstOctets, key.begin());
    return key;
}

std::optional<SecretBytes> copied(Bytes secret) {
    if (secret.empty()) return std::nullopt;
    return SecretBytes(secret.begin(), secret.end());
}

} // namespace

struct SecretStore::State {
    mutable std::shared_mutex mutex;
    std::uint64_t generation = 0;
    SecretTable clients{randomSeed()};
    SecretTable sessions{randomSeed()};   ///< master secrets by `shortened` ids and tickets
    SecretTable premasters{randomSeed()}; ///< by the first octets of what they were encrypted to
    PrivateKeys keys;
    bool hasLearned = false;

    bool isFull() const { return clients.size() + sessions.size() + premasters.size() >= kMaxSecrets; }

    void count(SecretTable::Added added, KeyLogCount& counts) const {
        ++(added == SecretTable::Added::New ? counts.secrets : counts.known);
    }

    void add(const KeyLogLine& line, std::uint64_t newGeneration, KeyLogCount& counts) {
        using Kind = KeyLogLine::Kind;
        switch (line.kind) {
        case Kind::Empty:
            return;
        case Kind::Ignored:
            ++counts.ignored;
            return;
        case Kind::Damaged:
            ++counts.damaged;
            return;
        default:
            break;
        }
        if (isFull()) {
            ++counts.leftOut;
            return;
        }
        const Bytes secret = line.secretBytes();
        if (line.kind == Kind::Secret)
            count(clients.add(line.key, static_cast<std::uint8_t>(line.label), secret, newGeneration), counts);
        else if (line.kind == Kind::RsaSession)
            count(sessions.add(shortened(line.keyBytes()), kOnly, secret, newGeneration), counts);
        else
            count(premasters.add(premasterKey(line.keyBytes()), kOnly, secret, newGeneration), counts);
    }
};

SecretStore::SecretStore() : m_state(std::make_unique<State>()) {}
SecretStore::~SecretStore() = default;

KeyLogCount SecretStore::addKeyLog(std::string_view text) {
    text = withoutByteOrderMark(text);
    KeyLogCount counts;
    KeyLogLine line;
    const std::unique_lock lock(m_state->mutex);
    const std::uint64_t generation = m_state->generation + 1;
    while (!text.empty()) {
        parseKeyLogLine(takeLine(text), line);
        m_state->add(line, generation, counts);
    }
    if (counts.secrets != 0) m_state->generation = generation;
    return counts;
}

std::expected<void, Error> SecretStore::addPrivateKey(std::string_view text) {
    const std::unique_lock lock(m_state->mutex);
    auto added = m_state->keys.add(text);
    if (added) ++m_state->generation;
    return added;
}

void SecretStore::addSession(std::string_view idOrTicket, const SecretBytes& master, std::uint64_t generation) {
    if (idOrTicket.empty() || master.size() > SecretTable::kMaxSecretBytes) return;
    const SecretTable::Key key = shortened(asBytes(idOrTicket));
    const std::unique_lock lock(m_state->mutex);
    if (m_state->isFull()) return;
    m_state->sessions.replace(key, kOnly, master, generation);
    m_state->hasLearned = m_state->hasLearned || generation == kLearnedGeneration;
}

std::uint64_t SecretStore::generation() const {
    const std::shared_lock lock(m_state->mutex);
    return m_state->generation;
}

bool SecretStore::empty() const {
    const std::shared_lock lock(m_state->mutex);
    return m_state->clients.size() + m_state->sessions.size() + m_state->premasters.size() == 0 &&
           m_state->keys.empty();
}

bool SecretStore::hasPrivateKeys() const {
    const std::shared_lock lock(m_state->mutex);
    return !m_state->keys.empty() || m_state->premasters.size() != 0;
}

std::optional<SecretBytes> SecretStore::find(SecretLabel label, const Random& clientRandom,
                                             std::uint64_t generation) const {
    const std::shared_lock lock(m_state->mutex);
    return copied(m_state->clients.find(clientRandom, static_cast<std::uint8_t>(label), generation));
}

bool SecretStore::knows(const Random& clientRandom, std::uint64_t generation) const {
    const std::shared_lock lock(m_state->mutex);
    return m_state->clients.knows(clientRandom, generation);
}

bool SecretStore::hasLearned() const {
    const std::shared_lock lock(m_state->mutex);
    return m_state->hasLearned;
}

std::optional<SecretBytes> SecretStore::findSession(std::string_view idOrTicket, std::uint64_t generation) const {
    if (idOrTicket.empty()) return std::nullopt;
    const SecretTable::Key key = shortened(asBytes(idOrTicket));
    const std::shared_lock lock(m_state->mutex);
    return copied(m_state->sessions.find(key, kOnly, generation));
}

std::optional<SecretBytes> SecretStore::decryptPremaster(Bytes encrypted, std::uint16_t clientVersion) const {
    constexpr std::size_t kPrefix = 8;
    const std::shared_lock lock(m_state->mutex);
    if (encrypted.size() >= kPrefix)
        if (auto known =
                copied(m_state->premasters.find(premasterKey(encrypted.first(kPrefix)), kOnly, kAnyGeneration)))
            return known;
    return m_state->keys.decryptPremaster(encrypted, clientVersion);
}

SecretText SecretStore::keyLogFor(const std::vector<Random>& clients) const {
    SecretText text;
    std::set<Random> done;
    const std::shared_lock lock(m_state->mutex);
    for (const Random& client : clients) {
        if (!done.insert(client).second) continue;
        for (std::uint8_t label = 0; label < kSecretLabels; ++label) {
            const Bytes secret = m_state->clients.find(client, label, kAnyGeneration);
            if (!secret.empty()) appendKeyLogLine(text, static_cast<SecretLabel>(label), client, secret);
        }
    }
    return text;
}

} // namespace gatescope::tls

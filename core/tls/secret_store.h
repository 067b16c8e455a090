// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/base/secret_bytes.h"
#include "core/tls/types.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::tls {

/// Lines of an NSS key log (draft-ietf-tls-keylogfile).
enum class SecretLabel : std::uint8_t {
    ClientRandom, ///< CLIENT_RANDOM: the master secret
    ClientEarlyTraffic,
    ClientHandshakeTraffic,
    ServerHandshakeTraffic,
    ClientTraffic, ///< CLIENT_TRAFFIC_SECRET_0
    ServerTraffic,
    EarlyExporter,
    Exporter
};
inline constexpr std::size_t kSecretLabels = 8;

/// What became of the lines of a key log.
struct KeyLogCount {
    std::size_t secrets = 0; ///< new ones
    std::size_t known = 0;   ///< had been there before
    std::size_t ignored = 0; ///< of a kind that is not used; comments and empty lines do not count
    std::size_t damaged = 0; ///< not hexadecimal, of a wrong length, too long
    std::size_t leftOut = 0; ///< beyond SecretStore::kMaxSecrets
};

/// All secrets of an analysis: from key logs, from secrets blocks in captures, private keys. Safe from any thread;
/// secrets are only ever added.
///
/// Each addition gives what it adds a number, the *generation*. Those who decode look only at generations up to that
/// of the packets at hand, so that the result does not depend on how far ahead the reading thread is.
class SecretStore {
public:
    static constexpr std::size_t kMaxSecrets = 4'000'000; ///< about 150 octets each
    static constexpr std::size_t kMaxKeys = 64;

    static constexpr std::uint64_t kAnyGeneration = ~std::uint64_t{0};
    static constexpr std::uint64_t kLearnedGeneration = kAnyGeneration - 1;

    SecretStore();
    ~SecretStore();
    SecretStore(const SecretStore&) = delete;
    SecretStore& operator=(const SecretStore&) = delete;

    /// The text of a key log; lines may end in LF, CR LF or CR. A last line without an end counts.
    KeyLogCount addKeyLog(std::string_view text);
    /// RSA private key in PEM (PKCS#1, PKCS#8) or DER. Errors (kind Usage) say what is wrong: no key, encrypted with a
    /// password, not RSA; never what is in it.
    std::expected<void, Error> addPrivateKey(std::string_view text);
    /// Master secret of a session of TLS 1.2 or older, by its id or ticket: for resumptions. What a session taught
    /// while captures were read has kLearnedGeneration, because whether it came before the session that needs it
    /// depends on the threads; another reading of the same captures may use it.
    void addSession(std::string_view idOrTicket, const SecretBytes& master, std::uint64_t generation);

    std::uint64_t generation() const;
    bool empty() const;
    /// Or premaster secrets, which old key logs hold: whether decryptPremaster is worth trying.
    bool hasPrivateKeys() const;

    std::optional<SecretBytes> find(SecretLabel label, const Random& clientRandom, std::uint64_t generation) const;
    /// Whether there is any secret for this client.
    bool knows(const Random& clientRandom, std::uint64_t generation) const;
    std::optional<SecretBytes> findSession(std::string_view idOrTicket,
                                           std::uint64_t generation = kAnyGeneration) const;
    /// Sessions taught something before.
    bool hasLearned() const;
    /// Decrypts what ClientKeyExchange carries (RFC 5246, 7.4.7.1) with whichever private key fits: 48 octets that
    /// begin with `clientVersion`. Nothing: none fits.
    std::optional<SecretBytes> decryptPremaster(Bytes encrypted, std::uint16_t clientVersion) const;

    /// The lines of a key log for these clients, in order, each once: for `export --include-secrets`.
    SecretText keyLogFor(const std::vector<Random>& clients) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Whether a text begins like a key log: what a file that was dropped onto the window is.
bool looksLikeKeyLog(std::string_view text);
/// Whether a text is a private key in PEM.
bool looksLikePrivateKey(std::string_view text);

} // namespace gatescope::tls

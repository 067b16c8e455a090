// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/types.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::tls {

/// A step of the ladder: one record as it passed, or one end of the connection that closes. This is the raw signature
/// from which trust is judged, so it says what was on the wire also where nobody can read it.
struct Step {
    enum class Kind : std::uint8_t {
        Record,
        Datagram, ///< QUIC packets
        Gap,      ///< octets that were never captured
        NotTls,   ///< octets that are no records
        Fin,
        Reset
    };
    static constexpr std::size_t kMaxMessages = 6;

    Kind kind = Kind::Record;
    Peer from = Peer::Client;
    std::uint8_t recordType = 0;     ///< as on the wire
    std::uint16_t recordVersion = 0; ///< as on the wire
    bool encrypted = false;
    bool opened = false;          ///< encrypted, and decrypted here
    std::uint8_t contentType = 0; ///< what it is, where that is known: of an opened record of TLS 1.3 its inner type
    /// Handshake messages that end in this record, in order; those of a record that holds more are left out.
    std::array<HandshakeType, kMaxMessages> messages{};
    std::uint8_t messageCount = 0;
    /// Of a readable alert (RFC 8446, 6).
    std::uint8_t alertLevel = 0;
    std::optional<std::uint8_t> alert;
    /// Records of this kind and direction that follow each other are one step once the handshake is over.
    std::uint32_t count = 1;
    std::uint32_t length = 0; ///< of the first record: its octets behind the header; of a gap what is missing
    std::uint64_t octets = 0; ///< of all its records, headers included
    PacketRef packet = 0;     ///< of its first octet
    TimeNs time = kNoTime;    ///< when its last octet was seen (of several records: the first one's)
};

struct AlertSeen {
    Peer from = Peer::Client;
    std::uint8_t level = 0;
    std::uint8_t description = 0;
};

/// How a session of TLS ended.
enum class Outcome : std::uint8_t {
    Unknown,  ///< its beginning was not captured
    Complete, ///< both ends finished the handshake
    Resumed,  ///< the same, on the secrets of an earlier session
    Failed,   ///< somebody gave up before
    Cut       ///< the capture ended before one could tell
};

/// Certificates of one end, leaf first as a rule; shared by all sessions that showed the same.
struct CertificatesSeen {
    std::vector<std::string> der;
    std::string ocspResponse; ///< stapled; empty: none
    std::string leafSubject;  ///< RFC 4514; empty: it cannot be read
    std::string leafIssuer;
    bool cut = false;
};

enum class ClientCertificate : std::uint8_t {
    Unknown, ///< that part is encrypted, or was not captured
    NotAsked,
    Asked, ///< and the session ended before the answer
    Sent,
    Refused ///< the answer was an empty list
};

enum class EarlyData : std::uint8_t { NotOffered, Offered, Accepted, Rejected };

/// Everything that was learned about one TLS session. What is not known is empty or 0.
struct SessionFacts {
    static constexpr std::size_t kMaxSteps = 96; ///< then the last one counts on
    static constexpr std::size_t kMaxAlerts = 16;
    static constexpr std::size_t kMaxRenegotiations = 64;

    bool overQuic = false;
    std::uint32_t quicVersion = 0; ///< as on the wire; 0: not QUIC, or not known
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
    PacketRef firstPacket = 0; ///< of the first record

    bool clientHelloSeen = false;
    Random clientRandom{};
    std::string serverName;
    std::vector<std::string> alpnOffered;
    std::string ja3; ///< empty: no ClientHello
    std::string ja3s;
    std::string ja4;
    bool encryptedClientHello = false;
    std::vector<std::uint16_t> versionsOffered;
    std::vector<std::uint16_t> keyShares;

    std::uint16_t version = 0;         ///< agreed; 0: not known. As on the wire
    std::uint16_t cipherSuite = 0;     ///< agreed, with `version`
    std::uint16_t group = 0;           ///< of the key exchange; 0: none, or not known
    std::uint16_t signatureScheme = 0; ///< with which the server proved its key
    std::string alpn;
    bool helloRetried = false;
    bool resumed = false;
    EarlyData earlyData = EarlyData::NotOffered;
    std::vector<Random> laterRandoms; ///< of the client, one for each renegotiation that could be read
    unsigned keyUpdates = 0;
    unsigned tickets = 0; ///< NewSessionTicket messages that were read

    std::shared_ptr<const CertificatesSeen> serverCertificates; ///< null: none was readable
    std::shared_ptr<const CertificatesSeen> clientCertificates;
    ClientCertificate clientCertificate = ClientCertificate::Unknown;
    std::vector<AlertSeen> alerts;     ///< readable ones
    std::array<bool, 2> finished{};    ///< by indexOf(Peer): sent its Finished, as far as that could be told
    std::array<bool, 2> closeNotify{}; ///< by indexOf(Peer): said goodbye, as far as that could be read

    Outcome outcome = Outcome::Unknown;
    /// `complete`, `resumed`, `client-alert:unknown_ca`, `client-alert:encrypted`, `client-closed-after-server-flight`,
    /// ...: see ending.h for all of them.
    std::string ended;
    bool decrypted = false; ///< application data, or what there was of the handshake, was read
    /// In words: `no secrets for this client random`, ...; empty: nothing was left encrypted.
    std::string notDecryptedBecause;
    /// Ids and tickets of a session that it resumed, and whose secret was not known.
    std::vector<std::string> resumedFrom;
    std::uint64_t recordsDecrypted = 0;
    std::uint64_t recordsNotDecrypted = 0;
    std::uint64_t recordsDamaged = 0; ///< had keys, and did not verify
    std::uint64_t lostOctets = 0;
    /// Application data by indexOf(Peer): decrypted, or as encrypted where records say what they are (TLS 1.2).
    std::array<std::uint64_t, 2> applicationOctets{};

    std::vector<Step> steps;
};

} // namespace gatescope::tls

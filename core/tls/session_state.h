// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/certificate_pool.h"
#include "core/tls/handshake_reader.h"
#include "core/tls/record_opener.h"
#include "core/tls/record_reader.h"
#include "core/tls/session.h"
#include "core/tls/session_keys.h"

#include <array>
#include <optional>
#include <string>

namespace gatescope::tls {

struct Session::State {
    /// Records of the client that wait for the server's hello: early data, and what was sent after a hello that was
    /// captured late. Then they go on as they are.
    static constexpr std::size_t kMaxHeld = 64U << 10;

    State(SessionListener& toldTo, SessionOptions given);

    /// One way of the connection: records, and what they hold.
    class Direction final : public RecordSink, public HandshakeSink {
    public:
        Direction(State& state, unsigned index, bool middle)
            : m_state(state), m_index(index), m_reader(*this, middle) {}

        void feed(Bytes bytes, const Place& place) { m_reader.feed(bytes, place); }
        void gap(std::uint64_t length, const Place& place) { m_reader.gap(length, place); }
        void tellLoss() { m_reader.tellLoss(); }
        RecordOpener& opener() { return m_opener; }
        /// Records that waited for the server's hello.
        void releaseHeld();
        /// Of TLS 1.2 and older: all that follows is encrypted.
        void setEncrypted(bool encrypted) { m_isEncrypted = encrypted; }

    private:
        void onRecord(const Record& record) override;
        void onLost(const LostRecords& lost) override;
        void onNotTls(Bytes beginning, const Place& place) override;
        void onMessage(const HandshakeMessage& message) override;
        void onTooLong(const LongHandshakeMessage& message) override;

        Peer peer() const { return m_state.peerOf(m_index); }
        bool mustWait(const Record& record) const;
        /// Early data, or what follows it, as far as that is known.
        bool mayBeEarly() const;
        void hold(const Record& record);
        void take(const Record& record);
        bool isSealed(const Record& record) const;
        void openRecord(const Record& record, Step& step);
        void noteSealed(const Record& record, ClosedReason reason, Step& step);
        void takeContent(std::uint8_t type, Bytes content, const Record& record, Step& step);
        void takeAlerts(Bytes content, const Record& record, Step& step);
        void takeApplicationData(Bytes content, const Record& record);
        void onChangeCipherSpec();

        State& m_state;
        unsigned m_index;
        RecordReader m_reader;
        HandshakeReader m_handshakes;
        RecordOpener m_opener;
        Step* m_step = nullptr; ///< of the record at hand
        struct Held {
            Record record; ///< its fragment points into `octets`
            std::vector<std::uint8_t> octets;
        };
        std::vector<Held> m_held;
        std::size_t m_heldOctets = 0;
        bool m_isEncrypted = false;
        bool m_lostInTheClear = false;
    };

    Peer peerOf(unsigned direction) const { return direction == client.value_or(0) ? Peer::Client : Peer::Server; }
    Direction& directionOf(Peer peer) {
        const unsigned ofClient = client.value_or(0);
        return directions[peer == Peer::Client ? ofClient : 1 - ofClient];
    }

    // What the messages say; session_messages.cpp.
    void onClientHello(unsigned direction, const HandshakeMessage& message);
    void onServerHello(unsigned direction, const HandshakeMessage& message);
    void onEncryptedExtensions(const HandshakeMessage& message);
    void onCertificates(Peer from, const HandshakeMessage& message);
    void onServerKeyExchange(const HandshakeMessage& message);
    void onTicket(const HandshakeMessage& message);
    void onKeyUpdate(Peer from);
    void onFinished(Peer from);
    void takeMessage(unsigned direction, const HandshakeMessage& message);

    /// Whether it is known by now what the client's records are encrypted with, and if early data counts.
    bool isDecided() const;
    void releaseIfDecided();
    /// Before an end is told: what is known to be missing by then.
    void tellLosses();
    void keepCertificates();
    void addStep(const Step& step);
    void addClosing(Step::Kind kind, unsigned direction, const Place& place);
    void note(const Place& place);
    /// Something stays closed; the first reason is told.
    void noteClosed(ClosedReason reason, const Place& place);
    void found(const FindingKind& kind, const Place& place, std::vector<std::string> evidence);
    std::string describe(ClosedReason reason) const;
    void reportAtEnd();
    bool handshakeOver() const { return facts.finished[0] && facts.finished[1]; }

    SessionListener& listener;
    SessionOptions options;
    SessionKeys keys;
    SessionFacts facts;
    std::array<Direction, 2> directions;
    std::optional<unsigned> client;
    bool helloSeen = false;        ///< of either end
    bool certificateStage = false; ///< the server sent more than its hello in the clear: no resumption
    bool retried = false;
    bool isWaiting = false;      ///< for the server's hello, since the client's
    bool serverIsClosed = false; ///< a record of the server could not be opened
    bool applicationStarted = false;
    std::optional<Peer> lastDataFrom;
    ClosedReason reason = ClosedReason::None;
    Place reasonPlace;
    std::array<std::optional<CertificateMessage>, 2> certificates; ///< under way, by indexOf(Peer)
    std::optional<CertificateMessage>& certificatesOf(Peer peer) { return certificates[indexOf(peer)]; }
    CertificatePool ownPool; ///< where none was given
    bool saidTooLong = false;
    bool notTls = false;
    Place lastPlace;
};

} // namespace gatescope::tls

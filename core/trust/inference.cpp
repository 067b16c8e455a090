// SPDX-License-Identifier: Apache-2.0
#include "core/trust/inference.h"

#include "core/tls/names.h"
#include "core/trust/handshake_reading.h"
#include "core/trust/signature_texts.h"

#include <algorithm>
#include <array>

namespace gatescope::trust {

namespace {

using tls::Peer;

constexpr TimeNs kMillisecond = 1'000'000, kSecond = 1'000 * kMillisecond;
/// Clients decide within milliseconds, a cold Java or .NET within two seconds. Time limits that people set are whole
/// seconds from the beginning of the connection, so what is slower than this may be one.
constexpr TimeNs kQuick = 500 * kMillisecond;
/// Behind this a close before the Finished is a time limit or a user rather than a verdict.
constexpr TimeNs kSlow = 3 * kSecond;
/// No stack was seen to look at a certificate for longer after its Finished, unless it waits for a network; idle
/// connections are kept for whole seconds.
constexpr TimeNs kLongestLook = 1'750 * kMillisecond;
/// .NET gives up on an address that does not answer after that time, once for each certificate that it looks for.
constexpr TimeNs kFetchLimit = 15 * kSecond;
constexpr TimeNs kFetchEarly = 100 * kMillisecond, kFetchLate = 700 * kMillisecond;
constexpr int kMostFetches = 4;

// RFC 8446, 6.2.
constexpr std::uint8_t kCloseNotify = 0, kUnsupportedCertificate = 43, kBadCertificateStatus = 113;

/// Alerts that speak of nothing but the certificate: 42 to 46, unknown_ca, and a stapled response that was refused.
bool speaksOfCertificate(std::uint8_t alert) {
    static_assert(kUnsupportedCertificate == 43);
    return (alert >= 42 && alert <= 46) || alert == 48 || alert == kBadCertificateStatus;
}
/// Alerts that some stacks send for a certificate, and others for a key, a signature or a cipher: handshake_failure,
/// access_denied, decrypt_error, internal_error.
bool maySpeakOfCertificate(std::uint8_t alert) {
    return alert == 40 || alert == 49 || alert == 51 || alert == 80;
}

/// The questions that the rules ask of a handshake.
struct Story {
    const tls::SessionFacts& facts;
    HandshakeReading reading;
    const Event* serverHello = nullptr;
    /// The first thing that ends a session: an alert that is no warning, FIN or RST. Who spoke first has decided; what
    /// the other end does then is a reaction (OpenSSL answers an early FIN with decode_error).
    const Event* end = nullptr;
    const Event* finished = nullptr; ///< of the client, before `end`
    const Event* emptyCertificate = nullptr;
    const Event* certificate = nullptr; ///< of the client
    const Event* serverEnd = nullptr;   ///< the server's first end
    const Event* serverLast = nullptr;  ///< the server's last record before `end`
    const Event* clientData = nullptr;
    bool begun = false;     ///< the ClientHello was captured, or what follows it at once
    bool lost = false;      ///< octets were never captured
    bool lostEarly = false; ///< before the client's Finished
    bool notTls = false;
    bool requested = false;      ///< the server asked for a client certificate, readably
    bool serverAnswered = false; ///< the server sent data after the client's
    bool serverWentOn = false;   ///< after the client's (empty) certificate the server did more than end
    bool closed = false;         ///< there was a FIN or RST
    unsigned clientSealed = 0;   ///< encrypted records of the client, also behind `end`
    unsigned clientOthers = 0;   ///< messages of the client behind the server's hello, up to `end`, without CCS
    TimeNs gap = kNoTime;

    explicit Story(const tls::SessionFacts& given) : facts(given), reading(readHandshake(given)) {
        begun = facts.clientHelloSeen || facts.version != 0;
        for (const Event& event : reading.events) take(event);
        gap = measure();
    }

    bool endsWith(Peer who, Act act) const { return end && end->from == who && end->act == act; }
    bool clientCloses() const { return endsWith(Peer::Client, Act::Fin) || endsWith(Peer::Client, Act::Reset); }
    bool hiddenAlert(Peer who) const { return endsWith(who, Act::Alert) && !end->alert; }
    bool readableAlert(Peer who) const { return endsWith(who, Act::Alert) && end->alert; }
    bool goodbye() const { return readableAlert(Peer::Client) && *end->alert == kCloseNotify; }
    /// Sizes and order can be relied on.
    bool isWhole() const { return !lost && !reading.earlyDataInTheWay; }
    /// The server's flight is there, and the client said nothing to it.
    bool isUnanswered() const { return reading.flightSeen && !finished && clientOthers == 0; }
    bool isUnused() const { return finished && !clientData; }
    bool within(TimeNs limit) const { return gap >= 0 && gap <= limit; }
    bool waitedForFetch() const {
        for (int n = 1; n <= kMostFetches; ++n)
            if (gap >= n * kFetchLimit - kFetchEarly && gap <= n * (kFetchLimit + kFetchLate)) return true;
        return false;
    }

private:
    void take(const Event& event) {
        const bool ofClient = event.from == Peer::Client;
        const bool isClose = event.act == Act::Fin || event.act == Act::Reset;
        const bool isEnd = isClose || (event.act == Act::Alert && !event.warning);
        closed = closed || isClose;
        // What an end sent before its own RST and is told behind it had waited for something that never came.
        if (m_wasReset[tls::indexOf(event.from)] && event.act != Act::Reset) lost = true;
        if (event.act == Act::Reset) m_wasReset[tls::indexOf(event.from)] = true;
        lost = lost || event.act == Act::Gap;
        lostEarly = lostEarly || (event.act == Act::Gap && !finished);
        if (isEnd && !end) end = &event;
        if (ofClient && serverHello && !event.inClear && !isClose) ++clientSealed;
        if (isEnd && !ofClient && !serverEnd) serverEnd = &event;
        if (event.act == Act::Data && ofClient && !clientData) clientData = &event;
        if (event.act == Act::Data && !ofClient && clientData) serverAnswered = true;
        if (event.act == Act::EmptyCertificate && !emptyCertificate) emptyCertificate = &event;
        if (event.act == Act::Certificate && !certificate) certificate = &event;
        if (!ofClient && !serverEnd && (emptyCertificate || certificate))
            serverWentOn =
                serverWentOn || event.act == Act::Data || event.act == Act::Finished || event.act == Act::Ticket;
        if (!end || end == &event) takeBeforeEnd(event, ofClient, isEnd);
    }

    void takeBeforeEnd(const Event& event, bool ofClient, bool isEnd) {
        notTls = notTls || event.act == Act::NotTls;
        requested = requested || (event.act == Act::CertificateRequest && !ofClient);
        if (event.act == Act::ServerHello) serverHello = &event;
        if (isEnd) return;
        if (event.act == Act::Finished && ofClient && !finished) finished = &event;
        if (event.act == Act::Finished && !ofClient && finished) m_serverFinishedLater = &event;
        if (!ofClient && event.act != Act::Gap) serverLast = &event;
        if (ofClient && serverHello && event.act != Act::ChangeCipherSpec && event.act != Act::ClientHello)
            ++clientOthers;
    }

    /// How long the client looked: from the moment when it had everything to `end`.
    TimeNs measure() const {
        const Event* from = finished ? finished : serverLast;
        if (m_serverFinishedLater) from = m_serverFinishedLater; // TLS 1.2
        if (!end || !from || end->time == kNoTime || from->time == kNoTime) return kNoTime;
        const TimeNs time = elapsed(from->time, end->time);
        return time < 0 && time > -kQuick ? 0 : time; // segments may come in another order than they were sent in
    }

    const Event* m_serverFinishedLater = nullptr;
    std::array<bool, 2> m_wasReset{}; ///< by indexOf(Peer)
};

/// One row of the table. The first row whose condition holds decides; `base` is a judgement from what 23 client stacks
/// did in a laboratory, not a frequency.
struct Rule {
    Signature signature;
    TrustOutcome outcome;
    double base;
    bool (*fits)(const Story& story);
};

bool isDotnet(const Story& story) {
    const ClientStack* stack = stackOf(story.facts.ja4);
    return stack && stack->signatures.find("S6") != std::string_view::npos;
}
bool neverFetches(const Story& story) {
    const ClientStack* stack = stackOf(story.facts.ja4);
    return stack && !stack->fetchesIssuers;
}
/// All that a client sends behind its Finished are alerts, the first of them decides.
bool endsPolitely(const Story& story) {
    return story.isWhole() && story.isUnused() && (story.hiddenAlert(Peer::Client) || story.goodbye());
}
bool endsSilently(const Story& story) {
    return story.isWhole() && story.isUnused() && story.clientCloses();
}
bool saysNothing(const Story& story) {
    return story.isWhole() && story.isUnanswered() && story.clientCloses();
}
bool refusesReadably(const Story& story, bool (*speaks)(std::uint8_t)) {
    return story.serverHello && !story.clientData && story.readableAlert(Peer::Client) && speaks(*story.end->alert);
}
/// The client has no certificate (or one that was refused), and the server does nothing but end.
bool serverTurnsAway(const Story& story, const Event* shown) {
    return shown && story.serverEnd && !story.serverWentOn && shown < story.serverEnd;
}
bool serverSpokeLast(const Story& story) {
    return story.serverEnd->act == Act::Alert && (story.end == story.serverEnd || story.clientData);
}

constexpr std::array kRules{
    // The server answers the hello with an alert: it never showed a certificate.
    Rule{Signature::S8, TrustOutcome::NegotiationFailed, 0.99,
         [](const Story& s) {
             return s.facts.clientHelloSeen && !s.serverHello && !s.lost && s.readableAlert(Peer::Server);
         }},
    // Nobody shows a certificate when a session is resumed. What TLS 1.2 resumes is known by the message that is not
    // there, so nothing may be lost.
    Rule{Signature::S10, TrustOutcome::NotEvaluated, 0.99,
         [](const Story& s) { return s.facts.resumed && (s.reading.tls13 || !s.lostEarly); }},
    // An alert that names the certificate is the client's own word, whatever else was lost. In clear: S1.
    Rule{Signature::S1, TrustOutcome::Rejected, 0.99,
         [](const Story& s) { return refusesReadably(s, speaksOfCertificate) && s.end->inClear; }},
    Rule{Signature::S5, TrustOutcome::Rejected, 0.99,
         [](const Story& s) { return refusesReadably(s, speaksOfCertificate) && s.finished; }},
    Rule{Signature::S2, TrustOutcome::Rejected, 0.99,
         [](const Story& s) { return refusesReadably(s, speaksOfCertificate); }},
    // These alerts have other uses too.
    Rule{Signature::S1b, TrustOutcome::Rejected, 0.8,
         [](const Story& s) { return refusesReadably(s, maySpeakOfCertificate) && !s.finished; }},
    // Asked for a certificate, the client had none, and the server ended with a readable alert.
    Rule{Signature::S7, TrustOutcome::ClientCertificateRequired, 0.95,
         [](const Story& s) { return serverTurnsAway(s, s.emptyCertificate) && s.serverEnd->alert && !s.lost; }},
    // The same in TLS 1.3: the record of an empty Certificate has a size that nothing else has.
    Rule{Signature::S7, TrustOutcome::ClientCertificateRequired, 0.85,
         [](const Story& s) { return s.isWhole() && serverTurnsAway(s, s.emptyCertificate) && serverSpokeLast(s); }},
    // Without an alert the server may have other reasons.
    Rule{Signature::S7, TrustOutcome::ClientCertificateRequired, 0.6,
         [](const Story& s) {
             return s.isWhole() && serverTurnsAway(s, s.emptyCertificate) && s.end->from == Peer::Server;
         }},
    // A certificate was shown, and refused.
    Rule{Signature::S7, TrustOutcome::ClientCertificateRequired, 0.8,
         [](const Story& s) {
             return serverTurnsAway(s, s.certificate) && s.end == s.serverEnd && s.end->alert &&
                    (speaksOfCertificate(*s.end->alert) || maySpeakOfCertificate(*s.end->alert));
         }},
    // Data both ways: the client went on. Only what the server sends after it counts, since tickets and settings come
    // early.
    Rule{Signature::S9, TrustOutcome::Accepted, 0.95,
         [](const Story& s) {
             return s.serverHello && s.clientData && s.serverAnswered && !s.reading.earlyDataInTheWay;
         }},
    // A request without an answer: still nobody sends one to a server that it refuses. Where the server asked for a
    // certificate, its answer to that is what counts, and it is missing.
    Rule{Signature::S9, TrustOutcome::Accepted, 0.9,
         [](const Story& s) {
             return s.serverHello && s.clientData && s.isWhole() && !s.emptyCertificate && !s.certificate;
         }},
    // One encrypted record as short as an alert and no Finished: before its Finished a client has nothing else to say.
    Rule{Signature::S2, TrustOutcome::Rejected, 0.9,
         [](const Story& s) {
             return s.isWhole() && s.isUnanswered() && s.hiddenAlert(Peer::Client) && s.clientSealed == 1 && s.closed;
         }},
    // The same, and the capture ends before the connection does.
    Rule{Signature::S2, TrustOutcome::Rejected, 0.75,
         [](const Story& s) {
             return s.isWhole() && s.isUnanswered() && s.hiddenAlert(Peer::Client) && s.clientSealed == 1;
         }},
    // The whole flight of the server, and then nothing but a close: at once, later, or so late that a time limit is as
    // likely.
    Rule{Signature::S3, TrustOutcome::Rejected, 0.8, [](const Story& s) { return saysNothing(s) && s.within(kQuick); }},
    Rule{Signature::S3, TrustOutcome::Rejected, 0.6, [](const Story& s) { return saysNothing(s) && s.within(kSlow); }},
    Rule{Signature::S3, TrustOutcome::Rejected, 0.3, [](const Story& s) { return saysNothing(s); }},
    // A complete handshake that nobody uses: rejection behind the handshake, or a probe, or a spare connection.
    Rule{Signature::S4, TrustOutcome::Rejected, 0.6,
         [](const Story& s) { return endsSilently(s) && s.within(kQuick); }},
    Rule{Signature::S4, TrustOutcome::Rejected, 0.5,
         [](const Story& s) { return endsSilently(s) && s.within(kLongestLook); }},
    Rule{Signature::S5, TrustOutcome::Rejected, 0.55,
         [](const Story& s) { return endsPolitely(s) && s.within(kLongestLook); }},
    // Silent after fifteen seconds, or a multiple: .NET waits so long for the issuer's certificate. Others that may
    // fetch have limits of their own, and spare connections are closed after round times too.
    Rule{Signature::S6, TrustOutcome::Rejected, 0.85,
         [](const Story& s) { return endsSilently(s) && s.waitedForFetch() && isDotnet(s); }},
    Rule{Signature::S6, TrustOutcome::Rejected, 0.5,
         [](const Story& s) { return endsSilently(s) && s.waitedForFetch() && !neverFetches(s); }},
    // Closed after idling: says nothing about the certificate.
    Rule{Signature::S11, TrustOutcome::Undecided, 0, [](const Story& s) { return endsSilently(s) || endsPolitely(s); }},
    // Either end found something else wrong, and said what.
    Rule{Signature::None, TrustOutcome::NegotiationFailed, 0.9,
         [](const Story& s) {
             return s.end && s.end->alert && *s.end->alert != kCloseNotify && !s.clientData && !s.finished && s.begun;
         }},
};

/// Why no row fits, in words.
std::string whyUndecided(const Story& story) {
    if (story.facts.overQuic) return "QUIC encrypts how a connection ends";
    if (!story.begun) return "the beginning of the handshake was not captured";
    if (story.lost) return "packets of the handshake are missing";
    if (story.reading.earlyDataInTheWay) return "early data hides where the handshake of the client ends";
    if (!story.end) return "the capture ends before the handshake was decided";
    if (!story.serverHello) return "there is no answer to the ClientHello";
    if (story.end->from == Peer::Server) return "the server ended the connection first and did not say why";
    if (!story.reading.flightSeen) return "the client closed before the certificate was there";
    return "the records fit no known behaviour";
}

void addPackets(const Story& story, SessionVerdict& verdict) {
    const auto add = [&](const Event* event) {
        if (event && event->packet != 0 && std::ranges::find(verdict.packets, event->packet) == verdict.packets.end())
            verdict.packets.push_back(event->packet);
    };
    add(story.serverHello);
    add(story.emptyCertificate ? story.emptyCertificate : story.finished);
    add(story.clientData);
    const bool serverDecides = verdict.signature == Signature::S7;
    add(serverDecides ? story.serverEnd : story.end);
    for (const Event& event : story.reading.events) {
        const bool isClose = event.act == Act::Fin || event.act == Act::Reset;
        if (isClose && event.from == (serverDecides ? Peer::Server : Peer::Client)) return add(&event);
    }
}

std::string reasonOf(const Story& story, Signature signature) {
    if (signature == Signature::S6) return "missing intermediate and blocked egress";
    const Event* decisive = signature == Signature::S7 ? story.serverEnd : story.end;
    const bool isGone = signature == Signature::S9 || signature == Signature::S10;
    if (isGone || !decisive || !decisive->alert || *decisive->alert == kCloseNotify) return {};
    return tls::alertName(*decisive->alert);
}

} // namespace

SessionVerdict judgeSession(const tls::SessionFacts& facts) {
    const Story story(facts);
    SessionVerdict verdict;
    if (const ClientStack* stack = stackOf(facts.ja4)) verdict.stack = stack->name;
    const auto rule = std::ranges::find_if(kRules, [&](const Rule& row) { return row.fits(story); });
    const bool canTell = story.begun && !facts.overQuic && !story.notTls;
    if (story.notTls) verdict.outcome = TrustOutcome::NotEvaluated;
    if (!canTell || rule == kRules.end()) {
        verdict.because.push_back(story.notTls ? "this is not TLS" : whyUndecided(story));
        verdict.wouldSettle = {"a capture of the whole connection", "the log of the client"};
        return verdict;
    }
    verdict.signature = rule->signature;
    verdict.outcome = rule->outcome;
    verdict.confidence = rule->base;
    verdict.reason = reasonOf(story, rule->signature);
    verdict.alternatives = alternativesTo(rule->signature);
    verdict.wouldSettle = whatSettles(rule->signature);
    if (rule->signature != Signature::S9 && rule->signature != Signature::S10) verdict.gap = story.gap;
    addPackets(story, verdict);
    return verdict;
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/ending.h"

#include "core/tls/cipher_suite.h"
#include "core/tls/names.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gatescope::tls {

namespace {

constexpr std::uint8_t kFatal = 2;
constexpr std::uint8_t kCloseNotify = 0;
constexpr std::uint8_t kUserCanceled = 90;
/// An encrypted alert of TLS 1.3: two octets, the inner type and the tag; JSSE pads to 16.
constexpr std::uint32_t kSealedAlert = 19;
constexpr std::uint32_t kSealedAlertJsse = 35;

std::string_view nameOf(Peer peer) {
    return peer == Peer::Client ? "client" : "server";
}

/// Reads the steps of a session as somebody without secrets must.
class Ending {
public:
    explicit Ending(SessionFacts& facts) : m_facts(facts) {}

    void judge(bool captureEnded) {
        guessFinished();
        if (const Step* strange = find([](const Step& step) { return step.kind == Step::Kind::NotTls; });
            strange && !isOver())
            return fail("not-tls");
        if (!m_facts.clientHelloSeen && m_facts.version == 0) return judgeWithoutHello();
        if (isOver()) return judgeFinished(captureEnded);
        judgeUnfinished(captureEnded);
    }

private:
    template <typename Predicate>
    const Step* find(Predicate wanted) const {
        const auto at = std::ranges::find_if(m_facts.steps, wanted);
        return at == m_facts.steps.end() ? nullptr : &*at;
    }
    bool isOver() const { return m_facts.finished[0] && m_facts.finished[1]; }
    void fail(std::string words) {
        m_facts.outcome = Outcome::Failed;
        m_facts.ended = std::move(words);
    }
    std::uint32_t finishedSize() const {
        const auto suite = findCipherSuite(m_facts.cipherSuite);
        return 4 + (suite && suite->prfHash == Hash::Sha384 ? 48 : 32) + 17; // header, hash; inner type and tag
    }
    static bool isSealed(const Step& step) { return step.kind == Step::Kind::Record && step.encrypted && !step.opened; }

    /// TLS 1.3 without secrets: the first record of the client that is long enough holds its Finished. The server's
    /// flight is over when the client sends anything but a sealed alert.
    void guessFinished() {
        if (!isTls13(m_facts.version)) return;
        bool serverSealed = false;
        for (const Step& step : m_facts.steps) {
            if (!isSealed(step)) continue;
            if (step.from == Peer::Server) serverSealed = true;
            if (step.from != Peer::Client || !serverSealed || step.length < finishedSize()) continue;
            m_facts.finished = {true, true};
        }
    }

    bool serverSentData() const { return m_facts.applicationOctets[indexOf(Peer::Server)] != 0; }
    bool carriedData() const {
        if (m_facts.applicationOctets[indexOf(Peer::Client)] != 0) return true;
        if (m_facts.applicationOctets[indexOf(Peer::Server)] != 0) return true;
        if (!isTls13(m_facts.version)) return false;
        // Whatever the client sends behind its Finished and is no alert.
        bool behindFinished = false;
        for (const Step& step : m_facts.steps) {
            if (step.from != Peer::Client || !isSealed(step)) continue;
            if (behindFinished && step.length != kSealedAlert && step.length != kSealedAlertJsse) return true;
            if (behindFinished && step.count > 1) return true;
            behindFinished = behindFinished || step.length >= finishedSize();
        }
        return false;
    }

    void judgeFinished(bool captureEnded) {
        // A fatal alert after the handshake is how the connection ended, but not the handshake's.
        const Step* closing = firstClosing();
        // A client of TLS 1.3 sends its request before the server had a chance to refuse its certificate.
        if (const Step* alert = fatalAlert(closing); alert && !serverSentData()) return tellAlert(*alert);
        if (!carriedData() && closing && !captureEnded) return succeed(describeClosing(*closing, "finished"));
        succeed(m_facts.resumed ? "resumed" : "complete");
    }
    void succeed(std::string words) {
        m_facts.outcome = m_facts.resumed ? Outcome::Resumed : Outcome::Complete;
        m_facts.ended = std::move(words);
    }

    void judgeUnfinished(bool captureEnded) {
        const Step* closing = firstClosing();
        if (const Step* alert = fatalAlert(closing)) return tellAlert(*alert);
        if (closing) {
            if (const Step* hidden = sealedAlert()) return fail(std::string(nameOf(hidden->from)) + "-alert:encrypted");
            if (!hasServerRecord() && closing->from == Peer::Client) return fail("no-answer");
            return fail(describeClosing(*closing, lastOfOther(closing->from)));
        }
        if (!captureEnded) return cut();
        if (!hasServerRecord()) return fail("no-answer");
        cut();
    }
    void cut() {
        m_facts.outcome = Outcome::Cut;
        m_facts.ended = hasServerRecord() ? "cut" : "no-answer";
    }

    void judgeWithoutHello() {
        if (const Step* alert = fatalAlert(nullptr); alert && m_facts.steps.front().alert) return tellAlert(*alert);
        m_facts.outcome = Outcome::Unknown;
        m_facts.ended = "began-before-capture";
    }

    /// The first one counts. What an end says after the other one has closed is a reaction to that: OpenSSL answers an
    /// early FIN with decode_error.
    const Step* fatalAlert(const Step* closing) const {
        return find([closing](const Step& step) {
            if (closing && &step > closing && step.from != closing->from) return false;
            return step.alert &&
                   (step.alertLevel == kFatal ||
                    (*step.alert != kCloseNotify && *step.alert != kUserCanceled && isFatalName(*step.alert)));
        });
    }
    /// TLS 1.3 does not go by the level (RFC 8446, 6); a renegotiation that is refused is no failure.
    static bool isFatalName(std::uint8_t alert) {
        constexpr std::uint8_t kNoRenegotiation = 100;
        constexpr std::uint8_t kNoCertificate = 41;
        constexpr std::uint8_t kUnrecognizedName = 112; // as a warning, servers go on
        return alert != kNoRenegotiation && alert != kNoCertificate && alert != kUnrecognizedName;
    }
    void tellAlert(const Step& step) { fail(std::string(nameOf(step.from)) + "-alert:" + alertName(*step.alert)); }

    /// A record that can be nothing but an alert, the last one of that end before it closed.
    const Step* sealedAlert() const {
        if (isTls13(m_facts.version)) {
            return find([](const Step& step) {
                return isSealed(step) && step.count == 1 &&
                       (step.length == kSealedAlert || (step.from == Peer::Client && step.length == kSealedAlertJsse));
            });
        }
        return find([](const Step& step) {
            return isSealed(step) && step.recordType == static_cast<std::uint8_t>(RecordType::Alert);
        });
    }
    const Step* firstClosing() const {
        return find([](const Step& step) { return step.kind == Step::Kind::Fin || step.kind == Step::Kind::Reset; });
    }
    bool hasServerRecord() const {
        return find([](const Step& step) { return step.kind == Step::Kind::Record && step.from == Peer::Server; });
    }
    std::string describeClosing(const Step& step, std::string_view after) const {
        std::string words(nameOf(step.from));
        words += step.kind == Step::Kind::Reset ? "-reset-after-" : "-closed-after-";
        return words += after;
    }
    /// What the other end of the one that closed had last done before that.
    std::string_view lastOfOther(Peer closer) const {
        if (closer == Peer::Server) return clientAnswered() ? "client-flight" : "client-hello";
        return serverFlightSeen() ? "server-flight" : "server-hello";
    }
    bool clientAnswered() const {
        return find([](const Step& step) {
            return step.from == Peer::Client && step.kind == Step::Kind::Record &&
                   (step.encrypted ||
                    std::ranges::any_of(std::span(step.messages).first(step.messageCount), [](HandshakeType type) {
                        return type == HandshakeType::ClientKeyExchange || type == HandshakeType::Certificate;
                    }));
        });
    }
    /// TLS 1.2: up to ServerHelloDone, or its Finished; TLS 1.3: something encrypted behind the hello.
    bool serverFlightSeen() const {
        return find([](const Step& step) {
            if (step.from != Peer::Server || step.kind != Step::Kind::Record) return false;
            if (step.encrypted) return true;
            return std::ranges::any_of(std::span(step.messages).first(step.messageCount), [](HandshakeType type) {
                return type == HandshakeType::ServerHelloDone || type == HandshakeType::Finished;
            });
        });
    }

    SessionFacts& m_facts;
};

} // namespace

void judgeEnding(SessionFacts& facts, bool captureEnded) {
    Ending(facts).judge(captureEnded);
}

} // namespace gatescope::tls

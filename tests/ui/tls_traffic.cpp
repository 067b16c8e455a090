// SPDX-License-Identifier: Apache-2.0
#include "tests/ui/tls_traffic.h"

namespace gatescope::ui::test {
namespace {

using namespace tls;
using analysis::TlsRecord;
constexpr TimeNs kStart = 1'773'858'194'203'117'000; // 2026-03-18T18:23:14.203117Z
constexpr TimeNs kMillisecond = 1'000'000;

/// Writes steps one after the other.
class Story {
public:
    Story(TlsRecord& record, std::uint64_t packet) : m_record(record), m_packet(packet) {}

    Step& add(Peer from, RecordType type, std::uint32_t length, double afterMs) {
        m_time += static_cast<TimeNs>(afterMs * kMillisecond);
        Step step;
        step.from = from;
        step.recordType = static_cast<std::uint8_t>(type);
        step.recordVersion = kTls12;
        step.contentType = step.recordType;
        step.length = length;
        step.octets = length + 5;
        step.packet = m_packet++;
        step.time = m_time;
        m_record.facts.steps.push_back(step);
        m_record.facts.lastTime = m_time;
        return m_record.facts.steps.back();
    }
    Step& handshake(Peer from, std::uint32_t length, double afterMs, std::initializer_list<HandshakeType> messages) {
        Step& step = add(from, RecordType::Handshake, length, afterMs);
        for (const auto message : messages) step.messages[step.messageCount++] = message;
        return step;
    }
    /// TLS 1.3: all of it calls itself application data.
    Step& sealed(Peer from, std::uint32_t length, double afterMs, bool opened,
                 std::initializer_list<HandshakeType> messages) {
        Step& step = handshake(from, length, afterMs, {});
        step.recordType = static_cast<std::uint8_t>(RecordType::ApplicationData);
        step.encrypted = true;
        step.opened = opened;
        step.contentType = 0;
        if (!opened) return step;
        step.contentType =
            static_cast<std::uint8_t>(messages.size() > 0 ? RecordType::Handshake : RecordType::ApplicationData);
        for (const auto message : messages) step.messages[step.messageCount++] = message;
        return step;
    }
    Step& bare(Peer from, Step::Kind kind, double afterMs) {
        Step& step = add(from, RecordType::Handshake, 0, afterMs);
        step.kind = kind;
        step.recordType = step.contentType = 0;
        step.octets = 0;
        return step;
    }
    void alert(Step& step, std::uint8_t level, std::uint8_t description) {
        step.alertLevel = level;
        step.alert = description;
        m_record.facts.alerts.push_back({step.from, level, description});
    }

private:
    TlsRecord& m_record;
    std::uint64_t m_packet;
    TimeNs m_time = kStart;
};

TlsRecord emptyRecord(std::uint64_t flowStart) {
    TlsRecord record;
    record.flowStart = flowStart;
    record.packet = flowStart + 3;
    record.client = *Endpoint::parse("10.0.9.213:10095");
    record.server = *Endpoint::parse("10.0.4.12:443");
    auto& facts = record.facts;
    // Sessions begin in the order of their connections.
    facts.firstTime = facts.lastTime = kStart + static_cast<TimeNs>(flowStart) * kMillisecond;
    facts.firstPacket = record.packet;
    facts.clientHelloSeen = true;
    facts.serverName = "apimeus.azure-api.net";
    facts.alpnOffered = {"h2", "http/1.1"};
    facts.ja4 = "t13d1516h2_8daaf6152771_02713d6af862";
    facts.ja3 = "773906b0efdefa24a7f2b8eb6985bf37";
    facts.versionsOffered = {kTls13, kTls12};
    facts.keyShares = {29};
    return record;
}

std::shared_ptr<const CertificatesSeen> twoCertificates() {
    auto seen = std::make_shared<CertificatesSeen>();
    seen->der = {"leaf", "issuer"};
    seen->leafSubject = "CN=apimeus.azure-api.net";
    seen->leafIssuer = "CN=Contoso Issuing CA,O=Contoso";
    return seen;
}

void greet(Story& story, double answerMs) {
    story.handshake(Peer::Client, 512, 0, {HandshakeType::ClientHello});
    story.handshake(Peer::Server, 122, answerMs, {HandshakeType::ServerHello});
}

TlsRecord resumedSession(std::uint64_t flowStart) {
    TlsRecord record = emptyRecord(flowStart);
    Story story(record, record.packet);
    greet(story, 9.2);
    story.add(Peer::Server, RecordType::ChangeCipherSpec, 1, 0);
    story.handshake(Peer::Server, 40, 0, {HandshakeType::Encrypted}).encrypted = true;
    story.add(Peer::Client, RecordType::ChangeCipherSpec, 1, 0.4);
    story.handshake(Peer::Client, 40, 0, {HandshakeType::Encrypted}).encrypted = true;
    auto& data = story.add(Peer::Client, RecordType::ApplicationData, 474, 0.2);
    data.encrypted = true;
    auto& answer = story.add(Peer::Server, RecordType::ApplicationData, 1'400, 612);
    answer.encrypted = true;
    answer.count = 14;
    answer.octets = 23'104;
    auto& facts = record.facts;
    facts.version = kTls12;
    facts.cipherSuite = 0xc02f;
    facts.alpn = "http/1.1";
    facts.resumed = true;
    facts.outcome = Outcome::Resumed;
    facts.ended = "resumed";
    facts.notDecryptedBecause = "secrets for handshake only";
    facts.recordsDecrypted = 2;
    facts.recordsNotDecrypted = 15;
    facts.decrypted = true;
    return record;
}

TlsRecord cutSession(std::uint64_t flowStart) {
    TlsRecord record = emptyRecord(flowStart);
    Story story(record, record.packet);
    greet(story, 11);
    auto& gap = story.bare(Peer::Server, Step::Kind::Gap, 0.3);
    gap.length = 1'460;
    record.facts.lostOctets = 1'460;
    record.facts.outcome = Outcome::Cut;
    record.facts.ended = "cut";
    return record;
}

TlsRecord resetSession(std::uint64_t flowStart) {
    TlsRecord record = emptyRecord(flowStart);
    Story story(record, record.packet);
    greet(story, 10);
    story.add(Peer::Server, RecordType::ChangeCipherSpec, 1, 0);
    story.sealed(Peer::Server, 955, 0.1, false, {});
    story.bare(Peer::Client, Step::Kind::Reset, 3);
    auto& facts = record.facts;
    facts.version = kTls13;
    facts.cipherSuite = 0x1302;
    facts.group = 29;
    facts.outcome = Outcome::Failed;
    facts.ended = "client-reset-after-server-flight";
    facts.notDecryptedBecause = "no secrets for this client random";
    facts.recordsNotDecrypted = 1;
    return record;
}

} // namespace

TlsRecord completeSession(std::uint64_t flowStart, bool opened) {
    TlsRecord record = emptyRecord(flowStart);
    Story story(record, record.packet);
    greet(story, 12.4);
    story.add(Peer::Server, RecordType::ChangeCipherSpec, 1, 0);
    story.sealed(Peer::Server, 28, 0.1, opened, {HandshakeType::EncryptedExtensions});
    story.sealed(Peer::Server, 2'210, 0, opened, {HandshakeType::Certificate});
    story.sealed(Peer::Server, 281, 0, opened, {HandshakeType::CertificateVerify, HandshakeType::Finished});
    story.add(Peer::Client, RecordType::ChangeCipherSpec, 1, 1.7);
    story.sealed(Peer::Client, 53, 0, opened, {HandshakeType::Finished});
    story.sealed(Peer::Client, 474, 0.3, opened, {});
    auto& answer = story.sealed(Peer::Server, 1'400, 612.3, opened, {});
    answer.count = 14;
    answer.octets = 23'104;
    auto& goodbye = story.sealed(Peer::Client, 19, 40, opened, {});
    if (opened) {
        goodbye.contentType = static_cast<std::uint8_t>(RecordType::Alert);
        story.alert(goodbye, 1, 0);
    }
    story.bare(Peer::Client, Step::Kind::Fin, 0);
    story.bare(Peer::Server, Step::Kind::Fin, 8);
    auto& facts = record.facts;
    facts.version = kTls13;
    facts.cipherSuite = 0x1301;
    facts.group = 29;
    facts.outcome = Outcome::Complete;
    facts.ended = "complete";
    facts.ja3s = "eb1d94daa7e0344597e756a1fb6e7054";
    if (opened) {
        record.exchanges = 1;
        facts.alpn = "h2";
        facts.serverCertificates = twoCertificates();
        facts.clientCertificate = ClientCertificate::NotAsked;
        facts.decrypted = true;
        facts.recordsDecrypted = 20;
        facts.closeNotify[0] = true;
        facts.applicationOctets = {457, 22'902};
    } else {
        facts.notDecryptedBecause = "no secrets for this client random";
        facts.recordsNotDecrypted = 20;
    }
    return record;
}

TlsRecord failedSession(std::uint64_t flowStart) {
    TlsRecord record = emptyRecord(flowStart);
    Story story(record, record.packet);
    story.handshake(Peer::Client, 512, 0, {HandshakeType::ClientHello});
    story.handshake(Peer::Server, 3'120, 14.8,
                    {HandshakeType::ServerHello, HandshakeType::Certificate, HandshakeType::ServerKeyExchange,
                     HandshakeType::ServerHelloDone});
    auto& alert = story.add(Peer::Client, RecordType::Alert, 2, 20.1);
    story.alert(alert, 2, 48);
    story.bare(Peer::Client, Step::Kind::Fin, 0.1);
    auto& facts = record.facts;
    facts.version = kTls12;
    facts.cipherSuite = 0xc030;
    facts.group = 29;
    facts.serverCertificates = twoCertificates();
    facts.clientCertificate = ClientCertificate::NotAsked;
    facts.outcome = Outcome::Failed;
    facts.ended = "client-alert:unknown_ca";
    return record;
}

TlsRecord longSession(std::uint64_t flowStart) {
    TlsRecord record = completeSession(flowStart, true);
    auto& steps = record.facts.steps;
    const Step request = steps[8];
    const Step answer = steps[9];
    steps.resize(8);
    TimeNs time = steps.back().time;
    while (steps.size() < SessionFacts::kMaxSteps) {
        steps.push_back(steps.size() % 2 == 0 ? request : answer);
        steps.back().time = time += 45 * kMillisecond;
        steps.back().packet = 20 + steps.size();
    }
    return record;
}

analysis::Batch tlsBatch() {
    analysis::Batch batch;
    batch.sessions = {completeSession(1, true), completeSession(51, false), failedSession(101), resumedSession(151),
                      cutSession(201),          resetSession(251)};
    return batch;
}

} // namespace gatescope::ui::test

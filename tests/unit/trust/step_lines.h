// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/session_facts.h"

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gatescope::test {

constexpr TimeNs kStepMs = 1'000'000;

/// A session written by hand, in the notation of core/tls/record_line.h, the other way round:
/// `C:CH | S:SH,CCS,app23,app955,app96,app69 | C:CCS,app69 | wait15000 | C:FIN`. Steps are 1 ms apart, each in a packet
/// of its own; `waitN` adds N ms. `alertN` is one in clear, `warnN` its warning; `hsN`, `aN` are encrypted ones of TLS
/// 1.2. For tests only: anything else throws.
inline tls::SessionFacts factsOf(std::string_view line, std::uint16_t version = tls::kTls13,
                                 std::uint16_t suite = 0x1302) {
    using tls::HandshakeType;
    static const std::map<std::string_view, HandshakeType> kMessages{
        {"CH", HandshakeType::ClientHello},        {"SH", HandshakeType::ServerHello},
        {"HRR", HandshakeType::ServerHello},       {"Cert", HandshakeType::Certificate},
        {"SKE", HandshakeType::ServerKeyExchange}, {"CertReq", HandshakeType::CertificateRequest},
        {"SHD", HandshakeType::ServerHelloDone},   {"CKE", HandshakeType::ClientKeyExchange},
        {"NST", HandshakeType::NewSessionTicket}};
    tls::SessionFacts facts;
    tls::Peer from = tls::Peer::Client;
    TimeNs now = 1'767'225'600'000'000'000;
    facts.firstTime = now;
    PacketRef packet = 0;
    const auto number = [](std::string_view text) {
        return static_cast<std::uint32_t>(std::strtoul(std::string(text).c_str(), nullptr, 10));
    };
    while (!line.empty()) {
        const std::size_t end = line.find_first_of(", |");
        std::string_view word = line.substr(0, end);
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
        if (word.empty()) continue;
        if (word.starts_with("C:") || word.starts_with("S:")) {
            from = word[0] == 'C' ? tls::Peer::Client : tls::Peer::Server;
            word.remove_prefix(2);
        }
        if (word.starts_with("wait")) {
            now += number(word.substr(4)) * kStepMs;
            continue;
        }
        tls::Step step;
        step.from = from;
        step.packet = ++packet;
        step.time = now += kStepMs;
        step.recordType = 22;
        step.contentType = 22;
        if (const auto message = kMessages.find(word); message != kMessages.end()) {
            step.messages[step.messageCount++] = message->second;
            if (word == "CH") facts.clientHelloSeen = true;
            if (word == "SH" || word == "HRR") facts.version = version;
            if (word == "HRR") facts.helloRetried = true;
            if (word == "SH") facts.cipherSuite = suite;
        } else if (word == "CCS") {
            step.recordType = step.contentType = 20;
        } else if (word == "FIN") {
            step.kind = tls::Step::Kind::Fin;
        } else if (word == "RST") {
            step.kind = tls::Step::Kind::Reset;
        } else if (word == "other") {
            step.kind = tls::Step::Kind::NotTls;
        } else if (word.starts_with("gap")) {
            step.kind = tls::Step::Kind::Gap;
            step.length = number(word.substr(3));
        } else if (word.starts_with("alert") || word.starts_with("warn")) {
            step.recordType = step.contentType = 21;
            step.length = 2;
            step.alertLevel = word[0] == 'a' ? 2 : 1;
            step.alert = static_cast<std::uint8_t>(number(word.substr(word[0] == 'a' ? 5 : 4)));
        } else if (word.starts_with("app")) {
            step.recordType = 23;
            step.contentType = tls::isTls13(version) ? 0 : 23;
            step.encrypted = true;
            step.length = number(word.substr(3));
        } else if (word.starts_with("hs")) {
            step.encrypted = true;
            step.length = number(word.substr(2));
            step.messages[step.messageCount++] = HandshakeType::Encrypted;
        } else if (word.starts_with("a")) {
            step.recordType = step.contentType = 21;
            step.encrypted = true;
            step.length = number(word.substr(1));
        } else {
            throw std::invalid_argument("factsOf: " + std::string(word));
        }
        facts.steps.push_back(step);
        facts.lastTime = step.time;
    }
    return facts;
}

} // namespace gatescope::test

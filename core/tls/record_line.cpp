// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_line.h"

#include "core/tls/names.h"

#include <fmt/format.h>

namespace gatescope::tls {

namespace {

std::string shortName(HandshakeType type) {
    switch (type) {
    case HandshakeType::ClientHello:
        return "CH";
    case HandshakeType::ServerHello:
        return "SH";
    case HandshakeType::Certificate:
        return "Cert";
    case HandshakeType::CertificateStatus:
        return "CertStatus";
    case HandshakeType::ServerKeyExchange:
        return "SKE";
    case HandshakeType::CertificateRequest:
        return "CertReq";
    case HandshakeType::ServerHelloDone:
        return "SHD";
    case HandshakeType::ClientKeyExchange:
        return "CKE";
    case HandshakeType::CertificateVerify:
        return "CV";
    case HandshakeType::NewSessionTicket:
        return "NST";
    case HandshakeType::Finished:
        return "Fin";
    default:
        return handshakeTypeName(type);
    }
}

/// What one record is called; `retry`: the next ServerHello asks for another ClientHello.
std::string wordOf(const Step& step, bool& retry) {
    switch (step.kind) {
    case Step::Kind::Fin:
        return "FIN";
    case Step::Kind::Reset:
        return "RST";
    case Step::Kind::Gap:
        return fmt::format("gap{}", step.length);
    case Step::Kind::NotTls:
        return fmt::format("other{}", step.length);
    case Step::Kind::Datagram:
    case Step::Kind::Record:
        break;
    }
    switch (static_cast<RecordType>(step.recordType)) {
    case RecordType::ChangeCipherSpec:
        return "CCS";
    case RecordType::Alert:
        if (step.encrypted) return fmt::format("alert(enc){}", step.length);
        return step.alert ? fmt::format("ALERT(plain {})", alertName(*step.alert)) : "ALERT";
    case RecordType::ApplicationData:
        return fmt::format("app{}", step.length);
    case RecordType::Handshake:
        break;
    default:
        return fmt::format("{}{}", recordTypeName(step.recordType), step.length);
    }
    if (step.encrypted) return fmt::format("hs(enc){}", step.length);
    std::string words;
    for (std::size_t i = 0; i < step.messageCount; ++i) {
        if (!words.empty()) words += ',';
        const bool isRetry = step.messages[i] == HandshakeType::ServerHello && retry;
        if (isRetry) retry = false;
        words += isRetry ? "HRR" : shortName(step.messages[i]);
    }
    return words.empty() ? "part" : words; // of a message that ends in a later record
}

} // namespace

std::string recordLine(const std::vector<Step>& steps, bool helloRetried) {
    std::string line;
    const Step* previous = nullptr;
    for (const Step& step : steps) {
        const bool sameTurn = previous != nullptr && previous->from == step.from;
        if (previous != nullptr) line += sameTurn ? "," : " | ";
        if (!sameTurn) line += step.from == Peer::Client ? "C:" : "S:";
        line += wordOf(step, helloRetried);
        if (step.count > 1) line += fmt::format("x{}", step.count);
        previous = &step;
    }
    return line;
}

} // namespace gatescope::tls

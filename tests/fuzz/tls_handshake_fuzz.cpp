// SPDX-License-Identifier: Apache-2.0
// Input: an octet that chooses the parsers that are tried besides the right one, then fragments: an octet that says
// whether it is a loss, one that gives the length, then the octets. Any split gives the same messages; every message is
// read by the parser of its type, and hellos get their fingerprints.
#include "core/tls/fingerprints.h"
#include "core/tls/handshake_messages.h"
#include "core/tls/handshake_reader.h"
#include "core/tls/hello.h"
#include "core/tls/names.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool isHexadecimal(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool isPlain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f; });
}

void tryClientHello(Bytes body) {
    const auto hello = tls::parseClientHello(body);
    if (!hello) return;
    require(hello->sessionId.size() <= 32 && (hello->hasExtensions || hello->extensions.empty()));
    require(!hello->serverName || isPlain(*hello->serverName));
    for (const bool overQuic : {false, true}) {
        const std::string ja4 = tls::ja4(*hello, overQuic);
        require(ja4.size() == 36 && ja4[0] == (overQuic ? 'q' : 't') && ja4[10] == '_' && ja4[23] == '_' &&
                isPlain(ja4) && isHexadecimal(ja4.substr(11, 12)) && isHexadecimal(ja4.substr(24)));
    }
    const std::string ja3 = tls::ja3(*hello);
    require(ja3.size() == 32 && isHexadecimal(ja3));
    for (const std::uint16_t value : hello->cipherSuites) require(!tls::cipherSuiteName(value).empty());
    for (const std::uint16_t value : hello->extensions) require(!tls::extensionName(value).empty());
    for (const std::uint16_t value : hello->groups) require(!tls::groupName(value).empty());
    for (const std::uint16_t value : hello->signatureSchemes) require(!tls::signatureSchemeName(value).empty());
    for (const std::uint16_t value : hello->versions) require(!tls::versionName(value).empty());
}

void tryServerHello(Bytes body) {
    const auto hello = tls::parseServerHello(body);
    if (!hello) return;
    require(hello->sessionId.size() <= 32 && tls::ja3s(*hello).size() == 32);
    require(!hello->alpn || !hello->alpn->empty());
}

void tryParsers(tls::HandshakeType type, Bytes body) {
    using enum tls::HandshakeType;
    switch (type) {
    case ClientHello:
        tryClientHello(body);
        break;
    case ServerHello:
        tryServerHello(body);
        break;
    case EncryptedExtensions:
        (void)tls::parseEncryptedExtensions(body);
        break;
    case Certificate:
        (void)tls::parseCertificate(body, false);
        (void)tls::parseCertificate(body, true);
        break;
    case CompressedCertificate:
        (void)tls::parseCompressedCertificate(body);
        break;
    case CertificateStatus:
        (void)tls::parseCertificateStatus(body);
        break;
    case ServerKeyExchange:
        for (const std::uint16_t suite : {std::uint16_t{0xc02f}, std::uint16_t{0x9e}, std::uint16_t{0xd001},
                                          std::uint16_t{0xc01e}, std::uint16_t{3}, std::uint16_t{0xc018}})
            for (const std::uint16_t version : {tls::kTls10, tls::kTls12})
                (void)tls::parseServerKeyExchange(body, suite, version);
        break;
    case CertificateVerify:
        (void)tls::parseCertificateVerify(body);
        break;
    case NewSessionTicket:
        (void)tls::parseNewSessionTicket(body, false);
        (void)tls::parseNewSessionTicket(body, true);
        break;
    default:
        break;
    }
}

class Sink final : public tls::HandshakeSink {
public:
    Sink(bool parses, std::uint8_t extra) : m_parses(parses), m_extra(extra) {}
    std::string log;

private:
    void onMessage(const tls::HandshakeMessage& message) override {
        require(message.body.size() <= tls::HandshakeReader::kMaxMessageBytes);
        require(message.whole.size() == message.body.size() + tls::HandshakeMessage::kHeaderBytes);
        require(message.first.packet != 0 && message.first.packet <= message.last.packet);
        log.append(asText(message.whole)) += '\n';
        if (!m_parses) return;
        require(!tls::handshakeTypeName(message.type).empty());
        tryParsers(message.type, message.body);
        tryParsers(static_cast<tls::HandshakeType>(m_extra), message.body);
    }
    void onTooLong(const tls::LongHandshakeMessage& message) override {
        require(message.length > tls::HandshakeReader::kMaxMessageBytes && message.first.packet != 0);
        log += "long\n";
    }

    bool m_parses;
    std::uint8_t m_extra;
};

std::string played(const std::uint8_t* data, std::size_t size, bool octetByOctet) {
    Sink sink(!octetByOctet, data[0]);
    tls::HandshakeReader reader;
    std::uint64_t packet = 0;
    for (std::size_t at = 1; at + 2 <= size;) {
        if (data[at] % 16 == 15) {
            reader.reset();
            require(!reader.isInMessage());
        }
        // Up to 4,095 octets, so that a message may lie in one fragment.
        const std::size_t length = std::size_t{data[at] / 16U} << 8 | data[at + 1];
        at += 2;
        const std::size_t end = at + std::min(length, size - at);
        const tls::Place place{++packet, static_cast<TimeNs>(packet)};
        while (at < end) {
            // A copy of exactly that size, gone after the call.
            const std::vector<std::uint8_t> bytes(data + at, data + (octetByOctet ? at + 1 : end));
            reader.feed(bytes, place, sink);
            at += bytes.size();
        }
    }
    return std::move(sink.log) + (reader.isInMessage() ? '+' : '.');
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    require(played(data, size, false) == played(data, size, true));
    return 0;
}

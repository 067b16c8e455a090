// SPDX-License-Identifier: Apache-2.0
// Input: an octet that says what follows - a Certificate of TLS 1.2, one of TLS 1.3, a compressed one, or a certificate
// - and the octets. Limits hold, and names are fit for a terminal.
#include "core/tls/handshake_messages.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void tryNames(std::string_view der) {
    // A copy of exactly that size.
    const std::vector<char> exact(der.begin(), der.end());
    const auto names = tls::certificateNames({exact.data(), exact.size()});
    if (!names) return;
    for (const std::string& name : {names->subject, names->issuer})
        require(std::ranges::all_of(name, [](char c) { return static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f; }));
}

void tryMessage(const std::expected<tls::CertificateMessage, DecodeError>& message) {
    using tls::CertificateMessage;
    if (!message) return;
    require(message->der.size() <= CertificateMessage::kMaxCertificates);
    require(message->ocspResponse.size() <= CertificateMessage::kMaxStatusBytes);
    std::size_t octets = 0;
    for (const std::string& der : message->der) {
        require(!der.empty());
        octets += der.size();
        tryNames(der);
    }
    require(octets <= CertificateMessage::kMaxBytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::vector<std::uint8_t> body(data + 1, data + size);
    switch (data[0] % 4) {
    case 0:
        tryMessage(tls::parseCertificate(body, false));
        break;
    case 1:
        tryMessage(tls::parseCertificate(body, true));
        break;
    case 2:
        tryMessage(tls::parseCompressedCertificate(body));
        break;
    default:
        tryNames(asText(body));
        break;
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/handshake_messages.h"

#include "core/tls/extension_types.h"
#include "core/tls/names.h"
#include "core/tls/vectors.h"

namespace gatescope::tls {

namespace {

/// Nothing to read was missing, and nothing was left over.
std::optional<DecodeError> endError(const ByteReader& reader) {
    if (reader.failed()) return DecodeError::Truncated;
    if (reader.remaining() != 0) return DecodeError::Malformed;
    return std::nullopt;
}

/// What a ServerKeyExchange is made of.
struct KeyExchangeForm {
    enum class Parameters : std::uint8_t { None, Dh, Ecdh, Srp, Rsa };
    Parameters parameters = Parameters::None;
    bool hasIdentityHint = false;
    bool isSigned = false;
};

/// The form follows from the name of a suite up to its `_WITH_` (RFC 5246, 7.4.3; RFC 8422; RFC 4279; RFC 5489;
/// RFC 5054, 2.5.3; RFC 2246, 7.4.3 for RSA_EXPORT).
KeyExchangeForm keyExchangeForm(std::uint16_t suite) {
    using Parameters = KeyExchangeForm::Parameters;
    const std::string name = cipherSuiteName(suite);
    const auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
    if (begins("TLS_ECDHE_PSK_")) return {Parameters::Ecdh, true, false};
    if (begins("TLS_ECDHE_")) return {Parameters::Ecdh, false, true};
    if (begins("TLS_ECDH_anon_")) return {Parameters::Ecdh, false, false};
    if (begins("TLS_DHE_PSK_") || begins("TLS_PSK_DHE_")) return {Parameters::Dh, true, false};
    if (begins("TLS_DHE_")) return {Parameters::Dh, false, true};
    if (begins("TLS_DH_anon_")) return {Parameters::Dh, false, false};
    if (begins("TLS_SRP_SHA_RSA_") || begins("TLS_SRP_SHA_DSS_")) return {Parameters::Srp, false, true};
    if (begins("TLS_RSA_EXPORT_")) return {Parameters::Rsa, false, true};
    return {};
}

/// ServerECDHParams. False: a curve that is written out, whose parts nobody sends any more.
bool readEcdh(ByteReader& reader, KeyExchangeFacts& facts) {
    constexpr std::uint8_t kNamedCurve = 3;
    if (reader.u8() != kNamedCurve) return false;
    const std::uint16_t group = reader.u16();
    takeVector8(reader); // the point
    if (!reader.failed()) facts.group = group;
    return true;
}

void skipNumbers(ByteReader& reader, unsigned count) {
    for (unsigned i = 0; i < count; ++i) takeVector16(reader);
}

} // namespace

std::expected<EncryptedExtensions, DecodeError> parseEncryptedExtensions(Bytes body) {
    ByteReader reader(body);
    const Bytes block = takeVector16(reader);
    if (const auto error = endError(reader)) return std::unexpected(*error);
    EncryptedExtensions result;
    const bool whole = forEachExtension(block, [&](std::uint16_t type, Bytes content) {
        result.extensions.push_back(type);
        if (type == extension::kEarlyData) result.acceptsEarlyData = true;
        if (type != extension::kAlpn || result.alpn) return;
        if (std::string name = firstProtocol(content); !name.empty()) result.alpn = std::move(name);
    });
    if (!whole) return std::unexpected(DecodeError::Malformed);
    return result;
}

std::expected<std::string, DecodeError> parseCertificateStatus(Bytes body) {
    constexpr std::uint8_t kOcsp = 1;
    constexpr std::uint8_t kOcspMulti = 2; // RFC 6961: a list, the leaf's first
    ByteReader reader(body);
    const std::uint8_t type = reader.u8();
    if (!reader.failed() && type != kOcsp && type != kOcspMulti) return std::unexpected(DecodeError::Unsupported);
    Bytes response = takeVector24(reader);
    if (const auto error = endError(reader)) return std::unexpected(*error);
    if (type == kOcspMulti) {
        ByteReader list(response);
        response = takeVector24(list);
        if (list.failed()) return std::unexpected(DecodeError::Malformed);
    }
    if (response.size() > CertificateMessage::kMaxStatusBytes) return std::unexpected(DecodeError::LimitReached);
    return std::string(asText(response));
}

std::expected<KeyExchangeFacts, DecodeError> parseServerKeyExchange(Bytes body, std::uint16_t suite,
                                                                    std::uint16_t version) {
    using Parameters = KeyExchangeForm::Parameters;
    KeyExchangeFacts facts;
    const KeyExchangeForm form = keyExchangeForm(suite);
    if (form.parameters == Parameters::None) return facts;

    ByteReader reader(body);
    if (form.hasIdentityHint) takeVector16(reader);
    switch (form.parameters) {
    case Parameters::Ecdh:
        if (!readEcdh(reader, facts) && !reader.failed()) return facts;
        break;
    case Parameters::Dh:
        skipNumbers(reader, 3);
        break; // p, g, Ys
    case Parameters::Rsa:
        skipNumbers(reader, 2);
        break; // modulus, exponent
    case Parameters::Srp:
        skipNumbers(reader, 2); // N, g
        takeVector8(reader);    // salt
        skipNumbers(reader, 1); // B
        break;
    case Parameters::None:
        break;
    }
    if (form.isSigned) {
        if (version == kTls12) facts.signatureScheme = reader.u16();
        takeVector16(reader);
    }
    if (const auto error = endError(reader)) return std::unexpected(*error);
    return facts;
}

std::expected<std::uint16_t, DecodeError> parseCertificateVerify(Bytes body) {
    ByteReader reader(body);
    const std::uint16_t scheme = reader.u16();
    takeVector16(reader);
    if (const auto error = endError(reader)) return std::unexpected(*error);
    return scheme;
}

std::expected<std::string, DecodeError> parseNewSessionTicket(Bytes body, bool isTls13) {
    ByteReader reader(body);
    reader.skip(4); // lifetime
    if (isTls13) {
        reader.skip(4); // ticket_age_add
        takeVector8(reader);
    }
    const Bytes ticket = takeVector16(reader);
    if (isTls13) takeVector16(reader); // extensions
    if (const auto error = endError(reader)) return std::unexpected(*error);
    return std::string(asText(ticket));
}

} // namespace gatescope::tls

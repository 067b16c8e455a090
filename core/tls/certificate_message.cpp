// SPDX-License-Identifier: Apache-2.0
#include "core/tls/extension_types.h"
#include "core/tls/handshake_messages.h"
#include "core/tls/vectors.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

namespace gatescope::tls {

namespace {

/// RFC 8446, 4.4.2.1: a CertificateStatus of type ocsp.
void readStatus(Bytes content, CertificateMessage& message) {
    ByteReader reader(content);
    const bool isOcsp = reader.u8() == 1;
    const Bytes response = takeVector24(reader);
    if (!isOcsp || reader.failed()) return;
    if (response.size() > CertificateMessage::kMaxStatusBytes)
        message.cut = true;
    else
        message.ocspResponse = asText(response);
}

/// Whether one more certificate is within the limits.
bool hasRoom(const CertificateMessage& message, std::size_t held, Bytes certificate) {
    return message.der.size() < CertificateMessage::kMaxCertificates &&
           certificate.size() <= CertificateMessage::kMaxBytes - held;
}

// RFC 8879, 7.3.
constexpr std::uint16_t kZlib = 1;
constexpr std::uint16_t kBrotli = 2;
constexpr std::uint16_t kZstd = 3;

/// Exactly `out.size()` octets, or false.
bool inflate(Bytes in, std::vector<std::uint8_t>& out) {
    uLongf size = out.size();
    return uncompress(out.data(), &size, in.data(), in.size()) == Z_OK && size == out.size();
}
bool unbrotli(Bytes in, std::vector<std::uint8_t>& out) {
    std::size_t size = out.size();
    return BrotliDecoderDecompress(in.size(), in.data(), &size, out.data()) == BROTLI_DECODER_RESULT_SUCCESS &&
           size == out.size();
}
bool unzstd(Bytes in, std::vector<std::uint8_t>& out) {
    return ZSTD_decompress(out.data(), out.size(), in.data(), in.size()) == out.size();
}

} // namespace

std::expected<CertificateMessage, DecodeError> parseCertificate(Bytes body, bool isTls13) {
    ByteReader reader(body);
    if (isTls13) takeVector8(reader); // certificate_request_context
    ByteReader list(takeVector24(reader));
    if (reader.failed()) return std::unexpected(DecodeError::Truncated);
    if (reader.remaining() != 0) return std::unexpected(DecodeError::Malformed);

    CertificateMessage message;
    std::size_t held = 0;
    while (list.remaining() != 0) {
        const Bytes certificate = takeVector24(list);
        const Bytes extensions = isTls13 ? takeVector16(list) : Bytes();
        if (list.failed() || certificate.empty()) return std::unexpected(DecodeError::Malformed);
        if (!hasRoom(message, held, certificate)) {
            message.cut = true;
            break;
        }
        const bool isFirst = message.der.empty();
        held += certificate.size();
        message.der.emplace_back(asText(certificate));
        const bool whole = forEachExtension(extensions, [&](std::uint16_t type, Bytes content) {
            if (isFirst && type == extension::kStatusRequest && message.ocspResponse.empty())
                readStatus(content, message);
        });
        if (!whole) return std::unexpected(DecodeError::Malformed);
    }
    return message;
}

std::expected<CertificateMessage, DecodeError> parseCompressedCertificate(Bytes body) {
    ByteReader reader(body);
    const std::uint16_t algorithm = reader.u16();
    const std::size_t size = takeNumber24(reader);
    const Bytes compressed = takeVector24(reader);
    if (reader.failed()) return std::unexpected(DecodeError::Truncated);
    if (reader.remaining() != 0) return std::unexpected(DecodeError::Malformed);
    if (algorithm < kZlib || algorithm > kZstd) return std::unexpected(DecodeError::Unsupported);
    if (size > CertificateMessage::kMaxBytes) return std::unexpected(DecodeError::LimitReached);

    if (size == 0) return std::unexpected(DecodeError::Malformed);
    std::vector<std::uint8_t> plain(size);
    const bool whole = algorithm == kZlib     ? inflate(compressed, plain)
                       : algorithm == kBrotli ? unbrotli(compressed, plain)
                                              : unzstd(compressed, plain);
    if (!whole) return std::unexpected(DecodeError::Malformed);
    auto message = parseCertificate(plain, true);
    // It came whole, so the sender cut it.
    if (!message && message.error() == DecodeError::Truncated) return std::unexpected(DecodeError::Malformed);
    return message;
}

} // namespace gatescope::tls

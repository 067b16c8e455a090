// SPDX-License-Identifier: Apache-2.0
#include "core/trust/certificate_file.h"

#include "core/trust/der_reader.h"
#include "core/trust/file_reading.h"

#include <fmt/format.h>

namespace gatescope::trust {

namespace {

std::unexpected<Error> unknown(std::string message) {
    return std::unexpected(Error{ErrorKind::UnknownFormat, std::move(message)});
}

/// The tag of the first element inside a sequence, also of one without a definite length (BER); 0: none.
std::uint8_t firstTagIn(std::string_view der) {
    if (der.size() < 2) return 0;
    const auto length = static_cast<std::uint8_t>(der[1]);
    const std::size_t header = length > 0x80 ? 2U + (length & 0x7f) : 2U;
    return header < der.size() ? static_cast<std::uint8_t>(der[header]) : std::uint8_t{0};
}

std::expected<CertificateFile, Error> readDer(std::string_view content) {
    if (content.size() > CertificateFile::kMaxContainerBytes)
        return unknown(fmt::format("longer than the {} MiB that files in DER may have",
                                   CertificateFile::kMaxContainerBytes >> 20));
    FileReading reading;
    switch (firstTagIn(content)) {
    case DerElement::kObject:
        if (isTrustList(content)) {
            readTrustList(content, reading);
            return std::move(reading).finish("certificate trust list");
        }
        readPkcs7(content, reading);
        return std::move(reading).finish("PKCS#7");
    case DerElement::kInteger: { // its version; private keys begin so, too, with another one
        DerReader parts(DerReader(content).next(DerElement::kSequence).value_or(std::string_view()));
        const auto version = parts.next(DerElement::kInteger);
        if (version && *version != std::string_view("\x03")) return unknown("a private key, or of an unknown kind");
        if (auto done = readPkcs12(content, reading); !done) return std::unexpected(done.error());
        return std::move(reading).finish("PKCS#12");
    }
    default:
        readDerElements(content, reading);
        return std::move(reading).finish("DER");
    }
}

/// Formats that hold files of certificates, and what to do about them.
std::string_view packing(std::string_view content) {
    if (content.starts_with("MSCF")) return "a cabinet file: unpack it and give authroot.stl";
    if (content.starts_with("PK\x03\x04")) return "a ZIP file: unpack it first";
    if (content.starts_with("\x1f\x8b") ||
        content.starts_with("\xfd"
                            "7zXZ") ||
        content.starts_with("BZh"))
        return "compressed: unpack it first";
    return {};
}

} // namespace

std::expected<CertificateFile, Error> readCertificateFile(std::string_view content) {
    if (content.empty()) return unknown("the file is empty");
    if (content.size() > CertificateFile::kMaxFileBytes)
        return unknown(fmt::format("longer than {} MiB", CertificateFile::kMaxFileBytes >> 20));
    if (const std::string_view what = packing(content); !what.empty()) return unknown(std::string(what));
    FileReading reading;
    if (content.starts_with("\xfe\xed\xfe\xed") || content.starts_with("\xce\xce\xce\xce")) {
        readJavaKeyStore(content, reading);
        return std::move(reading).finish("Java key store");
    }
    // Nothing in DER that counts is shorter than 128 octets; text may begin with the digit 0, which is the same octet.
    constexpr std::uint8_t kLongForm = 0x80;
    if (content.size() > 2 && static_cast<std::uint8_t>(content[0]) == DerElement::kSequence &&
        static_cast<std::uint8_t>(content[1]) >= kLongForm)
        return readDer(content);
    if (isCcadbCsv(content)) {
        readCcadbCsv(content, reading);
        return std::move(reading).finish("CCADB CSV");
    }
    if (content.find("-----BEGIN ") == content.npos)
        return unknown(
            "neither PEM, DER, PKCS#7, PKCS#12, a Java key store, a CSV of CCADB nor a certificate trust list");
    readPemText(content, reading);
    return std::move(reading).finish("PEM");
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/certificate_file.h"

#include <cstddef>
#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace gatescope::trust {

/// Collects what the readers of single formats find, within the limits of CertificateFile.
class FileReading {
public:
    /// `what` is for remarks: `certificate`. False: it is none, or the file has too many.
    bool addCertificate(std::string_view der);
    void addRevocationList(std::string_view der);
    void addListed(const ListedRoot& root);
    void setAsOf(std::string date) { m_file.asOf = std::move(date); }

    void remark(std::string text);
    /// One more of something that was passed over: `private key`.
    void passOver(const std::string& what) { ++m_passedOver[what]; }
    /// One more that a list does not trust for servers.
    void leaveOut() { ++m_leftOut; }

    /// As many certificates were read, or tried, as a file may have.
    bool isFull() const { return m_read >= CertificateFile::kMaxCertificates; }
    bool hasFound() const { return !m_file.certificates.empty() || !m_file.revocationLists.empty(); }
    /// Everything that was found, or UnknownFormat when it is nothing.
    std::expected<CertificateFile, Error> finish(std::string format) &&;

private:
    CertificateFile m_file;
    std::map<std::string, std::size_t> m_passedOver;
    std::size_t m_leftOut = 0, m_read = 0, m_remarks = 0;
    bool m_tooMany = false;
};

// One reader a format; each adds to `reading` what it finds, and remarks.
void readPemText(std::string_view text, FileReading& reading);
/// Certificates and revocation lists that follow each other.
void readDerElements(std::string_view der, FileReading& reading);
void readPkcs7(std::string_view der, FileReading& reading);
/// Usage: none of the usual passwords opens it.
std::expected<void, Error> readPkcs12(std::string_view der, FileReading& reading);
void readJavaKeyStore(std::string_view content, FileReading& reading);
void readCcadbCsv(std::string_view text, FileReading& reading);
void readTrustList(std::string_view der, FileReading& reading);

/// A PKCS#7 whose content is a list of trusted certificates.
bool isTrustList(std::string_view der);
/// The first line names columns, one of them for certificates.
bool isCcadbCsv(std::string_view text);

/// Object identifiers in their encoding (without tag and length).
inline constexpr std::string_view kServerAuth{"\x2b\x06\x01\x05\x05\x07\x03\x01", 8}; // 1.3.6.1.5.5.7.3.1
inline constexpr std::string_view kAnyPurpose{"\x55\x1d\x25\x00", 4};                 // 2.5.29.37.0

} // namespace gatescope::trust

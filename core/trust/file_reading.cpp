// SPDX-License-Identifier: Apache-2.0
#include "core/trust/file_reading.h"

#include <fmt/format.h>
#include <utility>

namespace gatescope::trust {

namespace {

std::string counted(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

} // namespace

bool FileReading::addCertificate(std::string_view der) {
    if (isFull()) {
        m_tooMany = true;
        return false;
    }
    ++m_read;
    auto certificate = readCertificate(der);
    if (!certificate) {
        remark(fmt::format("certificate {} cannot be read: {}", m_read,
                           certificate.error() == DecodeError::LimitReached
                               ? fmt::format("it is longer than {} KiB", Certificate::kMaxBytes >> 10)
                               : "it is damaged"));
        return false;
    }
    m_file.certificates.push_back(*std::move(certificate));
    return true;
}

void FileReading::addRevocationList(std::string_view der) {
    if (m_file.revocationLists.size() < CertificateFile::kMaxRevocationLists)
        m_file.revocationLists.emplace_back(der);
    else
        m_tooMany = true;
}

void FileReading::addListed(const ListedRoot& root) {
    if (m_file.listed.size() < CertificateFile::kMaxListed)
        m_file.listed.push_back(root);
    else
        m_tooMany = true;
}

void FileReading::remark(std::string text) {
    if (++m_remarks <= CertificateFile::kMaxRemarks) m_file.remarks.push_back(std::move(text));
}

std::expected<CertificateFile, Error> FileReading::finish(std::string format) && {
    m_file.format = std::move(format);
    if (m_remarks > CertificateFile::kMaxRemarks)
        m_file.remarks.push_back(fmt::format("and {} more of this kind", m_remarks - CertificateFile::kMaxRemarks));
    for (const auto& [what, count] : m_passedOver) m_file.remarks.push_back(counted(count, what) + " passed over");
    if (m_leftOut != 0)
        m_file.remarks.push_back(counted(m_leftOut, "certificate") + " left out: not trusted for servers by this list");
    if (m_tooMany)
        m_file.remarks.push_back(fmt::format("only the first {} certificates and {} revocation lists were taken",
                                             CertificateFile::kMaxCertificates, CertificateFile::kMaxRevocationLists));
    if (hasFound() || !m_file.listed.empty()) return std::move(m_file);
    std::string message = fmt::format("no certificate in this {}", m_file.format);
    if (!m_file.remarks.empty()) message += fmt::format(" ({})", m_file.remarks.front());
    return std::unexpected(Error{ErrorKind::UnknownFormat, std::move(message)});
}

} // namespace gatescope::trust

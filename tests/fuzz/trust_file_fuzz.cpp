// SPDX-License-Identifier: Apache-2.0
// Input: a file of certificates. Limits hold, what was read is read again from its own octets, and an error has words.
#include "core/trust/certificate_file.h"

#include <cstdlib>
#include <vector>

using namespace gatescope::trust;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of exactly that size.
    const std::vector<char> exact(data, data + size);
    const auto file = readCertificateFile({exact.data(), exact.size()});
    if (!file) {
        require(!file.error().message.empty());
        return 0;
    }
    require(!file->format.empty());
    require(!file->certificates.empty() || !file->revocationLists.empty() || !file->listed.empty());
    require(file->certificates.size() <= CertificateFile::kMaxCertificates);
    require(file->listed.size() <= CertificateFile::kMaxListed);
    require(file->asOf.empty() || file->asOf.size() == 10);
    for (const CertificatePtr& certificate : file->certificates) {
        require(certificate != nullptr && certificate->x509 != nullptr);
        require(readCertificate(certificate->der).has_value());
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "core/trust/system_places.h"

#include <openssl/x509.h>

namespace gatescope::trust {

SystemPlaces systemPlaces() {
    return {.fileVariable = X509_get_default_cert_file_env(),
            .folderVariable = X509_get_default_cert_dir_env(),
            .file = X509_get_default_cert_file(),
            .folder = X509_get_default_cert_dir(),
            .bundles = {
                "/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch
                "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, Red Hat
                "/etc/pki/tls/certs/ca-bundle.crt",                  // older ones of these
                "/etc/ssl/ca-bundle.pem",                            // openSUSE
                "/etc/ssl/cert.pem",                                 // Alpine, BSD
                "/usr/local/share/certs/ca-root-nss.crt",            // FreeBSD
            }};
}

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/chain.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// A header in which a front end tells of a certificate. Understood are
///  - x-arr-ssl of Azure App Service: `cert key bits|session key bits|issuer|subject`, of the certificate that the
///  front
///    end showed (`true`, as Container Apps write it, tells nothing);
///  - x-forwarded-client-cert of Envoy: `Hash=`, `Subject="..."`, `Issuer="..."`, `DNS=`, `URI=`, `Cert="..."` and
///    `Chain="..."` (URL-encoded PEM); of several elements the first, which is the original client's;
///  - names in a header of their own: `x-client-cert-subject-dn`, `ssl-client-issuer-dn`, `x-ssl-client-s-dn` (nginx,
///    HAProxy, Apache, AWS) and their relatives;
///  - certificates: x-arr-clientcert, x-client-cert, ssl-client-cert, x-amzn-mtls-clientcert,
///  x-forwarded-tls-client-cert
///    (PEM as it is, with blanks for line ends, URL-encoded, or base64 alone), client-cert of RFC 9440.
struct CertificateHeader {
    static constexpr std::size_t kMaxOctets = 64U << 10;
    static constexpr std::size_t kMaxCertificates = 8;

    enum class Whose : std::uint8_t {
        Server, ///< shown by the front end
        Client  ///< shown to it
    };
    Whose whose = Whose::Client;
    /// `source` is the header's name in lower case. One of subject and issuer may be empty: not told here. With a
    /// certificate both are its own, in the form of RFC 4514; else as written.
    NamedCertificate names;
    std::vector<CertificatePtr> certificates; ///< leaf first; empty: names only
    std::vector<std::string> hosts;           ///< DNS and URI names that Envoy tells
};

/// Nothing: no such header, or nothing can be read in it. Octets that come from anywhere; never throws.
std::optional<CertificateHeader> readCertificateHeader(std::string_view name, std::string_view value);

/// The same without the certificates themselves.
std::optional<NamedCertificate> namedCertificateOf(std::string_view name, std::string_view value);

} // namespace gatescope::trust

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::path {

/// x-arr-ssl: what a front end of App Service says of the TLS connection that it took. The subject is that of the
/// certificate which the front end showed, not the client's. Source: public dumps; the order of the two lengths is
/// inferred from their values.
struct ArrSsl {
    bool isTrueOnly = false; ///< `true`: Container Apps, which tells nothing more
    std::optional<unsigned> certificateBits, cipherBits;
    std::string_view issuer, subject;    ///< distinguished names as written
    std::string issuerName, subjectName; ///< their CN; empty: none
    std::string issuerOrganisation;
};

/// Parts of a distinguished name are separated by `, ` or `;`. Nothing when the text is neither `true` nor four fields
/// separated by `|`. The views refer to the text given.
std::optional<ArrSsl> readArrSsl(std::string_view text);

/// Value of the first `attribute` (`CN`, `O`) in a distinguished name, without quotes; empty: none. A separator counts
/// only where another attribute follows, because names of companies hold commas.
std::string nameAttribute(std::string_view distinguishedName, std::string_view attribute);

/// A certificate's name against a host: equal, or `*.` for one label (RFC 9525, 6.3), without regard to case.
bool certificateNameMatches(std::string_view name, std::string_view host);

} // namespace gatescope::path

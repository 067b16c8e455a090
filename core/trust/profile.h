// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/trust/certificate_file.h"
#include "core/trust/certificate_set.h"

#include <array>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatescope::trust {

/// One row of resources/root-programmes.tsv: a public root and who trusts it.
struct PublicRoot {
    std::array<std::uint8_t, 32> sha256{};
    std::string_view subject;                       ///< RFC 4514
    std::string_view keyId;                         ///< raw octets; empty: it has none
    std::string_view key;                           ///< `rsa4096`, `ec-secp384r1`
    TimeNs notBefore = kNoTime, notAfter = kNoTime; ///< the day's begin
    std::uint8_t programmes = 0;                    ///< bits by Programme
};
enum class Programme : std::uint8_t { Mozilla, Microsoft, Apple, Android, OpenJdk, OracleJdk };
constexpr std::uint8_t bitOf(Programme programme) {
    return std::uint8_t(1U << static_cast<unsigned>(programme));
}

/// One row of resources/public-intermediates.tsv.
struct PublicIntermediate {
    std::array<std::uint8_t, 32> sha256{};
    std::string_view subject, issuer;              ///< RFC 4514
    std::string_view subjectKeyId, authorityKeyId; ///< raw octets; empty: none
    std::string_view key;
    TimeNs notBefore = kNoTime, notAfter = kNoTime;
    std::string_view caIssuers; ///< address of its issuer's certificate; empty: none
};

/// The two tables, compiled in. Sorted by subject (compared without regard to case); static lifetime.
std::span<const PublicRoot> publicRoots();
std::span<const PublicIntermediate> publicIntermediates();
std::span<const PublicRoot> publicRootsNamed(std::string_view subject);
std::span<const PublicIntermediate> publicIntermediatesNamed(std::string_view subject);
const PublicRoot* publicRootOf(const std::array<std::uint8_t, 32>& sha256);
/// When the tables were taken, `2026-07-19`, and where from; one line each for people.
struct TableFacts {
    std::string_view asOf, origin, licence;
};
TableFacts publicRootFacts();
TableFacts publicIntermediateFacts();

/// Who a kind of client trusts.
struct TrustProfile {
    std::string id;    ///< as typed: `strict-common`, `mozilla`, `microsoft`, `apple`, `android`, `openjdk`,
                       ///< `openjdk-old`, `system`, `custom`
    std::string title; ///< `Public CAs: strict common`
    std::string asOf;  ///< `2026-07-19`; empty: read at run time
    std::string origin, licence;
    std::string note; ///< what the list leaves out; empty: nothing
    /// Roots whose certificates are at hand.
    CertificateSet certificates;
    /// Roots known by the table alone, pointers into publicRoots(), in its order.
    std::vector<const PublicRoot*> byName;
    std::size_t roots() const { return certificates.size() + byName.size(); }

    /// A list of a programme or platform, not one of this machine or of the user.
    bool isPublic() const { return id != "custom" && id != "system"; }
    bool isAnchor(const Certificate& certificate) const { return certificates.find(certificate.sha256) != nullptr; }
    /// The root of the table that could have issued `certificate`: same name and, where both have one, the same key id;
    /// valid at `at`. Null: none. Its signature cannot be checked.
    const PublicRoot* issuerByName(const Certificate& certificate, TimeNs at) const;
    /// The certificate is itself a root of this profile, known by its digest alone.
    const PublicRoot* rootByDigest(const Certificate& certificate) const;
};
using ProfilePtr = std::shared_ptr<const TrustProfile>;

/// What the user and the system bring.
struct ProfileSources {
    CertificateSet atHand;   ///< certificates to which the table's digests are held (system and user files)
    CertificateSet system;   ///< the system's own store
    CertificateSet custom;   ///< the user's roots
    bool customOnly = false; ///< `custom` alone is asked
    bool customAdds = false; ///< `custom` is added to every profile, as if the user had installed it there
};

/// All profiles that can be asked, the default first; those without any root (no system store, no custom file) are not
/// among them. A profile that was refreshed from a file replaces the table's, also in what all have in common.
std::vector<ProfilePtr> makeProfiles(const ProfileSources& sources, std::span<const ProfilePtr> refreshed = {});
/// Where a newer list came from.
struct RefreshedFrom {
    std::string name;     ///< of the file
    std::string fileDate; ///< `2026-07-19`, taken when the file itself tells none
};
/// A programme's list out of a file: its self-issued certificates, and what a trust list names. Usage: no such list;
/// UnknownFormat: no root in it.
std::expected<ProfilePtr, Error> refreshedProfile(std::string_view id, const CertificateFile& file,
                                                  const ProfileSources& sources, const RefreshedFrom& from);
/// By id, case ignored; `java` and the like are understood. Null: none.
ProfilePtr findProfile(std::span<const ProfilePtr> profiles, std::string_view id);
/// `asOf` is more than a year before `now`.
bool isOutdated(const TrustProfile& profile, TimeNs now);

} // namespace gatescope::trust

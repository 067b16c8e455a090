// SPDX-License-Identifier: Apache-2.0
#include "core/trust/profile.h"

#include "core/trust/public_tables.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <map>
#include <openssl/sha.h>
#include <utility>

namespace gatescope::trust {

namespace {

/// A profile that comes out of the table.
struct TableProfile {
    std::string_view id, title;
    Programme programme = Programme::Mozilla;
    std::string_view note;
};

constexpr TableProfile kTableProfiles[] = {
    {"mozilla", "Mozilla, Linux distributions, certifi", Programme::Mozilla,
     "Mozilla's \"distrust after\" dates are not in the list: of some roots, newer certificates are refused. "
     "Distributions and certifi ship copies of other dates."},
    {"microsoft", "Microsoft Trusted Root Program", Programme::Microsoft,
     "The list includes roots for other purposes than TLS servers; limits of purpose and date are not in it."},
    {"apple", "Apple", Programme::Apple, "Apple's limits of date for single roots are not in the list."},
    {"android", "Android", Programme::Android,
     "The list of AOSP; devices with older system images have older lists. Chrome on Android uses its own."},
    {"openjdk", "OpenJDK 17.0.2", Programme::OpenJdk,
     "The list of a release of 2022, as old installations have it. JDK packages of Linux distributions use the "
     "system's "
     "store instead; dates after which Java refuses roots are not in it."},
    {"openjdk-old", "Oracle JDK 13.0.2", Programme::OracleJdk,
     "The list of a release of 2020, as very old installations have it."},
};

struct Alias {
    std::string_view alias, id;
};

constexpr Alias kAliases[] = {
    {"common", "strict-common"},
    {"strict", "strict-common"},
    {"public", "strict-common"},
    {"default", "strict-common"},
    {"nss", "mozilla"},
    {"firefox", "mozilla"},
    {"linux", "mozilla"},
    {"debian", "mozilla"},
    {"ubuntu", "mozilla"},
    {"fedora", "mozilla"},
    {"rhel", "mozilla"},
    {"alpine", "mozilla"},
    {"certifi", "mozilla"},
    {"python", "mozilla"},
    {"requests", "mozilla"},
    {"node", "mozilla"},
    {"nodejs", "mozilla"},
    {"windows", "microsoft"},
    {"schannel", "microsoft"},
    {"ios", "apple"},
    {"macos", "apple"},
    {"mac", "apple"},
    {"safari", "apple"},
    {"aosp", "android"},
    {"java", "openjdk"},
    {"jdk", "openjdk"},
    {"jdk17", "openjdk"},
    {"java17", "openjdk"},
    {"openjdk17", "openjdk"},
    {"java-old", "openjdk-old"},
    {"jdk-old", "openjdk-old"},
    {"jdk13", "openjdk-old"},
    {"java13", "openjdk-old"},
    {"oracle", "openjdk-old"},
    {"oracle-jdk", "openjdk-old"},
    {"local", "system"},
    {"os", "system"},
    {"user", "custom"},
};

std::string folded(std::string_view text) {
    std::string small(text);
    for (char& letter : small)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return small;
}

std::array<std::uint8_t, 20> sha1Of(std::string_view octets) {
    std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest.data());
    return digest;
}

const CertificateSet::Entry* certificateOf(const PublicRoot& root, const ProfileSources& sources) {
    for (const CertificateSet* set : {&sources.atHand, &sources.system, &sources.custom})
        if (const auto* entry = set->find(root.sha256)) return entry;
    return nullptr;
}

void addRoot(const PublicRoot& root, const ProfileSources& sources, TrustProfile& profile) {
    if (const auto* entry = certificateOf(root, sources))
        profile.certificates.add(entry->certificate, entry->origin);
    else
        profile.byName.push_back(&root);
}

void addAll(const CertificateSet& from, CertificateSet& to) {
    for (const auto& [certificate, origin] : from.entries()) to.add(certificate, origin);
}

TrustProfile profileOf(const TableProfile& made, const ProfileSources& sources) {
    TrustProfile profile;
    profile.id = made.id;
    profile.title = made.title;
    profile.note = made.note;
    const ProgrammeFacts& facts = programmeFacts()[static_cast<std::size_t>(made.programme)];
    const TableFacts table = publicRootFacts();
    profile.asOf = facts.asOf;
    profile.origin.append(facts.origin).append("; by ").append(table.origin);
    profile.licence = table.licence;
    for (const PublicRoot& root : publicRoots())
        if ((root.programmes & bitOf(made.programme)) != 0) addRoot(root, sources, profile);
    return profile;
}

bool hasRoot(const TrustProfile& profile, const std::array<std::uint8_t, 32>& sha256) {
    if (profile.certificates.find(sha256) != nullptr) return true;
    const PublicRoot* root = publicRootOf(sha256);
    return root != nullptr && std::binary_search(profile.byName.begin(), profile.byName.end(), root, std::less<>());
}

/// What all of them have; as old as the oldest.
TrustProfile commonProfile(std::span<const ProfilePtr> profiles) {
    TrustProfile common;
    common.id = "strict-common";
    common.title = "Public CAs: strict common";
    common.licence = publicRootFacts().licence;
    common.note = "Chrome's own list is not considered; for the rest, the notes of the four lists hold.";
    common.origin = "the roots that all of these have:";
    for (const ProfilePtr& profile : profiles) {
        if (common.asOf.empty() || profile->asOf < common.asOf) common.asOf = profile->asOf;
        common.origin += (profile == profiles.front() ? " " : ", ") + profile->id + " of " + profile->asOf;
    }
    const auto inAll = [&](const std::array<std::uint8_t, 32>& sha256) {
        return std::ranges::all_of(profiles, [&](const ProfilePtr& each) { return hasRoot(*each, sha256); });
    };
    for (const auto& [certificate, origin] : profiles.front()->certificates.entries())
        if (inAll(certificate->sha256)) common.certificates.add(certificate, origin);
    for (const PublicRoot* root : profiles.front()->byName)
        if (inAll(root->sha256)) common.byName.push_back(root);
    return common;
}

TrustProfile systemProfile(const ProfileSources& sources) {
    TrustProfile profile;
    profile.id = "system";
    profile.title = "This system";
    profile.origin = "the store of the system that this program runs on";
    profile.note = "Read now from this computer, which need not be the one whose client is in question.";
    addAll(sources.system, profile.certificates);
    return profile;
}

TrustProfile customProfile(const ProfileSources& sources) {
    TrustProfile profile;
    profile.id = "custom";
    profile.title = "Roots given by the user";
    profile.origin = "files of the user";
    addAll(sources.custom, profile.certificates);
    return profile;
}

/// A row of the table whose certificate is at hand must not stand in `byName` as well.
ProfilePtr withCustom(const TrustProfile& profile, const ProfileSources& sources) {
    auto added = std::make_shared<TrustProfile>(profile);
    addAll(sources.custom, added->certificates);
    std::erase_if(added->byName, [&](const PublicRoot* root) { return added->certificates.find(root->sha256); });
    return added;
}

std::string idOf(std::string_view name) {
    std::string id = folded(name);
    for (const Alias& each : kAliases)
        if (each.alias == id) return std::string(each.id);
    return id;
}

std::string listIds() {
    std::string ids;
    for (const TableProfile& made : kTableProfiles) ids.append(ids.empty() ? "" : ", ").append(made.id);
    return ids;
}

/// Roots of a trust list, found by digest in the table or among the certificates at hand. How many were not.
std::size_t addListed(std::span<const ListedRoot> listed, const ProfileSources& sources, TrustProfile& profile) {
    std::map<std::array<std::uint8_t, 20>, const CertificateSet::Entry*> bySha1;
    for (const CertificateSet* set : {&sources.custom, &sources.system, &sources.atHand})
        for (const CertificateSet::Entry& entry : set->entries()) bySha1[sha1Of(entry.certificate->der)] = &entry;
    std::size_t unknown = 0;
    for (const ListedRoot& each : listed) {
        const auto known = bySha1.find(each.sha1);
        const PublicRoot* root = each.sha256 ? publicRootOf(*each.sha256) : nullptr;
        if (known != bySha1.end())
            profile.certificates.add(known->second->certificate, known->second->origin);
        else if (root != nullptr)
            profile.byName.push_back(root);
        else
            ++unknown;
    }
    std::ranges::sort(profile.byName, std::less<>());
    const auto twice = std::ranges::unique(profile.byName);
    profile.byName.erase(twice.begin(), twice.end());
    return unknown;
}

/// `2026-07-19` as days since 1970.
std::optional<std::chrono::sys_days> dayOf(std::string_view date) {
    const auto number = [&](std::size_t at, std::size_t count) {
        int value = -1;
        const char* const end = date.data() + at + count;
        const bool isNumber = date.size() >= at + count && std::from_chars(end - count, end, value).ptr == end;
        return isNumber ? value : -1;
    };
    const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
    if (year < 0 || month < 0 || day < 0) return std::nullopt;
    const std::chrono::year_month_day whole{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                            std::chrono::day(static_cast<unsigned>(day))};
    if (!whole.ok()) return std::nullopt;
    return std::chrono::sys_days(whole);
}

constexpr TimeNs kDay = 86'400'000'000'000;

} // namespace

const PublicRoot* TrustProfile::issuerByName(const Certificate& certificate, TimeNs at) const {
    for (const PublicRoot& root : publicRootsNamed(certificate.issuer)) {
        // In the order of the table, hence of addresses.
        if (!std::binary_search(byName.begin(), byName.end(), &root, std::less<>())) continue;
        if (certificate.authorityKeyId && !root.keyId.empty() && *certificate.authorityKeyId != root.keyId) continue;
        // The table has days: the last one counts as a whole.
        if (at != kNoTime && (at < root.notBefore || elapsed(root.notAfter, at) >= kDay)) continue;
        return &root;
    }
    return nullptr;
}

const PublicRoot* TrustProfile::rootByDigest(const Certificate& certificate) const {
    const PublicRoot* root = publicRootOf(certificate.sha256);
    return root != nullptr && std::binary_search(byName.begin(), byName.end(), root, std::less<>()) ? root : nullptr;
}

std::vector<ProfilePtr> makeProfiles(const ProfileSources& sources, std::span<const ProfilePtr> refreshed) {
    if (sources.customOnly) return {std::make_shared<TrustProfile>(customProfile(sources))};
    std::vector<ProfilePtr> profiles;
    for (const TableProfile& made : kTableProfiles) {
        const ProfilePtr newer = findProfile(refreshed, made.id);
        profiles.push_back(newer ? newer : std::make_shared<TrustProfile>(profileOf(made, sources)));
    }
    constexpr std::size_t kCommon = 4; // Mozilla, Microsoft, Apple, Android
    auto common = std::make_shared<TrustProfile>(commonProfile(std::span(profiles).first(kCommon)));
    profiles.insert(profiles.begin(), std::move(common));
    if (sources.system.size() > 0) profiles.push_back(std::make_shared<TrustProfile>(systemProfile(sources)));
    if (sources.customAdds)
        for (ProfilePtr& profile : profiles) profile = withCustom(*profile, sources);
    if (sources.custom.size() > 0) profiles.push_back(std::make_shared<TrustProfile>(customProfile(sources)));
    return profiles;
}

std::expected<ProfilePtr, Error> refreshedProfile(std::string_view id, const CertificateFile& file,
                                                  const ProfileSources& sources, const RefreshedFrom& from) {
    const std::string wanted = idOf(id);
    const auto made = std::ranges::find(kTableProfiles, wanted, &TableProfile::id);
    if (made == std::end(kTableProfiles))
        return std::unexpected(Error{ErrorKind::Usage, "there is no list '" + std::string(id) +
                                                           "' that a file could replace; there are: " + listIds()});
    auto profile = std::make_shared<TrustProfile>();
    profile->id = made->id;
    profile->title = made->title;
    profile->asOf = file.asOf.empty() ? from.fileDate : file.asOf;
    profile->origin = from.name + " (" + file.format + ")";
    profile->licence = "that of the file";
    std::size_t notRoots = 0;
    for (const CertificatePtr& certificate : file.certificates) {
        if (certificate->selfIssued)
            profile->certificates.add(certificate, Origin::User);
        else
            ++notRoots;
    }
    const std::size_t unknown = addListed(file.listed, sources, *profile);
    if (profile->roots() == 0) return std::unexpected(Error{ErrorKind::UnknownFormat, "no root in it"});
    const auto note = [&](std::size_t count, std::string_view text) {
        if (count != 0)
            profile->note.append(profile->note.empty() ? "" : "; ").append(std::to_string(count)).append(text);
    };
    note(notRoots, " certificates that are no roots left out");
    note(unknown, " listed roots are known by nothing but a digest and cannot be found");
    return profile;
}

ProfilePtr findProfile(std::span<const ProfilePtr> profiles, std::string_view id) {
    const auto found = std::ranges::find(profiles, idOf(id), [](const ProfilePtr& profile) { return profile->id; });
    return found == profiles.end() ? nullptr : *found;
}

bool isOutdated(const TrustProfile& profile, TimeNs now) {
    const auto day = dayOf(profile.asOf);
    if (!day || now == kNoTime) return false;
    const auto today = std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(now)));
    constexpr std::chrono::days kYear{365};
    return today - *day > kYear;
}

} // namespace gatescope::trust

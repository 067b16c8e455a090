// SPDX-License-Identifier: Apache-2.0
#include "core/trust/profile.h"

#include "core/trust/public_tables.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <functional>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr std::uint8_t kCommon =
    bitOf(Programme::Mozilla) | bitOf(Programme::Microsoft) | bitOf(Programme::Apple) | bitOf(Programme::Android);

/// A profile that comes out of the table: the roots that all of `programmes` include.
struct TableProfile {
    std::string_view id, title;
    std::uint8_t programmes = 0;
    std::string_view note;
};

constexpr TableProfile kTableProfiles[] = {
    {"strict-common", "Public CAs: strict common", kCommon,
     "Roots that Mozilla, Microsoft, Apple and Android all include; Chrome's own list is not considered."},
    {"mozilla", "Mozilla, Linux distributions, certifi", bitOf(Programme::Mozilla),
     "Mozilla's \"distrust after\" dates are not in the list: of some roots, newer certificates are refused. "
     "Distributions and certifi ship copies of other dates."},
    {"microsoft", "Microsoft Trusted Root Program", bitOf(Programme::Microsoft),
     "The list includes roots for other purposes than TLS servers; limits of purpose and date are not in it."},
    {"apple", "Apple", bitOf(Programme::Apple), "Apple's limits of date for single roots are not in the list."},
    {"android", "Android", bitOf(Programme::Android),
     "The list of AOSP; devices with older system images have older lists. Chrome on Android uses its own."},
    {"openjdk", "OpenJDK 17.0.2", bitOf(Programme::OpenJdk),
     "The list of a release of 2022, as old installations have it. JDK packages of Linux distributions use the "
     "system's "
     "store instead; dates after which Java refuses roots are not in it."},
    {"openjdk-old", "Oracle JDK 13.0.2", bitOf(Programme::OracleJdk),
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

const CertificateSet::Entry* certificateOf(const PublicRoot& root, const ProfileSources& sources) {
    for (const CertificateSet* set : {&sources.atHand, &sources.system, &sources.custom})
        if (const auto* entry = set->find(root.sha256)) return entry;
    return nullptr;
}

void addAll(const CertificateSet& from, CertificateSet& to) {
    for (const auto& [certificate, origin] : from.entries()) to.add(certificate, origin);
}

/// The oldest date of the lists that the profile is made of, and where they are from.
void tellSource(const TableProfile& made, TrustProfile& profile) {
    const auto facts = programmeFacts();
    for (std::size_t programme = 0; programme < facts.size(); ++programme) {
        if ((made.programmes >> programme & 1) == 0) continue;
        if (profile.asOf.empty() || facts[programme].asOf < profile.asOf) profile.asOf = facts[programme].asOf;
        profile.origin += profile.origin.empty() ? "" : "; ";
        profile.origin += facts[programme].origin;
    }
    const TableFacts table = publicRootFacts();
    profile.origin.append("; by ").append(table.origin);
    profile.licence = table.licence;
}

TrustProfile profileOf(const TableProfile& made, const ProfileSources& sources) {
    TrustProfile profile;
    profile.id = made.id;
    profile.title = made.title;
    profile.note = made.note;
    tellSource(made, profile);
    for (const PublicRoot& root : publicRoots()) {
        if ((root.programmes & made.programmes) != made.programmes) continue;
        if (const auto* entry = certificateOf(root, sources))
            profile.certificates.add(entry->certificate, entry->origin);
        else
            profile.byName.push_back(&root);
    }
    return profile;
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
void addCustom(const ProfileSources& sources, TrustProfile& profile) {
    addAll(sources.custom, profile.certificates);
    std::erase_if(profile.byName, [&](const PublicRoot* root) { return profile.certificates.find(root->sha256); });
}

/// `2026-07-19` as days since 1970.
std::optional<std::chrono::sys_days> dayOf(std::string_view date) {
    const auto number = [&](std::size_t at, std::size_t count) {
        int value = -1;
        if (date.size() >= at + count) std::from_chars(date.data() + at, date.data() + at + count, value);
        return value;
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
    const auto add = [&](TrustProfile profile) {
        if (sources.customAdds) addCustom(sources, profile);
        profiles.push_back(std::make_shared<TrustProfile>(std::move(profile)));
    };
    for (const TableProfile& made : kTableProfiles) {
        const ProfilePtr newer = findProfile(refreshed, made.id);
        add(newer ? *newer : profileOf(made, sources));
    }
    if (sources.system.size() > 0) add(systemProfile(sources));
    if (sources.custom.size() > 0) profiles.push_back(std::make_shared<TrustProfile>(customProfile(sources)));
    return profiles;
}

ProfilePtr findProfile(std::span<const ProfilePtr> profiles, std::string_view id) {
    std::string wanted = folded(id);
    for (const Alias& each : kAliases)
        if (each.alias == wanted) wanted = each.id;
    const auto found = std::ranges::find(profiles, wanted, [](const ProfilePtr& profile) { return profile->id; });
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

// SPDX-License-Identifier: Apache-2.0
#include "core/report/profile_rows.h"

#include "core/report/selected_row.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>

namespace gatescope::report {

namespace {

std::string hexOf(std::string_view octets) {
    std::string text;
    for (const char octet : octets)
        fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(octet));
    return text;
}

struct Root {
    std::string subject, keyId, sha256;
    TimeNs notBefore = kNoTime, notAfter = kNoTime;
    bool isAtHand = false;
};

std::vector<Root> rootsOf(const trust::TrustProfile& profile) {
    std::vector<Root> roots;
    for (const auto& entry : profile.certificates.entries()) {
        const trust::Certificate& root = *entry.certificate;
        roots.push_back({root.subject, hexOf(root.subjectKeyId.value_or("")), root.sha256Text(), root.notBefore,
                         root.notAfter, true});
    }
    for (const trust::PublicRoot* root : profile.byName) {
        const std::string_view digest(reinterpret_cast<const char*>(root->sha256.data()), root->sha256.size());
        roots.push_back(
            {std::string(root->subject), hexOf(root->keyId), hexOf(digest), root->notBefore, root->notAfter, false});
    }
    std::ranges::sort(roots, {}, [](const Root& root) { return std::pair(root.subject, root.sha256); });
    return roots;
}

} // namespace

std::vector<Column> profileColumns() {
    using enum ColumnType;
    return {{"id", Text},     {"title", Text},   {"as_of", Text},       {"roots", Integer}, {"at_hand", Integer},
            {"origin", Text}, {"licence", Text}, {"outdated", Boolean}, {"note", Text}};
}

void writeProfiles(const std::vector<trust::ProfilePtr>& profiles, TimeNs now, const Selection& selection,
                   RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const trust::ProfilePtr& profile : profiles) {
        row.addText(profile->id).addText(profile->title).addText(profile->asOf).addCount(profile->roots());
        row.addCount(profile->certificates.size()).addText(profile->origin).addText(profile->licence);
        row.addCount(trust::isOutdated(*profile, now) ? 1 : 0).addText(profile->note).end();
    }
}

std::vector<Column> profileRootColumns() {
    using enum ColumnType;
    return {{"subject", Text},    {"key_id", Text},    {"sha256", Text},
            {"not_before", Time}, {"not_after", Time}, {"at_hand", Boolean}};
}

void writeProfileRoots(const trust::TrustProfile& profile, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const Root& root : rootsOf(profile)) {
        row.addText(root.subject).addText(root.keyId).addText(root.sha256);
        row.addTime(root.notBefore).addTime(root.notAfter).addCount(root.isAtHand ? 1 : 0).end();
    }
}

} // namespace gatescope::report

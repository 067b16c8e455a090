// SPDX-License-Identifier: Apache-2.0
#include "core/trust/named_paths.h"

#include "core/trust/ascii_text.h"
#include "core/trust/days.h"
#include "core/trust/dn_text.h"

#include <algorithm>
#include <optional>

namespace gatescope::trust {

namespace {

bool fits(std::string_view keyId, std::string_view other) {
    return keyId.empty() || other.empty() || keyId == other;
}

class PathSearch {
public:
    std::vector<NamedPath> run(std::string_view subject) {
        visit(subject, {}, NamedPath());
        return std::move(m_paths);
    }

private:
    static NamedPath narrowed(NamedPath path, TimeNs notBefore, TimeNs notAfter) {
        path.from = std::max(path.from, notBefore); // kNoTime is the smallest
        if (path.until == kNoTime || notAfter < path.until) path.until = notAfter;
        return path;
    }

    void visit(std::string_view subject, std::string_view keyId, const NamedPath& below) {
        if (m_names.size() == NamedPath::kMaxDepth || std::ranges::find(m_names, subject) != m_names.end()) return;
        m_names.push_back(subject);
        NamedPath here = below;
        for (const PublicRoot& root : publicRootsNamed(subject)) {
            if (!fits(keyId, root.keyId)) continue;
            if (here.nearest == nullptr) here.nearest = &root;
            if (m_paths.size() == NamedPath::kMaxPaths) continue;
            m_paths.push_back(narrowed(below, root.notBefore, root.notAfter));
            m_paths.back().root = &root;
            m_paths.back().nearest = below.nearest != nullptr ? below.nearest : &root;
        }
        for (const PublicIntermediate& row : publicIntermediatesNamed(subject))
            if (fits(keyId, row.subjectKeyId) && m_steps++ < kMaxSteps)
                visit(row.issuer, row.authorityKeyId, narrowed(here, row.notBefore, row.notAfter));
        m_names.pop_back();
    }

    static constexpr std::size_t kMaxSteps = 2'000;
    std::size_t m_steps = 0;
    std::vector<std::string_view> m_names;
    std::vector<NamedPath> m_paths;
};

/// Calls `use` with each subject of both tables.
template <typename Use>
void forEachSubject(Use use) {
    for (const PublicIntermediate& row : publicIntermediates()) use(row.subject);
    for (const PublicRoot& row : publicRoots()) use(row.subject);
}

bool holdsIgnoringCase(std::string_view text, std::string_view part) {
    const auto found = std::ranges::search(text, part, [](char a, char b) { return lowered(a) == lowered(b); });
    return part.empty() || !found.empty();
}

} // namespace

bool NamedPath::isValidAt(TimeNs at) const {
    // The last day itself still counts: the table does not tell the hour.
    return at == kNoTime || ((from == kNoTime || at >= from) && (until == kNoTime || elapsed(until, at) < kDay));
}

std::vector<std::string_view> publicNamesLike(std::string_view name) {
    std::vector<std::string_view> names;
    const auto asked = readDnText(name);
    if (!asked) return names;
    const std::string key = comparableKey(*asked);
    // Few names have to be read: a plain word of the common name must stand in them.
    const std::string_view common = asked->value("CN");
    const std::string_view word = common.substr(0, common.find_first_of(",;\"+<>\\# \t"));
    forEachSubject([&](std::string_view subject) {
        if (!holdsIgnoringCase(subject, word)) return;
        const auto other = readDnText(subject);
        if (other && comparableKey(*other) == key && std::ranges::find(names, subject) == names.end())
            names.push_back(subject);
    });
    return names;
}

std::vector<NamedPath> namedPaths(std::string_view subject) {
    return PathSearch().run(subject);
}

bool isPublicOrganisation(std::string_view organisation) {
    if (organisation.empty()) return false;
    DnText name;
    name.attributes.push_back({"O", std::string(organisation)});
    const std::string key = comparableKey(name);
    const std::string_view word = organisation.substr(0, organisation.find_first_of(",;\"+<>\\# \t"));
    bool found = false;
    forEachSubject([&](std::string_view subject) {
        if (found || !holdsIgnoringCase(subject, word)) return;
        const auto other = readDnText(subject);
        if (!other || other->value("O").empty()) return;
        DnText part;
        part.attributes.push_back({"O", std::string(other->value("O"))});
        found = comparableKey(part) == key;
    });
    return found;
}

} // namespace gatescope::trust

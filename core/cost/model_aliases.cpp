// SPDX-License-Identifier: Apache-2.0
#include "core/cost/model_aliases.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <re2/re2.h>

namespace gatescope::cost {

namespace {

/// RE2 of this age knows named groups by their older spelling only.
std::string withOlderGroupNames(std::string_view pattern) {
    std::string result;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const std::string_view rest = pattern.substr(i);
        if (rest.front() == '\\' && rest.size() > 1) {
            result += rest.substr(0, 2);
            ++i;
        } else if (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!")) {
            result += "(?P<";
            i += 2;
        } else {
            result += rest.front();
        }
    }
    return result;
}

/// A piece of a replacement: a text, or a group.
struct Piece {
    std::string text;
    int group = -1;
};

std::expected<int, std::string> groupNumber(std::string_view name, const re2::RE2& regex) {
    int number = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size() && number >= 0 &&
        number <= regex.NumberOfCapturingGroups())
        return number;
    const auto& groups = regex.NamedCapturingGroups();
    const auto at = groups.find(std::string(name));
    if (at != groups.end()) return at->second;
    std::string known;
    for (const auto& [group, unused] : groups) known += fmt::format("{}'{}'", known.empty() ? "" : ", ", group);
    return std::unexpected(fmt::format("names a group '{}' that the pattern does not have{}", name,
                                       known.empty() ? std::string() : fmt::format("; it has {}", known)));
}

std::expected<std::vector<Piece>, std::string> piecesOf(std::string_view replacement, const re2::RE2& regex) {
    std::vector<Piece> pieces;
    while (!replacement.empty()) {
        const std::size_t start = std::min(replacement.find("${"), replacement.size());
        if (start != 0) pieces.push_back({std::string(replacement.substr(0, start)), -1});
        replacement.remove_prefix(start);
        if (replacement.empty()) break;
        const std::size_t end = replacement.find('}');
        if (end == std::string_view::npos) return std::unexpected("has '${' without '}'");
        const auto group = groupNumber(replacement.substr(2, end - 2), regex);
        if (!group) return std::unexpected(group.error());
        pieces.push_back({{}, *group});
        replacement.remove_prefix(end + 1);
    }
    return pieces;
}

} // namespace

struct ModelAliases::Alias {
    Alias(const std::string& pattern, const re2::RE2::Options& options) : regex(pattern, options) {}

    std::string apply(const std::string& name) const {
        std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) + 1);
        if (!regex.Match(name, 0, name.size(), re2::RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
            return name;
        const auto start = static_cast<std::size_t>(groups[0].data() - name.data());
        std::string result = name.substr(0, start);
        for (const Piece& piece : pieces) {
            if (piece.group < 0)
                result += piece.text;
            else if (const auto& group = groups[static_cast<std::size_t>(piece.group)]; group.data() != nullptr)
                result.append(group.data(), group.size());
        }
        return result.append(name, start + groups[0].size());
    }

    re2::RE2 regex;
    std::vector<Piece> pieces;
};

ModelAliases::ModelAliases() = default;
ModelAliases::~ModelAliases() = default;
ModelAliases::ModelAliases(ModelAliases&&) noexcept = default;
ModelAliases& ModelAliases::operator=(ModelAliases&&) noexcept = default;

std::expected<void, std::string> ModelAliases::add(std::string_view pattern, std::string_view replacement) {
    if (pattern.size() > kMaxPattern) return std::unexpected(fmt::format("is longer than {} characters", kMaxPattern));
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20); // enough for any pattern of that length that a person writes
    auto alias = std::make_unique<Alias>(withOlderGroupNames(pattern), options);
    if (!alias->regex.ok()) return std::unexpected(fmt::format("is no regular expression: {}", alias->regex.error()));
    auto pieces = piecesOf(replacement, alias->regex);
    if (!pieces) return std::unexpected(fmt::format("has a replacement that {}", pieces.error()));
    alias->pieces = *std::move(pieces);
    m_aliases.push_back(std::move(alias));
    return {};
}

std::vector<std::string> ModelAliases::namesOf(std::string_view name) const {
    std::vector<std::string> names{std::string(name)};
    for (const auto& alias : m_aliases) {
        if (names.back().size() > kMaxName) break;
        std::string next = alias->apply(names.back());
        if (!next.empty() && next != names.back()) names.push_back(std::move(next));
    }
    return names;
}

} // namespace gatescope::cost

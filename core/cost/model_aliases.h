// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::cost {

/// Other names of models: each alias replaces what its regular expression (RE2, with `(?<name>...)` groups) finds first
/// by a text in which `${name}` and `${1}` stand for groups. One after the other, each on what the one before gave. RE2
/// takes time in proportion to the name, whatever the expression.
class ModelAliases {
public:
    static constexpr std::size_t kMaxPattern = 1000;
    static constexpr std::size_t kMaxName = 512; ///< longer names are nobody's model and stay as they are

    ModelAliases();
    ~ModelAliases();
    ModelAliases(ModelAliases&&) noexcept;
    ModelAliases& operator=(ModelAliases&&) noexcept;

    /// The error is a sentence part for a person: `is no regular expression: missing )`.
    std::expected<void, std::string> add(std::string_view pattern, std::string_view replacement);
    /// The name itself, then each new form of it.
    std::vector<std::string> namesOf(std::string_view name) const;

private:
    struct Alias;
    std::vector<std::unique_ptr<Alias>> m_aliases;
};

} // namespace gatescope::cost

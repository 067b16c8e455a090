// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::cost {

/// ASCII letters in lower case.
std::string lowerCase(std::string_view text);
/// Lower case and without blanks: `West Europe` and `westeurope` are one region.
std::string regionId(std::string_view text);

/// How narrow a pattern is; greater is narrower.
struct Narrowness {
    bool isExact = false;
    std::size_t letters = 0;
    bool operator==(const Narrowness&) const = default;
    bool operator<(const Narrowness& other) const {
        return isExact != other.isExact ? other.isExact : letters < other.letters;
    }
};

/// Text with `*` (any run) and `?` (one octet), in lower case.
class Pattern {
public:
    static constexpr std::size_t kMaxLength = 200;

    Pattern() = default; ///< `*`
    explicit Pattern(std::string lowerCaseText) : m_text(std::move(lowerCaseText)) {}

    const std::string& text() const { return m_text; }
    bool matchesAnything() const { return m_text == "*"; }
    /// An empty value is unknown, and only `*` alone matches it. Takes at most pattern times value steps.
    bool matches(std::string_view lowerCaseValue) const;
    Narrowness narrowness() const;
    /// True when some value matches both. Takes steps from `budget`; nothing when there were too few.
    std::optional<bool> meets(const Pattern& other, std::uint64_t& budget) const;
    bool operator==(const Pattern&) const = default;

private:
    std::string m_text = "*";
};

} // namespace gatescope::cost

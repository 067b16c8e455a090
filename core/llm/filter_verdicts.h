// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::llm {

enum class FilteredPart : std::uint8_t { Prompt, Completion };

/// What content filters said of a prompt and of its answer, other than "safe". Of several verdicts on one category the
/// worst is kept.
class FilterVerdicts {
public:
    enum class Verdict : std::uint8_t { Safe, Low, Medium, High, Detected, Filtered };
    /// Categories that are kept; services know about ten.
    static constexpr std::size_t kMaxEntries = 32;
    static constexpr std::size_t kMaxCategory = 48;

    void add(FilteredPart part, std::string_view category, Verdict verdict);
    /// Adds all of `found` as verdicts on `part`.
    void takeOver(const FilterVerdicts& found, FilteredPart part);
    void clear() { m_entries.clear(); }
    bool empty() const { return m_entries.empty(); }
    /// `prompt:jailbreak:detected,completion:violence:low`, in the order in which they came. Commas, semicolons,
    /// colons, blanks and control characters in a category become `_`.
    std::string joined() const;

private:
    struct Entry {
        FilteredPart part;
        std::string category;
        Verdict verdict;
    };
    std::vector<Entry> m_entries;
};

/// Reads one `content_filter_results` object of Azure OpenAI: categories with `filtered` and `severity` or `detected`.
/// Defined for the value type of the JSON parser only.
template <typename Value>
void readFilterResults(Value value, FilteredPart part, FilterVerdicts& verdicts);

/// `prompt_filter_results`: one entry for each prompt, with the results inside. Both spellings of the member are taken.
template <typename Value>
void readPromptFilterResults(Value value, FilterVerdicts& verdicts);

/// `content_filters` of the responses API: entries with `source_type` (`prompt`, `completion`) and the results.
template <typename Value>
void readContentFilters(Value value, FilterVerdicts& verdicts);

/// `safetyRatings` of Gemini: `category`, `probability`, `blocked`.
template <typename Value>
void readSafetyRatings(Value value, FilteredPart part, FilterVerdicts& verdicts);

} // namespace gatescope::llm

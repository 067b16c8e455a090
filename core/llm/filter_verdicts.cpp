// SPDX-License-Identifier: Apache-2.0
#include "core/llm/filter_verdicts.h"

#include "core/llm/json_access.h"

#include <algorithm>
#include <array>
#include <simdjson.h>

namespace gatescope::llm {

namespace {

namespace json = simdjson::ondemand;
using Key = json::raw_json_string;
using Verdict = FilterVerdicts::Verdict;

constexpr std::array<std::string_view, 6> kVerdictNames{"safe", "low", "medium", "high", "detected", "filtered"};

std::string plainCategory(std::string_view category) {
    std::string plain(category.substr(0, FilterVerdicts::kMaxCategory));
    for (char& c : plain) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == ',' || c == ';' || c == ':' || octet <= 0x20 || octet == 0x7f) c = '_';
    }
    return plain;
}

std::string lowerCase(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

Verdict verdictOfSeverity(std::string_view severity) {
    for (const Verdict verdict : {Verdict::Low, Verdict::Medium, Verdict::High})
        if (severity == kVerdictNames[static_cast<std::size_t>(verdict)]) return verdict;
    return Verdict::Safe;
}

/// The verdict of one category, which is an object, or a list of them (block lists).
Verdict readVerdict(json::value value) {
    Verdict worst = Verdict::Safe;
    const auto member = [&](Key key, json::value detail) {
        std::string severity;
        if (isAny(key, {"filtered"}) && isTrue(detail))
            worst = std::max(worst, Verdict::Filtered);
        else if (isAny(key, {"detected"}) && isTrue(detail))
            worst = std::max(worst, Verdict::Detected);
        else if (isAny(key, {"severity"}) && readText(detail, severity))
            worst = std::max(worst, verdictOfSeverity(severity));
    };
    if (value.raw_json_token().starts_with('['))
        forEachObject(value, member);
    else
        forEachMember(value, member);
    return worst;
}

} // namespace

void FilterVerdicts::add(FilteredPart part, std::string_view category, Verdict verdict) {
    if (verdict == Verdict::Safe || category.empty()) return;
    const std::string plain = plainCategory(category);
    for (Entry& entry : m_entries) {
        if (entry.part != part || entry.category != plain) continue;
        entry.verdict = std::max(entry.verdict, verdict);
        return;
    }
    if (m_entries.size() < kMaxEntries) m_entries.push_back({part, plain, verdict});
}

std::string FilterVerdicts::joined() const {
    std::string text;
    for (const Entry& entry : m_entries) {
        if (!text.empty()) text += ',';
        text += entry.part == FilteredPart::Prompt ? "prompt:" : "completion:";
        text += entry.category;
        text += ':';
        text += kVerdictNames[static_cast<std::size_t>(entry.verdict)];
    }
    return text;
}

void FilterVerdicts::takeOver(const FilterVerdicts& found, FilteredPart part) {
    for (const Entry& entry : found.m_entries) add(part, entry.category, entry.verdict);
}

template <typename Value>
void readFilterResults(Value value, FilteredPart part, FilterVerdicts& verdicts) {
    forEachMember(value, [&](Key category, json::value result) {
        const std::string_view name = rawName<FilterVerdicts::kMaxCategory>(category);
        verdicts.add(part, name, readVerdict(result));
    });
}

template <typename Value>
void readPromptFilterResults(Value value, FilterVerdicts& verdicts) {
    forEachObject(value, [&](Key key, json::value results) {
        if (isAny(key, {"content_filter_results", "content_filter_result"}))
            readFilterResults(results, FilteredPart::Prompt, verdicts);
    });
}

template <typename Value>
void readContentFilters(Value value, FilterVerdicts& verdicts) {
    forEachElement(value, [&](json::value entry) {
        std::string source;
        FilterVerdicts found; // which part they are of is known when the whole entry was read
        forEachMember(entry, [&](Key key, json::value member) {
            if (isAny(key, {"source_type"})) readText(member, source);
            if (isAny(key, {"content_filter_results", "content_filter_result"}))
                readFilterResults(member, FilteredPart::Completion, found);
        });
        verdicts.takeOver(found, source == "prompt" ? FilteredPart::Prompt : FilteredPart::Completion);
    });
}

template <typename Value>
void readSafetyRatings(Value value, FilteredPart part, FilterVerdicts& verdicts) {
    forEachElement(value, [&](json::value entry) {
        std::string category;
        std::string probability;
        bool blocked = false;
        forEachMember(entry, [&](Key key, json::value member) {
            if (isAny(key, {"category"})) readText(member, category);
            if (isAny(key, {"probability"})) readText(member, probability);
            if (isAny(key, {"blocked"})) blocked = isTrue(member);
        });
        constexpr std::string_view kPrefix = "HARM_CATEGORY_";
        if (category.starts_with(kPrefix)) category.erase(0, kPrefix.size());
        verdicts.add(part, lowerCase(category),
                     blocked ? Verdict::Filtered : verdictOfSeverity(lowerCase(probability)));
    });
}

template void readFilterResults(json::value, FilteredPart, FilterVerdicts&);
template void readPromptFilterResults(json::value, FilterVerdicts&);
template void readContentFilters(json::value, FilterVerdicts&);
template void readSafetyRatings(json::value, FilteredPart, FilterVerdicts&);

} // namespace gatescope::llm

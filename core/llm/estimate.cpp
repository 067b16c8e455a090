// SPDX-License-Identifier: Apache-2.0
#include "core/llm/estimate.h"

#include "core/llm/json_text.h"

#include <array>
#include <utility>

namespace gatescope::llm {

namespace {

using tokenizer::Encoding;

constexpr std::array<std::pair<std::string_view, EstimateMethod>, 5> kMethods{{{"off", EstimateMethod::Off},
                                                                               {"bytes", EstimateMethod::Bytes},
                                                                               {"cl100k", EstimateMethod::Cl100k},
                                                                               {"o200k", EstimateMethod::O200k},
                                                                               {"auto", EstimateMethod::Auto}}};

/// The vocabulary to count with; none: by bytes.
std::optional<Encoding> encodingFor(const EstimateOptions& options, std::span<const std::string_view> models) {
    std::optional<Encoding> encoding;
    if (options.method == EstimateMethod::O200k) encoding = Encoding::O200k;
    if (options.method == EstimateMethod::Cl100k) encoding = Encoding::Cl100k;
    if (options.method == EstimateMethod::Auto) {
        for (const std::string_view model : models)
            if (!encoding) encoding = tokenizer::encodingOfModel(model);
    }
    if (!encoding) return std::nullopt;
    return (*encoding == Encoding::O200k ? options.o200k : options.cl100k) ? encoding : std::nullopt;
}

std::optional<std::int64_t> tokensOf(std::optional<Encoding> encoding, std::optional<std::int64_t> octets,
                                     TextCount& text) {
    if (!octets) return std::nullopt;
    return encoding ? text.tokens(*encoding) : tokenizer::estimateByBytes(*octets);
}

} // namespace

std::optional<EstimateMethod> parseEstimateMethod(std::string_view text) {
    for (const auto& [name, method] : kMethods)
        if (name == text) return method;
    return std::nullopt;
}

bool EstimateOptions::uses(Encoding encoding) const {
    return method == EstimateMethod::Auto ||
           method == (encoding == Encoding::O200k ? EstimateMethod::O200k : EstimateMethod::Cl100k);
}

TextCount::TextCount(const EstimateOptions& options) {
    if (options.cl100k && options.uses(Encoding::Cl100k)) m_cl100k.counter.emplace(*options.cl100k);
    if (options.o200k && options.uses(Encoding::O200k)) m_o200k.counter.emplace(*options.o200k);
}

void TextCount::add(std::string_view text) {
    for (Counted* counted : {&m_cl100k, &m_o200k})
        if (counted->counter) counted->counter->feed(text);
}

void TextCount::addJsonString(std::string_view token) {
    m_scratch.clear();
    appendText(token, m_scratch);
    add(m_scratch);
}

void TextCount::endText() {
    for (Counted* counted : {&m_cl100k, &m_o200k})
        if (counted->counter) counted->tokens += counted->counter->finish();
}

std::optional<std::int64_t> TextCount::tokens(Encoding encoding) {
    endText();
    const Counted& counted = encoding == Encoding::O200k ? m_o200k : m_cl100k;
    return counted.counter ? std::optional(counted.tokens) : std::nullopt;
}

void TextCount::clear() {
    endText();
    m_cl100k.tokens = m_o200k.tokens = 0;
}

Estimate estimateOf(const EstimateOptions& options, std::span<const std::string_view> models,
                    std::optional<std::int64_t> promptBytes, TextCount& prompt,
                    std::optional<std::int64_t> contentBytes, TextCount& content) {
    Estimate estimate;
    if (options.method == EstimateMethod::Off || (!promptBytes && !contentBytes)) return estimate;
    const auto encoding = encodingFor(options, models);
    estimate.input = tokensOf(encoding, promptBytes, prompt);
    estimate.output = tokensOf(encoding, contentBytes, content);
    estimate.method = !encoding ? "bytes" : *encoding == Encoding::O200k ? "o200k" : "cl100k";
    return estimate;
}

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#include "core/cost/call_columns.h"

namespace gatescope::cost {

using analysis::FieldId;

namespace {

constexpr std::array kTextFields{
    FieldId::Api,         FieldId::Deployment,     FieldId::Model,          FieldId::RequestedModel,
    FieldId::ServedModel, FieldId::ServiceTier,    FieldId::Host,           FieldId::Path,
    FieldId::Query,       FieldId::ResponseHeader, FieldId::ResponseHeader, FieldId::ResponseHeader};
static_assert(kTextFields.size() == CallColumns::kTexts);

enum Number : std::size_t {
    Input,
    Output,
    Total,
    Cached,
    CacheWrite,
    CacheWrite1h,
    Reasoning,
    AudioInput,
    AudioOutput,
    ImageInput,
    ImageOutput,
    WebSearches,
    EstimatedInput,
    EstimatedOutput
};
constexpr std::array kNumberFields{
    FieldId::InputTokens,          FieldId::OutputTokens,         FieldId::TotalTokens,       FieldId::CachedTokens,
    FieldId::CacheWriteTokens,     FieldId::CacheWrite1hTokens,   FieldId::ReasoningTokens,   FieldId::AudioInputTokens,
    FieldId::AudioOutputTokens,    FieldId::ImageInputTokens,     FieldId::ImageOutputTokens, FieldId::WebSearches,
    FieldId::EstimatedInputTokens, FieldId::EstimatedOutputTokens};

} // namespace

CallColumns::CallColumns(const analysis::Snapshot& snapshot) : m_snapshot(snapshot) {
    static_assert(kNumberFields.size() == kNumbers);
    m_headerNames[Region] = snapshot.headerCode("x-ms-region");
    m_headerNames[ApimRequestId] = snapshot.headerCode("apim-request-id");
    m_headerNames[AnsweredDeployment] = snapshot.headerCode("x-ms-deployment-name");
    for (auto& column : m_texts) column.fill(StringPool::kNone);
    m_estimated = snapshot.textCode("estimated");
    m_gateway = snapshot.textCode("gateway");
}

void CallColumns::fetch(std::span<const analysis::Row> rows) {
    m_rows = rows;
    for (std::size_t i = 0; i < kTexts; ++i) {
        const bool isHeader = kTextFields[i] == FieldId::ResponseHeader;
        if (!isHeader || m_headerNames[i] != StringPool::kNone) // a header that nobody sent is kNone for ever
            m_snapshot.codes(kTextFields[i], m_headerNames[i], rows, m_texts[i].data());
    }
    for (std::size_t i = 0; i < kNumbers; ++i) m_snapshot.numbers(kNumberFields[i], rows, m_numbers[i].data());
    m_snapshot.codes(FieldId::TokenSource, StringPool::kNone, rows, m_source.data());
    m_snapshot.numbers(FieldId::Time, rows, m_time.data());
}

std::optional<std::int32_t> CallColumns::day(std::size_t at) const {
    const TimeNs time = m_time[at] != analysis::kNoNumber ? m_time[at] : m_snapshot.startTime(m_rows[at]);
    if (time == kNoTime) return std::nullopt;
    constexpr std::int64_t kDay = 86'400'000'000'000;
    return static_cast<std::int32_t>(time / kDay - (time % kDay < 0 ? 1 : 0));
}

std::optional<std::int64_t> CallColumns::number(std::size_t which, std::size_t at) const {
    const std::int64_t value = m_numbers[which][at];
    return value == analysis::kNoNumber ? std::nullopt : std::optional(value);
}

CallColumns::Counts CallColumns::counts(std::size_t at) const {
    Counts counts;
    TokenCounts& tokens = counts.tokens;
    tokens.input = number(Input, at);
    tokens.output = number(Output, at);
    tokens.total = number(Total, at);
    if (!tokens.input && !tokens.output && !tokens.total) {
        tokens.input = number(EstimatedInput, at);
        tokens.output = number(EstimatedOutput, at);
        counts.areEstimates = true;
        return counts;
    }
    tokens.cached = number(Cached, at);
    tokens.cacheWrite = number(CacheWrite, at);
    tokens.cacheWrite1h = number(CacheWrite1h, at);
    tokens.reasoning = number(Reasoning, at);
    tokens.audioInput = number(AudioInput, at);
    tokens.audioOutput = number(AudioOutput, at);
    tokens.imageInput = number(ImageInput, at);
    tokens.imageOutput = number(ImageOutput, at);
    tokens.webSearches = number(WebSearches, at);
    // What a gateway counts is an estimate for streams.
    const StringPool::Code source = m_source[at];
    counts.areEstimates = source != StringPool::kNone && (source == m_estimated || source == m_gateway);
    return counts;
}

} // namespace gatescope::cost

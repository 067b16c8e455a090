// SPDX-License-Identifier: Apache-2.0
#include "core/llm/usage.h"

#include <array>
#include <limits>

namespace gatescope::llm {

namespace {

using Count = std::optional<std::int64_t>;

constexpr std::array kCounts{&RawUsage::input,        &RawUsage::output,      &RawUsage::total,
                             &RawUsage::cached,       &RawUsage::cacheWrite,  &RawUsage::cacheWrite5m,
                             &RawUsage::cacheWrite1h, &RawUsage::reasoning,   &RawUsage::toolPrompt,
                             &RawUsage::audioInput,   &RawUsage::audioOutput, &RawUsage::imageInput,
                             &RawUsage::imageOutput,  &RawUsage::webSearches};

/// Sum, where an absent `extra` adds nothing. Too large a number is no count at all.
Count plus(Count base, Count extra) {
    if (!base || !extra) return base;
    if (*extra > std::numeric_limits<std::int64_t>::max() - *base) return {};
    return *base + *extra;
}

Count sumOfBoth(Count a, Count b) {
    return a && b ? plus(a, b) : Count{};
}

bool exceeds(Count part, Count whole) {
    return part && whole && *part > *whole;
}

} // namespace

void RawUsage::replaceWith(const RawUsage& later) {
    for (const auto count : kCounts)
        if (later.*count) this->*count = later.*count;
}

void RawUsage::add(const RawUsage& later) {
    for (const auto count : kCounts) this->*count = this->*count ? plus(this->*count, later.*count) : later.*count;
}

bool RawUsage::empty() const {
    for (const auto count : kCounts)
        if (this->*count) return false;
    return true;
}

Usage normalised(WireFormat format, const RawUsage& raw) {
    Usage usage;
    if (raw.empty()) return usage;
    usage.source = TokenSource::Reported;
    usage.input = raw.input;
    usage.output = raw.output;
    usage.total = raw.total;
    usage.cached = raw.cached;
    usage.cacheWrite = raw.cacheWrite ? raw.cacheWrite : sumOfBoth(raw.cacheWrite5m, raw.cacheWrite1h);
    usage.cacheWrite1h = raw.cacheWrite1h;
    usage.reasoning = raw.reasoning;
    usage.audioInput = raw.audioInput;
    usage.audioOutput = raw.audioOutput;
    usage.imageInput = raw.imageInput;
    usage.imageOutput = raw.imageOutput;
    usage.webSearches = raw.webSearches;
    if (format == WireFormat::OpenAiEmbeddings) usage.output.reset();
    if (format == WireFormat::Anthropic || format == WireFormat::Bedrock)
        usage.input = plus(plus(raw.input, raw.cached), usage.cacheWrite);
    if (format == WireFormat::Gemini) {
        usage.input = plus(raw.input, raw.toolPrompt);
        usage.output = raw.output ? plus(raw.output, raw.reasoning) : raw.reasoning;
    }
    if (!usage.total) usage.total = sumOfBoth(usage.input, usage.output);
    return usage;
}

bool partsExceedTotal(const Usage& usage) {
    for (const Count part : {usage.cached, usage.cacheWrite, sumOfBoth(usage.cached, usage.cacheWrite),
                             usage.audioInput, usage.imageInput, sumOfBoth(usage.audioInput, usage.imageInput)})
        if (exceeds(part, usage.input)) return true;
    for (const Count part : {usage.reasoning, usage.audioOutput, usage.imageOutput})
        if (exceeds(part, usage.output)) return true;
    if (exceeds(usage.cacheWrite1h, usage.cacheWrite)) return true;
    const Count sum = sumOfBoth(usage.input, usage.output);
    return sum && usage.total ? *sum != *usage.total : exceeds(usage.input, usage.total);
}

bool differMuch(std::int64_t booked, std::int64_t reported) {
    const std::int64_t difference = booked > reported ? booked - reported : reported - booked;
    return difference > reported / 5;
}

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#include "core/llm/usage.h"

#include <limits>

namespace gatescope::llm {

namespace {

using Count = std::optional<std::int64_t>;

/// Sum, where an absent `extra` adds nothing. Too large a number is no count at all.
Count plus(Count base, Count extra) {
    if (!base || !extra) return base;
    if (*extra > std::numeric_limits<std::int64_t>::max() - *base) return {};
    return *base + *extra;
}

Count sumOfBoth(Count a, Count b) {
    return a && b ? plus(a, b) : Count{};
}

void replace(Count& held, Count later) {
    if (later) held = later;
}

bool exceeds(Count part, Count whole) {
    return part && whole && *part > *whole;
}

} // namespace

void RawUsage::replaceWith(const RawUsage& later) {
    replace(input, later.input);
    replace(output, later.output);
    replace(total, later.total);
    replace(cached, later.cached);
    replace(cacheWrite, later.cacheWrite);
    replace(reasoning, later.reasoning);
    replace(toolPrompt, later.toolPrompt);
}

bool RawUsage::empty() const {
    return !input && !output && !total && !cached && !cacheWrite && !reasoning && !toolPrompt;
}

Usage normalised(WireFormat format, const RawUsage& raw) {
    Usage usage;
    if (raw.empty()) return usage;
    usage.source = TokenSource::Reported;
    usage.input = raw.input;
    usage.output = raw.output;
    usage.total = raw.total;
    usage.cached = raw.cached;
    usage.cacheWrite = raw.cacheWrite;
    usage.reasoning = raw.reasoning;
    if (format == WireFormat::OpenAiEmbeddings) usage.output.reset();
    if (format == WireFormat::Anthropic || format == WireFormat::Bedrock)
        usage.input = plus(plus(raw.input, raw.cached), raw.cacheWrite);
    if (format == WireFormat::Gemini) {
        usage.input = plus(raw.input, raw.toolPrompt);
        usage.output = raw.output ? plus(raw.output, raw.reasoning) : raw.reasoning;
    }
    if (!usage.total) usage.total = sumOfBoth(usage.input, usage.output);
    return usage;
}

bool partsExceedTotal(const Usage& usage) {
    if (exceeds(usage.cached, usage.input) || exceeds(usage.cacheWrite, usage.input)) return true;
    if (exceeds(usage.reasoning, usage.output)) return true;
    const Count sum = sumOfBoth(usage.input, usage.output);
    return sum && usage.total ? *sum != *usage.total : exceeds(usage.input, usage.total);
}

} // namespace gatescope::llm

// SPDX-License-Identifier: Apache-2.0
#include "core/cost/rates.h"

#include <algorithm>

namespace gatescope::cost {

namespace {

struct MeterInfo {
    std::string_view name, key;
};
constexpr std::array<MeterInfo, kMeterCount> kMeters{{{"input tokens", "input"},
                                                      {"cached input tokens", "cacheRead"},
                                                      {"cache write tokens", "cacheWrite"},
                                                      {"cache write tokens (5 min)", "cacheWrite5m"},
                                                      {"cache write tokens (1 h)", "cacheWrite1h"},
                                                      {"output tokens", "output"},
                                                      {"reasoning tokens", "reasoning"},
                                                      {"audio input tokens", "audioIn"},
                                                      {"audio output tokens", "audioOut"},
                                                      {"image input tokens", "imageIn"},
                                                      {"image output tokens", "imageOut"},
                                                      {"web searches", "webSearchPer1000"},
                                                      {"requests", "perRequest"}}};

/// Gives pieces to meters and takes them out of a whole.
class Splitter {
public:
    Splitter(const TokenCounts& counts, const Rates* rates) : m_counts(counts), m_rates(rates) {}

    std::optional<Quantities> run(bool hasOutput) {
        const auto output = outputOf(hasOutput);
        if (!m_counts.input || !output || !splitInput(*m_counts.input) || !splitOutput(*output)) return std::nullopt;
        if (m_counts.webSearches.value_or(0) < 0) return std::nullopt;
        give(Meter::WebSearch, m_counts.webSearches.value_or(0));
        if (hasRate(Meter::Request)) give(Meter::Request, 1);
        return m_quantities;
    }

private:
    bool hasRate(Meter meter) const { return m_rates != nullptr && m_rates->of(meter).has_value(); }
    void give(Meter meter, std::int64_t pieces) { m_quantities.pieces[static_cast<std::size_t>(meter)] += pieces; }

    /// An answer without text may leave its 0 out (protobuf's JSON does); then the total says it.
    std::optional<std::int64_t> outputOf(bool hasOutput) const {
        if (m_counts.output) return m_counts.output;
        if (!hasOutput) return 0;
        if (m_counts.total && m_counts.input && *m_counts.input >= 0 && *m_counts.total >= *m_counts.input)
            return *m_counts.total - *m_counts.input;
        return std::nullopt;
    }

    /// Takes a part out of what is left of a whole; false: the part is negative or larger than the whole.
    static bool take(std::int64_t& left, std::int64_t part) {
        if (part < 0 || part > left) return false;
        left -= part;
        return true;
    }

    /// A kind that has its own price leaves the text; one that has none is priced as text.
    void takeModality(std::int64_t& left, Meter meter, const std::optional<std::int64_t>& count) {
        if (!hasRate(meter) || !count || *count <= 0) return;
        // Part of it was cached, and nothing says how much.
        if (*count > left) m_quantities.coverage = Coverage::Estimated;
        const std::int64_t part = std::min(*count, left);
        give(meter, part);
        left -= part;
    }

    bool splitCacheWrites(std::int64_t& left) {
        const bool isPriced =
            hasRate(Meter::CacheWrite) || hasRate(Meter::CacheWrite5m) || hasRate(Meter::CacheWrite1h);
        if (!m_counts.cacheWrite) {
            if (isPriced) m_quantities.coverage = Coverage::WithoutCacheWrites;
            return true;
        }
        if (!take(left, *m_counts.cacheWrite)) return false;
        std::int64_t rest = *m_counts.cacheWrite;
        const std::int64_t hour = m_counts.cacheWrite1h.value_or(0);
        if (!take(rest, hour)) return false;
        const bool hasOwnHour = hasRate(Meter::CacheWrite1h) || !hasRate(Meter::CacheWrite);
        const bool hasOwnMinutes = hasRate(Meter::CacheWrite5m) || !hasRate(Meter::CacheWrite);
        give(hasOwnHour ? Meter::CacheWrite1h : Meter::CacheWrite, hour);
        give(hasOwnMinutes ? Meter::CacheWrite5m : Meter::CacheWrite, rest);
        // Nothing says how long they are kept: the usual five minutes are assumed.
        if (rest > 0 && !m_counts.cacheWrite1h && hasRate(Meter::CacheWrite1h))
            m_quantities.coverage = Coverage::Estimated;
        return true;
    }

    bool splitInput(std::int64_t left) {
        if (left < 0 || !take(left, m_counts.cached.value_or(0)) || !splitCacheWrites(left)) return false;
        give(Meter::CachedInput, m_counts.cached.value_or(0));
        takeModality(left, Meter::AudioInput, m_counts.audioInput);
        takeModality(left, Meter::ImageInput, m_counts.imageInput);
        give(Meter::Input, left);
        return true;
    }

    bool splitOutput(std::int64_t left) {
        const std::int64_t reasoning = m_counts.reasoning.value_or(0);
        if (left < 0 || reasoning < 0 || reasoning > left) return false;
        if (hasRate(Meter::Reasoning)) {
            give(Meter::Reasoning, reasoning);
            left -= reasoning;
        }
        takeModality(left, Meter::AudioOutput, m_counts.audioOutput);
        takeModality(left, Meter::ImageOutput, m_counts.imageOutput);
        give(Meter::Output, left);
        return true;
    }

    const TokenCounts& m_counts;
    const Rates* m_rates;
    Quantities m_quantities;
};

} // namespace

std::string_view meterName(Meter meter) {
    return kMeters[static_cast<std::size_t>(meter)].name;
}

std::string_view rateKey(Meter meter) {
    return kMeters[static_cast<std::size_t>(meter)].key;
}

bool countsTokens(Meter meter) {
    return meter != Meter::WebSearch && meter != Meter::Request;
}

std::string_view toString(Coverage coverage) {
    switch (coverage) {
    case Coverage::WithoutCacheWrites:
        return "without-cache-writes";
    case Coverage::Estimated:
        return "estimated";
    case Coverage::Complete:
        break;
    }
    return "complete";
}

std::optional<Quantities> split(const TokenCounts& counts, const Rates* rates, bool hasOutput) {
    return Splitter(counts, rates).run(hasOutput);
}

std::optional<Money> priceOf(const Quantities& quantities, const Rates& rates, Meter* missing) {
    Money sum;
    for (std::size_t i = 0; i < kMeterCount; ++i) {
        if (quantities.pieces[i] == 0) continue;
        if (!rates.perPiece[i]) {
            if (missing != nullptr) *missing = static_cast<Meter>(i);
            return std::nullopt;
        }
        sum += Money::product(quantities.pieces[i], *rates.perPiece[i]);
    }
    return sum;
}

} // namespace gatescope::cost

// SPDX-License-Identifier: Apache-2.0
#include "core/report/focus_charges.h"

#include "core/analysis/masking.h"

namespace gatescope::report {

using analysis::FieldId;
using analysis::Row;
using cost::CallCost;
using cost::CostState;
using cost::Meter;
using cost::Money;

std::string ChargeCollector::shown(FieldId id, Row row) const {
    const std::string_view text = m_snapshot.text(m_snapshot.code(id, row));
    if (m_options.reveal) return std::string(text);
    return analysis::maskField({id, analysis::FieldType::Text, {}}, text);
}

std::size_t ChargeCollector::payerOf(Row row) {
    const cost::AttributionLevel level = m_attributor.level(row);
    ++m_summary.callsByLevel[static_cast<std::size_t>(level)];
    const auto centre = m_centres.of(row);
    if (!centre && hasCentres()) ++m_summary.withoutCentre;
    std::array<std::uint64_t, 5> codes{};
    for (std::size_t i = 0; i < kPayerFields.size(); ++i) codes[i] = m_snapshot.code(kPayerFields[i], row);
    // A centre is a text of the table, which stays where it is.
    const auto place = centre ? reinterpret_cast<std::uintptr_t>(centre->data()) : std::uintptr_t{0};
    const auto [at, isNew] = m_knownPayers.try_emplace({codes[0] << 32 | codes[1], codes[2] << 32 | codes[3],
                                                        codes[4] << 32 | static_cast<std::uint64_t>(level), place});
    if (!isNew) return at->second;
    Payer payer{shown(FieldId::ProjectId, row),
                shown(FieldId::Project, row),
                shown(FieldId::Agent, row),
                shown(FieldId::AgentVersion, row),
                shown(FieldId::Caller, row),
                std::nullopt,
                level};
    if (centre) payer.centre = std::string(*centre);
    return at->second = m_payers.numberOf(std::move(payer));
}

std::size_t ChargeCollector::serviceOf(Row row, const cost::PricedAs& as) {
    const auto [at, isNew] =
        m_knownServices.try_emplace({reinterpret_cast<std::uintptr_t>(&as), m_snapshot.code(FieldId::Host, row), 0, 0});
    if (!isNew) return at->second;
    const std::string& region = as.region.empty() ? as.kind.region : as.region;
    return at->second = m_services.numberOf({as.kind.provider, as.model, as.resource,
                                             as.resource.empty() ? std::string() : shown(FieldId::Host, row), region,
                                             cost::regionId(region), as.kind.deploymentType, as.kind.serviceTier});
}

std::size_t ChargeCollector::reasonOf(const CallCost& cost) {
    if (cost.reason == cost::NoPrice::None) return 0;
    const void* about = cost.entry != nullptr ? static_cast<const void*>(cost.entry) : cost.as;
    const auto [at, isNew] = m_knownReasons[about].try_emplace({cost.reason, cost.missing});
    if (isNew) at->second = m_reasons.numberOf(m_pricer.explain(cost));
    return at->second;
}

std::int64_t ChargeCollector::periodOf(Row row) const {
    const TimeNs time = m_snapshot.startTime(row);
    if (time == kNoTime) return kNoPeriod;
    constexpr std::int64_t kHour = 3'600'000'000'000;
    const std::int64_t hour = time / kHour - (time % kHour < 0 ? 1 : 0);
    if (m_options.period == FocusOptions::Period::Hour) return hour;
    const std::int64_t day = hour / 24 - (hour % 24 < 0 ? 1 : 0);
    return day * 24;
}

void ChargeCollector::addPieces(const ChargeKey& key, std::int64_t pieces, bool countsCall, Money amount) {
    Sums& sums = m_charges[key];
    if (__builtin_add_overflow(sums.pieces, pieces, &sums.pieces))
        sums.pieces = std::numeric_limits<std::int64_t>::max();
    sums.calls += countsCall ? 1 : 0;
    sums.amount += amount;
}

void ChargeCollector::add(Row row, const CallCost& cost) {
    if (cost.state == CostState::NotACall) return;
    m_summary.totals.add(cost);
    ChargeKey key;
    key.period = periodOf(row);
    key.payer = payerOf(row);
    key.state = cost.state;
    key.reason = reasonOf(cost);
    if (m_options.onlyPriced && cost.state != CostState::Priced) return;
    key.service = serviceOf(row, *cost.as);
    key.entry = cost.entry;
    key.rates = cost.rates;
    key.coverage = cost.quantities.coverage;
    bool isCounted = false;
    for (std::size_t i = 0; i < cost::kMeterCount && cost.state != CostState::Unknown; ++i) {
        const std::int64_t pieces = cost.quantities.pieces[i];
        if (pieces == 0) continue;
        key.meter = static_cast<Meter>(i);
        const bool isPriced = cost.state == CostState::Priced;
        addPieces(key, pieces, !isCounted, isPriced ? Money::product(pieces, *cost.rates->perPiece[i]) : Money());
        isCounted = true;
    }
    if (isCounted) return;
    // Used nothing, or nobody knows what: the call is not lost.
    key.meter = cost.state == CostState::Priced ? std::optional(Meter::Input) : std::nullopt;
    addPieces(key, 0, true, Money());
}

FocusSummary ChargeCollector::summary() const {
    constexpr std::size_t kShown = 10;
    FocusSummary summary = m_summary;
    for (std::size_t i = 1; i < m_reasons.size() && i <= kShown; ++i) summary.reasons.push_back(m_reasons[i]);
    return summary;
}

} // namespace gatescope::report
